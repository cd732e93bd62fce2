import { expect, test } from 'vitest';
import { Held } from '../../../src/system/held.ts';
import { fixedClock } from '../../support/expose.ts';

test('gives what was kept until its time is over', () => {
  const clock = fixedClock();
  const held = new Held<string>(clock);
  expect(held.value).toBeUndefined();

  expect(held.keep('read', 1000)).toBe('read');
  clock.advance(999);
  expect(held.value).toBe('read');
  clock.advance(1);
  expect(held.value).toBeUndefined();
});

test('counts from the last time that something was kept', () => {
  const clock = fixedClock();
  const held = new Held<string>(clock);
  held.keep('first', 1000);
  clock.advance(600);
  held.keep('second', 1000);
  clock.advance(600);
  expect(held.value).toBe('second');
});

test('forgets what is told to have changed', () => {
  const held = new Held<string>(fixedClock());
  held.keep('read', 1000);
  held.forget();
  expect(held.value).toBeUndefined();
});
