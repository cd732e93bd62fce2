/**
 * How many processes and threads there are, in which states, and how many there may be.
 *
 * Source  /proc/PID/stat, /proc/PID/task/TID/stat (man 5 proc), /proc/sys/kernel/{threads-max,pid_max}.
 * Labels  state and thread_state: a letter, such as R (runs), S (sleeps), D (waits for a disk), Z (zombie).
 * Cost    a file for each process, and one for each thread of those that have several: 4 us for each of the first 256,
 *         whose descriptors the tree keeps, 9 us for each of the rest. The event loop is given a turn every few hundred.
 *         The threads of a process are listed again only where one of those known has left, or their number has changed.
 * Quirks  Processes vanish while they are counted. With hidepid only those of our user can be read: they are counted.
 *         The name in the second field may hold blanks and parentheses.
 */
import { setImmediate } from 'node:timers/promises';
import { defineCollector, gauge, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
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
    /** The threads of processes that have several, as they were last listed. */
    let listed = new Map<string, readonly string[]>();

    /** The states of the threads of a process, without its first, whose state is that of the process. */
    async function statesOf(pid: string, tids: readonly string[], turn: Turn): Promise<string[]> {
      const found: string[] = [];
      for (const tid of tids) {
        if (tid === pid) continue;
        const wait = turn();
        if (wait !== undefined) await wait;
        const thread = parseStat(proc.attributeBytes(`${pid}/task/${tid}/stat`));
        if (thread !== undefined) found.push(thread.state);
      }
      return found;
    }

    return {
      async collect(signal) {
        const current = new Map<string, readonly string[]>();
        const byState = new Map<string, number>();
        const threadsByState = new Map<string, number>();
        let processCount = 0;
        let threadCount = 0;
        let filesRead = 0;
        const turn: Turn = () => {
          filesRead += 1;
          return filesRead % filesATurn === 0 ? setImmediate().then(() => signal.throwIfAborted()) : undefined;
        };
        for (const pid of proc.list('')) {
          if (!isNumber.test(pid)) continue;
          const wait = turn();
          if (wait !== undefined) await wait;
          const stat = parseStat(proc.attributeBytes(`${pid}/stat`));
          if (stat === undefined) continue;
          processCount += 1;
          threadCount += stat.threads;
          increment(byState, stat.state);
          increment(threadsByState, stat.state);
          if (stat.threads === 1) continue;
          let tids = listed.get(pid);
          let found = tids?.length === stat.threads ? await statesOf(pid, tids, turn) : undefined;
          if (tids === undefined || found === undefined || found.length < tids.length - 1) {
            tids = proc.list(`${pid}/task`);
            found = await statesOf(pid, tids, turn);
          }
          current.set(pid, tids);
          for (const state of found) increment(threadsByState, state);
        }
        listed = current;
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

/** To be called for each file; gives what is to be awaited where it is the turn of others. */
type Turn = () => Promise<void> | undefined;

const isNumber = /^\d+$/;

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

interface Stat {
  readonly state: string;
  readonly threads: number;
}

const lineFeed = 0x0a;
const blank = 0x20;
const nameEnd = 0x29; // )

/**
 * The state and the number of threads: the third and the twentieth field. Undefined where a process or a thread has
 * left, may not be read or is torn.
 */
export function parseStat(bytes: Buffer | undefined): Stat | undefined {
  if (bytes === undefined || bytes.at(-1) !== lineFeed) return undefined;
  // The name is bytes that its owner chose; fields can be counted only from its end.
  const name = bytes.lastIndexOf(nameEnd);
  const state = bytes[name + 2] ?? 0;
  const isLetter = (state >= 0x41 && state <= 0x5a) || (state >= 0x61 && state <= 0x7a);
  if (name === -1 || !isLetter || bytes[name + 1] !== blank || bytes[name + 3] !== blank) return undefined;
  let at = name + 4;
  for (let field = 4; field < 20; field += 1) {
    const end = bytes.indexOf(blank, at);
    if (end === -1) return undefined;
    at = end + 1;
  }
  if (bytes[at] === blank) return undefined;
  let threads = 0;
  for (let byte = bytes[at]; byte !== blank; byte = bytes[at]) {
    if (byte === undefined || byte < 0x30 || byte > 0x39) return undefined;
    threads = threads * 10 + byte - 0x30;
    at += 1;
  }
  return { state: String.fromCharCode(state), threads };
}
