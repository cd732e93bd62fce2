/** The families of control groups, and what one group says in them. */
import { counter, Family, gauge, type FamilyHead, type FamilyType, type Sample } from '../../../src/collector.ts';
import type { Figures, Numbers } from './figures.ts';

/** The labels of every group: its path, and what that says. */
export interface GroupLabels {
  readonly cgroup: string;
  readonly slice?: string | undefined;
  readonly unit?: string | undefined;
  readonly container?: string | undefined;
}

const labels = ['cgroup', 'container?', 'slice?', 'unit?'] as const;
type Label = (typeof labels)[number];

function number(type: FamilyType, name: string, help: string): Family<Label> {
  return new Family(`vitald_cgroup_${name}`, type, help, labels);
}

const numbers: Readonly<Record<keyof Numbers, Family<Label>>> = {
  cpuUsageSeconds: number('counter', 'cpu_usage_seconds_total', 'CPU time that the group used.'),
  cpuUserSeconds: number('counter', 'cpu_user_seconds_total', 'CPU time that the group used outside the kernel.'),
  cpuSystemSeconds: number('counter', 'cpu_system_seconds_total', 'CPU time that the group used in the kernel.'),
  cpuPeriods: number('counter', 'cpu_periods_total', 'Periods in which the CPU limit was applied.'),
  cpuThrottledPeriods: number(
    'counter',
    'cpu_throttled_periods_total',
    'Periods in which the group was held back by its CPU limit.',
  ),
  cpuThrottledSeconds: number(
    'counter',
    'cpu_throttled_seconds_total',
    'Time for which the group was held back by its CPU limit.',
  ),
  cpuLimitCores: number(
    'gauge',
    'cpu_limit_cores',
    'CPU time that the group may use, in CPUs; absent without a limit.',
  ),
  memoryUsageBytes: number('gauge', 'memory_usage_bytes', 'Memory in use, the file cache included.'),
  memoryWorkingSetBytes: number(
    'gauge',
    'memory_working_set_bytes',
    'Memory in use without the inactive part of the file cache.',
  ),
  memoryLimitBytes: number('gauge', 'memory_limit_bytes', 'Memory that the group may use; absent without a limit.'),
  swapUsageBytes: number('gauge', 'swap_usage_bytes', 'Swap space in use.'),
  swapLimitBytes: number('gauge', 'swap_limit_bytes', 'Swap space that the group may use; absent without a limit.'),
  pageFaults: number('counter', 'page_faults_total', 'Page faults of the group, major ones included.'),
  majorPageFaults: number('counter', 'major_page_faults_total', 'Page faults of the group for which a disk was read.'),
  pids: number('gauge', 'pids', 'Processes and threads in the group.'),
  pidsLimit: number('gauge', 'pids_limit', 'Processes and threads that the group may have; absent without a limit.'),
};

const memory = gauge('vitald_cgroup_memory_stat_bytes', 'Memory in use, by what it is used for.', [...labels, 'item']);
const memoryEvents = counter(
  'vitald_cgroup_memory_events_total',
  'What happened to the memory of the group: limits reached, processes killed for want of memory.',
  [...labels, 'event'],
);
const waiting = counter(
  'vitald_cgroup_pressure_waiting_seconds_total',
  'Time in which some task of the group waited for the resource.',
  [...labels, 'resource'],
);
const stalled = counter(
  'vitald_cgroup_pressure_stalled_seconds_total',
  'Time in which all tasks of the group that were not idle waited for the resource.',
  [...labels, 'resource'],
);
const ioBytes = counter('vitald_cgroup_io_bytes_total', 'Bytes that went to and from the device.', [
  ...labels,
  'device',
  'operation',
]);
const ioOperations = counter('vitald_cgroup_io_operations_total', 'Requests to the device.', [
  ...labels,
  'device',
  'operation',
]);

/** Everything that a group can say. */
export const figureFamilies: readonly FamilyHead[] = [
  ...Object.values(numbers),
  memory,
  memoryEvents,
  waiting,
  stalled,
  ioBytes,
  ioOperations,
];

/** What a group says. */
export function addSamples(samples: Sample[], figures: Figures, group: GroupLabels): void {
  for (const [name, value] of Object.entries(figures.numbers) as [keyof Numbers, number | undefined][]) {
    if (value !== undefined) samples.push(numbers[name].sample(value, group));
  }
  for (const [item, bytes] of figures.memory) samples.push(memory.sample(bytes, { ...group, item }));
  for (const [event, count] of figures.memoryEvents) samples.push(memoryEvents.sample(count, { ...group, event }));
  for (const { resource, waitingSeconds, stalledSeconds } of figures.pressure) {
    if (waitingSeconds !== undefined) samples.push(waiting.sample(waitingSeconds, { ...group, resource }));
    if (stalledSeconds !== undefined) samples.push(stalled.sample(stalledSeconds, { ...group, resource }));
  }
  for (const [device, { bytes, operations }] of figures.devices) {
    for (const [operation, count] of Object.entries(bytes)) {
      samples.push(ioBytes.sample(count, { ...group, device, operation }));
    }
    for (const [operation, count] of Object.entries(operations)) {
      samples.push(ioOperations.sample(count, { ...group, device, operation }));
    }
  }
}
