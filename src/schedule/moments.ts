/**
 * When an expression is due. Most expressions name no hour and no day, so that each hour is like the others: their moments
 * are reckoned from the seconds of an hour. For all others node-cron is asked, which costs as much as several collectors.
 */
import type { Clock } from '../clock.ts';
import { cronMoments, type Moments, type ParsedFields, parseCron } from './cron.ts';

const hourMs = 3_600_000;

/** Those of an expression in a time zone, an IANA name; throws where it needs a zone that is unknown. */
export function momentsOf(expression: string, timezone: string, clock: Clock): Moments {
  const parsed = parseCron(expression);
  const marks = 'problem' in parsed ? undefined : marksOfEachHour(parsed.fields, timezone);
  return marks === undefined ? cronMoments(expression, timezone) : new HourlyMoments(marks, clock);
}

/**
 * The milliseconds of each hour at which an expression is due; undefined where hours differ. One that names no hour and no
 * day means the same moments in every zone whose offset is a whole number of hours, and has no gap when summer time ends
 * (node-cron waits an hour and a bit there).
 */
function marksOfEachHour(
  { second, minute, hour, dayOfMonth, month, dayOfWeek }: ParsedFields,
  timezone: string,
): number[] | undefined {
  const everyHour = hasAll(hour, 24) && hasAll(dayOfMonth, 31) && hasAll(month, 12) && hasAll(dayOfWeek, 7);
  if (!everyHour || !(hasAll(minute, 60) || wholeHours(timezone))) return undefined;
  return minute.flatMap((ofHour) => second.map((ofMinute) => (ofHour * 60 + ofMinute) * 1000)).sort((a, b) => a - b);
}

function hasAll(field: readonly unknown[], count: number): boolean {
  return new Set(field.filter((value) => typeof value === 'number')).size === count;
}

function wholeHours(timezone: string): boolean {
  if (timezone === 'UTC') return true;
  const year = new Date().getUTCFullYear();
  const minuteOf = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, minute: 'numeric' });
  return [0, 6].every((month) => Number(minuteOf.format(Date.UTC(year, month, 1))) === 0);
}

class HourlyMoments implements Moments {
  // A minute and more of the most frequent ones.
  readonly atOnce = 64;
  readonly #marks: readonly number[];
  readonly #clock: Clock;

  constructor(marks: readonly number[], clock: Clock) {
    this.#marks = marks;
    this.#clock = clock;
  }

  next(count: number): number[] {
    const now = this.#clock.now();
    let hour = Math.floor(now / hourMs) * hourMs;
    let place = this.#marks.findIndex((mark) => hour + mark > now);
    if (place === -1) {
      place = 0;
      hour += hourMs;
    }
    const moments: number[] = [];
    while (moments.length < count) {
      moments.push(hour + this.#marks[place]!);
      place += 1;
      if (place < this.#marks.length) continue;
      place = 0;
      hour += hourMs;
    }
    return moments;
  }

  close(): void {}
}
