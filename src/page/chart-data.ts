/** What a chart draws, and how values become columns of uPlot. */

/** A line of a chart. */
export interface ChartLine {
  readonly label: string;
  /** Which of the chart colours, from 1; the first is the strongest. */
  readonly colour: number;
  readonly values: readonly (number | null)[];
  /** A surface from the axis up; lines that are stacked always are. */
  readonly filled?: boolean;
}

/** A chart. */
export interface ChartData {
  /** Milliseconds since 1970, oldest first. */
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
  /** Each line stands on the ones before it. */
  readonly stacked: boolean;
  /** Values are averages that hold from their time to the next. */
  readonly stepped?: boolean;
  /** The top of the axis; where absent, what the values need. */
  readonly top?: number;
  /** The least that the axis shows, so that noise does not look like a mountain. */
  readonly least?: number;
}

/** Columns as uPlot takes them: seconds, then each line; of stacked lines, the sums, the topmost first. */
export type Columns = [times: number[], ...lines: (number | null)[][]];

/** Sums of each line and those before it; null where the line is. */
function stack(lines: readonly ChartLine[]): (number | null)[][] {
  const sums: number[] = [];
  return lines.map(({ values }) =>
    values.map((value, at) => {
      sums[at] = (sums[at] ?? 0) + (value ?? 0);
      return value === null ? null : sums[at];
    }),
  );
}

/** Columns for uPlot. The topmost sum is drawn first, so that each lower one covers its part of it. */
export function columnsOf({ times, lines, stacked }: ChartData): Columns {
  const columns = stacked ? stack(lines).toReversed() : lines.map(({ values }) => [...values]);
  return [times.map((time) => time / 1000), ...columns];
}

/** The highest point that the chart draws; 0 where it draws none. */
export function highest(data: ChartData): number {
  let most = 0;
  for (const column of columnsOf(data).slice(1)) for (const value of column) most = Math.max(most, value ?? 0);
  return most;
}

/** The last value of a line that is known, at the newest time of its chart or a little before it. */
export function latest(values: readonly (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null;
}

/** The top of a byte axis: a power of two times 1, 1.5, 2 or 3 that is not below `value`. */
export function topOf(value: number, steps: readonly number[], base: number): number {
  if (value <= 0) return 1;
  const power = base ** Math.floor(Math.log(value) / Math.log(base));
  return (steps.find((step) => step * power >= value) ?? base) * power;
}

const spans: readonly (readonly [minutes: number, words: string])[] = [
  [5, 'last 5 minutes'],
  [15, 'last 15 minutes'],
  [30, 'last half hour'],
];

/** The span of time that a chart shows: an hour, or less while there is less to show. */
export function spanOf(firstAt: number | undefined, until: number): { readonly ms: number; readonly words: string } {
  const known = until - (firstAt ?? until);
  const found = spans.find(([minutes]) => known <= minutes * 60_000);
  return found === undefined ? { ms: 3_600_000, words: 'last hour' } : { ms: found[0] * 60_000, words: found[1] };
}
