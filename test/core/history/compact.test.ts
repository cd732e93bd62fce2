import { assert, double, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { noSeconds, packGap, packSeconds, unpackGap, unpackSeconds } from '../../../src/history/compact.ts';

test('a length of time in two bytes is known to a thousandth, from a microsecond to hours', () => {
  assert(
    property(double({ min: 2e-6, max: 9_000, noNaN: true }), (seconds) => {
      const packed = packSeconds(seconds);
      expect(packed).toBeGreaterThan(noSeconds);
      expect(packed).toBeLessThanOrEqual(0xffff);
      expect(Math.abs(unpackSeconds(packed)! - seconds) / seconds).toBeLessThan(0.001);
    }),
  );
});

test.each([
  [0, 0],
  [-1, 0],
  [1e-9, 0],
  [NaN, 0],
  [0.25, 0.25],
  [1e9, 10_000],
  [Infinity, 10_000],
])('%d seconds come back as %d', (seconds, back) => {
  expect(unpackSeconds(packSeconds(seconds))).toBeCloseTo(back, 4 - Math.ceil(Math.log10(back + 1)));
});

test('no value is told from a value of 0', () => {
  expect(unpackSeconds(noSeconds)).toBeUndefined();
  expect(unpackSeconds(packSeconds(0))).toBe(0);
});

test('the gap between two runs is exact to nine hours, and to half a minute up to three weeks', () => {
  assert(
    property(integer({ min: 0, max: 21 * 86_400 }), (seconds) => {
      expect(Math.abs(unpackGap(packGap(seconds)) - seconds)).toBeLessThanOrEqual(seconds < 32_768 ? 0 : 30);
    }),
  );
});

test('a gap is never negative, and none breaks the two bytes', () => {
  expect(packGap(-5)).toBe(0);
  expect(packGap(1e12)).toBe(0xffff);
});
