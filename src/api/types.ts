/**
 * The answers of `/api/v1/`, as types only: the page imports these and nothing else of the daemon.
 *
 *     GET /api/v1/status                      StatusAnswer
 *     GET /api/v1/collectors                  CollectorsAnswer
 *     GET /api/v1/checks?offset=&limit=       ChecksAnswer, at most 5,000 checks (`limit`, 5,000 unless given)
 *     GET /api/v1/check?name=                 CheckAnswer; 404 where no check has the name
 *     GET /api/v1/host?since=                 HostAnswer, only points after `since` where given
 *     GET /api/v1/events?since=               server-sent events, see below
 *     GET /api/v1/openapi.json                this, as an OpenAPI document
 *
 * Every answer is JSON with `Cache-Control: no-store`; a mistake is answered by its status and `ErrorAnswer`. Moments end
 * in `At` and are milliseconds since 1970; lengths of time end in `Seconds`; shares are ratios from 0 to 1. What is
 * not known is null, never absent, unless a property is marked with `?`. All texts are plain text, and hostile: names,
 * labels, targets and details come from configs and from whom they probe.
 *
 * Events. Two kinds, each with an id:
 *
 *     event: reset     data: ResetEvent      the client must fetch everything anew; nothing was kept for it
 *     event: update    data: UpdateEvent     what changed since the event before; at most one a second
 *
 * Every answer names in `event` the event up to which it is complete. So: fetch the answers, then open
 * `/api/v1/events?since=EVENT` with the earliest of their `event`s, and apply each update over them. An update may say
 * what an answer said already: all of it replaces what is known, except `runs` (see `CheckDeltas`) and the points of host
 * charts (skip times that are known). EventSource sends `Last-Event-ID` by itself when it connects again; updates of the
 * last minute are then repeated, else a `reset` comes. Without an id the stream starts with a `reset`. A line of comment
 * comes every 15 seconds in which there was nothing to tell. Past 100 streams the answer is 503.
 */

/** What a check counts as. `maintenance`: a window of it is open; `suppressed`: it is down, and so is a check that it needs. */
export type CheckStateName = 'up' | 'down' | 'waiting' | 'suppressed' | 'maintenance';

/** Why a run failed; the values of the label `reason`. */
export type ReasonName =
  | 'dns'
  | 'connect'
  | 'tls'
  | 'timeout'
  | 'protocol'
  | 'status'
  | 'header'
  | 'body'
  | 'size'
  | 'redirect'
  | 'expired'
  | 'config';

/** How the last run of a collector ended; `waiting` before the first. */
export type CollectorResultName = 'waiting' | 'success' | 'no_data' | 'timeout' | 'error' | 'malformed' | 'duplicate';

/** An answer with a status of 400 and above. */
export interface ErrorAnswer {
  readonly error: string;
}

/** What every answer begins with. */
export interface AnswerHead {
  /** When it was written. */
  readonly at: number;
  /** The event up to which it is complete, for `/api/v1/events?since=`. */
  readonly event: string;
}

/** The whole at a glance. */
export interface StatusAnswer extends AnswerHead, Status {}

/** What `StatusAnswer` and `UpdateEvent` say of the whole. */
export interface Status {
  /**
   * `trouble`: a collector fails (other than for want of data) or a check is down; `starting`: not everything has run
   * once, and nothing fails.
   */
  readonly state: 'starting' | 'well' | 'trouble';
  /** Since when; kept over a restart where the history is. */
  readonly sinceAt: number;
  readonly version: string;
  readonly nodeVersion: string;
  readonly hostname: string;
  readonly startedAt: number;
  readonly collectors: { readonly total: number; readonly failing: number; readonly waiting: number };
  readonly checks: Readonly<Record<CheckStateName, number>> & { readonly total: number };
  readonly config: ConfigStatus;
  readonly history: HistoryStatus;
}

/** The config in force and how the last load went. */
export interface ConfigStatus {
  /** The file it came from; null for flags alone. */
  readonly file: string | null;
  /** Counts up with each load that succeeded; indices of checks hold for one generation. */
  readonly generation: number;
  /** When the config in force was loaded. */
  readonly loadedAt: number;
  /** Whether the last attempt to load one succeeded. */
  readonly lastLoadOk: boolean;
  readonly lastLoadAt: number;
  /** Why it did not; several lines, null where it did. */
  readonly lastLoadError: string | null;
}

