/** Numbers for people: sizes in powers of 1024, rates, shares, lengths of time. What is not known is a dash. */

/** Shown in place of a value that is not known. */
export const unknown = '–';

const sizes = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Three figures, as `9.87`, `98.7`, `987`, so that what changes keeps its width; whole numbers as they are. */
function figures(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value)) return `${value}`;
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

/** A size such as `1.5 GiB`. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return unknown;
  let size = value;
  let step = 0;
  while (Math.abs(size) >= 999.5 && step < sizes.length - 1) {
    size /= 1024;
    step += 1;
  }
  return `${step === 0 ? Math.round(size) : figures(size)} ${sizes[step]}`;
}

/** A rate such as `1.5 MiB/s`. */
export function byteRate(value: number | null | undefined): string {
  return value === null || value === undefined ? unknown : `${bytes(value)}/s`;
}

/** A ratio as `42 %`, below ten with one decimal, so that it is as wide from one second to the next. */
export function percent(ratio: number | null | undefined): string {
  if (ratio === null || ratio === undefined) return unknown;
  const value = ratio * 100;
  return `${value !== 0 && Math.abs(value) < 9.95 ? value.toFixed(1) : Math.round(value)} %`;
}

/** An availability: `100 %` only where nothing failed, so it is cut off, never rounded up. */
export function availability(ratio: number | null | undefined): string {
  if (ratio === null || ratio === undefined) return unknown;
  if (ratio >= 1) return '100 %';
  // Within floating point, 0.999 * 10,000 is a hair below 9,990.
  return `${(Math.floor(ratio * 10_000 + 1e-6) / 100).toFixed(2)} %`;
}

const parts: readonly (readonly [unit: string, seconds: number])[] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/** A length of time with its two largest units: `3 d 4 h`, `12 min 5 s`, `8 s`. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const first = parts.findIndex(([, size]) => whole >= size);
  if (first === -1) return '0 s';
  const [unit, size] = parts[first]!;
  const rest = parts[first + 1];
  const main = `${Math.floor(whole / size)} ${unit}`;
  const more = rest === undefined ? 0 : Math.floor((whole % size) / rest[1]);
  return more === 0 ? main : `${main} ${more} ${rest![0]}`;
}

/** A length of time with its largest unit only: `3 d`, `12 min`. */
export function briefSpan(seconds: number): string {
  return span(seconds).split(' ').slice(0, 2).join(' ');
}

/** How long something took: `0.4 ms`, `23 ms`, `1.24 s`. */
export function took(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return unknown;
  if (seconds === 0) return '0 ms';
  if (seconds < 0.9995) {
    const ms = seconds * 1000;
    return `${ms < 9.95 ? ms.toFixed(1) : Math.round(ms)} ms`;
  }
  return seconds < 100 ? `${figures(seconds)} s` : span(seconds);
}

/** How long ago a moment is. */
export function ago(at: number, now: number): string {
  const seconds = Math.floor((now - at) / 1000);
  return seconds < 1 ? 'now' : `${briefSpan(seconds)} ago`;
}

/** How long until a moment; one that has passed is due. */
export function ahead(at: number, now: number): string {
  const seconds = Math.ceil((at - now) / 1000);
  return seconds < 1 ? 'due' : `in ${briefSpan(seconds)}`;
}

const dayMs = 86_400_000;

const clockShape = { hour: '2-digit', minute: '2-digit' } as const;
const secondsShape = { ...clockShape, second: '2-digit' } as const;
const dayShape = { day: 'numeric', month: 'short', year: 'numeric' } as const;
const fullShape = { weekday: 'short', ...dayShape, ...secondsShape, timeZoneName: 'short' } as const;

// To make one takes longer than to use it a hundred times.
const formats = new Map<string, Intl.DateTimeFormat>();

function inShape(shape: Intl.DateTimeFormatOptions, at: number, zone: string | undefined): string {
  const key = `${Object.keys(shape).join()} ${zone}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', { ...shape, ...(zone === undefined ? {} : { timeZone: zone }) });
    formats.set(key, format);
  }
  return format.format(at);
}

/** A moment of a day on the clock of the reader, `14:03`. */
export function hoursMinutes(at: number, zone?: string): string {
  return inShape(clockShape, at, zone);
}

/** The same to the second, `14:03:22`. */
export function hoursMinutesSeconds(at: number, zone?: string): string {
  return inShape(secondsShape, at, zone);
}

/** A moment on the clock of the reader: `14:03`, with the day where that is not today's. */
export function clock(at: number, now: number, zone?: string): string {
  const time = hoursMinutes(at, zone);
  const date = inShape(dayShape, at, zone);
  if (date === inShape(dayShape, now, zone)) return time;
  return `${now - at < 300 * dayMs ? date.replace(/ \d{4}$/, '') : date}, ${time}`;
}

/** A moment to the second with its zone, for those who want to know. */
export function fullTime(at: number, zone?: string): string {
  return inShape(fullShape, at, zone);
}

/** Whole days until a moment; negative once it has passed. */
export function daysUntil(at: number, now: number): number {
  return Math.floor((at - now) / dayMs);
}

const numbers = new Intl.NumberFormat('en');

/** A whole number, `5,000`. */
export function grouped(number: number): string {
  return numbers.format(number);
}

/** `1 check`, `12 checks`, `5,000 checks`. */
export function count(number: number, noun: string): string {
  return `${grouped(number)} ${noun}${number === 1 ? '' : 's'}`;
}
