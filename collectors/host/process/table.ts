/**
 * The processes of the host from run to run: which group each belongs to, and what it counted since the run before.
 *
 * A process is known by its number and its start, as numbers are used again. Its command line is read when it is first
 * seen, and again when it runs another program, which its name tells. One that no entry matches belongs to the group of
 * its parent at that time, unless children are not wanted; so it stays when the parent ends.
 */
import type { System } from '../../../src/system/index.ts';
import { Candidates, bootSeconds } from './candidate.ts';
import { addGrowth, countsOf, unknownCounts, zeroCounts, type Counts } from './counts.ts';
import { parseOpenFilesLimit, readFigures, refusable, textOf, type Refusable } from './files.ts';
import { Found, stateNames, sum, worst } from './groups.ts';
import type { Candidate } from './matchers.ts';
import { parseProcessStat, type ProcessStat } from './stat.ts';
import { addThreadsOf, type KnownThread } from './threads.ts';

/** What the table is to do, from the options. */
export interface TableOptions {
  readonly nameOf: (candidate: Candidate) => string | undefined;
  readonly children: boolean;
  readonly threads: boolean;
  readonly smaps: boolean;
  /** How long after its start a process is named anew at each run, in milliseconds; Infinity for always. */
  readonly recheckMs: number;
}

interface Known {
  readonly pid: number;
  readonly startTicks: number;
  stat: ProcessStat;
  run: number;
  /** The group; undefined for a process that belongs to none. */
  group: string | undefined;
  /** Whether the group is settled; it may wait for that of the parent. */
  named: boolean;
  readonly before: Counts;
  openFilesLimit: number | undefined;
  /** When what seldom changes was read, by the monotonic clock. */
  factsMs: number;
  readonly threads: Map<number, KnownThread>;
}

const factsLastMs = 300_000;
const isNumber = /^\d+$/;
const states: Readonly<Record<string, number>> = { R: 0, S: 1, D: 2, Z: 3 };

/** Gives way to others now and then: undefined where it is not time yet. */
export type Pause = () => Promise<void> | undefined;

/** All processes. */
export class ProcessTable {
  readonly #system: System;
  readonly #options: TableOptions;
  readonly #known = new Map<number, Known>();
  #run = 0;
  /** The latest start among the processes of the first run: what starts later is counted from its begin. */
  #firstRunTicks: number | undefined;
  #latestTicks = -1;
  #bootSeconds: number | undefined;
  #bootMs = -Infinity;
  /** Runs of processes whose stat could not be understood, and of those of which some file could not be read. */
  unreadable = 0;
  partial = 0;
  /** For each file, the processes whose file was refused at the last run. */
  readonly refused = new Map<Refusable, number>();

  constructor(system: System, options: TableOptions) {
    this.#system = system;
    this.#options = options;
  }

  /** How many processes there are, in groups or not. */
  get size(): number {
    return this.#known.size;
  }

  /** When the host started, in seconds since 1970, as it was told within the last minutes. */
  get bootSeconds(): number | undefined {
    return this.#bootSeconds;
  }

  /** Reads all processes; gives what was found of each group. Rejects with the reason of `signal` when that aborts. */
  async read(pause: Pause, signal: AbortSignal): Promise<Map<string, Found>> {
    const { clock } = this.#system;
    this.#run += 1;
    for (const file of refusable) this.refused.set(file, 0);
    if (clock.monotonic() - this.#bootMs >= factsLastMs) {
      this.#bootSeconds = bootSeconds(this.#system);
      this.#bootMs = clock.monotonic();
    }
    await this.#list(pause, signal);
    await this.#name(pause, signal);
    // From here on it goes through to the end, as what is read now is not counted again at the next run.
    const groups = new Map<string, Found>();
    for (const known of this.#known.values()) {
      if (known.group === undefined) continue;
      const wait = pause();
      if (wait !== undefined) await wait;
      let found = groups.get(known.group);
      if (found === undefined) {
        found = new Found();
        groups.set(known.group, found);
      }
      this.#add(known, found);
    }
    this.#firstRunTicks ??= this.#latestTicks;
    return groups;
  }

  /** Reads the stat of every process, and forgets those that left. */
  async #list(pause: Pause, signal: AbortSignal): Promise<void> {
    const { proc } = this.#system;
    let latest = -1;
    for (const name of proc.list('')) {
      if (!isNumber.test(name)) continue;
      const wait = pause();
      if (wait !== undefined) {
        await wait;
        signal.throwIfAborted();
      }
      const bytes = proc.attributeBytes(`${name}/stat`);
      if (bytes === undefined || bytes.length === 0) continue;
      const stat = parseProcessStat(bytes);
      if (stat === undefined) {
        this.unreadable += 1;
        continue;
      }
      latest = Math.max(latest, stat.startTicks);
      this.#see(Number(name), stat);
    }
    this.#latestTicks = latest;
    for (const [pid, { run }] of this.#known) if (run !== this.#run) this.#known.delete(pid);
  }

