/**
 * The history of checks: a row of bytes for each in one buffer, so that a run makes no object, a row can be moved and
 * written to disk as it is, and the budget is what it says.
 */
import { countRun, type Tally, tallyOf } from './availability.ts';
import { noSeconds, packGap, packSeconds, unpackGap, unpackSeconds } from './compact.ts';
import { fixed, type Layout } from './layout.ts';
import { counts, isSuccess, letterCodeOf, noRun } from './run-code.ts';

/** A run as the history takes it. */
export interface NotedRun {
  readonly code: number;
  /** Milliseconds since 1970. */
  readonly endedAt: number;
  readonly seconds: number;
  /** Seconds of each phase, in the prober's order; NaN where it was not reached. Only the first `phaseCount` count. */
  readonly phases: Float64Array;
  readonly phaseCount: number;
}

/** Runs as columns, oldest first. */
export interface RunColumns {
  readonly codes: number[];
  /** Milliseconds since 1970, of whole seconds. */
  readonly endedAt: number[];
  readonly seconds: number[];
}

/** Mean latencies by buckets, oldest first; `rows[0]` is of the whole run, the others are of its phases. */
export interface LatencyColumns {
  readonly times: number[];
  readonly rows: (number | undefined)[][];
}

// A strip is put together here: strings that are joined letter by letter are garbage by the megabyte.
const letters = Buffer.alloc(256);

/** Rows of one layout. */
export class CheckRows {
  readonly layout: Layout;
  readonly count: number;
  readonly #bytes: Uint8Array;
  readonly #words: Uint16Array;
  readonly #longs: Uint32Array;
  readonly #floats: Float32Array;
  readonly #doubles: Float64Array;

  constructor(layout: Layout, count: number) {
    this.layout = layout;
    this.count = count;
    const buffer = new ArrayBuffer(layout.stride * count);
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint16Array(buffer);
    this.#longs = new Uint32Array(buffer);
    this.#floats = new Float32Array(buffer);
    this.#doubles = new Float64Array(buffer);
  }

  get byteLength(): number {
    return this.#bytes.byteLength;
  }

  /** The bytes of some rows, as they are: whoever keeps them copies them. */
  bytes(from: number, to: number): Uint8Array {
    const { stride } = this.layout;
    return this.#bytes.subarray(from * stride, to * stride);
  }

