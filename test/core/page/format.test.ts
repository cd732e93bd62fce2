import { expect, test } from 'vitest';
import {
  ago,
  ahead,
  availability,
  byteRate,
  bytes,
  clock,
  count,
  daysUntil,
  fullTime,
  percent,
  span,
  took,
} from '../../../src/page/format.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '0.98 KiB'],
  [1024, '1 KiB'],
  [1536, '1.50 KiB'],
  [16 * 2 ** 30, '16 GiB'],
  [98.7 * 2 ** 20, '98.7 MiB'],
  [1023.6 * 2 ** 20, '1.00 GiB'],
  [5000 * 2 ** 50, '5000 PiB'],
  [null, '–'],
])('%s bytes are %s', (value, text) => {
  expect(bytes(value)).toBe(text);
});

test('a rate says what it is of', () => {
  expect(byteRate(2 ** 20)).toBe('1 MiB/s');
  expect(byteRate(null)).toBe('–');
});

test.each([
  [0, '0 %'],
  [0.0042, '0.4 %'],
  [0.02, '2.0 %'],
  [0.0996, '10 %'],
  [0.42, '42 %'],
  [1, '100 %'],
])('the ratio %s is %s', (value, text) => {
  expect(percent(value)).toBe(text);
});

test.each([
  [1, '100 %'],
  [0.999_999, '99.99 %'],
  [0.9999, '99.99 %'],
  [0.999, '99.90 %'],
  [0.57, '57.00 %'],
  [0, '0.00 %'],
  [null, '–'],
])('the availability %s is %s, never more than it was', (value, text) => {
  expect(availability(value)).toBe(text);
});

test.each([
  [0.000_42, '0.4 ms'],
  [0.0234, '23 ms'],
  [0.9996, '1.00 s'],
  [1.236, '1.24 s'],
  [130, '2 min 10 s'],
])('what took %s seconds took %s', (value, text) => {
  expect(took(value)).toBe(text);
});

test.each([
  [-5, '0 s'],
  [59.9, '59 s'],
  [60, '1 min'],
  [3_725, '1 h 2 min'],
  [86_400 * 3 + 3_600 * 4 + 59, '3 d 4 h'],
  [86_400 * 400 + 59, '400 d'],
])('%s seconds are %s', (value, text) => {
  expect(span(value)).toBe(text);
});

test('a moment is told by how far it is, and no moment is before its time', () => {
  expect([ago(1_000, 1_900), ago(0, 90_000), ago(5_000, 1_000)]).toEqual(['now', '1 min ago', 'now']);
  expect([ahead(10_001, 0), ahead(5, 5), ahead(0, 9_000)]).toEqual(['in 11 s', 'due', 'due']);
});

test('a moment is told by the clock of the reader, with its day where that is not today', () => {
  const at = Date.UTC(2026, 10, 22, 23, 30);

  expect(clock(at, at + 60_000, 'Europe/Vienna')).toBe('00:30');
  expect(clock(at, at + 60_000, 'UTC')).toBe('23:30');
  expect(clock(at, at + 86_400_000, 'UTC')).toBe('22 Nov, 23:30');
  expect(clock(at, at + 365 * 86_400_000, 'UTC')).toBe('22 Nov 2026, 23:30');
  expect(fullTime(at, 'Europe/Vienna')).toMatch(/23 Nov 2026.* 00:30:00 (?:CET|GMT\+1)/);
});

test('days until a moment are whole days that are left', () => {
  expect([daysUntil(86_400_000 * 2 - 1, 0), daysUntil(0, 1)]).toEqual([1, -1]);
});

test('many things are grouped by thousands', () => {
  expect([count(1, 'check'), count(5_000, 'check')]).toEqual(['1 check', '5,000 checks']);
});
