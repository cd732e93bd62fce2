import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventLoopLag } from '../../src/event-loop-lag.ts';
import { type BlockableClock, blockableClock } from '../support/blockable-clock.ts';

let clock: BlockableClock;

beforeEach(() => {
  clock = blockableClock();
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout', 'setImmediate'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** The values by what follows `nodejs_eventloop_lag_`, in milliseconds. */
function told(lag: EventLoopLag): Record<string, number> {
  return Object.fromEntries(
    lag
      .samples()
      .map(({ family: { name }, value }) => [name.slice('nodejs_eventloop_lag_'.length), Math.round(value * 1000)]),
  );
}

test('tells by how much looks came late', () => {
  const lag = new EventLoopLag(clock);
  for (let look = 0; look < 10; look += 1) {
    clock.block(look === 3 ? 200 : look === 4 ? 100 : 0);
    vi.advanceTimersByTime(500);
  }

  expect(told(lag)).toEqual({
    seconds: 0,
    min_seconds: 0,
    max_seconds: 200,
    mean_seconds: 30,
    stddev_seconds: 64,
    p50_seconds: 0,
    p90_seconds: 100,
    p99_seconds: 200,
  });
});

test('tells what came since it was asked before', () => {
  const lag = new EventLoopLag(clock);
  clock.block(200);
  vi.advanceTimersByTime(500);
  lag.samples();
  vi.advanceTimersByTime(500);

  expect(told(lag)).toMatchObject({ max_seconds: 0 });
});

test('has no statistics before the first look', () => {
  expect(told(new EventLoopLag(clock))).toEqual({ seconds: 0 });
});

test('tells how long the loop took to come back after it was asked the time before', () => {
  const lag = new EventLoopLag(clock);
  lag.samples();
  clock.block(70);
  vi.advanceTimersByTime(1);

  expect(told(lag)['seconds']).toBe(70);
});

test('wakes nobody after it was closed', () => {
  const lag = new EventLoopLag(clock);
  vi.advanceTimersByTime(1_200);
  lag.close();

  expect(vi.getTimerCount()).toBe(0);
});
