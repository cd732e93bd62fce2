import { describe, expect, test } from 'vitest';
import { counter, gauge } from '../../../src/collector.ts';
import { Chart, chartPoints, mostDevices } from '../../../src/history/chart.ts';
import { chartsBytes, HostCharts } from '../../../src/history/host-charts.ts';

const start = 1_700_000_000_000;

type Value = readonly [name: string, value: number, member?: string, device?: string];

/** Adds a point of counters; tells whether it was taken. */
function rates(chart: Chart, at: number, values: readonly Value[]): boolean {
  if (!chart.begin(at)) return false;
  for (const [name, value, member, device] of values) chart.add({ name, value, member, device, rate: true });
  chart.end();
  return true;
}

function column(chart: Chart, name: string, device?: string): (number | null)[] {
  const series = chart.since(-Infinity).series.find((one) => one.name === name && one.device === device);
  return Array.from(series?.values ?? [], (value) => (Number.isNaN(value) ? null : value));
}

describe('a rate', () => {
  test('is the growth of the counter over the time between the two samples, however long that was', () => {
    const chart = new Chart();
    for (const [at, value] of [
      [0, 1000],
      [5_000, 1500],
      [12_500, 1575],
      [17_400, 1575],
    ] as const) {
      rates(chart, start + at, [['read', value]]);
    }
    expect(column(chart, 'read')).toEqual([null, 100, 10, 0]);
    expect([...chart.since(-Infinity).times].map((at) => at - start)).toEqual([0, 5_000, 12_500, 17_400]);
  });

  test('takes a counter that fell for one that began anew at 0, as irate does', () => {
    const chart = new Chart();
    for (const [at, value] of [
      [0, 900],
      [5_000, 1000],
      [10_000, 50],
      [15_000, 100],
    ] as const) {
      rates(chart, start + at, [['read', value]]);
    }
    expect(column(chart, 'read')).toEqual([null, 20, 10, 10]);
  });

  test('of several counters is the average of their rates, each with its own resets', () => {
    const chart = new Chart();
    rates(chart, start, [
      ['user', 100, '0'],
      ['user', 200, '1'],
    ]);
    rates(chart, start + 10_000, [
      ['user', 104, '0'],
      ['user', 2, '1'],
    ]);
    // A CPU came: it has no rate yet. Then the first went.
    rates(chart, start + 20_000, [
      ['user', 106, '0'],
      ['user', 8, '1'],
      ['user', 50, '2'],
    ]);
    rates(chart, start + 30_000, [
      ['user', 10, '1'],
      ['user', 60, '2'],
    ]);
    const values = column(chart, 'user');
    expect(values[0]).toBeNull();
    expect(values.slice(1).map((value) => Number(value!.toFixed(6)))).toEqual([0.3, 0.4, 0.6]);
  });

  test('is none after a pause of more than five minutes, nor where the series was away in between', () => {
    const chart = new Chart();
    rates(chart, start, [['read', 0]]);
    rates(chart, start + 300_000, [['read', 300]]);
    rates(chart, start + 600_001, [['read', 600]]);
    rates(chart, start + 610_001, []);
    rates(chart, start + 620_001, [['read', 1_000]]);
    rates(chart, start + 630_001, [['read', 1_010]]);
    expect(column(chart, 'read')).toEqual([null, 1, null, null, null, 1]);
  });
});

