import { describe, expect, test } from 'vitest';
import { gauge } from '../../../src/collector.ts';
import { History } from '../../../src/history/history.ts';
import { reasonOf } from '../../../src/history/run-code.ts';
import { fakeCheck } from '../../support/history-checks.ts';
import { handClock } from '../../support/hand-clock.ts';

const megabyte = 1e6;

describe('the history of a check', () => {
  test('has its runs, latencies by phase, availability and the times that it turned', async () => {
    const clock = handClock();
    clock.advance(3_600_000);
    const shop = fakeCheck('shop', clock);
    const history = new History(8 * megabyte);
    history.set([shop.check]);
    for (let run = 0; run < 10; run += 1) {
      shop.next = run === 4 ? { reason: 'timeout' } : { phases: { connect: 0.01, transfer: 0.02 } };
      await shop.probe();
      history.probed(shop.check, false);
      clock.advance(30_000);
    }
    const row = history.rowOf(shop.check)!;
    expect(history.rows.strip(row, 60)).toBe('uuuuouuuuu');
    const { hour, since, runCount } = history.summary(shop.check, clock.now())!;
    expect(hour).toEqual({ successes: 9, runs: 10 });
    expect(runCount).toBe(10);
    expect(since).toEqual({ up: true, sinceAt: 3_600_000 + 5 * 30_000 });
    const { rows } = history.rows.latencies(row, clock.now());
    expect(rows[1]!.findLast((value) => value !== undefined)).toBeCloseTo(0.01, 5);
    expect(rows[2]!.findLast((value) => value !== undefined)).toBeCloseTo(0.02, 5);
    expect(history.changesOf(shop.check).map(({ up, code, at }) => [up, reasonOf(code), at])).toEqual([
      [false, 'timeout', 3_600_000 + 4 * 30_000],
      [true, undefined, 3_600_000 + 5 * 30_000],
    ]);
  });

  test('counts as down only when the check does, though each run is remembered', async () => {
    const clock = handClock();
    const shop = fakeCheck('shop', clock, { failingAfter: 3 });
    const history = new History(8 * megabyte);
    history.set([shop.check]);
    const probe = async (): Promise<void> => {
      clock.advance(1000);
      await shop.probe();
      history.probed(shop.check, false);
    };
    await probe();
    shop.next = { reason: 'dns' };
    await probe();
    await probe();
    expect(history.summary(shop.check, clock.now())!.since).toEqual({ up: true, sinceAt: 1000 });
    await probe();
    expect(history.summary(shop.check, clock.now())!.since).toEqual({ up: false, sinceAt: 4000 });
    expect(history.rows.strip(0, 60)).toBe('unnn');
  });

  test('stays over a reload that changes schedule and labels, and goes with another target', async () => {
    const clock = handClock();
    const history = new History(8 * megabyte);
    const before = [fakeCheck('a', clock), fakeCheck('b', clock), fakeCheck('c', clock)];
    history.set(before.map(({ check }) => check));
    for (const fake of before) {
      fake.next = { reason: 'dns' };
      await fake.probe();
      history.probed(fake.check, false);
      fake.next = {};
      await fake.probe();
      history.probed(fake.check, false);
    }
    const after = [
      fakeCheck('new', clock),
      fakeCheck('c', clock, { labels: { team: 'web' } }),
      fakeCheck('b', clock, { target: 'http://elsewhere/' }),
      fakeCheck('a', clock, { target: 'http://user:password@a/?token=1' }),
    ].map(({ check }) => check);
    history.set(after);
    expect(after.map((check) => history.rows.strip(history.rowOf(check)!, 60))).toEqual(['', 'nu', '', 'nu']);
    expect(after.map((check) => history.changesOf(check).length)).toEqual([0, 1, 0, 1]);
    expect(history.rowOf(before[0]!.check)).toBeUndefined();
  });
});

describe('the budget', () => {
  test('holds with ten thousand checks, and says what it costs', () => {
    const clock = handClock();
    const { check } = fakeCheck('one', clock);
    const history = new History(8 * megabyte);
    history.set([check]);
    expect(history.note).toBeUndefined();
    history.set(Array.from({ length: 10_000 }, (_, index) => fakeCheck(`check ${index}`, clock).check));
    expect(history.usedBytes).toBeLessThanOrEqual(8 * megabyte);
    expect(history.checksWithout).toBe(0);
    expect(history.note).toMatch(
      /^with 10000 checks, history\.budget has room for \d+ runs of each and latencies in steps of \d+ minutes$/,
    );
  });

  test('that has not room for all says how many have a history, and those that have not cost nothing', async () => {
    const clock = handClock();
    const fakes = Array.from({ length: 3_000 }, (_, index) => fakeCheck(`check ${index}`, clock));
    const history = new History(1.4 * megabyte);
    history.set(fakes.map(({ check }) => check));
    expect(history.usedBytes).toBeLessThanOrEqual(1.4 * megabyte);
    expect(history.checksWithout).toBeGreaterThan(0);
    expect(history.note).toContain('of 3000 checks; the others have no history');
    const last = fakes.at(-1)!;
    await last.probe();
    history.probed(last.check, false);
    expect(history.summary(last.check, clock.now())).toBeUndefined();
    expect(history.changesOf(last.check)).toEqual([]);
  });

  test('of 0 remembers nothing', async () => {
    const clock = handClock();
    const fake = fakeCheck('one', clock);
    const history = new History(0);
    history.set([fake.check]);
    await fake.probe();
    history.probed(fake.check, false);
    const load = gauge('node_load1', 'Load.');
    expect(history.collected('loadavg', [load.sample(1)], clock.now())).toBeUndefined();
    expect([history.usedBytes, history.summary(fake.check, 0), history.note]).toEqual([0, undefined, undefined]);
  });
});
