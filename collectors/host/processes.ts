/**
 * How many processes and threads there are, in which states, and how many there may be.
 *
 * Source  /proc/PID/stat, /proc/PID/task/TID/stat (man 5 proc), /proc/sys/kernel/{threads-max,pid_max}.
 * Labels  state and thread_state: a letter, such as R (runs), S (sleeps), D (waits for a disk), Z (zombie).
 * Cost    a file for each process, and one for each thread of those that have several: some 20 ms of CPU for 1,000
 *         files. The event loop is given a turn every few hundred.
 * Quirks  Processes vanish while they are counted. With hidepid only those of our user can be read: they are counted.
 *         The name in the second field may hold blanks and parentheses.
 */
import { setImmediate } from 'node:timers/promises';
import { CollectError, defineCollector, gauge, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import type { Tree } from '../../src/system/index.ts';
import { unsigned } from '../../src/system/numbers.ts';

const threads = gauge('node_processes_threads', 'Allocated threads in system');
const maxThreads = gauge('node_processes_max_threads', 'Limit of threads in the system');
const states = gauge('node_processes_state', 'Number of processes in each state.', ['state']);
const threadStates = gauge('node_processes_threads_state', 'Number of threads in each state.', ['thread_state']);
const pids = gauge('node_processes_pids', 'Number of PIDs');
const maxPids = gauge('node_processes_max_processes', 'Number of max PIDs limit');

// Some 5 ms of reading.
const filesATurn = 250;

export const processes = defineCollector({
  name: 'processes',
  summary: 'How many processes and threads there are, in which states, and how many there may be.',
  source: '/proc/*/stat, /proc/*/task/*/stat',
  differences: [
    'On by default, as it runs on a schedule of its own.',
    'Processes that may not be read (hidepid) are left out; node_exporter fails.',
  ],
  enabled: true,
  schedule: '30s',
  timeout: '20s',
  families: [threads, maxThreads, states, threadStates, pids, maxPids],
  config: z.strictObject({}),
  create(_config, { system: { proc } }) {
    return {
      async collect(signal) {
        const byState = new Map<string, number>();
        const threadsByState = new Map<string, number>();
        let processCount = 0;
        let threadCount = 0;
        let filesRead = 0;
        const turn = async (): Promise<void> => {
          await setImmediate();
          signal.throwIfAborted();
        };
        for (const pid of proc.list('')) {
          if (!isNumber.test(pid)) continue;
          filesRead += 1;
          if (filesRead % filesATurn === 0) await turn();
          const stat = readStat(proc, `${pid}/stat`);
          if (stat === undefined) continue;
          processCount += 1;
          threadCount += stat.threads;
          increment(byState, stat.state);
          increment(threadsByState, stat.state);
          // The state of a process is that of its first thread.
          const others = stat.threads === 1 ? [] : proc.list(`${pid}/task`).filter((tid) => tid !== pid);
          for (const tid of others) {
            filesRead += 1;
            if (filesRead % filesATurn === 0) await turn();
            const thread = readStat(proc, `${pid}/task/${tid}/stat`);
            if (thread !== undefined) increment(threadsByState, thread.state);
          }
        }
        const samples: Sample[] = [threads.sample(threadCount), pids.sample(processCount)];
        for (const [state, count] of byState) samples.push(states.sample(count, { state }));
        for (const [state, count] of threadsByState) samples.push(threadStates.sample(count, { thread_state: state }));
        const threadLimit = unsigned(proc.attribute('sys/kernel/threads-max'));
        const pidLimit = unsigned(proc.attribute('sys/kernel/pid_max'));
        if (threadLimit !== undefined) samples.push(maxThreads.sample(threadLimit));
        if (pidLimit !== undefined) samples.push(maxPids.sample(pidLimit));
        return samples;
      },
    };
  },
});

const isNumber = /^\d+$/;

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

interface Stat {
  readonly state: string;
  readonly threads: number;
}

/** The stat of a process or a thread; undefined where it has left, may not be read or is torn. */
function readStat(proc: Tree, path: string): Stat | undefined {
  try {
    return parseStat(proc.read(path));
  } catch (error) {
    if (error instanceof CollectError && (error.code === 'SOURCE_MISSING' || error.code === 'SOURCE_FORBIDDEN')) {
      return undefined;
    }
    throw error;
  }
}

/** The state and the number of threads: the third and the twentieth field. */
export function parseStat(bytes: Buffer): Stat | undefined {
  // The name is bytes that its owner chose; fields can be counted only from its end.
  const nameEnd = bytes.lastIndexOf(0x29 /* ) */);
  if (nameEnd === -1) return undefined;
  const fields = bytes.toString('latin1', nameEnd + 2).split(' ');
  const state = fields[0];
  const threads = unsigned(fields[17]);
  if (state === undefined || !/^[A-Za-z]$/.test(state) || threads === undefined) return undefined;
  return { state, threads };
}
