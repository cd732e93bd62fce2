import { expect, test } from 'vitest';
import { startWatchdog, watchdogMs } from '../../../src/systemd/watchdog.ts';
import { handClock } from '../../support/hand-clock.ts';

test.each([
  ['30 seconds for this process', { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '77' }, 30_000],
  ['a manager that names no process', { WATCHDOG_USEC: '500000' }, 500],
  ['another process', { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '78' }, undefined],
  ['no watchdog', {}, undefined],
  ['nonsense', { WATCHDOG_USEC: 'soon' }, undefined],
  ['zero', { WATCHDOG_USEC: '0' }, undefined],
])('reads the interval from the environment: %s', (_case, environment, expected) => {
  expect(watchdogMs(environment, 77)).toBe(expected);
});

/** A watchdog of 30 s over a schedule that is `overdue.ms` late. */
function watching() {
  const clock = handClock();
  const overdue = { ms: -5_000 };
  const fedAt: number[] = [];
  const starved: number[] = [];
  const timer = startWatchdog(clock, 30_000, {
    overdueMs: () => overdue.ms,
    feed: () => void fedAt.push(clock.now() / 1000),
    starving: (ms) => void starved.push(ms),
  });
  return { clock, overdue, fedAt, starved, timer };
}

test('is fed at once and three times in each interval while the schedule ticks', () => {
  const { clock, fedAt } = watching();

  clock.advance(60_000);

  expect(fedAt).toEqual([0, 10, 20, 30, 40, 50, 60]);
});

test('goes hungry while the schedule stands still, tells so once, and is fed again when it ticks', () => {
  const { clock, overdue, fedAt, starved } = watching();

  overdue.ms = 30_001;
  clock.advance(40_000);
  expect(fedAt).toEqual([0]);
  expect(starved).toEqual([30_001]);

  overdue.ms = -1;
  clock.advance(10_000);
  expect(fedAt).toEqual([0, 50]);
});

test('bears a schedule that is late by less than its interval', () => {
  const { clock, overdue, fedAt, starved } = watching();

  overdue.ms = 29_999;
  clock.advance(10_000);

  expect(fedAt).toEqual([0, 10]);
  expect(starved).toEqual([]);
});

test('is left alone once the daemon stops', () => {
  const { clock, fedAt, timer } = watching();

  timer.cancel();
  clock.advance(60_000);

  expect(fedAt).toEqual([0]);
});
