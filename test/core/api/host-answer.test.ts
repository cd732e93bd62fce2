import { assert, float, property } from 'fast-check';
import { expect, test } from 'vitest';
import { rounded } from '../../../src/api/host-answer.ts';

test('what is kept in four bytes is told in seven digits, and comes back the same', () => {
  assert(
    property(float({ min: Math.fround(1e-12), max: Math.fround(1e20), noNaN: true }), (value) => {
      const told = rounded(value)!;
      expect(Math.abs(told - value) / value).toBeLessThan(1e-6);
      expect(
        String(told).replace(/e.*$/, '').replace('.', '').replace(/^0+/, '').replace(/0+$/, '').length,
      ).toBeLessThan(9);
    }),
  );
});

test.each([
  [0, 0],
  [-0.25, -0.25],
  [Math.fround(0.1), 0.1],
  [25_276_514_304, 25_276_510_000],
  [Number.NaN, null],
  [Infinity, null],
])('%d is told as %d', (value, told) => {
  expect(rounded(value)).toBe(told);
});
