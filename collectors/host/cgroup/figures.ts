/** What is read of a control group, in base units, whichever version its hierarchy has. Absent is what it lacks. */

/** The bytes that `memory_stat` may name, as memory.stat of version 2 does. */
export const memoryItems = [
  'anon',
  'file',
  'kernel',
  'kernel_stack',
  'pagetables',
  'percpu',
  'sock',
  'vmalloc',
  'shmem',
  'zswap',
  'zswapped',
  'file_mapped',
  'file_dirty',
  'file_writeback',
  'swapcached',
  'anon_thp',
  'inactive_anon',
  'active_anon',
  'inactive_file',
  'active_file',
  'unevictable',
  'slab_reclaimable',
  'slab_unreclaimable',
  'slab',
] as const;

/** One of `memoryItems`. */
export type MemoryItem = (typeof memoryItems)[number];

/** The resources that pressure is told of. */
export const pressureResources = ['cpu', 'io', 'memory'] as const;

/** What was waited for one resource. */
export interface Pressure {
  readonly resource: string;
  readonly waitingSeconds: number | undefined;
  readonly stalledSeconds: number | undefined;
}

/** What went to and from one device. */
export interface DeviceFigures {
  bytes: Partial<Record<Operation, number>>;
  operations: Partial<Record<Operation, number>>;
}

/** The kinds of input and output. */
export type Operation = 'read' | 'write' | 'discard';

/** The figures that are one number each. */
export interface Numbers {
  cpuUsageSeconds?: number | undefined;
  cpuUserSeconds?: number | undefined;
  cpuSystemSeconds?: number | undefined;
  cpuPeriods?: number | undefined;
  cpuThrottledPeriods?: number | undefined;
  cpuThrottledSeconds?: number | undefined;
  cpuLimitCores?: number | undefined;
  memoryUsageBytes?: number | undefined;
  memoryWorkingSetBytes?: number | undefined;
  memoryLimitBytes?: number | undefined;
  swapUsageBytes?: number | undefined;
  swapLimitBytes?: number | undefined;
  pageFaults?: number | undefined;
  majorPageFaults?: number | undefined;
  pids?: number | undefined;
  pidsLimit?: number | undefined;
}

/** All of it. */
export interface Figures {
  readonly numbers: Numbers;
  readonly memory: Map<MemoryItem, number>;
  readonly memoryEvents: Map<string, number>;
  readonly pressure: Pressure[];
  readonly devices: Map<string, DeviceFigures>;
}

/** Figures of which none is known yet. */
export function noFigures(): Figures {
  return { numbers: {}, memory: new Map(), memoryEvents: new Map(), pressure: [], devices: new Map() };
}

/** What the readers are to read, and with what. */
export interface Wanted {
  /** The text of a file of the group, in one piece; undefined where there is none. */
  readonly text: (file: string) => string | undefined;
  readonly memoryItems: readonly MemoryItem[];
  readonly pressure: boolean;
  /** Whether version 2 tells the CPU time; on a hybrid host version 1 may, which is as true, but not the same number. */
  readonly cpuTime: boolean;
  /** Whether version 1 has files that count the groups below too. */
  readonly recursiveIo: boolean;
  /** The name of a block device such as `8:0`; undefined for one that is not wanted. */
  readonly deviceName: (numbers: string) => string | undefined;
}

/** A number of some smaller unit, in the unit that it is served in. */
export function scaled(value: number | undefined, perUnit: number): number | undefined {
  return value === undefined ? undefined : value / perUnit;
}

/** The memory that cannot be taken back at once, as Kubernetes counts it. */
export function workingSet(usage: number | undefined, inactiveFile: number | undefined): number | undefined {
  return usage === undefined || inactiveFile === undefined ? undefined : Math.max(0, usage - inactiveFile);
}

/** The figures of a device, to be filled. */
export function deviceFigures(devices: Map<string, DeviceFigures>, name: string): DeviceFigures {
  let figures = devices.get(name);
  if (figures === undefined) {
    figures = { bytes: {}, operations: {} };
    devices.set(name, figures);
  }
  return figures;
}
