/** When slots run that share a tick. */
import { describe, expect, test } from 'vitest';
import { offsetOf, placesOf } from '../../../src/schedule/offsets.ts';
import { pass, schedule, schedulesByHand, scheduling } from '../../support/schedulers.ts';

schedulesByHand();

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
    const slots = Array.from({ length: 100 }, (_, index) => slot(`check:${index}`, '*/30 * * * * *'));
    scheduler.set(slots);
    scheduler.start();

    await pass(29_750);
    const tickAt = Date.now();
    await pass(29_999);

    expect(ran.map(({ name }) => name).toSorted()).toEqual(slots.map(({ name }) => name).toSorted());
    for (const { name, at } of ran) {
      expect(Date.parse(`2026-06-01T${at}Z`) - tickAt).toBe(scheduler.offsetOf({ name, schedule: every30s }));
    }
    expect(ran.every(({ lateMs }) => lateMs === 0)).toBe(true);
  });
});

describe('slots that start shortly after one another', () => {
  const places = (count: number, source: string) => {
    const slots = Array.from({ length: count }, (_, index) => ({ name: `check:${index}`, schedule: schedule(source) }));
    return placesOf(slots, { spread: true, host: 'web1' });
  };

  /** The lengths of the rows of slots of which each is a millisecond behind the one before. */
  const trainsOf = (found: readonly { offset: number }[]): number[] => {
    const lengths: number[] = [];
    for (const [index, { offset }] of found.entries()) {
      if (index > 0 && offset === found[index - 1]!.offset + 1) lengths[lengths.length - 1]! += 1;
      else lengths.push(1);
    }
    return lengths;
  };

  test('do so a millisecond apart', () => {
    const found = places(1000, '30s');

    expect(trainsOf(found).reduce((sum, length) => sum + length)).toBe(1000);
    expect(trainsOf(found).length).toBeLessThan(50);
  });

  test('make trains of no more than 32, so that others get their turn', () => {
    for (const count of [100, 1000, 5000]) expect(Math.max(...trainsOf(places(count, '30s')))).toBeLessThanOrEqual(33);
  });

  test.each([
    ['30s', 1000],
    ['5s', 250],
    ['1s', 50],
  ])('every %s start no more than %i ms before their own moment, and never after it', (source, atMostMs) => {
    for (const { slot, offset } of places(1000, source)) {
      const moved = offsetOf(slot.name, slot.schedule) - offset;
      expect(moved).toBeGreaterThanOrEqual(0);
      expect(moved).toBeLessThanOrEqual(atMostMs);
    }
  });

  test('keep their order, however many', () => {
    const found = places(20_000, '1s');

    for (const [index, { offset }] of found.entries()) {
      expect(offset).toBeGreaterThanOrEqual(found[index - 1]?.offset ?? 0);
    }
  });

  test('leave those that start together where they are', () => {
    const slots = Array.from({ length: 200 }, (_, index) => ({
      name: `collector:${index}`,
      schedule: schedule('5s'),
      together: index % 2 === 0,
    }));
    const offsets = placesOf(slots, { spread: true, host: 'web1' })
      .filter(({ slot }) => slot.together)
      .map(({ offset }) => offset);

    expect(new Set(offsets).size).toBe(1);
  });
});

describe('slots that start together', () => {
  const every = (source: string, together = true) => ({ name: 'collector:cpu', schedule: schedule(source), together });
  const offset = (slot: ReturnType<typeof every>, host: string, spread = true): number =>
    placesOf([slot], { spread, host })[0]!.offset;

  test('do so whatever their names, and also those of longer schedules, at a moment that depends on the host', () => {
    const offsets = (host: string): number[] => ['5s', '10s', '1m', '1h'].map((source) => offset(every(source), host));

    const [first, ...others] = offsets('web1');

    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(0.95 * 5000);
    expect(others).toEqual([first, first, first]);
    expect(offsets('web2')[0]).not.toBe(first);
  });

  test('do so within a shorter period as well', () => {
    for (const host of ['web1', 'web2', 'web3', 'db1']) expect(offset(every('1s'), host)).toBeLessThan(950);
  });

  test('are alone where they do not say so, and at the tick where nothing is spread', () => {
    const alone = every('30s', false);

    expect(offset(alone, 'web1')).toBe(offsetOf(alone.name, alone.schedule));
    expect(offset(every('30s'), 'web1', false)).toBe(0);
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
