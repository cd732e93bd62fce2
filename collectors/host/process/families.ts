/** The families of process-exporter, by its names, and what a group says in them. */
import { counter, gauge, type Sample } from '../../../src/collector.ts';
import { countNames, type CountName, type Counts } from './counts.ts';
import { stateNames, type Served } from './groups.ts';

const processes = gauge('namedprocess_namegroup_num_procs', 'number of processes in this group', ['groupname']);
const cpu = counter('namedprocess_namegroup_cpu_seconds_total', 'Cpu user usage in seconds', ['groupname', 'mode']);
const read = counter('namedprocess_namegroup_read_bytes_total', 'number of bytes read by this group', ['groupname']);
const written = counter('namedprocess_namegroup_write_bytes_total', 'number of bytes written by this group', [
  'groupname',
]);
const majorFaults = counter('namedprocess_namegroup_major_page_faults_total', 'Major page faults', ['groupname']);
const minorFaults = counter('namedprocess_namegroup_minor_page_faults_total', 'Minor page faults', ['groupname']);
const switches = counter('namedprocess_namegroup_context_switches_total', 'Context switches', [
  'ctxswitchtype',
  'groupname',
]);
const memory = gauge('namedprocess_namegroup_memory_bytes', 'number of bytes of memory in use', [
  'groupname',
  'memtype',
]);
const openFiles = gauge('namedprocess_namegroup_open_filedesc', 'number of open file descriptors for this group', [
  'groupname',
]);
const worstRatio = gauge(
  'namedprocess_namegroup_worst_fd_ratio',
  'the worst (closest to 1) ratio between open fds and max fds among all procs in this group',
  ['groupname'],
);
const oldestStart = gauge(
  'namedprocess_namegroup_oldest_start_time_seconds',
  'start time in seconds since 1970/01/01 of oldest process in group',
  ['groupname'],
);
const threads = gauge('namedprocess_namegroup_num_threads', 'Number of threads', ['groupname']);
const states = gauge(
  'namedprocess_namegroup_states',
  'Number of processes in states Running, Sleeping, Waiting, Zombie, or Other',
  ['groupname', 'state'],
);
const waits = gauge('namedprocess_namegroup_threads_wchan', 'Number of threads in this group waiting on each wchan', [
  'groupname',
  'wchan',
]);
const threadCount = gauge(
  'namedprocess_namegroup_thread_count',
  'Number of threads in this group with same threadname',
  ['groupname', 'threadname'],
);
const threadCpu = counter('namedprocess_namegroup_thread_cpu_seconds_total', 'Cpu user/system usage in seconds', [
  'groupname',
  'mode',
  'threadname',
]);
const threadIo = counter(
  'namedprocess_namegroup_thread_io_bytes_total',
  'number of bytes read/written by these threads',
  ['groupname', 'iomode', 'threadname'],
);
const threadMajorFaults = counter(
  'namedprocess_namegroup_thread_major_page_faults_total',
  'Major page faults for these threads',
  ['groupname', 'threadname'],
);
const threadMinorFaults = counter(
  'namedprocess_namegroup_thread_minor_page_faults_total',
  'Minor page faults for these threads',
  ['groupname', 'threadname'],
);
const threadSwitches = counter(
  'namedprocess_namegroup_thread_context_switches_total',
  'Context switches for these threads',
  ['ctxswitchtype', 'groupname', 'threadname'],
);

/** Everything that a group can be asked for. */
export const groupFamilies = [
  processes,
  cpu,
  read,
  written,
  majorFaults,
  minorFaults,
  switches,
  memory,
  openFiles,
  worstRatio,
  oldestStart,
  threads,
  states,
  waits,
  threadCount,
  threadCpu,
  threadIo,
  threadMajorFaults,
  threadMinorFaults,
  threadSwitches,
];

const ticksPerSecond = 100;

type CountSample = (value: number, groupname: string) => Sample;

