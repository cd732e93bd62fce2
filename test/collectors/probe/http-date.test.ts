import { expect, test } from 'vitest';
import { secondsOfHttpDate } from '../../../collectors/probe/http-date.ts';

test.each([
  ['Sun, 06 Nov 1994 08:49:37 GMT', 784_111_777],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 784_111_777],
  ['Sun Nov  6 08:49:37 1994', 784_111_777],
  ['sun, 06 NOV 1994 8:49:37.9 GMT', 784_111_777],
  ['Sunday, 06-Nov-68 08:49:37 UTC', 3_119_417_377],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['Mon, 01 Jan 0001 00:00:00 GMT', -62_135_596_800],
  // Nobody looks at the calendar for the day of the week.
  ['Mon, 29 Feb 2024 00:00:00 GMT', 1_709_164_800],
])('%s is %i', (text, seconds) => {
  expect(secondsOfHttpDate(text)).toBe(seconds);
});

test.each([
  '',
  '0',
  '1994',
  '1994-11-06T08:49:37Z',
  'Sun, 06 Nov 1994 08:49:37',
  'Sun, 06 Nov 1994 08:49:37 gmt',
  'Sun, 06 Nov 1994 08:49:37 CET',
  'Sun, 06 Nov 1994 08:49:37 +0200',
  'Sun, 06 Nov 1994 08:49:37 GMT; x',
  'Sun,06 Nov 1994 08:49:37 GMT',
  'Sun, 6 Nov 1994 08:49:37 GMT',
  'Sun, 30 Feb 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 24:00:00 GMT',
  'Sun, 06 Nov 1994 08:60:00 GMT',
  'Sun, 06 Nov 1994 08:49:60 GMT',
  'Sun, 06 Nix 1994 08:49:37 GMT',
  'Nix, 06 Nov 1994 08:49:37 GMT',
  'Sunnyday, 06-Nov-94 08:49:37 GMT',
])('%j is no date', (text) => {
  expect(secondsOfHttpDate(text)).toBeUndefined();
});