  #see(pid: number, stat: ProcessStat): void {
    const known = this.#known.get(pid);
    if (known?.startTicks === stat.startTicks) {
      // Another program runs in this process now.
      if (known.stat.comm !== stat.comm) known.named = false;
      known.stat = stat;
      known.run = this.#run;
      return;
    }
    this.#known.set(pid, {
      pid,
      startTicks: stat.startTicks,
      stat,
      run: this.#run,
      group: undefined,
      named: false,
      before: this.#firstCounts(stat),
      openFilesLimit: undefined,
      factsMs: -Infinity,
      threads: new Map(),
    });
  }

  /** What a process or a thread had counted at the run before it was first seen; unknown for one that is older. */
  #firstCounts(stat: ProcessStat): Counts {
    return this.#firstRunTicks !== undefined && stat.startTicks >= this.#firstRunTicks ? zeroCounts() : unknownCounts();
  }

  /** Finds the groups of the processes that are new, or run another program. */
  async #name(pause: Pause, signal: AbortSignal): Promise<void> {
    const { recheckMs, nameOf } = this.#options;
    const candidates = new Candidates(this.#system, this.#bootSeconds);
    const orphans: Known[] = [];
    for (const known of this.#known.values()) {
      if (known.named && !(recheckMs > 0 && this.#isYoung(known, recheckMs))) continue;
      const wait = pause();
      if (wait !== undefined) {
        await wait;
        signal.throwIfAborted();
      }
      const name = nameOf(candidates.of(known.pid, known.stat.comm, known.startTicks));
      known.named = name !== undefined;
      if (name === undefined) orphans.push(known);
      else known.group = name;
    }
    for (const known of orphans) this.#inherit(known);
  }

  #isYoung({ startTicks }: Known, limitMs: number): boolean {
    if (limitMs === Infinity) return true;
    if (this.#bootSeconds === undefined) return false;
    return this.#system.clock.now() - (this.#bootSeconds + startTicks / 100) * 1000 < limitMs;
  }

  /** Gives a process that no entry matches the group of its parent, or of the nearest ancestor that has one. */
  #inherit(known: Known): void {
    const line: Known[] = [];
    let at: Known | undefined = known;
    // A process that was read torn could be its own ancestor: each one is settled when it is passed.
    while (at !== undefined && !at.named) {
      at.named = true;
      line.push(at);
      at = this.#options.children ? this.#known.get(at.stat.parent) : undefined;
    }
    const group = at?.group;
    for (const one of line) if (group !== undefined || !this.#options.children) one.group = group;
  }

  #add(known: Known, found: Found): void {
    const { pid, stat, startTicks } = known;
    found.processes += 1;
    found.threads += stat.threads;
    found.residentPages += stat.residentPages;
    found.virtualBytes += stat.virtualBytes;
    found.oldestStartTicks = Math.min(found.oldestStartTicks, startTicks);
    found.states[states[stat.state] ?? stateNames.length - 1]! += 1;
    const { proc } = this.#system;
    // What a zombie had is given back already.
    const ended = stat.state === 'Z' || stat.state === 'X';
    if (ended) {
      addGrowth(found.grown, known.before, countsOf(stat, noMore));
      return;
    }
    const figures = readFigures(proc, pid, this.#options.smaps && stat.virtualBytes > 0);
    if (figures.refused.length > 0) this.partial += 1;
    for (const file of figures.refused) this.refused.set(file, this.refused.get(file)! + 1);
    found.swappedBytes = sum(found.swappedBytes, figures.swappedBytes);
    found.proportionalBytes = sum(found.proportionalBytes, figures.proportionalBytes);
    found.proportionalSwapBytes = sum(found.proportionalSwapBytes, figures.proportionalSwapBytes);
    found.openFiles = sum(found.openFiles, figures.openFiles);
    found.worstRatio = worst(found.worstRatio, this.#ratio(known, figures.openFiles));
    addGrowth(found.grown, known.before, countsOf(stat, figures));
    if (!this.#options.threads || stat.threads < 2) return;
    addThreadsOf(proc, pid, known.threads, found, (thread) => this.#firstCounts(thread));
  }

  /** Open files to how many may be; undefined where either is not known. */
  #ratio(known: Known, openFiles: number | undefined): number | undefined {
    if (openFiles === undefined) return undefined;
    const now = this.#system.clock.monotonic();
    if (now - known.factsMs >= factsLastMs) {
      const limits = textOf(this.#system.proc, `${known.pid}/limits`);
      known.openFilesLimit = limits === undefined ? undefined : parseOpenFilesLimit(limits);
      known.factsMs = now;
    }
    return known.openFilesLimit === undefined || known.openFilesLimit === 0
      ? undefined
      : openFiles / known.openFilesLimit;
  }
}

const noMore = {
  readBytes: undefined,
  writtenBytes: undefined,
  voluntarySwitches: undefined,
  involuntarySwitches: undefined,
};
