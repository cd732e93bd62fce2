/**
 * The groups that are served: what each of their processes counted adds up, also of processes that have ended, so that
 * no counter falls. Groups beyond the bounds are summed up in one, "other".
 *
 * What a group counts is added to one series only, its own or that of "other", whichever it has at that run. So the sum
 * over all series is right at any time, and each of them only grows, however often a group goes in and out of the top.
 */
import { addCounts, unknownCounts, type Counts } from './counts.ts';

/** The states that process-exporter tells apart. */
export const stateNames = ['Running', 'Sleeping', 'Waiting', 'Zombie', 'Other'] as const;

/** What the threads of one name have counted, and how many there are. */
export interface ThreadGroup {
  readonly counts: Counts;
  threads: number;
}

/** What was found of a group in one run. Undefined is what no process told. */
export class Found {
  processes = 0;
  threads = 0;
  residentPages = 0;
  virtualBytes = 0;
  swappedBytes: number | undefined;
  proportionalBytes: number | undefined;
  proportionalSwapBytes: number | undefined;
  openFiles: number | undefined;
  worstRatio: number | undefined;
  oldestStartTicks = Infinity;
  /** One number for each of `stateNames`. */
  readonly states = stateNames.map(() => 0);
  /** What its processes counted since the run before. */
  readonly grown: Counts = unknownCounts();
  readonly threadsByName = new Map<string, ThreadGroup>();
  /** How many threads wait in which function of the kernel. */
  readonly waits = new Map<string, number>();

  add(other: Found): void {
    this.processes += other.processes;
    this.threads += other.threads;
    this.residentPages += other.residentPages;
    this.virtualBytes += other.virtualBytes;
    this.swappedBytes = sum(this.swappedBytes, other.swappedBytes);
    this.proportionalBytes = sum(this.proportionalBytes, other.proportionalBytes);
    this.proportionalSwapBytes = sum(this.proportionalSwapBytes, other.proportionalSwapBytes);
    this.openFiles = sum(this.openFiles, other.openFiles);
    this.worstRatio = worst(this.worstRatio, other.worstRatio);
    this.oldestStartTicks = Math.min(this.oldestStartTicks, other.oldestStartTicks);
    for (const [index, count] of other.states.entries()) this.states[index]! += count;
    for (const [name, { counts, threads }] of other.threadsByName) this.addThreads(name, counts, threads);
    for (const [wait, count] of other.waits) this.waits.set(wait, (this.waits.get(wait) ?? 0) + count);
    addCounts(this.grown, other.grown);
  }

  /** Adds threads of a name; names beyond the bound are "other", as programs may number theirs. */
  addThreads(name: string, counts: Counts, threads: number): void {
    const known = this.threadsByName.has(name) || this.threadsByName.size < threadNamesAtMost;
    const key = known ? name : otherName;
    let group = this.threadsByName.get(key);
    if (group === undefined) {
      group = { counts: unknownCounts(), threads: 0 };
      this.threadsByName.set(key, group);
    }
    group.threads += threads;
    addCounts(group.counts, counts);
  }
}

/** The sum of what is known; undefined where neither is. */
export function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : a + (b ?? 0);
}

/** The larger of two; undefined where neither is known. */
export function worst(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.max(a, b);
}

/** The group that sums up what the bounds leave out. */
export const otherName = 'other';

// Programs that number their threads would have a name for each.
const threadNamesAtMost = 50;

/** How many groups have series of their own. */
export interface Bounds {
  readonly maxGroups: number;
  /** Only so many, those with the most of `topBy`; 0 for all. */
  readonly top: number;
  readonly topBy: 'cpu' | 'memory';
  /** Whether a group without processes keeps its series. */
  readonly keepEmpty: boolean;
}

/** A group with series of its own. */
export interface Served {
  readonly name: string;
  /** What it has counted since it was first seen. */
  readonly counts: Counts;
  readonly threadCounts: Map<string, Counts>;
  found: Found;
}

interface Known extends Served {
  rank: number;
}

// How much of the CPU time of the run before still counts, so that one quiet run does not cost a group its place.
const memory = 0.8;

/** Keeps what the groups have counted from run to run. */
export class Groups {
  readonly #bounds: Bounds;
  readonly #known = new Map<string, Known>();
  /** Groups with processes that were summed up in "other" at the last run. */
  merged = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** Takes what was found in a run, by the name of the group; gives the groups to serve, "other" the last. */
  settle(found: ReadonlyMap<string, Found>): Served[] {
    this.merged = 0;
    let rest: Found | undefined;
    const merge = (group: Found): void => {
      this.merged += 1;
      rest ??= new Found();
      rest.add(group);
    };
    if (!this.#bounds.keepEmpty) {
      for (const name of this.#known.keys()) if (!found.has(name) && name !== otherName) this.#known.delete(name);
    }
    for (const [name, group] of found) {
      if (name !== otherName && !this.#admit(name, found)) merge(group);
    }
    const own = this.#chosen(found);
    for (const known of this.#known.values()) {
      const group = found.get(known.name);
      if (own.has(known)) take(known, group ?? new Found());
      else if (group !== undefined && known.name !== otherName) merge(group);
    }
    const configured = found.get(otherName);
    if (configured !== undefined) (rest ??= new Found()).add(configured);
    let other = this.#known.get(otherName);
    if (rest !== undefined && other === undefined) {
      other = newlyKnown(otherName);
      this.#known.set(otherName, other);
    }
    if (other !== undefined) take(other, rest ?? new Found());
    return [...own, ...(other === undefined ? [] : [other])];
  }

  /** Whether a group has, or now gets, a place; one without processes gives way. */
  #admit(name: string, found: ReadonlyMap<string, Found>): boolean {
    if (this.#known.has(name)) return true;
    const places = this.#bounds.maxGroups + (this.#known.has(otherName) ? 1 : 0);
    if (this.#known.size >= places) {
      const empty = [...this.#known.keys()].find((known) => known !== otherName && !found.has(known));
      if (empty === undefined) return false;
      this.#known.delete(empty);
    }
    this.#known.set(name, newlyKnown(name));
    return true;
  }

  #chosen(found: ReadonlyMap<string, Found>): Set<Known> {
    const { top, topBy } = this.#bounds;
    const all = [...this.#known.values()].filter(({ name }) => name !== otherName);
    if (top === 0) return new Set(all);
    for (const known of all) {
      const group = found.get(known.name);
      if (topBy === 'memory') known.rank = group?.residentPages ?? 0;
      else known.rank = known.rank * memory + (group === undefined ? 0 : group.grown[0]! + group.grown[1]!);
    }
    // Among equals the order in which they were first seen decides, so that nothing moves without a reason.
    return new Set(all.toSorted((a, b) => b.rank - a.rank).slice(0, top));
  }
}

function newlyKnown(name: string): Known {
  return { name, counts: unknownCounts(), threadCounts: new Map(), found: new Found(), rank: 0 };
}

function take(known: Known, found: Found): void {
  known.found = found;
  addCounts(known.counts, found.grown);
  for (const name of known.threadCounts.keys()) if (!found.threadsByName.has(name)) known.threadCounts.delete(name);
  for (const [name, { counts }] of found.threadsByName) {
    let total = known.threadCounts.get(name);
    if (total === undefined) {
      total = unknownCounts();
      known.threadCounts.set(name, total);
    }
    addCounts(total, counts);
  }
}
