/**
 * The whole configuration, typed: what the YAML file and the flags may say. Collectors, modules and checks are declared
 * by what they configure, and are put in by `load.ts`.
 */
import type { AnyCollector } from '../collector.ts';
import type { Origin } from '../isolation/protocol.ts';
import type { AnyProber } from '../prober.ts';
import type { Paths } from '../system/index.ts';
import { checkFileOptions, checkOptions, maxSeries, timezone } from './check-options.ts';
import { parseListenAddress } from './listen-address.ts';
import { probeOptions } from './probe-options.ts';
import { byteSize, duration, goDuration, schedule, type Schedule, type Secret, z } from './schema.ts';

// The charts of the host have their place in it before the checks.
const smallestHistory = 1e6;

/** Sections with a fixed set of keys. */
export const sections = {
  web: z.strictObject({
    listen_addresses: z
      .union([z.string(), z.array(z.string()).nonempty()])
      .transform((value) => (typeof value === 'string' ? [value] : value))
      .refine((addresses) => addresses.every((address) => parseListenAddress(address) !== undefined), {
        error: 'is not an address to listen on; write it like "127.0.0.1:9100", ":9100" or "unix:/run/vitald.sock"',
      })
      .prefault(['127.0.0.1:9100'])
      .describe('Addresses to serve on, as `host:port`, `:port` or `unix:/path`.'),
    unix_socket_mode: z
      .string('expected a mode in quotes, like "0660"')
      .regex(/^0?[0-7]{3}$/, 'is not a file mode; write it like "0660"')
      .default('0660')
      .describe('File mode of unix sockets, in octal and in quotes.'),
    systemd_socket: z
      .boolean()
      .default(false)
      .describe('Serve on the sockets that systemd passes, in place of `listen_addresses`.'),
    config_file: z
      .string()
      .min(1)
      .optional()
      .describe("File with TLS, users, headers and rate limit, in the format of Prometheus' exporters."),
    max_connections: z
      .int()
      .min(10)
      .max(100_000)
      .default(1_000)
      .describe('How many connections may be open; the one longest idle makes room for a new one.'),
    enable_lifecycle: z.boolean().default(false).describe('Let a POST to `/-/reload` load the configuration anew.'),
    telemetry_path: z.string().startsWith('/').default('/metrics').describe('Path of the metrics.'),
    disable_exporter_metrics: z
      .boolean()
      .default(false)
      .describe('Leave out what the daemon says of its own process (`process_*`, `nodejs_*`).'),
    page: z.boolean().default(true).describe('Serve the page for people at `/`; it needs `api`.'),
    api: z.boolean().default(true).describe('Serve what the page shows as JSON and as events, below `/api/v1/`.'),
    badges: z
      .boolean()
      .default(false)
      .describe('Serve images of the state of each check below `/badge/`, to those who may see the page.'),
    max_requests: z
      .int()
      .min(0)
      .default(40)
      .describe('Accepted for compatibility: scrapes are served from memory and need no limit.'),
  }),
  path: z.strictObject({
    procfs: z.string().default('/proc').describe('Where procfs is mounted.'),
    sysfs: z.string().default('/sys').describe('Where sysfs is mounted.'),
    rootfs: z.string().default('/').describe('Where the root file system of the host is mounted.'),
    udev_data: z.string().default('/run/udev/data').describe('Where udev keeps its data, for facts about disks.'),
  }),
  log: z.strictObject({
    level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('The least severe messages to write.'),
    format: z
      .enum(['auto', 'pretty', 'logfmt', 'json', 'journald'])
      .default('auto')
      .describe('How messages are written; `auto` takes journald under systemd, pretty on a terminal, else logfmt.'),
  }),
  defaults: z.strictObject({
    schedule: schedule().prefault('5s').describe('When a collector or a check runs that names no schedule.'),
    timeout: duration('4s').describe('The deadline of a run that names none.'),
    max_series: maxSeries().describe(
      'How many series a collector or a check may have; the first ones stay, 0 is no limit. Unless given it is 10,000 for what comes from a plugin, and what is built in has no limit.',
    ),
  }),
  scheduling: z.strictObject({
    timezone: timezone().default('UTC').describe('The time zone of cron expressions that name an hour or a day.'),
    spread: z
      .boolean()
      .default(true)
      .describe(
        'Start checks, plugins and commands all over their period, those that are close to each other a millisecond apart, and the collectors of the host together at a moment that differs from host to host. `false` starts all at the full second.',
      ),
    probe_concurrency: z.int().min(1).max(100_000).default(64).describe('How many probes may be under way at once.'),
  }),
  probe: probeOptions,
  history: z.strictObject({
    budget: byteSize({ defaultText: '8MB' })
      .refine((bytes) => bytes === 0 || bytes >= smallestHistory, { error: 'must be 0 or at least 1MB' })
      .describe('Memory for what the page shows of the last hour and week; `0` remembers nothing.'),
    directory: z
      .string()
      .optional()
      .describe(
        'Folder in which the history outlives a restart; `$STATE_DIRECTORY` unless given, and nowhere where it is empty.',
      ),
  }),
} as const;

