/** When slots run that share a tick. */
import { describe, expect, test } from 'vitest';
import { offsetOf, startOffset } from '../../../src/schedule/scheduler.ts';
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
