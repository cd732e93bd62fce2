/** The counters of a row from which availability is told: successes and runs, by buckets of each window. */
import { fixed, windows } from './layout.ts';

/** Successes and runs of a window. */
export interface Tally {
  readonly successes: number;
  readonly runs: number;
}

/** Counts a run of the row that begins at `base`, in bytes; the two arrays show the same bytes. */
export function countRun(
  words: Uint16Array,
  longs: Uint32Array,
  base: number,
  endedAt: number,
  success: boolean,
): void {
  for (let index = 0; index < windows.length; index += 1) {
    const bucket = openBucket(words, longs, base, index, endedAt);
    // Full after 65,535 runs: from there the share stays what it is.
    if (words[bucket + 1] === 0xffff) continue;
    if (success) words[bucket]! += 1;
    words[bucket + 1]! += 1;
  }
}

/** What a window counts at a moment; `index` is its place in `windows`. */
export function tallyOf(words: Uint16Array, longs: Uint32Array, base: number, index: number, now: number): Tally {
  const { stepMs, buckets } = windows[index]!;
  const last = longs[(base + fixed.windowBuckets) / 4 + index]!;
  const oldest = Math.max(last, Math.floor(now / stepMs)) - buckets;
  const start = startOf(base, index);
  let successes = 0;
  let runs = 0;
  for (let bucket = last; bucket > oldest; bucket -= 1) {
    const at = start + 2 * (bucket % buckets);
    successes += words[at]!;
    runs += words[at + 1]!;
  }
  return { successes, runs };
}

/** The place of the bucket of a moment, in words; those that nothing ran in since the last are emptied. */
function openBucket(words: Uint16Array, longs: Uint32Array, base: number, index: number, at: number): number {
  const { stepMs, buckets } = windows[index]!;
  const place = (base + fixed.windowBuckets) / 4 + index;
  const start = startOf(base, index);
  const bucket = Math.floor(at / stepMs);
  const last = longs[place]!;
  // Set back a little, the clock counts on in the last one; far back, what was counted is of no time that is known.
  if (bucket <= last && bucket >= last - buckets) return start + 2 * (last % buckets);
  const stale = bucket > last ? Math.min(bucket - last, buckets) : buckets;
  for (let passed = 0; passed < stale; passed += 1) {
    const emptied = start + 2 * ((bucket - passed) % buckets);
    words[emptied] = 0;
    words[emptied + 1] = 0;
  }
  longs[place] = bucket;
  return start + 2 * (bucket % buckets);
}

/** Where the counters of a window begin, in words. */
function startOf(base: number, index: number): number {
  let start = (base + fixed.windows) / 2;
  for (let before = 0; before < index; before += 1) start += 2 * windows[before]!.buckets;
  return start;
}