/** Top-level keys that stand alone. */
export const settings = z.strictObject({
  watch: z
    .boolean()
    .default(false)
    .describe('Load the configuration anew when its file or a file of `check_files` changes.'),
  source: z
    .enum(['auto', 'kernel', 'portable'])
    .default('auto')
    .describe('Where host metrics come from: kernel files on Linux, else a portable library.'),
});

/** What every collector may be given beside its own options. */
export const commonOptions = z.strictObject({
  schedule: schedule().optional().describe('When it runs.'),
  timeout: duration().optional().describe('The deadline of a run.'),
  stale_after: duration().optional().describe('How long its samples are served; three periods unless given.'),
  max_series: maxSeries().describe('How many series it may have; the first ones stay, 0 is no limit.'),
  isolate: z
    .enum(['process'])
    .optional()
    .describe(
      'Run it in a process of its own: one that hangs, crashes or takes too much memory costs its own runs only. A process takes some 50 MB.',
    ),
  memory_limit: byteSize({ least: 32 * 2 ** 20, most: 64 * 2 ** 30 })
    .optional()
    .describe('How much memory an isolated collector may use beside what Node.js itself needs; 64MB unless given.'),
});

/** The memory limit of an isolated collector that names none, in bytes. */
export const defaultMemoryLimit = 64 * 2 ** 20;

export { checkFileOptions, checkOptions };

/** The value of `plugins`. */
export const pluginList = z
  .array(z.string())
  .describe('Plugins: files, relative to the config, and packages named `vitald-plugin-*`.');

/** A module, without the options of its prober. */
export const moduleOptions = z.strictObject({
  prober: z.string().describe('The prober that it sets up.'),
  timeout: goDuration()
    .optional()
    .describe(
      'The deadline of a probe, also as Go writes it, such as `1.5s`. Without one, or with `0s`, a check has 5 seconds, and a probe asked for at `/probe` what the scrape has.',
    ),
});

/** When something runs, for how long, and how much it may give. */
export interface Timing {
  readonly schedule: Schedule;
  readonly timeoutMs: number;
  readonly staleAfterMs: number;
  /** How many series it may have; no limit where absent. */
  readonly maxSeries?: number;
}

/** What holds for a slot that says nothing else. */
export interface TimingFallback {
  readonly schedule: Schedule;
  readonly timeoutMs: number;
  /** As an option has it, where 0 is no limit. */
  readonly maxSeries?: number | undefined;
}

interface GivenTiming {
  readonly schedule?: Schedule | undefined;
  readonly timeout?: number | undefined;
  readonly stale_after?: number | undefined;
  readonly max_series?: number | undefined;
}

/** The timing that was given, with what is missing from a fallback. */
export function timingOf(given: GivenTiming, fallback: TimingFallback): Timing {
  const schedule = given.schedule ?? fallback.schedule;
  const timeoutMs = given.timeout ?? fallback.timeoutMs;
  const limit = given.max_series ?? fallback.maxSeries ?? 0;
  // Three periods, so that runs may fail without a gap; what a slow run takes comes on top.
  const timing = { schedule, timeoutMs, staleAfterMs: given.stale_after ?? 3 * schedule.periodMs + timeoutMs };
  return limit === 0 ? timing : { ...timing, maxSeries: limit };
}

