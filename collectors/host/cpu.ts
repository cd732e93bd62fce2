/**
 * Time that each CPU spent in each mode, and what sysfs tells of the CPUs: throttling, isolation, whether they are online.
 *
 * Source  /proc/stat, lines `cpuN` (Documentation/filesystems/proc.rst, 1.7): user, nice, system, idle, iowait, irq,
 *         softirq, steal, guest, guest_nice.
 *         /sys/devices/system/cpu (Documentation/ABI/testing/sysfs-devices-system-cpu); with `info`, /proc/cpuinfo.
 * Units   USER_HZ ticks, a hundredth of a second on every architecture; served in seconds.
 * Labels  cpu: the kernel's number of the CPU, without "cpu". mode: as above. package, core: from the topology.
 *
 * The kernel's counters may fall: idle and iowait are computed from several clocks, so each keeps its highest value. An
 * idle time that falls by 3 s or more is a CPU that was unplugged and came back: it starts anew. CPUs that left the file
 * are forgotten. Guest time is part of user time, and guest_nice of nice, so they have a family of their own.
 */
import { counter, defineCollector, gauge, type KeptSample, type Sample } from '../../src/collector.ts';
import { pattern, z, type Pattern } from '../../src/config/schema.ts';
import { Derived } from '../../src/system/derived.ts';
import { Held } from '../../src/system/held.ts';
import { unsigned } from '../../src/system/numbers.ts';
import type { Tree } from '../../src/system/tree.ts';
import { parseCpuInfo } from './cpu-info.ts';
import { cpusAmong, parseCpuList } from './cpu-list.ts';
import { fieldCount, guestModes, idle, modes, readCpuTimes } from './cpu-times.ts';
import { SampleList } from './sample-list.ts';

const seconds = counter('node_cpu_seconds_total', 'Seconds the CPUs spent in each mode.', ['cpu', 'mode']);
const guestSeconds = counter('node_cpu_guest_seconds_total', 'Seconds the CPUs spent in guests (VMs) for each mode.', [
  'cpu',
  'mode',
]);
const coreThrottles = counter('node_cpu_core_throttles_total', 'Number of times this CPU core has been throttled.', [
  'package',
  'core',
]);
const packageThrottles = counter(
  'node_cpu_package_throttles_total',
  'Number of times this CPU package has been throttled.',
  ['package'],
);
const isolated = gauge(
  'node_cpu_isolated',
  'Whether each core is isolated, information from /sys/devices/system/cpu/isolated.',
  ['cpu'],
);
const online = gauge('node_cpu_online', 'CPUs that are online and being scheduled.', ['cpu']);
const info = gauge('node_cpu_info', 'CPU information from /proc/cpuinfo.', [
  'package',
  'core',
  'cpu',
  'vendor',
  'family',
  'model',
  'model_name',
  'microcode',
  'stepping',
  'cachesize',
]);
const frequency = gauge('node_cpu_frequency_hertz', 'CPU frequency in hertz from /proc/cpuinfo.', [
  'package',
  'core',
  'cpu',
]);
const flagInfo = gauge(
  'node_cpu_flag_info',
  'The `flags` field of CPU information from /proc/cpuinfo taken from the first core.',
  ['flag'],
);
const bugInfo = gauge(
  'node_cpu_bug_info',
  'The `bugs` field of CPU information from /proc/cpuinfo taken from the first core.',
  ['bug'],
);

const ticksPerSecond = 100;
const hotplugTicks = 3 * ticksPerSecond;

// One file for each core. The counts hardly ever change, and none is lost.
const throttlesHoldMs = 15_000;

const folder = 'devices/system/cpu';

