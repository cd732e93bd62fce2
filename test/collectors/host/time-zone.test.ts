import { expect, test } from 'vitest';
import { byRule, zoneTimeAt } from '../../../collectors/host/time-zone.ts';

const secondsOf = (iso: string): number => Date.parse(iso) / 1000;

interface Zone {
  version: '' | '2';
  types: readonly { offset: number; name: string }[];
  transitions: readonly { at: number; type: number }[];
  rule?: string;
}

/** A compiled zone, as zic writes it. */
function compiled({ version, types, transitions, rule = '' }: Zone): Buffer {
  const names = types.map(({ name }) => `${name}\0`);
  const block = (timeLength: number): Buffer => {
    const header = Buffer.alloc(44);
    header.write(`TZif${version}`);
    header.writeUInt32BE(transitions.length, 32);
    header.writeUInt32BE(types.length, 36);
    header.writeUInt32BE(names.join('').length, 40);
    const times = transitions.map(({ at }) => {
      const time = Buffer.alloc(8);
      time.writeBigInt64BE(BigInt(at));
      return time.subarray(8 - timeLength);
    });
    const records = types.map(({ offset }, index) => {
      const record = Buffer.alloc(6);
      record.writeInt32BE(offset);
      record.writeUInt8(names.slice(0, index).join('').length, 5);
      return record;
    });
    return Buffer.concat([
      header,
      ...times,
      Buffer.from(transitions.map(({ type }) => type)),
      ...records,
      Buffer.from(names.join('')),
    ]);
  };
  return version === '' ? block(4) : Buffer.concat([block(4), block(8), Buffer.from(`\n${rule}\n`)]);
}

const types = [
  { offset: 3208, name: 'LMT' },
  { offset: 3600, name: 'CET' },
  { offset: 7200, name: 'CEST' },
];
const transitions = [
  { at: -2_000_000_000, type: 1 },
  { at: 300_000_000, type: 2 },
  { at: 310_000_000, type: 1 },
];

test.each([
  [-2_100_000_000, 'LMT', 3208],
  [-2_000_000_000, 'CET', 3600],
  [299_999_999, 'CET', 3600],
  [300_000_000, 'CEST', 7200],
  [310_000_000, 'CET', 3600],
  [1_700_000_000, 'CET', 3600],
])('finds what the table says for %i', (seconds, abbreviation, offsetSeconds) => {
  expect(zoneTimeAt(compiled({ version: '', types, transitions }), seconds)).toEqual({ abbreviation, offsetSeconds });
  expect(zoneTimeAt(compiled({ version: '2', types, transitions }), seconds)).toEqual({ abbreviation, offsetSeconds });
});

test('follows the rule after the last transition', () => {
  const zone = compiled({ version: '2', types, transitions, rule: 'EST5EDT,M3.2.0,M11.1.0' });

  expect(zoneTimeAt(zone, 305_000_000)?.abbreviation).toBe('CEST');
  expect(zoneTimeAt(zone, secondsOf('2026-07-01T00:00:00Z'))).toEqual({ abbreviation: 'EDT', offsetSeconds: -14_400 });
});

test('answers nothing for a file that is cut short or is no zone', () => {
  const zone = compiled({ version: '2', types, transitions });

  for (const length of [0, 4, 20, 43, 50, 100]) expect(zoneTimeAt(zone.subarray(0, length), 0)).toBeUndefined();
  expect(zoneTimeAt(Buffer.from('# not a zone\n'), 0)).toBeUndefined();
});

test.each([
  // Berlin: the change is at 01:00 UTC on the last Sundays of March and October.
  ['CET-1CEST,M3.5.0,M10.5.0/3', '2026-03-29T00:59:59Z', 'CET', 3600],
  ['CET-1CEST,M3.5.0,M10.5.0/3', '2026-03-29T01:00:00Z', 'CEST', 7200],
  ['CET-1CEST,M3.5.0,M10.5.0/3', '2026-10-25T00:59:59Z', 'CEST', 7200],
  ['CET-1CEST,M3.5.0,M10.5.0/3', '2026-10-25T01:00:00Z', 'CET', 3600],
  // New York: the second Sunday of March, the first of November.
  ['EST5EDT,M3.2.0,M11.1.0', '2026-03-08T06:59:59Z', 'EST', -18_000],
  ['EST5EDT,M3.2.0,M11.1.0', '2026-03-08T07:00:00Z', 'EDT', -14_400],
  // Sydney: summer spans the new year.
  ['AEST-10AEDT,M10.1.0,M4.1.0/3', '2026-01-01T00:00:00Z', 'AEDT', 39_600],
  ['AEST-10AEDT,M10.1.0,M4.1.0/3', '2026-06-01T00:00:00Z', 'AEST', 36_000],
  // Dublin calls summer the standard, and winter the exception of one hour less.
  ['IST-1GMT0,M10.5.0,M3.5.0/1', '2026-01-01T00:00:00Z', 'GMT', 0],
  ['IST-1GMT0,M10.5.0,M3.5.0/1', '2026-07-01T00:00:00Z', 'IST', 3600],
  // Without a rule for summer; offsets of half an hour; names that are numbers.
  ['<+0530>-5:30', '2026-07-01T00:00:00Z', '+0530', 19_800],
  ['<-03>3', '2026-07-01T00:00:00Z', '-03', -10_800],
  // Changes before midnight of the day named, and after it (Greenland).
  ['<-02>2<-01>,M3.5.0/-1,M10.5.0/0', '2026-03-29T00:59:59Z', '-02', -7200],
  ['<-02>2<-01>,M3.5.0/-1,M10.5.0/0', '2026-03-29T01:00:00Z', '-01', -3600],
  // Days of the year: J60 is always 1 March, 60 is so in leap years only.
  ['AAA0BBB,J60/0,J300', '2028-02-29T23:59:59Z', 'AAA', 0],
  ['AAA0BBB,J60/0,J300', '2028-03-01T00:00:00Z', 'BBB', 3600],
  ['AAA0BBB,59/0,300', '2028-02-29T00:00:00Z', 'BBB', 3600],
  ['AAA0BBB,59/0,300', '2027-02-28T23:59:59Z', 'AAA', 0],
])('reads the rule %s at %s', (rule, iso, abbreviation, offsetSeconds) => {
  expect(byRule(rule, secondsOf(iso))).toEqual({ abbreviation, offsetSeconds });
});

test.each(['', 'CET', 'CET-1CEST', 'CET-1CEST,M3.5.0', ':Europe/Berlin', '1'])('refuses the rule %j', (rule) => {
  expect(byRule(rule, 0)).toBeUndefined();
});
