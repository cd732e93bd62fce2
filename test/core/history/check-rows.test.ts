import { describe, expect, test } from 'vitest';
import { CheckRows } from '../../../src/history/check-rows.ts';
import { fitLayout, type Layout, layoutOf } from '../../../src/history/layout.ts';
import { letterOf, runCode } from '../../../src/history/run-code.ts';

const minute = 60_000;
const hour = 60 * minute;
// A moment at which a bucket of every width begins.
const start = 6 * hour * 70_000;
const up = runCode(undefined, false);
const down = runCode('connect', false);
const deepest = layoutOf(60, 1, 3);

function note(rows: CheckRows, row: number, endedAt: number, code = up, seconds = 0.1, phases = [0.03, 0.07]): void {
  rows.note(row, { code, endedAt, seconds, phases: Float64Array.from(phases), phaseCount: phases.length });
}

test('the last runs come back in their order, each with its moment, length and code', () => {
  const rows = new CheckRows(deepest, 2);
  for (let index = 0; index < 70; index += 1) {
    note(rows, 1, start + index * 30_000 + 400, index % 7 === 0 ? down : up, 0.01 * (index + 1));
  }

  const { codes, endedAt, seconds } = rows.runs(1);
  expect(rows.runCount(1)).toBe(70);
  expect(endedAt).toEqual(Array.from({ length: 60 }, (_, index) => start + (index + 10) * 30_000));
  expect(codes.map(letterOf).join('')).toBe(rows.strip(1, 60));
  expect(rows.strip(1, 8)).toBe('ucuuuuuu');
  expect(codes.map((code, index) => (code === down ? index : -1)).filter((index) => index >= 0)).toEqual([
    4, 11, 18, 25, 32, 39, 46, 53,
  ]);
  expect(seconds[0]).toBeCloseTo(0.11, 4);
  expect(seconds[59]).toBeCloseTo(0.7, 3);
  expect(rows.runs(0)).toEqual({ codes: [], endedAt: [], seconds: [] });
});

describe('availability', () => {
  test('counts every run of the window the same, and none of before', () => {
    const rows = new CheckRows(deepest, 1);
    // Two days ago all was well; in the last day every fourth run failed, in the last hour every second.
    for (let at = start; at < start + 24 * hour; at += 10 * minute) note(rows, 0, at);
    for (let index = 0; index < 144; index += 1) {
      note(rows, 0, start + 24 * hour + index * 10 * minute, index % 4 === 0 ? down : up);
    }
    const now = start + 48 * hour - 1;
    // The 24 hours before the one under way and that one: the whole second day and the last hour of the first.
    expect(rows.tally(0, 1, now)).toEqual({ successes: 108 + 6, runs: 144 + 6 });
    expect(rows.tally(0, 2, now)).toEqual({ successes: 144 + 108, runs: 288 });
    // The 65 minutes until now hold the runs at 22:50 (as buckets are of five minutes), 23:00, ... 23:50.
    expect(rows.tally(0, 0, now).runs).toBe(6);
  });

  test('time without a run does not count, and what is older than the window is gone', () => {
    const rows = new CheckRows(deepest, 1);
    note(rows, 0, start, down);
    note(rows, 0, start + 3 * hour);
    expect(rows.tally(0, 0, start + 3 * hour)).toEqual({ successes: 1, runs: 1 });
    expect(rows.tally(0, 1, start + 3 * hour)).toEqual({ successes: 1, runs: 2 });
    // Nothing ran since: the buckets are as they were, but of another time.
    expect(rows.tally(0, 0, start + 5 * hour)).toEqual({ successes: 0, runs: 0 });
    expect(rows.tally(0, 1, start + 40 * hour)).toEqual({ successes: 0, runs: 0 });
    expect(rows.tally(0, 2, start + 40 * hour)).toEqual({ successes: 1, runs: 2 });
    expect(rows.tally(0, 2, start + 8 * 24 * hour)).toEqual({ successes: 0, runs: 0 });
  });

  test('runs in maintenance do not count', () => {
    const rows = new CheckRows(deepest, 1);
    note(rows, 0, start, runCode('connect', true));
    note(rows, 0, start + 1, runCode(undefined, true));
    note(rows, 0, start + 2);

    expect(rows.tally(0, 0, start + 3)).toEqual({ successes: 1, runs: 1 });
    expect(rows.strip(0, 60)).toBe('CUu');
  });

  test('a clock that is set back a little loses nothing; far back, it begins anew', () => {
    const rows = new CheckRows(deepest, 1);
    note(rows, 0, start + 20 * minute);
    note(rows, 0, start + 14 * minute);
    expect(rows.tally(0, 0, start + 20 * minute).runs).toBe(2);
    note(rows, 0, start - 30 * 24 * hour, down);
    expect(rows.tally(0, 2, start - 30 * 24 * hour)).toEqual({ successes: 0, runs: 1 });
  });

  test('a counter that is full stays so', () => {
    const rows = new CheckRows(deepest, 1);
    for (let index = 0; index < 70_000; index += 1) note(rows, 0, start + index);
    expect(rows.tally(0, 2, start + 70_000)).toEqual({ successes: 65_535, runs: 65_535 });
  });
});