/** How a collector runs in a process of its own. */
export interface Isolation {
  readonly origin: Origin;
  /** In bytes. */
  readonly memoryLimit: number;
  /** Its own options as they were given, as JSON: what they were made into cannot leave this process. */
  readonly given: Secret;
}

/** A collector that is on, or an instance of one, with its options checked. */
export interface CollectorConfig extends Timing {
  /** The definition's name, of an instance with its own after a colon: `cpu`, `exec:backup`. */
  readonly name: string;
  readonly definition: AnyCollector;
  readonly options: object;
  /** Absent for one that runs in the daemon. */
  readonly isolation?: Isolation;
}

/** Whether a collector is one of those that read the host; what plugins and commands do, nobody knows. */
export function isOfHost({ definition: { plugin, instances } }: CollectorConfig): boolean {
  return plugin === undefined && instances === undefined;
}

/** A module with the options of its prober checked. */
export interface ModuleConfig {
  readonly name: string;
  readonly prober: AnyProber;
  readonly options: object;
  /** Absent where it has no deadline of its own. */
  readonly timeoutMs?: number;
}

/** The deadline of a scheduled probe where neither its check nor its module has one; no scrape says how long it has. */
export const defaultProbeTimeoutMs = 5_000;

/** A maintenance window of a check. */
export interface MaintenanceWindow {
  readonly schedule: Schedule;
  readonly durationMs: number;
  readonly timezone: string;
}

/** A check with its module, whose options are those of the file with the check's own laid over them. */
export interface CheckConfig extends Timing {
  readonly name: string;
  readonly target: string;
  readonly module: ModuleConfig;
  readonly labels: Readonly<Record<string, string>>;
  /** What it is listed with: the label `group`, else the file or the name of `check_files` that it comes from. */
  readonly group?: string | undefined;
  /** How many probes in a row decide; 1 where absent. */
  readonly failingAfter?: number;
  readonly passingAfter?: number;
  /** The name of the list of targets that it comes from. */
  readonly list?: string;
  /** Words for other checks, as `DependencyWords` reads them. */
  readonly dependsOn?: readonly string[];
  readonly maintenance?: readonly MaintenanceWindow[];
  /** Whether to probe every address of the target. */
  readonly everyAddress?: boolean;
}

/** Where checks come from beside the config itself. */
export interface CheckFiles {
  /** The folders in which such files come and go. */
  readonly folders: readonly string[];
  /** The files that there are at present. */
  find(): readonly string[];
}

/** Everything that the daemon needs to know. */
export interface Config {
  /** The file it came from; undefined for the flags alone. */
  readonly file: string | undefined;
  readonly web: z.output<(typeof sections)['web']>;
  readonly path: Paths;
  readonly log: z.output<(typeof sections)['log']>;
  readonly defaults: z.output<(typeof sections)['defaults']>;
  readonly scheduling: z.output<(typeof sections)['scheduling']>;
  readonly probe: z.output<(typeof sections)['probe']>;
  readonly history: z.output<(typeof sections)['history']>;
  readonly source: 'kernel' | 'portable';
  readonly collectors: readonly CollectorConfig[];
  readonly modules: ReadonlyMap<string, ModuleConfig>;
  readonly checks: readonly CheckConfig[];
  /** Whether to load it anew when one of its files changes. */
  readonly watch: boolean;
  /** The entries of `check_files` and what they name at present. */
  readonly checkFiles: CheckFiles;
  /** The entries of `plugins`, and what the command line adds to them. */
  readonly plugins: readonly string[];
  /** What could be configured: that of this program, and of the plugins that the config names. */
  readonly registry: Registry;
}

/** What can be configured: the collectors and probers of this program, and of its plugins. */
export interface Registry {
  /** By kernel files. */
  readonly collectors: readonly AnyCollector[];
  /** By the portable library; each stands for the collector of the same name. */
  readonly portable: readonly AnyCollector[];
  readonly probers: readonly AnyProber[];
}
