import { getTasks } from 'node-cron';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Ticker } from '../../../src/schedule/ticker.ts';
import { blockableClock } from '../../support/blockable-clock.ts';

const hour = 3_600_000;
const start = Date.UTC(2026, 5, 1, 12, 0, 0, 500);
let clock = blockableClock();
const open: Ticker[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'], now: start });
  clock = blockableClock();
});

afterEach(() => {
  for (const ticker of open.splice(0)) ticker.stop();
  vi.useRealTimers();
});

/** A ticker that writes down what it tells. */
function ticking(expression: string, { timezone = 'UTC', whenTicked = (): void => {} } = {}) {
  const told = { ticks: [] as string[], late: [] as number[], missed: 0 };
  const ticker = new Ticker(expression, timezone, clock, {
    tick(lateMs) {
      told.ticks.push(new Date().toISOString().slice(11, 23));
      told.late.push(Math.round(lateMs));
      whenTicked();
    },
    missed() {
      told.missed += 1;
    },
  });
  open.push(ticker);
  return { ticker, told };
}

/** The event loop stands still; what was due then fires once the time is over that it had to wait. */
function block(ms: number): void {
  clock.block(ms);
  vi.setSystemTime(Date.now() + ms);
}

test('ticks at the moments of its expression', () => {
  const { told } = ticking('*/20 * * * * *');

  vi.advanceTimersByTime(60_000);

  expect(told.ticks).toEqual(['12:00:20.000', '12:00:40.000', '12:01:00.000']);
  expect(told.late).toEqual([0, 0, 0]);
});

test('ticks on and on, at each moment once', () => {
  const { told } = ticking('* * * * * *');

  vi.advanceTimersByTime(200_000);

  expect(told.ticks).toHaveLength(200);
  expect(new Set(told.ticks).size).toBe(200);
  expect(told.missed).toBe(0);
});

test('tells its next moments', () => {
  const { ticker } = ticking('0 30 2 * * *', { timezone: 'Europe/Vienna' });

  expect(ticker.next(2).map((at) => new Date(at).toISOString())).toEqual([
    '2026-06-02T00:30:00.000Z',
    '2026-06-03T00:30:00.000Z',
  ]);
});

test('waits for moments that are further away than a timer reaches', () => {
  const { told } = ticking('0 0 0 1 8 *');

  vi.advanceTimersByTime(60 * 24 * hour);
  expect(told.ticks).toEqual([]);
  vi.advanceTimersByTime(24 * hour);

  expect(told.ticks).toEqual(['00:00:00.000']);
});

test('does not tick before its moment, though its timer comes early', () => {
  const { told } = ticking('*/20 * * * * *');

  vi.advanceTimersByTime(10_000);
  vi.setSystemTime(Date.now() - 700);
  vi.advanceTimersByTime(9_500);
  expect(told.ticks).toEqual([]);
  vi.advanceTimersByTime(700);

  expect(told.ticks).toEqual(['12:00:20.000']);
});

test('ticks late rather than not at all, and says how late', () => {
  const { told } = ticking('0 * * * * *');

  vi.advanceTimersByTime(50_000);
  block(20_000);
  vi.advanceTimersByTime(9_500);

  expect(told.ticks).toEqual(['12:01:20.000']);
  expect(told.late).toEqual([20_000]);
  expect(told.missed).toBe(0);
});

test('tells each moment that passed without a tick, and ticks for the last of them', () => {
  const { told } = ticking('* * * * * *');

  block(5_000);
  vi.advanceTimersByTime(500);

  expect(told.missed).toBe(5);
  expect(told.ticks).toEqual(['12:00:06.000']);
  expect(told.late).toEqual([0]);
});

test.each(['* * * * * *', '* * 12-17 * * *'])('ticks once after a pause longer than it plans for: %s', (expression) => {
  const { told } = ticking(expression);

  block(2 * hour);
  vi.advanceTimersByTime(1_500);

  expect(told.ticks).toEqual(['14:00:01.000', '14:00:02.000']);
  expect(told.late).toEqual([0, 0]);
});

test('that was stopped ticks no more, and leaves nothing behind', () => {
  const before = getTasks().size;
  const tickers = [ticking('* * * * * *'), ticking('* * 12 * * *')];

  for (const { ticker } of tickers) ticker.stop();
  vi.advanceTimersByTime(5_000);

  expect(tickers.map(({ told }) => told.ticks)).toEqual([[], []]);
  expect(getTasks().size).toBe(before);
  expect(vi.getTimerCount()).toBe(0);
});

test('that is stopped by its own tick does not go on', () => {
  const { ticker, told } = ticking('* * * * * *', { whenTicked: () => ticker.stop() });

  vi.advanceTimersByTime(5_000);

  expect(told.ticks).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('cannot be made where it needs a zone that does not exist, and leaves nothing behind', () => {
  const before = getTasks().size;

  expect(() => ticking('0 0 3 * * *', { timezone: 'Europe/Wien' })).toThrow(/Europe\/Wien/);
  expect(getTasks().size).toBe(before);
});
