import { expect, test } from 'vitest';
import { Derived } from '../../../src/system/derived.ts';

test('is made once for each source that differs from the one before', () => {
  const made: string[] = [];
  const derived = new Derived<string, string>();
  const lengthOf = (text: string): string =>
    derived.of(text, () => {
      made.push(text);
      return `${text} ${text.length}`;
    });

  expect(['', '', 'one', 'one', 'three', 'one'].map(lengthOf)).toEqual([
    ' 0',
    ' 0',
    'one 3',
    'one 3',
    'three 5',
    'one 3',
  ]);
  expect(made).toEqual(['', 'one', 'three', 'one']);
});

test('is made again for a source for which that failed', () => {
  const derived = new Derived<number, string>();
  const fails = (): string =>
    derived.of(2, () => {
      throw new Error('torn');
    });
  derived.of(1, () => 'one');

  expect(fails).toThrow('torn');
  expect(fails).toThrow('torn');
  expect(derived.of(1, () => 'another')).toBe('one');
});
