import { expect, test } from 'vitest';
import type { CheckAnswer, HostAnswer, HostChart } from '../../../src/api/types.ts';
import { type ChartData, columnsOf, highest, latest, spanOf, topOf } from '../../../src/page/chart-data.ts';
import { mountsOf, panelsOf, spanOfHost } from '../../../src/page/host-panels.ts';
import { latencyChart } from '../../../src/page/latency-chart.ts';

const line = (label: string, values: readonly (number | null)[]) => ({ label, colour: 1, values });
const lines = [line('a', [1, 2, null]), line('b', [10, null, 30])];

test('lines are columns in seconds, stacked ones sums of which the topmost comes first', () => {
  const chart: ChartData = { times: [1_000, 2_000, 3_000], lines, stacked: false };

  expect(columnsOf(chart)).toEqual([
    [1, 2, 3],
    [1, 2, null],
    [10, null, 30],
  ]);
  expect(columnsOf({ ...chart, stacked: true })).toEqual([
    [1, 2, 3],
    [11, null, 30],
    [1, 2, null],
  ]);
  expect([highest(chart), highest({ ...chart, stacked: true }), highest({ ...chart, lines: [] })]).toEqual([30, 30, 0]);
  expect([latest([1, 2, null]), latest([null])]).toEqual([2, null]);
});

test.each([
  [0, 1],
  [0.3, 0.5],
  [1, 1],
  [2.1, 5],
  [70, 100],
])('an axis for values up to %s ends at %s', (value, top) => {
  expect(topOf(value, [1, 2, 5], 10)).toBeCloseTo(top, 9);
});

test('an axis of sizes ends at a round number of its unit', () => {
  expect(topOf(1_500 * 1_024, [1, 2, 4, 10], 1_024)).toBe(2 * 1_024 * 1_024);
  expect(topOf(1_023 * 1_024, [1, 2, 4, 10], 1_024)).toBe(1_024 * 1_024);
});

test('a chart shows no more time than is known, in steps', () => {
  expect(spanOf(undefined, 9)).toEqual({ ms: 300_000, words: 'last 5 minutes' });
  expect(spanOf(0, 300_001).ms).toBe(900_000);
  expect(spanOf(0, 7_200_000)).toEqual({ ms: 3_600_000, words: 'last hour' });
});

const series = (name: string, values: readonly (number | null)[], device: string | null = null) => ({
  name,
  device,
  values,
});
const chart = (id: HostChart['id'], ...all: HostChart['series'][number][]): HostChart => ({
  id,
  unit: 'none',
  times: [1_000, 6_000],
  series: all,
  omittedDevices: 0,
});
const host: HostAnswer = {
  at: 7_000,
  event: 'e',
  host: { hostname: 'db-7', system: 'Linux', cpus: 2, memoryBytes: 2 ** 30, bootedAt: 0 },
  charts: [
    chart(
      'cpu',
      series('user', [null, 0.2]),
      series('irq', [null, 0.01]),
      series('softirq', [null, 0.02]),
      series('iowait', [null, 0.1]),
      series('idle', [null, 0.67]),
    ),
    chart('load', series('load1', [0, 1.5]), series('load5', [0, 1]), series('load15', [0, 0.5])),
    chart('memory', series('total', [8, 8]), series('available', [8, 6]), series('swap_total', [0, 0])),
    chart(
      'disk',
      series('read', [null, 1_024], 'sda'),
      series('written', [null, 1_024], 'sda'),
      series('read', [null, 1], 'sdb'),
      series('written', [null, 2], 'sdb'),
    ),
    chart('pressure', series('cpu_waiting', [null, 0.001]), series('io_waiting', [null, 0.3])),
    chart(
      'space',
      series('size', [100, 100], '/'),
      series('available', [50, 40], '/'),
      series('size', [10, 10], '/data'),
      series('available', [1, 1], '/data'),
      series('size', [10, 10], '/data/again'),
      series('available', [1, 1], '/data/again'),
      series('size', [0, 0], '/empty'),
      series('available', [0, 0], '/empty'),
    ),
  ],
};

test('the panels say what is going on now: all that is not idle, what is not available, the busiest disk', () => {
  const panels = new Map(panelsOf(host).map((panel) => [panel.id, panel]));

  expect([...panels.keys()]).toEqual(['cpu', 'memory', 'pressure', 'disk']);
  expect(panels.get('cpu')).toMatchObject({ figure: '33 %', aside: '2 CPUs · load 1.50 1.00 0.50' });
  expect(panels.get('memory')).toMatchObject({ figure: '25 %', aside: '2 B of 8 B' });
  expect(panels.get('memory')!.chart.lines.map(({ label }) => label)).toEqual(['used', 'cached']);
  expect(panels.get('disk')).toMatchObject({ figure: '2 KiB/s', device: 'sda', devices: ['sda', 'sdb'] });
  expect(panels.get('pressure')).toMatchObject({ figure: '30 %', aside: 'tasks wait for disks' });
});

test('the reader chooses a device, unless it is gone', () => {
  const device = (chosen: string) => panelsOf(host, { disk: chosen }).find(({ id }) => id === 'disk')?.device;

  expect([device('sdb'), device('sdz')]).toEqual(['sdb', 'sda']);
});

test('file systems come by how full they are, one that is mounted twice once', () => {
  expect(mountsOf(host).map(({ mountpoint, usedRatio }) => [mountpoint, usedRatio])).toEqual([
    ['/data', 0.9],
    ['/', 0.6],
  ]);
});

test('charts without a sample are left out', () => {
  const bare = { ...host, charts: [{ ...chart('cpu'), times: [] }] };

  expect([panelsOf(bare), mountsOf(bare)]).toEqual([[], []]);
  expect(spanOfHost(bare).until).toBe(7_000);
  expect(spanOfHost(host)).toEqual({ until: 7_000, ms: 300_000, words: 'last 5 minutes' });
});

const latency = (...phases: CheckAnswer['latency']['phases'][number][]) =>
  latencyChart({ latency: { stepSeconds: 60, times: [0, 60_000], phases } });

test('a latency stands on its phases, and what they leave is told where it matters', () => {
  const phases = [
    { phase: 'dns', seconds: [0.1, null] },
    { phase: 'connect', seconds: [0.2, null] },
  ];

  expect(latency({ phase: 'total', seconds: [0.31, null] }, ...phases).lines.map(({ label }) => label)).toEqual([
    'dns',
    'connect',
  ]);
  const idle = { phase: 'tls', seconds: [0, null] };
  expect(latency({ phase: 'total', seconds: [0.31, null] }, ...phases, idle).lines).toHaveLength(2);
  expect(latency({ phase: 'total', seconds: [0.4, null] }, ...phases).lines.at(-1)).toMatchObject({
    label: 'other',
    values: [expect.closeTo(0.1), null, null],
  });
});

test('a latency begins with the first run that is known, and its last average holds to the end of its step', () => {
  const { times, lines, stacked } = latency({ phase: 'total', seconds: [null, 2] });

  expect({ times, stacked }).toEqual({ times: [60_000, 120_000], stacked: false });
  expect(lines).toMatchObject([{ label: 'total', values: [2, 2] }]);
  expect(latency({ phase: 'total', seconds: [null, null] }).times).toEqual([]);
  expect(latency().lines).toEqual([]);
});
