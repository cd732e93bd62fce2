import { expect, test } from 'vitest';
import type { Status } from '../../../src/api/types.ts';
import { clock } from '../../../src/page/format.ts';
import { verdictOf } from '../../../src/page/verdict.ts';
import { pageChecks, pageStatus } from '../../support/page-model.ts';

const now = Date.UTC(2026, 10, 22, 15, 0);
const none = { total: 0, up: 0, down: 0, waiting: 0, suppressed: 0, maintenance: 0 };
const say = (over: Partial<Status>, down = pageChecks()) => verdictOf(pageStatus(over), down, now);

test('all well is said with what it stands on', () => {
  expect(say({})).toEqual({
    tone: 'well',
    answer: 'All well: 12 of 12 checks up',
    detail: 'all 30 collectors fine',
  });
  expect(say({ checks: none }).answer).toBe('All well');
});

test('what is down is said with since when, and which', () => {
  const since = now - 57 * 60_000;
  const down = pageChecks(
    { name: 'shop', state: 'down', sinceAt: since },
    { name: 'mail', state: 'down', sinceAt: since + 60_000 },
  );

  expect(say({ state: 'trouble', checks: { ...none, total: 12, up: 10, down: 2 } }, down)).toEqual({
    tone: 'down',
    answer: `2 checks down since ${clock(since, now)}`,
    detail: 'shop, mail · 10 of 12 checks up',
  });
});

test('before the list has come, what is down is said all the same', () => {
  const status = { state: 'trouble', sinceAt: now - 60_000, checks: { ...none, total: 1, down: 1 } } as const;

  expect(say(status).answer).toBe(`1 check down since ${clock(now - 60_000, now)}`);
});

test('a collector that fails is trouble, too, and more than three names are not told', () => {
  const collectors = { total: 30, failing: 1, waiting: 0 };
  expect(say({ state: 'trouble', sinceAt: now, collectors })).toMatchObject({
    tone: 'down',
    answer: `1 collector failing since ${clock(now, now)}`,
  });
  const down = pageChecks(...['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, state: 'down' as const, sinceAt: now })));
  expect(say({ collectors, checks: { ...none, total: 5, down: 5 } }, down).detail).toBe(
    'a, b, c and 2 more · 0 of 5 checks up · 1 collector failing',
  );
});

test('what has not run once is no trouble', () => {
  const checks = { ...none, total: 3, up: 1, waiting: 2 };

  expect(say({ state: 'starting', checks })).toEqual({
    tone: 'starting',
    answer: 'Starting',
    detail: '2 of 33 things to run for the first time',
  });
  expect(say({ checks: { ...none, total: 3, up: 1, maintenance: 1, suppressed: 1 } }).detail).toBe(
    'all 30 collectors fine · 1 in maintenance · 1 down because of another',
  );
});