  /** Notes a run. */
  note(row: number, run: NotedRun): void {
    const { runs, durations, gaps, codes, stride } = this.layout;
    const base = row * stride;
    const count = this.#longs[(base + fixed.runCount) / 4]!;
    const place = count % runs;
    const before = this.#doubles[(base + fixed.lastRunAt) / 8]!;
    const gap = count === 0 ? 0 : Math.floor(run.endedAt / 1000) - Math.floor(before / 1000);
    this.#words[(base + durations) / 2 + place] = packSeconds(run.seconds);
    this.#words[(base + gaps) / 2 + place] = packGap(gap);
    this.#bytes[base + codes + place] = run.code;
    this.#longs[(base + fixed.runCount) / 4] = count + 1;
    this.#doubles[(base + fixed.lastRunAt) / 8] = run.endedAt;
    if (counts(run.code)) countRun(this.#words, this.#longs, base, run.endedAt, isSuccess(run.code));
    if (isSuccess(run.code)) this.#noteLatency(base, run);
  }

  /** How many runs a row has seen. */
  runCount(row: number): number {
    return this.#longs[(row * this.layout.stride + fixed.runCount) / 4]!;
  }

  /** Since when it is up or down, and which; undefined where it is not known. */
  state(row: number): { readonly up: boolean; readonly sinceAt: number } | undefined {
    const base = row * this.layout.stride;
    const up = this.#bytes[base + fixed.up]!;
    return up === 0 ? undefined : { up: up === 1, sinceAt: this.#doubles[(base + fixed.sinceAt) / 8]! };
  }

  /** Notes that it counts as up or down from a moment on. */
  setState(row: number, up: boolean, sinceAt: number): void {
    const base = row * this.layout.stride;
    this.#bytes[base + fixed.up] = up ? 1 : 2;
    this.#doubles[(base + fixed.sinceAt) / 8] = sinceAt;
  }

  /** The last runs. */
  runs(row: number): RunColumns {
    const { runs, durations, gaps, codes, stride } = this.layout;
    const base = row * stride;
    const count = this.runCount(row);
    const known = Math.min(count, runs);
    const found: RunColumns = { codes: [], endedAt: [], seconds: [] };
    let second = Math.floor(this.#doubles[(base + fixed.lastRunAt) / 8]! / 1000);
    for (let index = 0; index < known; index += 1) {
      const place = (count - 1 - index) % runs;
      const code = this.#bytes[base + codes + place]!;
      // Older ones were forgotten when there were more checks.
      if (code === noRun) break;
      found.codes.push(code);
      found.endedAt.push(second * 1000);
      found.seconds.push(unpackSeconds(this.#words[(base + durations) / 2 + place]!) ?? 0);
      second -= unpackGap(this.#words[(base + gaps) / 2 + place]!);
    }
    found.codes.reverse();
    found.endedAt.reverse();
    found.seconds.reverse();
    return found;
  }

  /** The letters of the last runs, at most so many, oldest first. */
  strip(row: number, most: number): string {
    const { runs, codes, stride } = this.layout;
    const base = row * stride + codes;
    const count = this.runCount(row);
    let first = letters.length;
    for (let back = 1; back <= Math.min(count, runs, most, letters.length); back += 1) {
      const code = this.#bytes[base + ((count - back) % runs)]!;
      if (code === noRun) break;
      first -= 1;
      letters[first] = letterCodeOf(code);
    }
    return letters.toString('latin1', first);
  }

  /** What a window counts at a moment; `index` is its place in `windows`. */
  tally(row: number, index: number, now: number): Tally {
    return tallyOf(this.#words, this.#longs, row * this.layout.stride, index, now);
  }

  /** The latencies of the last hour at a moment. */
  latencies(row: number, now: number): LatencyColumns {
    const { latencyStepMs: step, latencySteps, latencyRows, stride, latencies, sums } = this.layout;
    const found: LatencyColumns = { times: [], rows: Array.from({ length: latencyRows }, () => []) };
    if (step === 0) return found;
    const base = row * stride;
    const current = this.#longs[(base + fixed.latencyBucket) / 4]!;
    const runs = this.#words[(base + fixed.latencyRuns) / 2]!;
    const newest = Math.floor(now / step);
    for (let bucket = newest - latencySteps + 1; bucket <= newest; bucket += 1) {
      found.times.push(bucket * step);
      const kept = bucket < current && bucket > current - latencySteps;
      for (let index = 0; index < latencyRows; index += 1) {
        const value = kept
          ? unpackSeconds(this.#words[(base + latencies) / 2 + index * latencySteps + (bucket % latencySteps)]!)
          : bucket === current && runs > 0
            ? meanOf(this.#floats[(base + sums) / 4 + index]!, runs)
            : undefined;
        found.rows[index]!.push(value);
      }
    }
    return found;
  }

  /** When the last run ended, in ms since 1970; 0 where there was none. */
  lastRunAt(row: number): number {
    return this.#doubles[(row * this.layout.stride + fixed.lastRunAt) / 8]!;
  }

  /** Takes over a row of another table, as much of it as fits. */
  adopt(row: number, from: CheckRows, fromRow: number): void {
    const source = from.bytes(fromRow, fromRow + 1);
    const base = row * this.layout.stride;
    if (sameLayout(from.layout, this.layout)) {
      this.#bytes.set(source, base);
      return;
    }
    this.#bytes.set(source.subarray(0, this.layout.sums), base);
    this.#adoptRuns(row, from, fromRow);
    this.#adoptLatencies(base, from, fromRow);
  }

  #adoptRuns(row: number, from: CheckRows, fromRow: number): void {
    const { runs, durations, gaps, codes, stride } = this.layout;
    const theirs = from.layout;
    const base = row * stride;
    const theirBase = fromRow * theirs.stride;
    const count = this.runCount(row);
    for (let run = Math.max(0, count - Math.min(runs, theirs.runs)); run < count; run += 1) {
      const place = run % runs;
      const theirPlace = run % theirs.runs;
      this.#words[(base + durations) / 2 + place] = from.#words[(theirBase + theirs.durations) / 2 + theirPlace]!;
      this.#words[(base + gaps) / 2 + place] = from.#words[(theirBase + theirs.gaps) / 2 + theirPlace]!;
      this.#bytes[base + codes + place] = from.#bytes[theirBase + theirs.codes + theirPlace]!;
    }
  }

  #adoptLatencies(base: number, from: CheckRows, fromRow: number): void {
    const { latencyStepMs: step, latencySteps, latencyRows, latencies, sums } = this.layout;
    this.#words[(base + fixed.latencyRuns) / 2] = 0;
    if (step === 0 || from.layout.latencyStepMs === 0) return;
    const until = from.#longs[(fromRow * from.layout.stride + fixed.latencyBucket) / 4]! * from.layout.latencyStepMs;
    const current = Math.floor(until / step);
    this.#longs[(base + fixed.latencyBucket) / 4] = current;
    const { times, rows } = from.latencies(fromRow, until);
    for (let index = 0; index < latencyRows; index += 1) {
      const means = meansBy(step, times, rows[index] ?? []);
      for (const [bucket, mean] of means) {
        if (bucket <= current - latencySteps || bucket === current) continue;
        this.#words[(base + latencies) / 2 + index * latencySteps + (bucket % latencySteps)] = packSeconds(mean);
      }
      // The bucket under way goes on as if it had seen one run.
      const mean = means.get(current);
      if (index === 0 && mean !== undefined) this.#words[(base + fixed.latencyRuns) / 2] = 1;
      const underWay = this.#words[(base + fixed.latencyRuns) / 2] === 1;
      this.#floats[(base + sums) / 4 + index] = mean ?? (underWay ? NaN : 0);
    }
  }

  #noteLatency(base: number, { endedAt, seconds, phases, phaseCount }: NotedRun): void {
    const { latencyStepMs: step, latencySteps, latencyRows, sums } = this.layout;
    if (step === 0) return;
    const place = (base + fixed.latencyBucket) / 4;
    const bucket = Math.floor(endedAt / step);
    const current = this.#longs[place]!;
    if (bucket > current || bucket < current - latencySteps) this.#closeLatency(base, current, bucket);
    this.#words[(base + fixed.latencyRuns) / 2]! += 1;
    this.#floats[(base + sums) / 4]! += seconds;
    for (let index = 1; index < latencyRows; index += 1) {
      this.#floats[(base + sums) / 4 + index]! += index <= phaseCount ? phases[index - 1]! : NaN;
    }
  }

  /** Puts the means of the bucket that is over in their place and empties those that nothing ran in. */
  #closeLatency(base: number, current: number, next: number): void {
    const { latencySteps, latencyRows, sums, latencies } = this.layout;
    const runs = this.#words[(base + fixed.latencyRuns) / 2]!;
    const passed = next > current ? Math.min(next - current, latencySteps) : latencySteps;
    for (let index = 0; index < latencyRows; index += 1) {
      const words = (base + latencies) / 2 + index * latencySteps;
      const mean = meanOf(this.#floats[(base + sums) / 4 + index]!, runs);
      for (let back = 0; back < passed; back += 1) this.#words[words + ((next - back) % latencySteps)] = noSeconds;
      if (runs > 0 && passed < latencySteps && mean !== undefined) {
        this.#words[words + (current % latencySteps)] = packSeconds(mean);
      }
      this.#floats[(base + sums) / 4 + index] = 0;
    }
    this.#words[(base + fixed.latencyRuns) / 2] = 0;
    this.#longs[(base + fixed.latencyBucket) / 4] = next;
  }
}

/** The means of values over buckets of another width, by the number of the bucket. */
function meansBy(step: number, times: readonly number[], values: readonly (number | undefined)[]): Map<number, number> {
  const found = new Map<number, { sum: number; count: number }>();
  for (const [index, time] of times.entries()) {
    const value = values[index];
    if (value === undefined) continue;
    const bucket = found.get(Math.floor(time / step)) ?? { sum: 0, count: 0 };
    found.set(Math.floor(time / step), { sum: bucket.sum + value, count: bucket.count + 1 });
  }
  return new Map([...found].map(([bucket, { sum, count }]) => [bucket, sum / count]));
}

function meanOf(sum: number, runs: number): number | undefined {
  return Number.isNaN(sum) ? undefined : sum / runs;
}

/** Whether rows of two layouts are alike byte by byte. */
export function sameLayout(a: Layout, b: Layout): boolean {
  return a.runs === b.runs && a.latencyStepMs === b.latencyStepMs && a.latencyRows === b.latencyRows;
}
