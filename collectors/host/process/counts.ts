/** What the kernel counts of a process or a thread, and how counts of many make one that never falls. */
import type { ProcessStat } from './stat.ts';

/** The counts, in the order in which `Counts` holds them. Times are in clock ticks. */
export const countNames = [
  'user',
  'system',
  'minorFaults',
  'majorFaults',
  'readBytes',
  'writtenBytes',
  'voluntarySwitches',
  'involuntarySwitches',
] as const;

/** One of `countNames`. */
export type CountName = (typeof countNames)[number];

/** One number for each of `countNames`, NaN for one that could not be read. */
export type Counts = Float64Array;

/** Counts of which nothing is known. */
export function unknownCounts(): Counts {
  return new Float64Array(countNames.length).fill(Number.NaN);
}

/** Counts of what has not begun. */
export function zeroCounts(): Counts {
  return new Float64Array(countNames.length);
}

/** What the files beside stat tell; undefined for one that could not be read. */
export interface MoreCounts {
  readonly readBytes: number | undefined;
  readonly writtenBytes: number | undefined;
  readonly voluntarySwitches: number | undefined;
  readonly involuntarySwitches: number | undefined;
}

/** The counts of a process or a thread as the kernel has them now. */
export function countsOf(stat: ProcessStat, more: MoreCounts): Counts {
  return Float64Array.of(
    stat.userTicks,
    stat.systemTicks,
    stat.minorFaults,
    stat.majorFaults,
    more.readBytes ?? Number.NaN,
    more.writtenBytes ?? Number.NaN,
    more.voluntarySwitches ?? Number.NaN,
    more.involuntarySwitches ?? Number.NaN,
  );
}

/**
 * Adds to a sum what was counted since `before`, which becomes `now`. What is read for the first time adds nothing: it
 * may have been counted long ago. It makes the sum a known one, though.
 */
export function addGrowth(sum: Counts, before: Counts, now: Counts): void {
  for (let index = 0; index < now.length; index += 1) {
    const value = now[index]!;
    if (Number.isNaN(value)) continue;
    const since = before[index]!;
    const growth = Number.isNaN(since) ? 0 : Math.max(0, value - since);
    sum[index] = (Number.isNaN(sum[index]!) ? 0 : sum[index]!) + growth;
    before[index] = value;
  }
}

/** Adds one sum to another; what only one of them knows is known. */
export function addCounts(sum: Counts, more: Counts): void {
  for (let index = 0; index < more.length; index += 1) {
    if (Number.isNaN(more[index]!)) continue;
    sum[index] = (Number.isNaN(sum[index]!) ? 0 : sum[index]!) + more[index]!;
  }
}
