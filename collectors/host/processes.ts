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
import { defineCollector, gauge, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import type { KeptFile, Tree } from '../../src/system/index.ts';
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
    'A limit that cannot be read is left out; node_exporter then leaves out counts as well, and says that it succeeded.',
  ],
  enabled: true,
  schedule: '30s',
  timeout: '20s',
  families: [threads, maxThreads, states, threadStates, pids, maxPids],
  config: z.strictObject({}),
  create(_config, { system: { proc } }) {
    const files = new StatFiles(proc);
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
        for (const process of files.processes()) {
          filesRead += 1;
          if (filesRead % filesATurn === 0) await turn();
          const stat = parseStat(process.file.bytes());
          if (stat === undefined) continue;
          processCount += 1;
          threadCount += stat.threads;
          increment(byState, stat.state);
          if (!files.tellsThreads(process)) continue;
          // The state of a process is that of its first thread.
          increment(threadsByState, stat.state);
          // Most have one thread only.
          if (stat.threads <= 1 && process.threads.size === 0) continue;
          for (const thread of files.otherThreads(process, stat.threads)) {
            filesRead += 1;
            if (filesRead % filesATurn === 0) await turn();
            increment(threadsByState, thread.state);
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
      close: () => files.close(),
    };
  },
});

interface Process {
  readonly pid: string;
  readonly file: KeptFile;
  /** Whether its threads have been seen to be listed. */
  tellsThreads: boolean;
  /** The stat files of all threads but the first, by the number of the thread. */
  readonly threads: Map<string, KeptFile>;
  /** The number of the run that listed it last. */
  run: number;
}

/** The stat files of processes and threads, kept open as long as these live: to open one costs as much as to read it. */
class StatFiles {
  readonly #proc: Tree;
  readonly #processes = new Map<string, Process>();
  #run = 0;

  constructor(proc: Tree) {
    this.#proc = proc;
  }

  /** Those that are there now. */
  processes(): Iterable<Process> {
    this.#run += 1;
    for (const pid of this.#proc.list('')) {
      if (!isNumber.test(pid)) continue;
      const known = this.#processes.get(pid);
      if (known === undefined) this.#processes.set(pid, this.#newProcess(pid));
      else known.run = this.#run;
    }
    for (const [pid, process] of this.#processes) {
      if (process.run === this.#run) continue;
      closeProcess(process);
      this.#processes.delete(pid);
    }
    return this.#processes.values();
  }

  #newProcess(pid: string): Process {
    return {
      pid,
      file: this.#proc.keep(`${pid}/stat`),
      tellsThreads: false,
      threads: new Map(),
      run: this.#run,
    };
  }

  /** Whether its threads are listed, as they are of each that lives; a recorded tree may lack them. */
  tellsThreads(process: Process): boolean {
    process.tellsThreads ||= this.#proc.exists(`${process.pid}/task`);
    return process.tellsThreads;
  }

  /** What is known of the other threads of a process that has `count` of them in all. */
  *otherThreads(process: Process, count: number): Generator<Stat> {
    const { threads: files } = process;
    // A process that ends may say that it has none at all.
    if (files.size === Math.max(count, 1) - 1) {
      let whole = true;
      for (const [tid, file] of files) {
        const stat = parseStat(file.bytes());
        if (stat !== undefined) {
          yield stat;
          continue;
        }
        whole = false;
        file.close();
        files.delete(tid);
      }
      if (whole) return;
      // As many as before, but not the same: the new ones are missing.
      yield* this.#newThreads(process);
      return;
    }
    for (const file of files.values()) file.close();
    files.clear();
    yield* this.#newThreads(process);
  }

  *#newThreads({ pid, threads: files }: Process): Generator<Stat> {
    for (const tid of this.#proc.list(`${pid}/task`)) {
      if (tid === pid || files.has(tid)) continue;
      const file = this.#proc.keep(`${pid}/task/${tid}/stat`);
      const stat = parseStat(file.bytes());
      if (stat === undefined) {
        file.close();
        continue;
      }
      files.set(tid, file);
      yield stat;
    }
  }

  close(): void {
    for (const process of this.#processes.values()) closeProcess(process);
    this.#processes.clear();
  }
}

function closeProcess({ file, threads: files }: Process): void {
  file.close();
  for (const thread of files.values()) thread.close();
}

const isNumber = /^\d+$/;

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

interface Stat {
  readonly state: string;
  readonly threads: number;
}

const blank = 0x20;
const nameEnd = 0x29; // )

/**
 * The state and the number of threads: the third and the twentieth field. Undefined where a process or a thread has
 * left, may not be read or is torn.
 */
export function parseStat(bytes: Buffer | undefined): Stat | undefined {
  if (bytes === undefined) return undefined;
  // The name is bytes that its owner chose; fields can be counted only from its end.
  const name = bytes.lastIndexOf(nameEnd);
  const state = bytes[name + 2] ?? 0;
  const isLetter = (state >= 0x41 && state <= 0x5a) || (state >= 0x61 && state <= 0x7a);
  if (name === -1 || !isLetter || bytes[name + 1] !== blank || bytes[name + 3] !== blank) return undefined;
  let at = name + 4;
  // Byte by byte: sixteen searches through the buffer cost more than all else here.
  for (let field = 4; field < 20; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    if (byte === blank) field += 1;
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
