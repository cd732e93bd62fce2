import { getTasks } from 'node-cron';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Clock, systemClock } from '../../../src/clock.ts';
import { parseSchedule, type Schedule } from '../../../src/schedule/expression.ts';
import { offsetOf, type Scheduled, Scheduler, startOffset, zoneFor } from '../../../src/schedule/scheduler.ts';

const hour = 3_600_000;

let blockedMs = 0;

// Timers, Date and performance are moved by hand; what a blocked event loop adds, both clocks have.
const clock: Clock = { ...systemClock, monotonic: () => performance.now() + blockedMs };

/** The event loop stands still: time passes on both clocks, and what was due fires late. */
function block(ms: number): void {
  blockedMs += ms;
  vi.setSystemTime(Date.now() + ms);
}

/** The wall clock is set, or the host slept: the monotonic clock does not notice. */
function setClock(byMs: number): void {
  vi.setSystemTime(Date.now() + byMs);
}

/** Lets time pass, and what is put off to the end of a turn happen. */
async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

function startAt(iso: string): void {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'], now: new Date(iso) });
}

function schedule(source: string): Schedule {
  const parsed = parseSchedule(source);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

interface Ran {
  readonly name: string;
  /** The wall clock at the start of the run, such as `12:00:15.000`. */
  readonly at: string;
  /** How long after it was due. */
  readonly lateMs: number;
}

const open: Scheduler[] = [];

/** A scheduler that writes down what it runs and what it tells. */
function scheduling({ timezone = 'UTC', spread = false } = {}) {
  const ran: Ran[] = [];
  const jumps: number[] = [];
  const missed: string[] = [];
  const scheduler = new Scheduler({
    clock,
    timezone,
    spread,
    host: 'web1',
    listener: {
      jumped: (byMs) => void jumps.push(byMs),
      missed: (expression) => void missed.push(expression),
      log() {},
    },
  });
  open.push(scheduler);
  const slot = (name: string, source: string): Scheduled => ({
    name,
    schedule: schedule(source),
    run: (dueAt) =>
      void ran.push({ name, at: new Date().toISOString().slice(11, 23), lateMs: clock.monotonic() - dueAt }),
  });
  const namesOf = (): string[] => ran.splice(0).map(({ name }) => name);
  const timesOf = (): string[] => ran.splice(0).map(({ at }) => at);
  return { scheduler, slot, ran, jumps, missed, namesOf, timesOf };
}

beforeEach(() => {
  blockedMs = 0;
  startAt('2026-06-01T12:00:00.250Z');
});

afterEach(() => {
  for (const scheduler of open.splice(0)) scheduler.stop();
  vi.useRealTimers();
});

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
  test('share one cron task, even 10,000 of them', () => {
    const before = getTasks().size;
    const { scheduler, slot } = scheduling({ spread: true });
    const one = slot('check', '*/30 * * * * *');
    scheduler.set(Array.from({ length: 10_000 }, (_, index) => ({ ...one, name: `check:${index}` })));
    scheduler.start();

    expect(getTasks().size - before).toBe(1);
  });

  test('share it whether they are written as duration, as nickname or in five fields', () => {
    const before = getTasks().size;
    const { scheduler, slot } = scheduling();
    scheduler.set([slot('a', '1d'), slot('b', '@daily'), slot('c', '0 0 * * *'), slot('d', '0 0 0 * * *')]);
    scheduler.start();

    expect(getTasks().size - before).toBe(1);
  });
});

describe('the offset of a slot', () => {
  const every30s = schedule('*/30 * * * * *');

  test('is the same in each process', () => {
    expect(
      ['collector:cpu', 'check:shop', 'check:shop/1', 'check:shop/2'].map((name) => offsetOf(name, every30s)),
    ).toEqual([13318, 21189, 2428, 11866]);
  });

  test('is less than the period by a twentieth, so that no slot is due when its next tick comes', () => {
    const offsets = Array.from({ length: 10_000 }, (_, index) => offsetOf(`check:${index}`, every30s));

    expect(Math.min(...offsets)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...offsets)).toBeLessThan(0.95 * 30_000);
  });

  test.each([
    ['numbered', (index: number) => `check:${index}`],
    ['alike but for the end', (index: number) => `check:https://shop.example/products/${index}`],
    ['alike but for the start', (index: number) => `check:${index}.example.com`],
  ])('is spread evenly over names that are %s', (_, nameOf) => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let index = 0; index < 10_000; index += 1) {
      const tenth = Math.floor(offsetOf(nameOf(index), every30s) / 2850);
      tenths[tenth] = tenths[tenth]! + 1;
    }

    // Six standard deviations of an even distribution.
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(180);
  });

  test('puts its runs behind the tick', async () => {
    const { scheduler, slot, ran } = scheduling({ spread: true });
    const names = Array.from({ length: 100 }, (_, index) => `check:${index}`);
    scheduler.set(names.map((name) => slot(name, '*/30 * * * * *')));
    scheduler.start();

    await pass(29_750);
    const tickAt = Date.now();
    await pass(29_999);

    expect(ran.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
    for (const { name, at } of ran) {
      expect(Date.parse(`2026-06-01T${at}Z`) - tickAt).toBe(offsetOf(name, every30s));
    }
    expect(ran.every(({ lateMs }) => lateMs === 0)).toBe(true);
  });
});

