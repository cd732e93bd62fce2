/** Lengths of time in two bytes each: ten thousand checks are remembered, and a chart needs no more. */

// Steps of 0.035 %, from a microsecond to about three hours.
const smallest = 1e-6;
const steps = 65_534;
const perStep = Math.log(1e4 / smallest) / steps;

/** No value. */
export const noSeconds = 0;

/** A length of time on a logarithmic scale; never `noSeconds`. */
export function packSeconds(seconds: number): number {
  if (!(seconds > smallest)) return 1;
  return Math.min(steps + 1, 1 + Math.round(Math.log(seconds / smallest) / perStep));
}

/** Back again, in seconds, rounded to what is known of it; undefined for `noSeconds`. */
export function unpackSeconds(packed: number): number | undefined {
  if (packed === noSeconds) return undefined;
  return packed === 1 ? 0 : Number((smallest * Math.exp((packed - 1) * perStep)).toPrecision(4));
}

// Whole seconds to nine hours, whole minutes from there to a month.
const minutesFrom = 0x8000;
const second = 1;
const minute = 60 * second;

/** The time between two runs, of whole seconds. */
export function packGap(seconds: number): number {
  if (seconds <= 0) return 0;
  if (seconds < minutesFrom) return seconds;
  return Math.min(0xffff, minutesFrom + Math.round((seconds - minutesFrom) / minute));
}

/** Back again. */
export function unpackGap(packed: number): number {
  return packed < minutesFrom ? packed : minutesFrom + (packed - minutesFrom) * minute;
}
