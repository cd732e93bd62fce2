import { expect, test } from 'vitest';
import { Threshold } from '../../../src/checks/threshold.ts';

/** What a check counts as after each probe: `+` up, `-` down, `?` undecided. */
function followed(probes: string, options: { failingAfter?: number; passingAfter?: number } = {}): string {
  const threshold = new Threshold(options);
  return probes
    .split('')
    .map((probe) => {
      threshold.note(probe === '+');
      return threshold.up === undefined ? '?' : threshold.up ? '+' : '-';
    })
    .join('');
}

test('one probe decides unless the config wants more', () => {
  expect(followed('+--+')).toBe('+--+');
});

test('goes down after so many failures in a row, and one success between them starts the count anew', () => {
  expect(followed('+--+---+', { failingAfter: 3 })).toBe('++++++-+');
});

test('comes up after so many successes in a row', () => {
  expect(followed('-+-+++', { passingAfter: 3 })).toBe('-----+');
});

test('is undecided until one or the other was said often enough', () => {
  expect(followed('-+--+++', { failingAfter: 3, passingAfter: 2 })).toBe('?????++');
  expect(followed('---', { failingAfter: 3, passingAfter: 2 })).toBe('??-');
});
