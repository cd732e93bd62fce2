/** Ticks when the clock is set, when the event loop was blocked, and in zones with summer time. */
import { getTasks } from 'node-cron';
import { describe, expect, test, vi } from 'vitest';
import { offsetOf } from '../../../src/schedule/offsets.ts';
import { block, pass, schedule, schedulesByHand, scheduling, setClock, startAt } from '../../support/schedulers.ts';

schedulesByHand();

const hour = 3_600_000;

describe('a clock that is set forward', () => {
  test.each([1, 8])('by %i h floods nobody: each slot runs once, and goes on in its rhythm', async (hours) => {
    const { scheduler, slot, jumps, missed, timesOf } = scheduling();
    const walked = vi.spyOn(Intl.DateTimeFormat.prototype, 'formatToParts');
    scheduler.set([slot('a', '*/15 * * * * *')]);
    scheduler.start();
    await pass(16_000);
    timesOf();
    walked.mockClear();

    setClock(hours * hour);
    await pass(14_000);
    const at = `${12 + hours}:00:`;

    expect(timesOf()).toEqual([`${at}30.000`]);
    expect(jumps).toEqual([hours * hour]);
    expect(missed).toEqual([]);
    // To walk through every moment that was skipped takes hundreds of these.
    expect(walked.mock.calls.length).toBeLessThan(50);
    await pass(30_000);
    expect(timesOf()).toEqual([`${at}45.000`, `${12 + hours}:01:00.000`]);
    walked.mockRestore();
  });

  test('when a tick comes before the guard has looked, runs each slot once', async () => {
    const { scheduler, slot, jumps, timesOf } = scheduling();
    scheduler.set([slot('a', '* * * * * *')]);
    scheduler.start();
    await pass(1_500);
    timesOf();

    // The guard looks at .250 and .750, the next tick is at .000.
    await pass(200);
    setClock(hour);
    await pass(100);

    expect(timesOf()).toEqual(['13:00:02.000']);
    expect(jumps).toEqual([]);
    await pass(2_000);
    expect(jumps).toEqual([hour]);
    expect(timesOf()).toHaveLength(2);
  });

  test('does not take the run from slots that a walk has yet to reach', async () => {
    const { scheduler, slot, namesOf } = scheduling({ spread: true });
    const names = Array.from({ length: 50 }, (_, index) => `check:${index}`);
    scheduler.set(names.map((name) => slot(name, '1h')));
    scheduler.start();
    await pass(hour + 30 * 60_000);

    setClock(10_000);
    await pass(29 * 60_000);

    expect(namesOf().toSorted()).toEqual(names.toSorted());
  });

  test('does not make those burst that the walk has yet to reach', async () => {
    const { scheduler, slot, namesOf, ran } = scheduling({ spread: true });
    const names = Array.from({ length: 50 }, (_, index) => `check:${index}`);
    scheduler.set(names.map((name) => slot(name, '1h')));
    scheduler.start();
    await pass(hour + 10 * 60_000);
    namesOf();

    setClock(45 * 60_000);
    await pass(6 * 60_000);

    // The walk before went on for five minutes, the new one for one.
    expect(ran.length).toBeLessThan(15);
    await pass(58 * 60_000);
    expect(new Set(namesOf())).toEqual(new Set(names));
  });
});

describe('a clock that is set back', () => {
  test('by an hour does not stall the slots for an hour', async () => {
    const { scheduler, slot, jumps, timesOf } = scheduling();
    scheduler.set([slot('a', '*/15 * * * * *')]);
    scheduler.start();
    await pass(16_000);
    timesOf();

    setClock(-hour);
    await pass(45_000);

    expect(timesOf()).toEqual(['11:00:30.000', '11:00:45.000', '11:01:00.000']);
    expect(jumps).toEqual([-hour]);
  });

  test('leaves one ticker for each expression', async () => {
    const before = getTasks().size;
    const { scheduler, slot } = scheduling();
    scheduler.set([slot('a', '*/15 * * * * *'), slot('b', '* * 11,12 * * *')]);
    scheduler.start();
    const timers = vi.getTimerCount();

    setClock(-hour);
    await pass(1_000);

    expect(vi.getTimerCount()).toBe(timers);
    expect(getTasks().size - before).toBe(1);
  });
});