/** How much is remembered. */
export interface HistoryStatus {
  readonly budgetBytes: number;
  readonly usedBytes: number;
  /** Runs of each check in `strip` and `runs`, at most. */
  readonly runsPerCheck: number;
  /** Width of a bucket of latencies; 0 where none are kept. */
  readonly latencyStepSeconds: number;
  /** Checks that have no history, as the budget does not allow for it. */
  readonly checksWithout: number;
  /** The folder in which it outlives a restart; null where it does not. */
  readonly directory: string | null;
  /** A sentence where less is kept than could be shown, because there are too many checks for the budget. */
  readonly note: string | null;
}

/** The collectors, by name. */
export interface CollectorsAnswer extends AnswerHead {
  readonly collectors: readonly CollectorStatus[];
}

/** A collector and its last run. */
export interface CollectorStatus {
  readonly name: string;
  readonly result: CollectorResultName;
  /** Whether that is trouble: neither `success` nor `no_data` nor `waiting`. */
  readonly failing: boolean;
  /** Why it did not succeed. */
  readonly reason: string | null;
  /** Since when it has been failing, or not. */
  readonly sinceAt: number | null;
  readonly lastRunAt: number | null;
  readonly durationSeconds: number | null;
  readonly nextRunAt: number | null;
  /** As the config has it, such as `30s` or a cron expression. */
  readonly schedule: string;
  readonly timeoutSeconds: number;
}

/**
 * Checks in the order of the config, as columns: the n-th entry of each column is of the check with the index
 * `offset + n`. With `limit` below `total`, fetch the rest by `offset`, and start over where `generation` changed.
 */
export interface ChecksAnswer extends AnswerHead {
  /** How many there are in all. */
  readonly total: number;
  readonly offset: number;
  /** As in `ConfigStatus`. */
  readonly generation: number;
  /** What the letters of `strip` mean. */
  readonly runCodes: Readonly<Record<string, ReasonName | 'success'>>;
  readonly checks: CheckColumns;
}

/** All that a list shows. */
export interface CheckColumns extends CheckFacts, CheckLive {
  /**
   * The last runs, the newest at the end, a letter for each: `u` a success, others a failure (`runCodes` tells the reason).
   * An upper-case letter is the same in a maintenance window. `.` has no known reason. At most 60.
   */
  readonly strip: readonly string[];
}

/** What changes only with the config. */
export interface CheckFacts {
  readonly name: readonly string[];
  /** The label `group`, else the name of the group or file in `check_files` that it comes from, else null. */
  readonly group: readonly (string | null)[];
  readonly labels: readonly Readonly<Record<string, string>>[];
  /** Without user, password, query and fragment. */
  readonly target: readonly string[];
  readonly module: readonly string[];
  readonly prober: readonly string[];
  /** As the config has it, such as `30s` or a cron expression. */
  readonly schedule: readonly string[];
}

/** What changes with a run. */
export interface CheckLive {
  readonly state: readonly CheckStateName[];
  /** Since when it counts as up or down; null while it waits. Kept over a restart where the history is. */
  readonly sinceAt: readonly (number | null)[];
  /** Why the last run failed; null where it succeeded. */
  readonly reason: readonly (ReasonName | null)[];
  /** What happened then, without secrets; at most 300 characters. */
  readonly detail: readonly (string | null)[];
  readonly lastRunAt: readonly (number | null)[];
  /** How long the last run took, failed or not. */
  readonly durationSeconds: readonly (number | null)[];
  readonly nextRunAt: readonly (number | null)[];
  /** When the first of the certificates that the last run saw expires; null where it saw none. */
  readonly certificateExpiresAt: readonly (number | null)[];
  /** Share of the runs that succeeded, as `Availability` has it; null where there was none. */
  readonly availabilityHour: readonly (number | null)[];
  readonly availabilityDay: readonly (number | null)[];
  readonly availabilityWeek: readonly (number | null)[];
  /** How many runs of the check are known of since its history began; tells which runs of an update are new. */
  readonly runCount: readonly number[];
}

/** One check with its history. */
export interface CheckAnswer extends AnswerHead {
  readonly generation: number;
  /** Its place in the list of all. */
  readonly index: number;
  /** The same facts as in the list: each column with its one entry. */
  readonly check: CheckColumns;
  readonly timeoutSeconds: number;
  readonly failingAfter: number;
  readonly passingAfter: number;
  /** Names of checks that it needs, and of those that need it. */
  readonly dependsOn: readonly string[];
  readonly dependents: readonly string[];
  readonly maintenance: readonly MaintenanceStatus[];
  /** The phase in which the last run failed; null where it did not, `''` where it is not known. */
  readonly phase: string | null;
  readonly runs: CheckRuns;
  readonly latency: CheckLatency;
  readonly availability: {
    readonly hour: Availability;
    readonly day: Availability;
    readonly week: Availability;
  };
  /** The last times that it turned, the newest at the end; few, as those of all checks share one place. */
  readonly changes: readonly StateChange[];
}

