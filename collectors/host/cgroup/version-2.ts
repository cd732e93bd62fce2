/**
 * The files of a group of version 2 (Documentation/admin-guide/cgroup-v2.rst). Figures are those of the group and all
 * below it. A limit that is "max" is absent.
 *
 * Quirks  cpu.stat is there without the controller, then without throttling. Reading memory.stat makes the kernel add up
 *         what each CPU has counted, which takes longer the more CPUs and groups there are.
 */
import { labelled, lines, unsigned, words } from '../../../src/system/numbers.ts';
import {
  deviceFigures,
  pressureResources,
  scaled,
  workingSet,
  type DeviceFigures,
  type Figures,
  type Numbers,
  type Operation,
  type Pressure,
  type Wanted,
} from './figures.ts';

const microseconds = 1e6;
const events = ['low', 'high', 'max', 'oom', 'oom_kill', 'oom_group_kill'];

/** The `total=` of each line of a .pressure file (Documentation/accounting/psi.rst). */
export function parsePressure(resource: string, text: string): Pressure {
  const total = (kind: string): number | undefined =>
    scaled(unsigned(new RegExp(`^${kind} .*\\btotal=(\\d+)$`, 'm').exec(text)?.[1]), microseconds);
  return { resource, waitingSeconds: total('some'), stalledSeconds: total('full') };
}

/** The CPUs' worth of time that cpu.max grants: quota and period in microseconds. */
export function parseCpuMax(text: string): number | undefined {
  const [quota, period] = words(text).map(unsigned);
  return quota === undefined || period === undefined || period === 0 ? undefined : quota / period;
}

const ioKeys: Readonly<Record<string, [keyof DeviceFigures, Operation]>> = {
  rbytes: ['bytes', 'read'],
  wbytes: ['bytes', 'write'],
  dbytes: ['bytes', 'discard'],
  rios: ['operations', 'read'],
  wios: ['operations', 'write'],
  dios: ['operations', 'discard'],
};

/** Reads io.stat: a line for each device, `8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0`. */
export function readIoStat(text: string, { devices }: Figures, deviceName: Wanted['deviceName']): void {
  for (const line of lines(text)) {
    const [numbers = '', ...pairs] = words(line);
    const name = /^\d+:\d+$/.test(numbers) ? deviceName(numbers) : undefined;
    if (name === undefined) continue;
    for (const pair of pairs) {
      const [key = '', value] = pair.split('=');
      const target = Object.hasOwn(ioKeys, key) ? ioKeys[key] : undefined;
      const count = unsigned(value);
      if (target === undefined || count === undefined) continue;
      const [what, operation] = target;
      deviceFigures(devices, name)[what][operation] = count;
    }
  }
}

function readMemory(wanted: Wanted, { numbers, memory, memoryEvents }: Figures): void {
  numbers.memoryUsageBytes = unsigned(wanted.text('memory.current')?.trim());
  numbers.memoryLimitBytes = unsigned(wanted.text('memory.max')?.trim());
  numbers.swapUsageBytes = unsigned(wanted.text('memory.swap.current')?.trim());
  numbers.swapLimitBytes = unsigned(wanted.text('memory.swap.max')?.trim());
  const stat = wanted.text('memory.stat') ?? '';
  numbers.memoryWorkingSetBytes = workingSet(numbers.memoryUsageBytes, labelled(stat, 'inactive_file '));
  numbers.pageFaults = labelled(stat, 'pgfault ');
  numbers.majorPageFaults = labelled(stat, 'pgmajfault ');
  for (const item of wanted.memoryItems) {
    const bytes = labelled(stat, `${item} `);
    if (bytes !== undefined) memory.set(item, bytes);
  }
  const counted = wanted.text('memory.events') ?? '';
  for (const event of events) {
    const count = labelled(counted, `${event} `);
    if (count !== undefined) memoryEvents.set(event, count);
  }
}

function readCpu({ text }: Wanted, controllers: ReadonlySet<string>, numbers: Numbers): void {
  const stat = text('cpu.stat') ?? '';
  numbers.cpuUsageSeconds = scaled(labelled(stat, 'usage_usec '), microseconds);
  numbers.cpuUserSeconds = scaled(labelled(stat, 'user_usec '), microseconds);
  numbers.cpuSystemSeconds = scaled(labelled(stat, 'system_usec '), microseconds);
  if (!controllers.has('cpu')) return;
  numbers.cpuPeriods = labelled(stat, 'nr_periods ');
  numbers.cpuThrottledPeriods = labelled(stat, 'nr_throttled ');
  numbers.cpuThrottledSeconds = scaled(labelled(stat, 'throttled_usec '), microseconds);
  numbers.cpuLimitCores = parseCpuMax(text('cpu.max') ?? '');
}

/** Reads a group into its figures; `controllers` are those that are on in it. */
export function readVersion2(wanted: Wanted, controllers: ReadonlySet<string>, figures: Figures): void {
  const { numbers } = figures;
  if (wanted.cpuTime) readCpu(wanted, controllers, numbers);
  if (controllers.has('memory')) readMemory(wanted, figures);
  if (controllers.has('io')) readIoStat(wanted.text('io.stat') ?? '', figures, wanted.deviceName);
  if (controllers.has('pids')) {
    numbers.pids = unsigned(wanted.text('pids.current')?.trim());
    numbers.pidsLimit = unsigned(wanted.text('pids.max')?.trim());
  }
  if (!wanted.pressure) return;
  for (const resource of pressureResources) {
    const text = wanted.text(`${resource}.pressure`);
    if (text !== undefined) figures.pressure.push(parsePressure(resource, text));
  }
}
