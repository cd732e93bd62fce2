import { expect, test } from 'vitest';
import { durationMs } from '../../../src/config/duration.ts';

test.each([
  ['0', 0],
  ['0s', 0],
  ['1ms', 1],
  ['500ms', 500],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['1d', 86_400_000],
  ['1w', 604_800_000],
  ['1h30m', 5_400_000],
  ['1d2h3m4s5ms', 93_784_005],
  ['90s', 90_000],
  ['0100s', 100_000],
])('%s is a duration', (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test.each([
  '',
  ' ',
  '5',
  '1.5s',
  '-5s',
  '+5s',
  '5 s',
  ' 5s',
  '5s ',
  '5S',
  '5sec',
  '5 minutes',
  '5s foo',
  's',
  '1y',
  '5us',
  '1e3s',
  '1,000s',
  '5s\n',
  '٥s',
  'Infinity',
])('%j is no duration', (text) => {
  expect(durationMs(text)).toBeUndefined();
});
