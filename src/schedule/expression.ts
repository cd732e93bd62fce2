/**
 * When something runs: cron expressions, and durations written as shorthand for them.
 *
 * Cron counts within its fields, so a period must divide the next larger unit: every 30 seconds can be said, every 90
 * cannot. node-cron takes a step larger than its field (every 90th second becomes second 0) and a backward range;
 * both are refused here.
 */
import { durationMs } from '../config/duration.ts';
import { parseCron, type ParsedFields } from './cron.ts';

/** A schedule that was understood. */
export interface Schedule {
  /** As the user wrote it. */
  readonly source: string;
  /** The six-field cron expression that it means. */
  readonly expression: string;
  /** The longest time between two ticks, in milliseconds, about so where it names days of the month; staleness counts in these. */
  readonly periodMs: number;
  /** How far behind the tick a slot may be put, in milliseconds, so that slots of one schedule do not burst. */
  readonly spreadMs: number;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const units = [
  { name: 's', ms: second, cycle: 60, expression: (step: number) => `*/${step} * * * * *` },
  { name: 'm', ms: minute, cycle: 60, expression: (step: number) => `0 */${step} * * * *` },
  { name: 'h', ms: hour, cycle: 24, expression: (step: number) => `0 0 */${step} * * *` },
] as const;

/** Every period that cron can express, as text and in milliseconds, shortest first. */
const periods: readonly { text: string; ms: number; expression: string }[] = [
  ...units.flatMap(({ name, ms, cycle, expression }) =>
    Array.from({ length: cycle - 1 }, (_, index) => index + 1)
      .filter((step) => cycle % step === 0)
      .map((step) => ({ text: `${step}${name}`, ms: step * ms, expression: expression(step) })),
  ),
  { text: '1d', ms: day, expression: '0 0 0 * * *' },
  { text: '1w', ms: 7 * day, expression: '0 0 0 * * 0' },
];

// A written cron expression names the moments that its author wants; slots stay close behind them.
const longestSpreadOfCron = minute;

const nicknames: Readonly<Record<string, string>> = {
  '@yearly': '0 0 0 1 1 *',
  '@annually': '0 0 0 1 1 *',
  '@monthly': '0 0 0 1 * *',
  '@weekly': '0 0 0 * * 0',
  '@daily': '0 0 0 * * *',
  '@midnight': '0 0 0 * * *',
  '@hourly': '0 0 * * * *',
};

const fieldNames = ['seconds', 'minutes', 'hours', 'day of month', 'month', 'day of week'] as const;
const fieldRanges = [
  [0, 59],
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
] as const;

/** What node-cron lets pass and means something else than was written. */
function misread(fields: readonly string[]): string | undefined {
  for (const [index, field] of fields.entries()) {
    const [low, high] = fieldRanges[index]!;
    for (const part of field.split(',')) {
      const step = /\/(\d+)$/.exec(part)?.[1];
      if (step !== undefined && Number(step) > high - low) {
        return `step ${step} is larger than the ${fieldNames[index]} field (${low}-${high})`;
      }
      const [, from, to] = /^(\d+)-(\d+)/.exec(part) ?? [];
      if (from !== undefined && Number(from) > Number(to)) {
        return `range ${from}-${to} of the ${fieldNames[index]} field runs backwards`;
      }
    }
  }
  return undefined;
}

/** The values of a field that names each once, in their order. */
function ascending(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

/** The shortest and the longest gap between ticks within a day, the step over midnight included. */
function gapsOfDay(fields: ParsedFields): { min: number; max: number } {
  const [seconds, minutes, hours] = [ascending(fields.second), ascending(fields.minute), ascending(fields.hour)];
  let first: number | undefined;
  let last = 0;
  let min = day;
  let max = 0;
  for (const h of hours) {
    for (const m of minutes) {
      for (const s of seconds) {
        const at = h * hour + m * minute + s * second;
        if (first === undefined) first = at;
        else {
          min = Math.min(min, at - last);
          max = Math.max(max, at - last);
        }
        last = at;
      }
    }
  }
  const overMidnight = day - last + (first ?? 0);
  return { min: Math.min(min, overMidnight), max: Math.max(max, overMidnight) };
}

/** The longest time from a day with ticks to the next, in days; about so where days are named by the month. */
function longestDayGap(fields: ParsedFields): number {
  if (fields.month.length < 12) return 366;
  if (fields.dayOfMonth.length < 31) return 31;
  const weekdays = [...new Set(fields.dayOfWeek.map((value) => (typeof value === 'number' ? value % 7 : value)))];
  if (weekdays.length >= 7) return 1;
  const numbers = weekdays.filter((value) => typeof value === 'number').toSorted((a, b) => a - b);
  if (numbers.length < weekdays.length || numbers.length === 0) return 31;
  return Math.max(...numbers.map((value, index) => ((numbers[(index + 1) % numbers.length]! - value + 6) % 7) + 1));
}

function fromDuration(source: string, ms: number): Schedule | { problem: string } {
  const exact = periods.find((period) => period.ms === ms);
  if (exact !== undefined) return { source, expression: exact.expression, periodMs: ms, spreadMs: ms };
  const below = periods.findLast((period) => period.ms < ms);
  const above = periods.find((period) => period.ms > ms);
  const nearest = [below, above].flatMap((period) => (period === undefined ? [] : [`"${period.text}"`]));
  const verb = nearest.length > 1 ? 'are' : 'is';
  return { problem: `"${source}" is not a period that cron can express; the nearest ${verb} ${nearest.join(' and ')}` };
}

/** Reads a schedule: five or six cron fields, a nickname such as `@hourly`, or a duration. */
export function parseSchedule(source: string): Schedule | { problem: string } {
  const text = source.trim();
  const ms = durationMs(text);
  if (ms !== undefined) return fromDuration(text, ms);
  const fields = (nicknames[text.toLowerCase()] ?? text).split(/\s+/);
  const six = fields.length === 5 ? ['0', ...fields] : fields;
  const parsed = parseCron(six.join(' '));
  if ('problem' in parsed) {
    const hint = /\s|@/.test(text) ? '' : '; write a duration like "30s" or a cron expression like "*/30 * * * * *"';
    return { problem: `"${text}": ${parsed.problem}${hint}` };
  }
  const mistake = misread(six);
  if (mistake !== undefined) return { problem: mistake };
  const gaps = gapsOfDay(parsed.fields);
  return {
    source: text,
    expression: six.join(' '),
    periodMs: Math.max(gaps.max, longestDayGap(parsed.fields) * day - day + Math.min(gaps.max, day)),
    spreadMs: Math.min(gaps.min, longestSpreadOfCron),
  };
}