describe('an event loop that was blocked', () => {
  test('makes up once for all the ticks that it missed', async () => {
    const { scheduler, slot, missed, jumps, timesOf } = scheduling();
    scheduler.set([slot('a', '* * * * * *')]);
    scheduler.start();
    await pass(1_000);
    timesOf();

    block(5_300);
    await pass(750);

    expect(timesOf()).toEqual(['12:00:07.300']);
    expect(missed).toHaveLength(5);
    expect(jumps).toEqual([]);
    await pass(1_700);
    expect(timesOf()).toEqual(['12:00:08.000', '12:00:09.000']);
  });

  test('runs late what was due, and tells how late', async () => {
    const { scheduler, slot, ran } = scheduling();
    scheduler.set([slot('a', '0 * * * * *')]);
    scheduler.start();
    await pass(59_000);

    block(20_000);
    await pass(750);

    expect(ran).toEqual([{ name: 'a', at: '12:01:20.000', lateMs: 20_000 }]);
  });

  test('runs a slot once that the walk before should have reached, and once for the new tick', async () => {
    const { scheduler, slot, namesOf } = scheduling({ spread: true });
    const name = ['a', 'b', 'c', 'd'].find((each) => offsetOf(each, schedule('*/30 * * * * *')) > 20_000)!;
    scheduler.set([slot(name, '*/30 * * * * *')]);
    scheduler.start();
    await pass(29_750 + 10_000);

    block(19_000);
    await pass(30_000);

    expect(namesOf()).toEqual([name, name]);
  });

  test('makes up for a moment more than a day ago', async () => {
    const { scheduler, slot, missed, timesOf } = scheduling();
    scheduler.set([slot('a', '10 0 12 1 6 *')]);
    scheduler.start();

    block(48 * hour);
    await pass(9_750);

    expect(timesOf()).toEqual(['12:00:10.000']);
    expect(missed).toEqual([]);
  });
});

describe('the end of summer time', () => {
  // In Europe/Vienna clocks go from 3:00 back to 2:00 on 25 October 2026 at 1:00 UTC, and forward on 28 March 2027.

  test('leaves no gap in a schedule of seconds', async () => {
    startAt('2026-10-25T00:30:00.250Z');
    const { scheduler, slot, ran } = scheduling({ timezone: 'Europe/Vienna' });
    scheduler.set([slot('a', '*/15 * * * * *')]);
    scheduler.start();

    await pass(2 * hour);

    expect(ran).toHaveLength(480);
    expect(ran.every(({ lateMs }) => lateMs === 0)).toBe(true);
  });

  test.each(['0 * * * *', '1h', '@hourly'])('leaves no gap in a schedule of every hour: %s', async (source) => {
    startAt('2026-10-24T22:30:00.250Z');
    const { scheduler, slot, timesOf } = scheduling({ timezone: 'Europe/Vienna' });
    scheduler.set([slot('a', source)]);
    scheduler.start();

    await pass(4 * hour);

    expect(timesOf()).toEqual(['23:00:00.000', '00:00:00.000', '01:00:00.000', '02:00:00.000']);
  });

  test('runs once at a time of day that comes twice', async () => {
    startAt('2026-10-24T23:30:00.250Z');
    const { scheduler, slot, ran } = scheduling({ timezone: 'Europe/Vienna' });
    scheduler.set([slot('a', '30 2 * * *')]);
    scheduler.start();

    await pass(4 * hour);

    expect(ran).toHaveLength(1);
  });
});

describe('the zone of an expression', () => {
  test('is the one that was configured for a time of day', async () => {
    const { scheduler, slot, timesOf } = scheduling({ timezone: 'Asia/Tokyo' });
    scheduler.set([slot('a', '@daily')]);
    scheduler.start();

    await pass(24 * hour);

    expect(timesOf()).toEqual(['15:00:00.000']);
  });
});
