import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onBeat } from '../../src/beat.ts';
import { type BlockableClock, blockableClock } from '../support/blockable-clock.ts';

let clock: BlockableClock;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  clock = blockableClock();
});

afterEach(() => {
  vi.useRealTimers();
});

/** The moments at which looks are made, with how late each was. */
function beating(periodMs = 500) {
  const looks: (readonly [number, number])[] = [];
  const beat = onBeat(
    clock,
    periodMs,
    (lateMs) => void looks.push([Math.round(clock.monotonic()), Math.round(lateMs)]),
  );
  return { looks, beat };
}

test('all who look equally often look at the same moments, whenever they began', () => {
  clock.block(100.3);
  const first = beating();
  vi.advanceTimersByTime(123);
  const second = beating();
  vi.advanceTimersByTime(1500);

  expect(first.looks.map(([at]) => at)).toEqual([500, 1000, 1500]);
  expect(second.looks).toEqual(first.looks);
});

test('tells how late a look is, and goes back to the beat', () => {
  const { looks } = beating();
  vi.advanceTimersByTime(400);
  clock.block(250);
  vi.advanceTimersByTime(1000);

  expect(looks).toEqual([
    [750, 250],
    [1000, 0],
    [1500, 0],
  ]);
});

test('ends when it is cancelled, by its own look as well', () => {
  const { beat, looks } = beating();
  const other = onBeat(clock, 500, () => other.cancel());
  vi.advanceTimersByTime(600);
  beat.cancel();
  vi.advanceTimersByTime(5000);

  expect(looks).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});
