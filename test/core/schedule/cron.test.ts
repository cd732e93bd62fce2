import { getTasks } from 'node-cron';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cronMoments, parseCron } from '../../../src/schedule/cron.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 5, 1, 12, 0, 0, 500) });
});

afterEach(() => {
  vi.useRealTimers();
});

test('an expression is read to the values of its fields', () => {
  expect(parseCron('*/20 5 */12 1 1,2 0')).toEqual({
    fields: { second: [0, 20, 40], minute: [5], hour: [0, 12], dayOfMonth: [1], month: [1, 2], dayOfWeek: [0] },
  });
});

test('what is none is refused with what is wrong with it', () => {
  expect(parseCron('* * *')).toEqual({ problem: 'expected 5 or 6 fields but got 3' });
});

test('tells the next moments in a time zone, and leaves nothing behind in node-cron', () => {
  const before = getTasks().size;
  const moments = cronMoments('0 30 2 * * *', 'Europe/Vienna');
  const next = moments.next(2).map((at) => new Date(at).toISOString());
  moments.close();

  expect(next).toEqual(['2026-06-02T00:30:00.000Z', '2026-06-03T00:30:00.000Z']);
  expect(getTasks().size).toBe(before);
});

test('does not know a zone that does not exist, and leaves nothing behind then, too', () => {
  const before = getTasks().size;

  expect(() => cronMoments('* * * * * *', 'Europe/Wien')).toThrow(/Europe\/Wien/);
  expect(getTasks().size).toBe(before);
});