export const cpu = defineCollector({
  name: 'cpu',
  summary: 'Time that each CPU spent in each mode, throttling, isolated and online CPUs.',
  source: '/proc/stat, /sys/devices/system/cpu, /proc/cpuinfo',
  differences: [
    'node_cpu_online is served on every host; node_exporter leaves it out where the first CPU cannot be unplugged, as on most x86.',
    'A mode or a frequency that the kernel does not report is absent, not 0.',
    'How often CPUs were throttled is read every 15 seconds, not at each run.',
    'node_cpu_frequency_hertz from /proc/cpuinfo comes with `info`, whether or not cpufreq is enabled.',
  ],
  enabled: true,
  families: [
    seconds,
    guestSeconds,
    coreThrottles,
    packageThrottles,
    isolated,
    online,
    info,
    frequency,
    flagInfo,
    bugInfo,
  ],
  config: z.strictObject({
    guest: z.boolean().default(true).describe('Report node_cpu_guest_seconds_total.'),
    info: z.boolean().default(false).describe('Report node_cpu_info and the frequency from /proc/cpuinfo.'),
    info_flags_include: pattern()
      .optional()
      .describe('Regexp of the CPU flags to report as node_cpu_flag_info; turns `info` on.'),
    info_bugs_include: pattern()
      .optional()
      .describe('Regexp of the CPU bugs to report as node_cpu_bug_info; turns `info` on.'),
  }),
  create(config, { system }) {
    const flags = given(config.info_flags_include);
    const bugs = given(config.info_bugs_include);
    const withInfo = config.info || flags !== undefined || bugs !== undefined;
    const cpus = new Map<number, KeptTimes>();
    const samples = new SampleList();
    let layout: Layout | undefined;
    const throttles = new Held<readonly Sample[]>(system.clock);
    const isolatedSamples = new Derived<string, readonly Sample[]>();
    let run = 0;

    function addTimes(): void {
      run += 1;
      readCpuTimes(system.proc.read('stat'), (number, ticks, fields) => {
        let kept = cpus.get(number);
        if (kept === undefined) {
          kept = keptTimes(String(number));
          cpus.set(number, kept);
        }
        kept.run = run;
        keepHighest(kept, ticks, fields);
      });
      for (const [number, kept] of cpus) {
        if (kept.run !== run) {
          cpus.delete(number);
          continue;
        }
        const count = Math.min(kept.fields, config.guest ? fieldCount : modes.length);
        for (let field = 0; field < count; field += 1) {
          const sample = kept.samples[field]!;
          sample.value = kept.ticks[field]! / ticksPerSecond;
          samples.push(sample);
        }
      }
    }

    function readThrottles(of: Layout): readonly Sample[] {
      const samples: Sample[] = [];
      for (const { path, kept } of of.throttles) {
        const count = unsigned(system.sys.attribute(path));
        if (count === undefined) continue;
        kept.value = count;
        samples.push(kept);
      }
      return samples;
    }

    function addTopology(): void {
      const onlineList = system.sys.attribute(`${folder}/online`);
      const presentList = system.sys.attribute(`${folder}/present`);
      if (layout === undefined || layout.online !== onlineList || layout.present !== presentList) {
        layout = {
          online: onlineList,
          present: presentList,
          ...layoutOf(system.sys, onlineList),
        };
        throttles.forget();
      }
      for (const sample of throttles.value ?? throttles.keep(readThrottles(layout), throttlesHoldMs))
        samples.push(sample);
      const list = system.sys.attribute(`${folder}/isolated`) ?? '';
      const ofList = (): Sample[] => parseCpuList(list).map((cpu) => isolated.standing(1, { cpu: String(cpu) }));
      for (const sample of isolatedSamples.of(list, ofList)) samples.push(sample);
      for (const sample of layout.onlineSamples) samples.push(sample);
    }

    return {
      collect() {
        samples.begin();
        addTimes();
        addTopology();
        if (withInfo) addInfo(samples, system.proc.textIfAny('cpuinfo') ?? '', flags, bugs);
        return samples.end();
      },
    };
  },
});

/** A pattern that was left empty is one that was not given. */
function given(include: Pattern | undefined): Pattern | undefined {
  return include?.source === '' ? undefined : include;
}

/** What is remembered of a CPU between runs: its highest counts, and the samples of them. */
interface KeptTimes {
  readonly ticks: Float64Array;
  readonly samples: readonly KeptSample[];
  /** How many fields its line had. */
  fields: number;
  /** The number of the run that saw it last. */
  run: number;
}

