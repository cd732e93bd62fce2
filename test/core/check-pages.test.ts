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

test('checks that are due together share pages in their order, so many on each', () => {
  const checks = slots(1000, '10s');
  const sizes = sizesOf(new CheckPages(false), checks);

  expect([...sizes.values()]).toEqual([256, 256, 256, 232]);
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
