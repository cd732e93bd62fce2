/**
 * What node-cron asks of `Intl.DateTimeFormat`, without it where the time zone is UTC: the first use of the one in V8
 * costs 8 MB of memory, and each date fifty times as much as this. The bundle puts it in that place (scripts/build.mjs).
 */

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** A format of the parts of a date in English, with as many options as node-cron gives. */
export class DatePartsFormat {
  readonly #elsewhere: Intl.DateTimeFormat | undefined;

  constructor(locale: string, options: Intl.DateTimeFormatOptions) {
    if (options.timeZone !== 'UTC') this.#elsewhere = new Intl.DateTimeFormat(locale, options);
  }

  /** The parts, without those that only stand between them. */
  formatToParts(date: Date): { type: string; value: string }[] {
    if (this.#elsewhere !== undefined) return this.#elsewhere.formatToParts(date);
    return [
      { type: 'weekday', value: weekdays[date.getUTCDay()]! },
      { type: 'month', value: twoDigits(date.getUTCMonth() + 1) },
      { type: 'day', value: twoDigits(date.getUTCDate()) },
      { type: 'year', value: String(date.getUTCFullYear()) },
      { type: 'hour', value: twoDigits(date.getUTCHours()) },
      { type: 'minute', value: twoDigits(date.getUTCMinutes()) },
      { type: 'second', value: twoDigits(date.getUTCSeconds()) },
      { type: 'timeZoneName', value: 'GMT' },
    ];
  }
}