const countSamples: Readonly<Record<CountName, CountSample>> = {
  user: (ticks, groupname) => cpu.sample(ticks / ticksPerSecond, { groupname, mode: 'user' }),
  system: (ticks, groupname) => cpu.sample(ticks / ticksPerSecond, { groupname, mode: 'system' }),
  minorFaults: (count, groupname) => minorFaults.sample(count, { groupname }),
  majorFaults: (count, groupname) => majorFaults.sample(count, { groupname }),
  readBytes: (bytes, groupname) => read.sample(bytes, { groupname }),
  writtenBytes: (bytes, groupname) => written.sample(bytes, { groupname }),
  voluntarySwitches: (count, groupname) => switches.sample(count, { groupname, ctxswitchtype: 'voluntary' }),
  involuntarySwitches: (count, groupname) => switches.sample(count, { groupname, ctxswitchtype: 'nonvoluntary' }),
};

type ThreadSample = (value: number, labels: { groupname: string; threadname: string }) => Sample;

const threadSamples: Readonly<Record<CountName, ThreadSample>> = {
  user: (ticks, labels) => threadCpu.sample(ticks / ticksPerSecond, { ...labels, mode: 'user' }),
  system: (ticks, labels) => threadCpu.sample(ticks / ticksPerSecond, { ...labels, mode: 'system' }),
  minorFaults: (count, labels) => threadMinorFaults.sample(count, labels),
  majorFaults: (count, labels) => threadMajorFaults.sample(count, labels),
  readBytes: (bytes, labels) => threadIo.sample(bytes, { ...labels, iomode: 'read' }),
  writtenBytes: (bytes, labels) => threadIo.sample(bytes, { ...labels, iomode: 'write' }),
  voluntarySwitches: (count, labels) => threadSwitches.sample(count, { ...labels, ctxswitchtype: 'voluntary' }),
  involuntarySwitches: (count, labels) => threadSwitches.sample(count, { ...labels, ctxswitchtype: 'nonvoluntary' }),
};

/** The samples of counts that are known. */
function* known(counts: Counts, sample: (name: CountName, value: number) => Sample): Generator<Sample> {
  for (const [index, name] of countNames.entries()) {
    const value = counts[index]!;
    if (!Number.isNaN(value)) yield sample(name, value);
  }
}

/** What a group says. `pageBytes` and `bootSeconds` turn its figures into bytes and times, where they are known. */
export function* groupSamples(
  { name: groupname, found, counts, threadCounts }: Served,
  pageBytes: number | undefined,
  bootSeconds: number | undefined,
): Generator<Sample> {
  yield processes.sample(found.processes, { groupname });
  yield threads.sample(found.threads, { groupname });
  for (const [index, state] of stateNames.entries()) yield states.sample(found.states[index]!, { groupname, state });
  yield* known(counts, (name, value) => countSamples[name](value, groupname));
  const bytes = {
    resident: pageBytes === undefined ? undefined : found.residentPages * pageBytes,
    virtual: found.virtualBytes,
    swapped: found.swappedBytes,
    proportionalResident: found.proportionalBytes,
    proportionalSwapped: found.proportionalSwapBytes,
  };
  for (const [memtype, value] of Object.entries(bytes)) {
    if (value !== undefined) yield memory.sample(value, { groupname, memtype });
  }
  if (found.openFiles !== undefined) yield openFiles.sample(found.openFiles, { groupname });
  if (found.worstRatio !== undefined) yield worstRatio.sample(found.worstRatio, { groupname });
  if (bootSeconds !== undefined && found.processes > 0) {
    yield oldestStart.sample(Math.floor(bootSeconds + found.oldestStartTicks / ticksPerSecond), { groupname });
  }
  for (const [threadname, group] of found.threadsByName) {
    const labels = { groupname, threadname };
    yield threadCount.sample(group.threads, labels);
    const total = threadCounts.get(threadname);
    if (total !== undefined) yield* known(total, (name, value) => threadSamples[name](value, labels));
  }
  for (const [wchan, count] of found.waits) yield waits.sample(count, { groupname, wchan });
}
