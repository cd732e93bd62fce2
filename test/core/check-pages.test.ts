import { expect, test } from 'vitest';
import { CheckPages } from '../../src/check-pages.ts';
import { parseSchedule } from '../../src/schedule/expression.ts';
import type { CheckSlot } from '../../src/slot.ts';

function slots(count: number, schedule: string): CheckSlot[] {
  return Array.from(
    { length: count },
    (_, index) => ({ kind: 'check', id: `check:${index}`, timing: { schedule: parseSchedule(schedule) } }) as CheckSlot,
  );
}

function sizesOf(pages: CheckPages, checks: readonly CheckSlot[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const check of checks) sizes.set(pages.of(check), (sizes.get(pages.of(check)) ?? 0) + 1);
  return sizes;
}

test('checks that are spread over their period share the page of their second', () => {
  const sizes = sizesOf(new CheckPages(true), slots(1000, '10s'));

  expect(sizes.size).toBe(10);
  expect(Math.max(...sizes.values())).toBeLessThan(200);
});

test.each([false, true])('no page has more than 512 checks (spread: %s)', (spread) => {
  const sizes = sizesOf(new CheckPages(spread), slots(1200, '1s'));

  expect([...sizes.values()]).toEqual([512, 512, 176]);
});

test('a check that comes takes the room of one that left', () => {
  const pages = new CheckPages(false);
  const checks = slots(1200, '10s');
  sizesOf(pages, checks);
  const room = pages.of(checks[100]!);
  const [comes, comesToo] = slots(2, '10s');

  pages.leave(checks[100]!);
  pages.leave(slots(1, '10s')[0]!);

  expect(pages.of(comes!)).toBe(room);
  expect(pages.of(comesToo!)).toBe(pages.of(checks[1199]!));
});

test('checks of different expressions share no page, and a check keeps its own', () => {
  const pages = new CheckPages(false);
  const [often] = slots(1, '10s');
  const [seldom] = slots(1, '1m');
  const before = [pages.of(often!), pages.of(seldom!)];
  pages.spread = true;

  expect(before[0]).not.toBe(before[1]);
  expect([pages.of(often!), pages.of(seldom!)]).toEqual(before);
});
