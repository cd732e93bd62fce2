import { expect, test } from 'vitest';
import type { HostChart } from '../../../src/api/types.ts';
import { type Model, nothing, stripLength, updated, withPoints } from '../../../src/page/model.ts';
import { pageCheck, pageChecks, pageCollector, pageDeltas, pageStatus } from '../../support/page-model.ts';

const known: Model = {
  ...nothing,
  checks: pageChecks({ name: 'a', strip: 'uu', runCount: 2 }, { name: 'b', strip: 'u', runCount: 1 }),
  collectors: [pageCollector({ name: 'cpu' }), pageCollector({ name: 'stat' })],
};

test('an update changes the checks that it names, and leaves the others the same objects', () => {
  const down = pageCheck({ index: 1, state: 'down', reason: 'dns', detail: 'no such name', runCount: 2 });

  const next = updated(known, { at: 5_000, generation: 1, checks: pageDeltas([down], ['d']) }, 4_000);

  expect(next.checks![0]).toBe(known.checks![0]);
  expect(next.checks![1]).toMatchObject({ name: 'b', state: 'down', reason: 'dns', strip: 'ud', runCount: 2 });
  expect(next.skewMs).toBe(1_000);
  expect(next.collectors).toBe(known.collectors);
});

test.each([
  ['that are all new', 4, 'ut', 'uuut'],
  ['of which one is known', 3, 'ut', 'uut'],
  ['that are all known', 2, 'ut', 'uu'],
  ['after some that were missed', 9, 'ut', 'uuut'],
])('letters of runs %s are put behind the strip once', (_, runCount, runs, strip) => {
  const next = updated(known, { at: 0, generation: 1, checks: pageDeltas([pageCheck({ runCount })], [runs]) }, 0);

  expect(next.checks![0]!.strip).toBe(strip);
});

test('a strip keeps the last runs only', () => {
  const model = { ...known, checks: pageChecks({ strip: 'u'.repeat(stripLength), runCount: 100 }) };

  const next = updated(model, { at: 0, generation: 1, checks: pageDeltas([pageCheck({ runCount: 102 })], ['dd']) }, 0);

  expect(next.checks![0]!.strip).toBe(`${'u'.repeat(stripLength - 2)}dd`);
});

test('an update of a check that the list does not have is passed over', () => {
  const stray = pageDeltas([pageCheck({ index: 7 })], ['u']);

  expect(updated(known, { at: 0, generation: 1, checks: stray }, 0).checks).toEqual(known.checks);
});

test('collectors that ran are replaced by name, and the status is replaced whole', () => {
  const ran = pageCollector({ name: 'stat', result: 'error', failing: true });
  const status = pageStatus({ state: 'trouble' });

  const next = updated(known, { at: 0, generation: 1, collectors: [ran], status }, 0);

  expect(next.collectors).toEqual([known.collectors![0], ran]);
  expect(next.status).toBe(status);
});

test('what has not been fetched yet is not made up from an update', () => {
  const next = updated(
    nothing,
    { at: 0, generation: 1, collectors: [pageCollector()], checks: pageDeltas([pageCheck()], ['u']), host: [] },
    0,
  );

  expect([next.checks, next.collectors, next.host]).toEqual([undefined, undefined, undefined]);
});

function chart(times: readonly number[], series: Record<string, readonly (number | null)[]>): HostChart {
  return {
    id: 'network',
    unit: 'bytes_per_second',
    times,
    series: Object.entries(series).map(([device, values]) => ({ name: 'received', device, values })),
    omittedDevices: 0,
  };
}

test('points are put behind a chart once, a device that comes has none before, one that is gone has none after', () => {
  const before = chart([1_000, 2_000], { eth0: [1, 2], eth1: [7, 8] });

  const after = withPoints(before, chart([2_000, 3_000], { eth0: [2, 3], wlan0: [null, 9] }));

  expect(after).toEqual(chart([1_000, 2_000, 3_000], { eth0: [1, 2, 3], eth1: [7, 8, null], wlan0: [null, null, 9] }));
});

test('points of more than an hour ago go, and with the last of them their device', () => {
  const before = chart([0, 1_000], { eth0: [1, 2], eth1: [3, null] });

  expect(withPoints(before, chart([3_600_500], { eth0: [3] }))).toEqual(chart([1_000, 3_600_500], { eth0: [2, 3] }));
  expect(withPoints(undefined, chart([1], { eth0: [3] }))).toEqual(chart([1], { eth0: [3] }));
});
