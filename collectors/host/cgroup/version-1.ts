/**
 * The files of a group of version 1 (Documentation/admin-guide/cgroup-v1/): what they have in common with version 2,
 * under its names. Figures are those of the group and all below it.
 *
 * Units   nanoseconds in cpuacct.usage and cpu.stat, clock ticks (100 a second) in cpuacct.stat, bytes.
 * Quirks  No limit is the largest number of pages. The file cache includes shared memory, as it does in version 2.
 */
import { labelled, lines, unsigned, words } from '../../../src/system/numbers.ts';
import {
  deviceFigures,
  scaled,
  workingSet,
  type DeviceFigures,
  type Figures,
  type MemoryItem,
  type Operation,
  type Wanted,
} from './figures.ts';

const nanoseconds = 1e9;
const ticks = 100;

// Whoever sets no limit has one of 2^63 less a page, whatever the size of a page.
const noLimit = 2 ** 62;

const itemNames: Partial<Record<MemoryItem, string>> = {
  anon: 'rss',
  file: 'cache',
  file_mapped: 'mapped_file',
  file_dirty: 'dirty',
  file_writeback: 'writeback',
  anon_thp: 'rss_huge',
};

function limit(text: string | undefined): number | undefined {
  const value = unsigned(text?.trim());
  return value === undefined || value >= noLimit ? undefined : value;
}

function readMemory({ text, memoryItems }: Wanted, { numbers, memory, memoryEvents }: Figures): void {
  const stat = text('memory.stat') ?? '';
  numbers.memoryUsageBytes = unsigned(text('memory.usage_in_bytes')?.trim());
  numbers.memoryLimitBytes = limit(text('memory.limit_in_bytes'));
  numbers.memoryWorkingSetBytes = workingSet(numbers.memoryUsageBytes, labelled(stat, 'total_inactive_file '));
  numbers.swapUsageBytes = labelled(stat, 'total_swap ');
  numbers.pageFaults = labelled(stat, 'total_pgfault ');
  numbers.majorPageFaults = labelled(stat, 'total_pgmajfault ');
  for (const item of memoryItems) {
    const bytes =
      item === 'kernel'
        ? unsigned(text('memory.kmem.usage_in_bytes')?.trim())
        : labelled(stat, `total_${itemNames[item] ?? item} `);
    if (bytes !== undefined) memory.set(item, bytes);
  }
  const killed = labelled(text('memory.oom_control') ?? '', 'oom_kill ');
  const reached = unsigned(text('memory.failcnt')?.trim());
  if (reached !== undefined) memoryEvents.set('max', reached);
  if (killed !== undefined) memoryEvents.set('oom_kill', killed);
}

const operations: Readonly<Record<string, Operation>> = { Read: 'read', Write: 'write', Discard: 'discard' };

/** Reads a blkio file: a line for each device and operation, `8:0 Read 4096`, and sums. */
export function readBlkio(
  text: string,
  what: keyof DeviceFigures,
  { devices }: Figures,
  deviceName: Wanted['deviceName'],
): void {
  for (const line of lines(text)) {
    const [numbers = '', word = '', value] = words(line);
    const operation = Object.hasOwn(operations, word) ? operations[word] : undefined;
    const count = unsigned(value);
    if (operation === undefined || count === undefined || !/^\d+:\d+$/.test(numbers)) continue;
    const name = deviceName(numbers);
    if (name !== undefined) deviceFigures(devices, name)[what][operation] = count;
  }
}

function readCpu({ text }: Wanted, { numbers }: Figures): void {
  const stat = text('cpu.stat') ?? '';
  numbers.cpuPeriods = labelled(stat, 'nr_periods ');
  numbers.cpuThrottledPeriods = labelled(stat, 'nr_throttled ');
  numbers.cpuThrottledSeconds = scaled(labelled(stat, 'throttled_time '), nanoseconds);
  // -1 is no quota.
  const quota = unsigned(text('cpu.cfs_quota_us')?.trim());
  const period = quota === undefined ? undefined : unsigned(text('cpu.cfs_period_us')?.trim());
  if (quota !== undefined && period !== undefined && period > 0) numbers.cpuLimitCores = quota / period;
}

/** Reads a group of one hierarchy into its figures; `controllers` are those of the hierarchy. */
export function readVersion1(wanted: Wanted, controllers: ReadonlySet<string>, figures: Figures): void {
  const { text, deviceName } = wanted;
  const { numbers } = figures;
  if (controllers.has('cpu')) readCpu(wanted, figures);
  if (controllers.has('cpuacct')) {
    const stat = text('cpuacct.stat') ?? '';
    numbers.cpuUsageSeconds = scaled(unsigned(text('cpuacct.usage')?.trim()), nanoseconds);
    numbers.cpuUserSeconds = scaled(labelled(stat, 'user '), ticks);
    numbers.cpuSystemSeconds = scaled(labelled(stat, 'system '), ticks);
  }
  if (controllers.has('memory')) readMemory(wanted, figures);
  if (controllers.has('blkio')) {
    for (const [what, file] of blkioFiles) {
      const counted = text(`blkio.throttle.${file}${wanted.recursiveIo ? '_recursive' : ''}`) ?? '';
      readBlkio(counted, what, figures, deviceName);
    }
  }
  if (controllers.has('pids')) {
    numbers.pids = unsigned(text('pids.current')?.trim());
    numbers.pidsLimit = unsigned(text('pids.max')?.trim());
  }
}

const blkioFiles = [
  ['bytes', 'io_service_bytes'],
  ['operations', 'io_serviced'],
] as const;
