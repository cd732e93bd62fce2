/**
 * Maintenance windows: a cron expression says when one opens, a duration how long it stays open.
 *
 * Whether one is open follows from its last opening, which is looked for minute by minute, but never twice in the same
 * minutes. An opening that summer time skips does not happen; one that it repeats happens twice.
 */
import type { MaintenanceWindow } from '../config/config.ts';
import { parseCron } from '../schedule/cron.ts';

const second = 1000;
const minute = 60 * second;
// Zones change their offset on a quarter of an hour of UTC.
const quarter = 15 * minute;

interface Openings {
  readonly seconds: readonly number[];
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
}

function numbers(values: readonly (number | string)[]): number[] {
  return values.filter((value) => typeof value === 'number');
}

function openingsOf(expression: string): Openings {
  const parsed = parseCron(expression);
  if ('problem' in parsed) throw new Error(parsed.problem);
  const { fields } = parsed;
  return {
    seconds: [...fields.second].sort((a, b) => b - a),
    minutes: new Set(fields.minute),
    hours: new Set(fields.hour),
    days: new Set(numbers(fields.dayOfMonth)),
    months: new Set(fields.month),
    weekdays: new Set(numbers(fields.dayOfWeek).map((day) => day % 7)),
  };
}

/** Milliseconds to add to UTC for the wall clock of a zone, by quarters of an hour. */
function offsets(timezone: string): (at: number) => number {
  if (timezone === 'UTC') return () => 0;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  let known = NaN;
  let offset = 0;
  return (at) => {
    const start = Math.floor(at / quarter) * quarter;
    if (start === known) return offset;
    known = start;
    const parts = Object.fromEntries(format.formatToParts(start).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    offset = Date.UTC(year, month - 1, day, hour, minute, second) - start;
    return offset;
  };
}

/** One window, open or not. */
export class Maintenance {
  readonly #openings: Openings;
  readonly #offset: (at: number) => number;
  readonly #durationMs: number;
  #searchedUntil = -Infinity;
  #openedAt = -Infinity;

  constructor({ schedule, durationMs, timezone }: MaintenanceWindow) {
    this.#openings = openingsOf(schedule.expression);
    this.#offset = offsets(timezone);
    this.#durationMs = durationMs;
  }

  /** Whether the window is open at a moment, in milliseconds since 1970. */
  isOpen(now: number): boolean {
    if (now < this.#searchedUntil) {
      // The wall clock was set back.
      this.#searchedUntil = -Infinity;
      this.#openedAt = -Infinity;
    }
    const from = Math.max(this.#searchedUntil, now - this.#durationMs);
    this.#openedAt = this.#lastOpening(from, now) ?? this.#openedAt;
    this.#searchedUntil = now;
    return now < this.#openedAt + this.#durationMs;
  }

  /** The last opening after `from` and not after `to`. */
  #lastOpening(from: number, to: number): number | undefined {
    for (let start = Math.floor(to / minute) * minute; start > from - minute; start -= minute) {
      if (!this.#namesMinute(start + this.#offset(start))) continue;
      for (const each of this.#openings.seconds) {
        const at = start + each * second;
        if (at <= to && at > from) return at;
      }
    }
    return undefined;
  }

  /** Whether the expression names a minute of the wall clock, as node-cron reads it: all fields must agree. */
  #namesMinute(wall: number): boolean {
    const { minutes, hours, days, months, weekdays } = this.#openings;
    const date = new Date(wall);
    return (
      minutes.has(date.getUTCMinutes()) &&
      hours.has(date.getUTCHours()) &&
      days.has(date.getUTCDate()) &&
      months.has(date.getUTCMonth() + 1) &&
      weekdays.has(date.getUTCDay())
    );
  }
}
