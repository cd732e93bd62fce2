import { expect, test } from 'vitest';
import { watchForJumps } from '../../../src/schedule/jump.ts';
import { fixedClock } from '../../support/expose.ts';

/** A clock with one timer, a wall clock that can be set apart from the monotonic one, and a watch over both. */
function watched() {
  const clock = fixedClock();
  let setBy = 0;
  let pending: (() => void) | undefined;
  const jumps: number[] = [];
  const watch = watchForJumps(
    {
      ...clock,
      now: () => clock.now() + setBy,
      after(_delayMs, run) {
        pending = run;
        return { cancel: () => void (pending = undefined) };
      },
    },
    (byMs) => void jumps.push(byMs),
  );
  return {
    jumps,
    watch,
    /** Lets time pass on both clocks, sets the wall clock apart, and lets the watch look. */
    look: (passedMs: number, setMs = 0): void => {
      clock.advance(passedMs);
      setBy += setMs;
      pending?.();
    },
    isWatching: () => pending !== undefined,
  };
}

test('tells by how much the wall clock was set, forwards and back, once each', () => {
  const { jumps, look } = watched();

  look(500);
  look(500, 3_600_000);
  look(500);
  look(500, -3_600_000);
  look(500);

  expect(jumps).toEqual([3_600_000, -3_600_000]);
});

test('does not take a blocked event loop for a jump', () => {
  const { jumps, look } = watched();

  look(60_000);

  expect(jumps).toEqual([]);
});

test('rides out a leap second', () => {
  const { jumps, look } = watched();

  look(500, -1_000);
  look(500, 1_000);

  expect(jumps).toEqual([]);
});

test('does not add up what slewing does over the hours', () => {
  const { jumps, look } = watched();

  for (let step = 0; step < 10_000; step += 1) look(500, 0.25);

  expect(jumps).toEqual([]);
});

test('looks no more when it was cancelled', () => {
  const { watch, isWatching } = watched();

  watch.cancel();

  expect(isWatching()).toBe(false);
});