describe('slots that start together', () => {
  const every = (source: string, together = true) => ({ name: 'collector:cpu', schedule: schedule(source), together });

  test('do so whatever their names, and also those of longer schedules, at a moment that depends on the host', () => {
    const offsets = (host: string): number[] =>
      ['5s', '10s', '1m', '1h'].map((source) => startOffset(every(source), { spread: true, host }));

    const [first, ...others] = offsets('web1');

    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(0.95 * 5000);
    expect(others).toEqual([first, first, first]);
    expect(offsets('web2')[0]).not.toBe(first);
  });

  test('do so within a shorter period as well', () => {
    for (const host of ['web1', 'web2', 'web3', 'db1']) {
      expect(startOffset(every('1s'), { spread: true, host })).toBeLessThan(950);
    }
  });

  test('are alone where they do not say so, and at the tick where nothing is spread', () => {
    const alone = every('30s', false);

    expect(startOffset(alone, { spread: true, host: 'web1' })).toBe(offsetOf(alone.name, alone.schedule));
    expect(startOffset(every('30s'), { spread: false, host: 'web1' })).toBe(0);
  });

  test('run one after the other in one wake of the timer', async () => {
    const { scheduler, slot, ran } = scheduling({ spread: true });
    scheduler.set(['c', 'a', 'b'].map((name) => ({ ...slot(name, '*/15 * * * * *'), together: true })));
    scheduler.start();

    await pass(20_000);

    expect(ran.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(new Set(ran.map(({ at }) => at)).size).toBe(1);
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

    const toCome = others.filter((name) => offsetOf(name, schedule(source)) > 12_000);
    expect(namesOf().toSorted()).toEqual(toCome.toSorted());
    await pass(30_000);
    expect(namesOf().toSorted()).toEqual(others.toSorted());
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

  test('keep the task of their expression, and end that of one that nobody has', async () => {
    const before = new Set(getTasks().keys());
    const ours = (): string[] => [...getTasks().keys()].filter((id) => !before.has(id));
    const { scheduler, slot, namesOf } = scheduling();
    scheduler.set([slot('a', source), slot('b', '*/20 * * * * *')]);
    scheduler.start();
    const [kept] = ours();

    scheduler.set([slot('a', source), slot('b', '*/10 * * * * *')]);
    await pass(29_750);

    expect(ours()).toHaveLength(2);
    expect(ours()[0]).toBe(kept);
    expect(namesOf()).toEqual(['b', 'b', 'a', 'b']);
  });
});

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

  test('leaves one task for each expression', async () => {
    const before = getTasks().size;
    const { scheduler, slot } = scheduling();
    scheduler.set([slot('a', '*/15 * * * * *'), slot('b', '*/20 * * * * *')]);
    scheduler.start();

    setClock(-hour);
    await pass(1_000);

    expect(getTasks().size - before).toBe(2);
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
    expect(missed).toEqual(['10 0 12 1 6 *']);
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
  test.each([
    ['*/15 * * * * *', 'Europe/Vienna', 'UTC'],
    ['0 0 * * * *', 'Europe/Vienna', 'UTC'],
    ['0 0 */1 * * *', 'Europe/Vienna', 'UTC'],
    ['0 */5 0-23 ? * ?', 'Europe/Vienna', 'UTC'],
    ['*/15 * * * * *', 'Asia/Kolkata', 'UTC'],
    ['0 0 * * * *', 'Asia/Kolkata', 'Asia/Kolkata'],
    ['0 0 * * * *', 'Australia/Lord_Howe', 'Australia/Lord_Howe'],
    ['0 0 */2 * * *', 'Europe/Vienna', 'Europe/Vienna'],
    ['0 30 2 * * *', 'Europe/Vienna', 'Europe/Vienna'],
    ['* * * * * 1-5', 'Europe/Vienna', 'Europe/Vienna'],
    ['* * * 1 * *', 'Europe/Vienna', 'Europe/Vienna'],
    ['* * * * 1 *', 'Europe/Vienna', 'Europe/Vienna'],
    [schedule('@daily').expression, 'Europe/Vienna', 'Europe/Vienna'],
    ['0 0 0 * * *', 'UTC', 'UTC'],
  ])('of %s in %s is %s', (expression, timezone, zone) => {
    expect(zoneFor(expression, timezone)).toBe(zone);
  });

  test('is the one that was configured for a time of day', async () => {
    const { scheduler, slot, timesOf } = scheduling({ timezone: 'Asia/Tokyo' });
    scheduler.set([slot('a', '@daily')]);
    scheduler.start();

    await pass(24 * hour);

    expect(timesOf()).toEqual(['15:00:00.000']);
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