function keptTimes(name: string): KeptTimes {
  return {
    ticks: new Float64Array(fieldCount),
    samples: [
      ...modes.map((mode) => seconds.kept({ cpu: name, mode })),
      ...guestModes.map((mode) => guestSeconds.kept({ cpu: name, mode })),
    ],
    fields: 0,
    run: 0,
  };
}

function keepHighest(kept: KeptTimes, ticks: Float64Array, fields: number): void {
  if (kept.ticks[idle]! - ticks[idle]! >= hotplugTicks) kept.ticks.fill(0);
  for (let field = 0; field < fields; field += 1) {
    if (ticks[field]! > kept.ticks[field]!) kept.ticks[field] = ticks[field]!;
  }
  kept.fields = fields;
}

/** A count, and the sample that tells it. */
interface ThrottleCount {
  readonly path: string;
  readonly kept: KeptSample;
}

/** What changes only when CPUs are plugged or go online, so that a run does not look for hundreds of files. */
interface Layout {
  readonly online: string | undefined;
  readonly present: string | undefined;
  readonly throttles: readonly ThrottleCount[];
  readonly onlineSamples: readonly Sample[];
}

function layoutOf(sys: Tree, onlineList: string | undefined): Pick<Layout, 'throttles' | 'onlineSamples'> {
  const numbers = cpusAmong(sys.list(folder));
  const isOnline = new Set(parseCpuList(onlineList ?? ''));
  return {
    throttles: throttleCounts(sys, numbers),
    onlineSamples: numbers.flatMap((number) => {
      const state = onlineList === undefined ? sys.attribute(`${folder}/cpu${number}/online`) : undefined;
      if (onlineList === undefined && state === undefined) return [];
      return [online.standing(state === '1' || isOnline.has(number) ? 1 : 0, { cpu: String(number) })];
    }),
  };
}

/** One file for each core and each package; the CPUs of a core all show the same count, and some kernels have only one. */
function throttleCounts(sys: Tree, numbers: readonly number[]): ThrottleCount[] {
  const counts = new Map<string, ThrottleCount>();
  // In node_exporter's order, lest another CPU is asked where they differ after all.
  for (const name of numbers.map(String).toSorted()) {
    const path = `${folder}/cpu${name}`;
    const packageId = unsigned(sys.attribute(`${path}/topology/physical_package_id`));
    const coreId = unsigned(sys.attribute(`${path}/topology/core_id`));
    if (packageId === undefined || coreId === undefined) continue;
    const inPackage = { package: String(packageId) };
    const inCore = { ...inPackage, core: String(coreId) };
    const offer = (key: string, file: string, kept: () => KeptSample): void => {
      const count = `${path}/thermal_throttle/${file}`;
      if (counts.has(key) || unsigned(sys.attribute(count)) === undefined) return;
      counts.set(key, { path: count, kept: kept() });
    };
    offer(`${packageId}/${coreId}`, 'core_throttle_count', () => coreThrottles.kept(inCore));
    offer(`${packageId}`, 'package_throttle_count', () => packageThrottles.kept(inPackage));
  }
  return [...counts.values()];
}

function addInfo(samples: SampleList, text: string, flags: Pattern | undefined, bugs: Pattern | undefined): void {
  const cpus = parseCpuInfo(text);
  for (const { mhz, flags: _flags, bugs: _bugs, ...labels } of cpus) {
    samples.push(info.sample(1, labels));
    if (mhz === undefined) continue;
    samples.push(frequency.sample(mhz * 1e6, { package: labels.package, core: labels.core, cpu: labels.cpu }));
  }
  const [first] = cpus;
  if (first === undefined) return;
  for (const flag of new Set(first.flags)) if (flags?.test(flag) === true) samples.push(flagInfo.sample(1, { flag }));
  for (const bug of new Set(first.bugs)) if (bugs?.test(bug) === true) samples.push(bugInfo.sample(1, { bug }));
}