/** A maintenance window. */
export interface MaintenanceStatus {
  readonly schedule: string;
  readonly durationSeconds: number;
  readonly timezone: string;
  readonly open: boolean;
}

/** The last runs, oldest first, as columns of equal length. */
export interface CheckRuns {
  /** Letters as in `CheckColumns.strip`. */
  readonly strip: string;
  /** Whole seconds, so several runs may share one. */
  readonly endedAt: readonly number[];
  readonly durationSeconds: readonly number[];
}

/** The runs that succeeded in the last hour: how long they took on average, by steps of time, oldest first. */
export interface CheckLatency {
  readonly stepSeconds: number;
  /** The start of each step. */
  readonly times: readonly number[];
  /** `total` first, then the phases of the prober in their order. Null in steps without a run that succeeded. */
  readonly phases: readonly { readonly phase: string; readonly seconds: readonly (number | null)[] }[];
}

/**
 * Successes among runs. Every run counts the same (what `avg_over_time(probe_success[1h])` gives with a scrape a run),
 * except those in a maintenance window, which do not count. Time without runs, as while the daemon stood still, does not
 * count either. The window is the one named, rounded up to whole steps of 5 minutes (hour), 1 hour (day) and 6 hours (week).
 */
export interface Availability {
  readonly ratio: number | null;
  readonly runs: number;
}

/** A check turned. */
export interface StateChange {
  readonly at: number;
  readonly up: boolean;
  readonly reason: ReasonName | null;
}

/** What the host did in the last hour. */
export interface HostAnswer extends AnswerHead {
  readonly host: HostFacts;
  readonly charts: readonly HostChart[];
}

/** The host. */
export interface HostFacts {
  readonly hostname: string;
  /** Such as `Linux 6.1.0 x64`. */
  readonly system: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly bootedAt: number;
}

/**
 * - `cpu` ratio of the time of all CPUs, by mode: `user`, `nice`, `system`, `irq`, `softirq`, `steal`, `iowait`, `idle`
 * - `memory` bytes: `total`, `available`, `free`, `buffers`, `cached`, `swap_total`, `swap_free`
 * - `disk` bytes per second, `read` and `written`, by device
 * - `space` bytes, `size` and `available`, by mount point
 * - `network` bytes per second, `received` and `sent`, by device, without `lo`
 * - `pressure` ratio of the time that tasks waited: `cpu_waiting`, `memory_waiting`, `memory_stalled`, `io_waiting`, `io_stalled`
 * - `load` `load1`, `load5`, `load15`
 */
export type HostChartId = 'cpu' | 'memory' | 'disk' | 'space' | 'network' | 'pressure' | 'load';

/** A chart: a time axis and its series. Charts whose collector is off or has no data are left out. */
export interface HostChart {
  readonly id: HostChartId;
  readonly unit: 'ratio' | 'bytes' | 'bytes_per_second' | 'none';
  /** Oldest first, an entry for each run of the collector, but not more often than every five seconds. */
  readonly times: readonly number[];
  readonly series: readonly HostSeries[];
  /** How many devices have no series, because there are more than 16. */
  readonly omittedDevices: number;
}

/** One line of a chart. Rates are what PromQL's `irate` gives at each sample. */
export interface HostSeries {
  readonly name: string;
  /** The device or the mount point; null where there is none. */
  readonly device: string | null;
  /** As many as `times`; null where it was not there, and at the first sample of a rate. */
  readonly values: readonly (number | null)[];
}

/** Data of the event `reset`. */
export interface ResetEvent {
  readonly at: number;
  readonly generation: number;
}

/** Data of the event `update`; absent is what did not change. */
export interface UpdateEvent {
  readonly at: number;
  readonly generation: number;
  /** Whole, whenever something in it changed. */
  readonly status?: Status;
  /** Those that ran. */
  readonly collectors?: readonly CollectorStatus[];
  /** Those that ran or turned. */
  readonly checks?: CheckDeltas;
  /** Charts with their new points only; a series that is new has no points before. */
  readonly host?: readonly HostChart[];
}

/** Checks that changed, as columns. */
export interface CheckDeltas extends CheckLive {
  /** Places in the list of all. */
  readonly index: readonly number[];
  /**
   * Letters of the runs since the event before, to be put behind `strip`. Where an answer knew some already, only as many
   * of the last letters are new as `runCount` grew.
   */
  readonly runs: readonly string[];
}
