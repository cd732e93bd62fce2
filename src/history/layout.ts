/**
 * How much is remembered of each check, and where it lies in the check's row of bytes.
 *
 * The budget holds: with more checks each has fewer and coarser latencies, then fewer runs; when even that is too much, the
 * last checks of the config have no history.
 */

/** Windows of availability: buckets of `stepMs`, the one under way included. Each is two counters of two bytes. */
export const windows = [
  { name: 'hour', stepMs: 5 * 60_000, buckets: 13 },
  { name: 'day', stepMs: 3_600_000, buckets: 25 },
  { name: 'week', stepMs: 6 * 3_600_000, buckets: 29 },
] as const;

/** Where the fixed part of a row has what; offsets in bytes. */
export const fixed = {
  /** When it turned up or down, in ms since 1970; 0 where it never did. */
  sinceAt: 0,
  lastRunAt: 8,
  runCount: 16,
  /** 0 not known, 1 up, 2 down. */
  up: 20,
  /** Runs in the latency bucket under way. */
  latencyRuns: 22,
  /** The number of that bucket: time by its step. */
  latencyBucket: 24,
  /** The number of the bucket under way of each window. */
  windowBuckets: 28,
  windows: 40,
} as const;

const windowBytes = windows.reduce((sum, { buckets }) => sum + buckets * 4, 0);
const fixedBytes = fixed.windows + windowBytes;

/** What a row has, and where. */
export interface Layout {
  /** How many runs. */
  readonly runs: number;
  /** Width of a latency bucket; 0 where there are none. */
  readonly latencyStepMs: number;
  readonly latencySteps: number;
  /** Series of latencies: the whole run, and each phase of the prober that has most. */
  readonly latencyRows: number;
  /** Offsets in bytes. */
  readonly sums: number;
  readonly durations: number;
  readonly gaps: number;
  readonly latencies: number;
  readonly codes: number;
  /** Bytes of a row. */
  readonly stride: number;
}

/** Lays out a row. */
export function layoutOf(runs: number, latencyMinutes: number, latencyRows: number): Layout {
  const latencySteps = latencyMinutes === 0 ? 0 : Math.ceil(60 / latencyMinutes) + 1;
  const sums = fixedBytes;
  const durations = sums + 4 * latencyRows;
  const gaps = durations + 2 * runs;
  const latencies = gaps + 2 * runs;
  const codes = latencies + 2 * latencyRows * latencySteps;
  const stride = Math.ceil((codes + runs) / 8) * 8;
  const latencyStepMs = latencyMinutes * 60_000;
  return { runs, latencyStepMs, latencySteps, latencyRows, sums, durations, gaps, latencies, codes, stride };
}

/** From all that is shown to the least, as runs and minutes of a latency bucket. */
const depths = [
  [60, 1],
  [60, 2],
  [60, 5],
  [60, 10],
  [40, 10],
  [30, 15],
  [20, 30],
  [10, 60],
  [10, 0],
] as const;

/** The deepest layout that so many checks have room for, and how many of them have if there is none for all. */
export function fitLayout(bytes: number, checks: number, latencyRows: number): { layout: Layout; rows: number } {
  for (const [runs, minutes] of depths) {
    const layout = layoutOf(runs, minutes, latencyRows);
    if (checks * layout.stride <= bytes) return { layout, rows: checks };
  }
  const layout = layoutOf(depths.at(-1)![0], 0, latencyRows);
  return { layout, rows: Math.max(0, Math.floor(bytes / layout.stride)) };
}

/** The deepest layout of all. */
export function isDeepest({ runs, latencyStepMs }: Layout): boolean {
  return runs === depths[0][0] && latencyStepMs === depths[0][1] * 60_000;
}