describe('latencies', () => {
  test('are the means of the runs of each minute that succeeded, of the whole and by phase', () => {
    const rows = new CheckRows(deepest, 1);
    note(rows, 0, start, up, 0.1, [0.02, 0.08]);
    note(rows, 0, start + 30_000, up, 0.3, [0.04, 0.26]);
    note(rows, 0, start + 45_000, down, 5, [5, NaN]);
    note(rows, 0, start + 2 * minute, up, 0.5, [0.1, 0.4]);

    const { times, rows: series } = rows.latencies(0, start + 2 * minute);
    expect(times.slice(-3)).toEqual([start, start + minute, start + 2 * minute]);
    expect(times.length).toBe(61);
    const last = series.map((values) => values.slice(-3));
    expect(last[0]![0]).toBeCloseTo(0.2, 4);
    expect(last[1]![0]).toBeCloseTo(0.03, 5);
    expect(last[2]![0]).toBeCloseTo(0.17, 4);
    expect(last.map((values) => values[1])).toEqual([undefined, undefined, undefined]);
    expect(last[0]![2]).toBeCloseTo(0.5, 6);
    expect(series[0]!.slice(0, -3).every((value) => value === undefined)).toBe(true);
  });

  test('of more than an hour ago are gone', () => {
    const rows = new CheckRows(deepest, 1);
    for (let index = 0; index < 150; index += 1) note(rows, 0, start + index * minute, up, 1 + index);
    const known = (now: number) => rows.latencies(0, now).rows[0]!.filter((value) => value !== undefined);

    expect(known(start + 149 * minute).length).toBe(61);
    expect(known(start + 149 * minute)[0]).toBeCloseTo(90, 1);
    expect(known(start + 179 * minute).length).toBe(31);
    expect(known(start + 400 * minute).length).toBe(0);
    note(rows, 0, start + 400 * minute, up, 7);
    expect(known(start + 400 * minute)).toEqual([7]);
  });

  test('a phase that a prober does not tell has none', () => {
    const rows = new CheckRows(deepest, 1);
    note(rows, 0, start, up, 0.1, [NaN]);
    note(rows, 0, start + 2 * minute, up, 0.1, [NaN]);
    expect(
      rows.latencies(0, start + 2 * minute).rows.map((values) => values.filter((v) => v !== undefined).length),
    ).toEqual([2, 0, 0]);
  });
});

describe('a row that moves to another layout', () => {
  const shallow = layoutOf(20, 5, 2);
  const filled = (layout: Layout): CheckRows => {
    const rows = new CheckRows(layout, 3);
    for (let index = 0; index < 100; index += 1) {
      note(rows, 2, start + index * 30_000, index % 5 === 0 ? down : up, index < 50 ? 0.2 : 0.4, [0.1, 0.1]);
    }
    rows.setState(2, true, start + 7);
    return rows;
  };
  const now = start + 99 * 30_000;

  test('keeps what both have room for', () => {
    for (const [from, to] of [
      [deepest, shallow],
      [shallow, deepest],
      [deepest, deepest],
    ] as const) {
      const before = filled(from);
      const after = new CheckRows(to, 1);
      after.adopt(0, before, 2);
      const most = Math.min(from.runs, to.runs);

      expect(after.runCount(0)).toBe(100);
      expect(after.state(0)).toEqual({ up: true, sinceAt: start + 7 });
      expect(after.strip(0, most)).toBe(before.strip(2, most));
      expect(after.runs(0).endedAt.slice(-most)).toEqual(before.runs(2).endedAt.slice(-most));
      for (const window of [0, 1, 2]) expect(after.tally(0, window, now)).toEqual(before.tally(2, window, now));
      const values = after.latencies(0, now).rows[0]!.filter((value) => value !== undefined);
      expect(values[0]).toBeCloseTo(0.2, 3);
      expect(values.at(-1)).toBeCloseTo(0.4, 3);
      // And goes on from there.
      note(after, 0, now + 30_000);
      expect(after.strip(0, 3)).toBe(`${before.strip(2, 2)}u`);
    }
  });

  test('a row that never ran stays so', () => {
    const after = new CheckRows(shallow, 1);
    after.adopt(0, filled(deepest), 0);
    expect(after.runs(0).codes).toEqual([]);
    expect(after.state(0)).toBeUndefined();
    expect(after.latencies(0, now).rows[0]!.every((value) => value === undefined)).toBe(true);
  });
});

describe('the budget', () => {
  test.each([1, 100, 1_000, 5_000, 10_000, 50_000])('holds for %d checks', (checks) => {
    for (const bytes of [500_000, 7_500_000, 31_000_000]) {
      const { layout, rows } = fitLayout(bytes, checks, 6);
      expect(new CheckRows(layout, rows).byteLength).toBeLessThanOrEqual(bytes);
      expect(rows).toBeLessThanOrEqual(checks);
    }
  });

  test('of the default has room for every check of ten thousand, and for full depth with five thousand', () => {
    const bytes = 7_500_000;
    expect(fitLayout(bytes, 5_000, 6).layout).toMatchObject({ runs: 60, latencyStepMs: minute });
    const { layout, rows } = fitLayout(bytes, 10_000, 6);
    expect(rows).toBe(10_000);
    expect(layout.runs).toBeGreaterThanOrEqual(40);
    expect(layout.latencyStepMs).toBe(10 * minute);
  });
});
