/** Durations as Go's time package writes them, as in files of the programs that this one stands in for. */

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;
const whole = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;

/** The length in milliseconds; a bare number is in nanoseconds. Undefined where the text is no duration. */
export function goDurationMs(text: string): number | undefined {
  if (/^[+-]?\d+$/.test(text)) return Number(text) * 1e-6;
  if (!whole.test(text)) return undefined;
  let ms = 0;
  for (const [, number, unit] of text.matchAll(part)) ms += Number(number) * unitMs[unit!]!;
  return text.startsWith('-') ? -ms : ms;
}
