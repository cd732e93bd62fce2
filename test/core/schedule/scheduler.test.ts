import { getTasks } from 'node-cron';
import { describe, expect, test, vi } from 'vitest';
import { offsetOf } from '../../../src/schedule/offsets.ts';
import { block, pass, schedule, schedulesByHand, scheduling, startAt } from '../../support/schedulers.ts';

schedulesByHand();

function raise(error: Error): never {
  throw error;
}

describe('a tick', () => {
  test('comes first at the next moment of the schedule, not at the start', async () => {
    const { scheduler, slot, timesOf } = scheduling();
    scheduler.set([slot('a', '*/15 * * * * *')]);
    scheduler.start();

    await pass(14_000);
    expect(timesOf()).toEqual([]);
    await pass(31_000);
    expect(timesOf()).toEqual(['12:00:15.000', '12:00:30.000', '12:00:45.000']);
  });

  test('runs every slot of its expression, in the order of their names where they are not spread', async () => {
    const { scheduler, slot, ran } = scheduling();
    scheduler.set([slot('b', '*/15 * * * * *'), slot('c', '0 * * * *'), slot('a', '*/15 * * * * *')]);
    scheduler.start();

    await pass(15_000);

    expect(ran).toEqual([
      { name: 'a', at: '12:00:15.000', lateMs: 0 },
      { name: 'b', at: '12:00:15.000', lateMs: 0 },
    ]);
  });

  test('starts the others where one throws, and the next one comes nevertheless', async () => {
    const { scheduler, slot, namesOf, failures } = scheduling();
    const thrown = new Error('boom');
    const bad = { ...slot('a', '*/15 * * * * *'), run: () => raise(thrown) };
    scheduler.set([bad, slot('b', '*/15 * * * * *')]);
    scheduler.start();

    await pass(30_000);

    expect(namesOf()).toEqual(['b', 'b']);
    expect(failures).toEqual([
      ['a', thrown],
      ['a', thrown],
    ]);
  });

  test('comes no more after a stop, and nothing is left behind', async () => {
    const before = getTasks().size;
    const { scheduler, slot, ran } = scheduling({ spread: true });
    scheduler.set([slot('a', '*/15 * * * * *'), slot('b', '*/20 * * * * *')]);
    scheduler.start();
    await pass(15_000);
    ran.length = 0;

    scheduler.stop();
    await pass(60_000);

    expect(ran).toEqual([]);
    expect(getTasks().size).toBe(before);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('slots that share an expression', () => {
  test('share one ticker, even 10,000 of them', () => {
    const before = getTasks().size;
    const { scheduler, slot } = scheduling({ spread: true });
    const one = slot('check', '*/30 * 0-23/2 * * *');
    scheduler.set(Array.from({ length: 10_000 }, (_, index) => ({ ...one, name: `check:${index}` })));
    scheduler.start();

    expect(getTasks().size - before).toBe(1);
    // That of the ticker, and of the guard over the clock.
    expect(vi.getTimerCount()).toBe(2);
  });

  test('share it whether they are written as duration, as nickname or in five fields', () => {
    const before = getTasks().size;
    const { scheduler, slot } = scheduling();
    scheduler.set([slot('a', '1d'), slot('b', '@daily'), slot('c', '0 0 * * *'), slot('d', '0 0 0 * * *')]);
    scheduler.start();

    expect(getTasks().size - before).toBe(1);
  });
});

describe('slots that are replaced', () => {
  const names = Array.from({ length: 50 }, (_, index) => `check:${index}`);
  const source = '*/30 * * * * *';

  test('during a walk keep their place: none is left out and none runs twice', async () => {
    const { scheduler, slot, namesOf } = scheduling({ spread: true });
    scheduler.set(names.map((name) => slot(name, source)));
    scheduler.start();
    await pass(29_750 + 12_000);

    scheduler.set(names.map((name) => slot(name, source)));
    await pass(17_999);

    expect(namesOf().toSorted()).toEqual(names.toSorted());
  });

  test('by others during a walk run in it when their offset is still to come', async () => {
    const { scheduler, slot, namesOf } = scheduling({ spread: true });
    scheduler.set(names.map((name) => slot(name, source)));
    scheduler.start();
    await pass(29_750 + 12_000);
    namesOf();

    const others = Array.from({ length: 50 }, (_, index) => `other:${index}`);
    scheduler.set(others.map((name) => slot(name, source)));
    await pass(17_999);

    const toCome = others.filter((name) => scheduler.offsetOf({ name, schedule: schedule(source) })! > 12_000);
    expect(namesOf().toSorted()).toEqual(toCome.toSorted());
    await pass(30_000);
    expect(namesOf().toSorted()).toEqual(others.toSorted());
  });

  test('in part during a walk run once in it, wherever others move them', async () => {
    const { scheduler, slot, namesOf } = scheduling({ spread: true });
    const named = (count: number, prefix: string) =>
      Array.from({ length: count }, (_, index) => slot(`${prefix}:${index}`, source));
    const first = named(400, 'check');
    scheduler.set(first);
    scheduler.start();
    await pass(29_750);

    for (let reload = 1; reload <= 40; reload += 1) {
      await pass(700);
      scheduler.set([...first, ...named(reload * 20, 'new')]);
    }
    await pass(1_999);

    const runs = namesOf().filter((name) => name.startsWith('check'));
    expect(runs.toSorted()).toEqual(first.map(({ name }) => name).toSorted());
  });

  test('between two walks wait for the next tick', async () => {
    const { scheduler, slot, namesOf } = scheduling();
    scheduler.set([slot('a', source)]);
    scheduler.start();
    await pass(29_750);
    expect(namesOf()).toEqual(['a']);

    scheduler.set([slot('a', source), slot('b', source)]);
    await pass(29_999);
    expect(namesOf()).toEqual([]);
    await pass(1);
    expect(namesOf()).toEqual(['a', 'b']);
  });

  test('keep the ticker of their expression, and end that of one that nobody has', async () => {
    const before = new Set(getTasks().keys());
    const ours = (): string[] => [...getTasks().keys()].filter((id) => !before.has(id));
    const { scheduler, slot, namesOf } = scheduling();
    scheduler.set([slot('a', '*/30 * 12 * * *'), slot('b', '*/20 * 12 * * *')]);
    scheduler.start();
    const [kept] = ours();

    scheduler.set([slot('a', '*/30 * 12 * * *'), slot('b', '*/10 * 12 * * *')]);
    await pass(29_750);

    expect(ours()).toHaveLength(2);
    expect(ours()[0]).toBe(kept);
    expect(namesOf()).toEqual(['b', 'b', 'a', 'b']);
  });
});

function iso(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}

describe('the next run', () => {
  test('is unknown while nothing ticks, and for what is not scheduled', () => {
    const { scheduler, slot } = scheduling();
    const a = slot('a', '*/30 * * * * *');
    scheduler.set([a]);

    expect(scheduler.nextRun(a)).toBeUndefined();
    scheduler.start();
    expect(scheduler.nextRun(slot('b', '*/30 * * * * *'))).toBeUndefined();
    expect(scheduler.nextRun(slot('a', '*/20 * * * * *'))).toBeUndefined();
  });

  test('is the next moment of the schedule plus the offset, then the one after', async () => {
    const { scheduler, slot, ran } = scheduling({ spread: true });
    const names = Array.from({ length: 20 }, (_, index) => `check:${index}`);
    const slots = names.map((name) => slot(name, '*/30 * * * * *'));
    scheduler.set(slots);
    scheduler.start();

    // Half a walk, so that some have run and some have not.
    await pass(29_750 + 15_000);
    const promised = slots.map((each) => [each.name, iso(scheduler.nextRun(each))!.slice(11, 23)]);
    ran.length = 0;
    await pass(30_000);

    expect(new Map(ran.map(({ name, at }) => [name, at]))).toEqual(new Map(promised as [string, string][]));
  });

  test('before the first tick is not one that belongs to a tick before the start', async () => {
    const { scheduler, slot } = scheduling({ spread: true });
    const a = slot('a', '1h');
    scheduler.set([a]);
    scheduler.start();

    expect(iso(scheduler.nextRun(a))).toBe(iso(Date.parse('2026-06-01T13:00:00Z') + offsetOf('a', a.schedule)));
  });

  test('of a weekday schedule is still today when today has yet to come', async () => {
    const { scheduler, slot } = scheduling({ spread: true });
    const a = slot('a', '1 12 * * 1-5');
    scheduler.set([a]);
    scheduler.start();
    const offset = offsetOf('a', a.schedule);

    await pass(59_750 + offset - 1);
    expect(iso(scheduler.nextRun(a))).toBe(iso(Date.parse('2026-06-01T12:01:00Z') + offset));
    await pass(1);
    expect(iso(scheduler.nextRun(a))).toBe(iso(Date.parse('2026-06-02T12:01:00Z') + offset));
  });
});

test('tells for how long nothing ticked, beyond the pause of the most frequent schedule', async () => {
  startAt('2026-03-01T12:00:00Z');
  const { scheduler, slot } = scheduling();
  scheduler.set([slot('often', '10s'), slot('daily', '1d')]);
  scheduler.start();

  await pass(9_000);
  expect(scheduler.overdueMs()).toBe(-1_000);
  await pass(1_000);
  expect(scheduler.overdueMs()).toBe(-10_000);
  block(25_000);
  expect(scheduler.overdueMs()).toBe(15_000);
  await pass(10_000);
  expect(scheduler.overdueMs()).toBeLessThan(0);
});
