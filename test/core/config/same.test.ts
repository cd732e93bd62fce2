import { expect, test } from 'vitest';
import { compilePattern } from '../../../src/config/pattern.ts';
import { sameValue } from '../../../src/config/same.ts';
import { Secret } from '../../../src/config/secret.ts';

test('compares options by their parts, whatever the order of their keys', () => {
  expect(sameValue({ a: [1, { b: 'x' }], c: undefined }, { a: [1, { b: 'x' }] })).toBe(true);
  expect(sameValue({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe(true);
  expect(sameValue({ a: [1, 2] }, { a: [1, 3] })).toBe(false);
  expect(sameValue({ a: [1, 2] }, { a: [1] })).toBe(false);
  expect(sameValue({ a: 1 }, { b: 1 })).toBe(false);
  expect(sameValue([], {})).toBe(false);
  expect(sameValue(null, {})).toBe(false);
  expect(sameValue(Number.NaN, Number.NaN)).toBe(true);
});

test('compares secrets by what they hide', () => {
  expect(sameValue(new Secret('a'), new Secret('a'))).toBe(true);
  expect(sameValue(new Secret('a'), new Secret('b'))).toBe(false);
  expect(sameValue(new Secret('a'), 'a')).toBe(false);
  expect(sameValue({}, new Secret('a'))).toBe(false);
});

test('compares patterns by their source', () => {
  expect(sameValue(compilePattern('^a$'), compilePattern('^a$'))).toBe(true);
  expect(sameValue(compilePattern('^a$'), compilePattern('^b$'))).toBe(false);
});

test('takes for changed what it cannot look into', () => {
  expect(sameValue({ test: () => 1 }, { test: () => 1 })).toBe(false);
  expect(sameValue(new Map([[1, 2]]), new Map([[1, 2]]))).toBe(false);
});