describe('a chart', () => {
  test('takes no more than a point in five seconds, and its rates are over those that it took', () => {
    const chart = new Chart();
    const taken = Array.from({ length: 12 }, (_, second) =>
      rates(chart, start + second * 1000, [['read', second * second]]),
    );
    expect(taken.map((was, second) => (was ? second : -1)).filter((second) => second >= 0)).toEqual([0, 5, 10]);
    expect(column(chart, 'read')).toEqual([null, 5, 15]);
  });

  test('holds an hour of points, and the newest are the last', () => {
    const chart = new Chart();
    for (let index = 0; index < chartPoints + 100; index += 1) rates(chart, start + index * 5_000, [['read', index]]);
    const { times } = chart.since(-Infinity);
    expect(times.length).toBe(chartPoints);
    expect(times[0]).toBe(start + 100 * 5_000);
    expect(chart.since(times.at(-3)!).times.length).toBe(2);
    expect(chart.since(times.at(-1)!).times.length).toBe(0);
    expect(column(chart, 'read').every((value) => Math.abs(value! - 0.2) < 1e-6)).toBe(true);
  });

  test('forgets the moments that a clock set back gives anew', () => {
    const chart = new Chart();
    for (const [at, value] of [
      [0, 0],
      [5_000, 10],
      [10_000, 20],
      [5_500, 30],
      [10_500, 40],
    ] as const) {
      rates(chart, start + at, [['read', value]]);
    }
    expect([...chart.since(-Infinity).times].map((at) => at - start)).toEqual([0, 5_000, 10_500]);
    expect(column(chart, 'read')[1]).toBe(2);
  });

  test('shows so many devices, and another one once one has been away for an hour', () => {
    const chart = new Chart();
    const all = Array.from({ length: mostDevices + 3 }, (_, index) => `dev${index}`);
    const point = (at: number, devices: readonly string[]): void => {
      chart.begin(at);
      for (const device of devices) chart.add({ name: 'size', value: 1, device, member: undefined, rate: false });
      chart.end();
    };
    const shown = () => new Set(chart.since(-Infinity).series.map(({ device }) => device));
    point(start, all);
    expect(shown().size).toBe(mostDevices);
    expect(chart.omittedDevices).toBe(3);
    point(start + 5_000, all.slice(1));
    point(start + 3_700_000, all.slice(1));
    expect(shown().has('dev0')).toBe(false);
    expect(shown().has(`dev${mostDevices}`)).toBe(true);
    expect(shown().size).toBe(mostDevices);
    point(start + 7_500_000, all.slice(0, 3));
    expect(chart.omittedDevices).toBe(0);
  });

  test('goes on where another left off', () => {
    const before = new Chart();
    for (let index = 0; index < 5; index += 1) rates(before, start + index * 5_000, [['read', index * 10]]);
    const after = new Chart();
    after.restore(before.since(-Infinity));
    expect(column(after, 'read')).toEqual(column(before, 'read'));
    rates(after, start + 30_000, [['read', 3]]);
    rates(after, start + 35_000, [['read', 8]]);
    expect(column(after, 'read')).toEqual([null, 2, 2, 2, 2, null, 1]);
  });
});

describe('the charts of the host', () => {
  const cpu = counter('node_cpu_seconds_total', 'CPU.', ['cpu', 'mode']);
  const received = counter('node_network_receive_bytes_total', 'Received.', ['device']);
  const other = gauge('node_other', 'Other.');

  test('take what they show and nothing else', () => {
    const charts = new HostCharts();
    const run = (seconds: number): void => {
      const samples = ['0', '1'].flatMap((one) => [
        cpu.sample(seconds * 0.25, { cpu: one, mode: 'user' }),
        cpu.sample(seconds * 0.75, { cpu: one, mode: 'idle' }),
      ]);
      expect(charts.ran('cpu', [...samples, other.sample(1)], start + seconds * 1000)).toBe('cpu');
      const bytes = [received.sample(seconds * 7, { device: 'eth0' }), received.sample(seconds, { device: 'lo' })];
      expect(charts.ran('netdev', bytes, start + seconds * 1000)).toBe('network');
    };
    run(0);
    run(10);
    expect(charts.ran('uname', [other.sample(1)], start)).toBeUndefined();
    const { series } = charts.of('cpu').since(start);
    expect(series.map(({ name, device, values }) => [name, device, ...values])).toEqual([
      ['user', undefined, 0.25],
      ['idle', undefined, 0.75],
    ]);
    const network = charts.of('network').since(start).series;
    expect(network.map(({ name, device, values }) => [name, device, ...values])).toEqual([['received', 'eth0', 7]]);
  });

  test('take no more memory than is set aside for them, whatever the host has', () => {
    const charts = new HostCharts();
    const size = gauge('node_filesystem_size_bytes', 'Size.', ['mountpoint']);
    const read = counter('node_disk_read_bytes_total', 'Read.', ['device']);
    const written = counter('node_disk_written_bytes_total', 'Written.', ['device']);
    const names = Array.from({ length: 500 }, (_, index) => `d${index}`);
    charts.ran(
      'filesystem',
      names.map((mountpoint) => size.sample(1, { mountpoint })),
      start,
    );
    charts.ran(
      'diskstats',
      names.flatMap((device) => [read.sample(1, { device }), written.sample(1, { device })]),
      start,
    );
    charts.ran(
      'netdev',
      names.map((device) => received.sample(1, { device })),
      start,
    );
    expect(charts.byteLength).toBeLessThanOrEqual(chartsBytes);
    expect(charts.of('disk').since(0).series.length).toBe(2 * mostDevices);
  });
});
