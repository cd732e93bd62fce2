import { getTasks } from 'node-cron';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { cronMoments } from '../../../src/schedule/cron.ts';
import { parseSchedule } from '../../../src/schedule/expression.ts';
import { momentsOf } from '../../../src/schedule/moments.ts';
import * as fc from '../../support/properties.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 5, 1, 12, 0, 0, 500) });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A field of seconds or minutes. */
const field = fc.oneof(
  fc.constantFrom('*', '*/2', '*/15', '0', '59'),
  fc.uniqueArray(fc.nat({ max: 59 }), { minLength: 1, maxLength: 5 }).map((values) => values.join()),
);

test('what is reckoned is what node-cron says, at any moment', () => {
  fc.assert(
    fc.property(field, field, fc.nat({ max: 3_600_000 }), (second, minute, offset) => {
      vi.setSystemTime(Date.UTC(2026, 11, 31, 23, 0, 0) + offset);
      const expression = `${second} ${minute} * * * *`;
      const reckoned = momentsOf(expression, 'UTC', systemClock);
      const asked = cronMoments(expression, 'UTC');

      expect(reckoned.next(12)).toEqual(asked.next(12));
      asked.close();
    }),
    { numRuns: 60 },
  );
});

test('a moment that is now is not to come', () => {
  vi.setSystemTime(Date.UTC(2026, 5, 1, 12, 59, 59));

  expect(
    momentsOf('59 59 * * * *', 'UTC', systemClock)
      .next(2)
      .map((at) => new Date(at).toISOString()),
  ).toEqual(['2026-06-01T13:59:59.000Z', '2026-06-01T14:59:59.000Z']);
});

const daily = parseSchedule('@daily');
if ('problem' in daily) throw new Error(daily.problem);

test.each([
  ['*/15 * * * * *', 'Europe/Vienna', 'reckoned'],
  ['0 0 * * * *', 'Europe/Vienna', 'reckoned'],
  ['0 0 */1 * * *', 'Europe/Vienna', 'reckoned'],
  ['0 */5 0-23 ? * ?', 'Europe/Vienna', 'reckoned'],
  ['*/15 * * * * *', 'Asia/Kolkata', 'reckoned'],
  ['0 0 * * * *', 'Asia/Kolkata', 'asked'],
  ['0 0 * * * *', 'Australia/Lord_Howe', 'asked'],
  ['0 0 */2 * * *', 'Europe/Vienna', 'asked'],
  ['0 30 2 * * *', 'Europe/Vienna', 'asked'],
  ['* * * * * 1-5', 'Europe/Vienna', 'asked'],
  ['* * * 1 * *', 'Europe/Vienna', 'asked'],
  ['* * * * 1 *', 'Europe/Vienna', 'asked'],
  [daily.expression, 'Europe/Vienna', 'asked'],
  ['0 0 0 * * *', 'UTC', 'asked'],
] as const)('the moments of %s in %s are %s', (expression, timezone, how) => {
  const before = getTasks().size;
  const moments = momentsOf(expression, timezone, systemClock);
  const tasks = getTasks().size - before;
  const asked = cronMoments(expression, timezone);
  const both = [moments.next(5), asked.next(5)];
  moments.close();
  asked.close();

  expect(tasks).toBe(how === 'asked' ? 1 : 0);
  expect(both[0]).toEqual(both[1]);
  expect(getTasks().size).toBe(before);
});
