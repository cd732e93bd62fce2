import { expect, test } from 'vitest';
import { DatePartsFormat } from '../../../src/schedule/date-parts.ts';
import * as fc from '../../support/properties.ts';

const parts = { year: 'numeric', month: '2-digit', day: '2-digit', weekday: 'short' } as const;
const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false } as const;

/** The named parts, as node-cron reads them. */
function read(format: { formatToParts(date: Date): { type: string; value: string }[] }, date: Date) {
  const values = format.formatToParts(date).filter(({ type }) => type !== 'literal');
  const named = Object.fromEntries(values.map(({ type, value }) => [type, value]));
  // Some versions of Intl write midnight as 24.
  const midnight = named['hour'] === '24' ? { hour: '00' } : {};
  // node-cron takes one for the other.
  const greenwich = named['timeZoneName'] === 'GMT+0' ? { timeZoneName: 'GMT' } : {};
  return { ...named, ...midnight, ...greenwich };
}

test('says of any date in UTC what Intl says', () => {
  const options = { ...parts, ...time, timeZoneName: 'shortOffset', timeZone: 'UTC' } as const;
  const ours = new DatePartsFormat('en-US', options);
  const theirs = new Intl.DateTimeFormat('en-US', options);
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true }), (date) => {
      expect(read(ours, date)).toEqual(read(theirs, date));
    }),
  );
});

test('leaves other time zones to Intl', () => {
  const options = { ...parts, ...time, timeZone: 'Asia/Kolkata' } as const;
  const date = new Date('2026-03-01T23:45:06Z');

  expect(read(new DatePartsFormat('en-US', options), date)).toMatchObject({ day: '02', hour: '05', minute: '15' });
});
