/** The host and its charts as the API tells of them. */
import { arch, availableParallelism, hostname, release, totalmem, type, uptime } from 'node:os';
import type { History } from '../history/history.ts';
import { charts } from '../history/host-charts.ts';
import type { HostChart, HostChartId, HostFacts } from './types.ts';

/** What stays as it is while the host runs. */
export function hostFacts(now: number): HostFacts {
  return {
    hostname: hostname(),
    system: `${type()} ${release()} ${arch()}`,
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    bootedAt: Math.round(now - uptime() * 1000),
  };
}

const powers = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** Four bytes of a number are seven digits of it; an answer has some ten thousand, so they are not found by way of text. */
export function rounded(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  if (value === 0) return 0;
  const digits = 6 - Math.floor(Math.log10(Math.abs(value)));
  if (digits >= 0) {
    const scale = powers[Math.min(digits, 22)]!;
    return Math.round(value * scale) / scale;
  }
  const unit = powers[Math.min(-digits, 22)]!;
  return Math.round(value / unit) * unit;
}

/** The points of a chart after a moment, none of them older than an hour; undefined where there are none. */
export function hostChart(history: History, id: HostChartId, after: number, now: number): HostChart | undefined {
  const { unit } = charts.find((chart) => chart.id === id)!;
  const chart = history.charts.of(id);
  const { times, series } = chart.since(Math.max(after, now - 3_600_000 - 1));
  if (times.length === 0) return undefined;
  return {
    id,
    unit,
    times: [...times],
    series: series
      .map(({ name, device = null, values }) => ({ name, device, values: Array.from(values, rounded) }))
      .filter(({ values }) => after > -Infinity || values.some((value) => value !== null)),
    omittedDevices: chart.omittedDevices,
  };
}

/** All charts that have points. */
export function hostCharts(history: History, after: number, now: number): HostChart[] {
  return charts.flatMap(({ id }) => hostChart(history, id, after, now) ?? []);
}
