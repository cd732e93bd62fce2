/** The charts of the host, out of what the API tells of it. */
import type { HostAnswer, HostChart, HostChartId } from '../api/types.ts';
import { type ChartData, latest, spanOf } from './chart-data.ts';
import { bytes, byteRate, count, percent } from './format.ts';

/** What a number of a panel means. */
export type Unit = 'ratio' | 'bytes' | 'bytes_per_second';

/** A chart of the host with its figure. */
export interface Panel {
  readonly id: HostChartId;
  readonly title: string;
  /** The figure of this moment. */
  readonly figure: string;
  readonly aside: string;
  readonly unit: Unit;
  readonly chart: ChartData;
  /** The devices to choose from, and the one that is shown. */
  readonly devices: readonly string[];
  readonly device: string | undefined;
}

/** How full a file system is. */
export interface Mount {
  readonly mountpoint: string;
  readonly sizeBytes: number;
  readonly availableBytes: number;
  /** As df has it: what others than root cannot use counts as used. */
  readonly usedRatio: number;
}

/** A number in its unit. */
export function inUnit(unit: Unit, value: number | null): string {
  return unit === 'ratio' ? percent(value) : unit === 'bytes' ? bytes(value) : byteRate(value);
}

type Values = readonly (number | null)[];

function valuesOf(chart: HostChart, name: string, device: string | null = null): Values {
  const found = chart.series.find((series) => series.name === name && series.device === device);
  return found?.values ?? chart.times.map(() => null);
}

function sum(...columns: readonly Values[]): Values {
  return (columns[0] ?? []).map((_, at) => {
    const known = columns.flatMap((column) => column[at] ?? []);
    return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
  });
}

function difference(one: Values, other: Values): Values {
  return one.map((value, at) => {
    const less = other[at] ?? null;
    return value === null || less === null ? null : value - less;
  });
}

const noDevice = { devices: [], device: undefined } as const;

function cpuPanel(chart: HostChart, host: HostAnswer, load: HostChart | undefined): Panel {
  const mode = (name: string): Values => valuesOf(chart, name);
  const lines = [
    { label: 'user', colour: 1, values: mode('user') },
    { label: 'nice', colour: 2, values: mode('nice') },
    { label: 'system', colour: 3, values: mode('system') },
    { label: 'interrupts', colour: 4, values: sum(mode('irq'), mode('softirq')) },
    { label: 'stolen', colour: 5, values: mode('steal') },
    { label: 'disk wait', colour: 6, values: mode('iowait') },
  ];
  const loads = ['load1', 'load5', 'load15'].map((name) => (load === undefined ? null : latest(valuesOf(load, name))));
  const loadText = loads.includes(null) ? '' : ` · load ${loads.map((value) => value!.toFixed(2)).join(' ')}`;
  const busy = lines.reduce<number | null>((total, { values }) => {
    const value = latest(values);
    return value === null ? total : (total ?? 0) + value;
  }, null);
  return {
    id: 'cpu',
    title: 'CPU',
    figure: percent(busy),
    aside: `${count(host.host.cpus, 'CPU')}${loadText}`,
    unit: 'ratio',
    chart: { times: chart.times, lines, stacked: true, top: 1 },
    ...noDevice,
  };
}

function memoryPanel(chart: HostChart): Panel {
  const total = valuesOf(chart, 'total');
  const used = difference(total, valuesOf(chart, 'available'));
  const swapTotal = latest(valuesOf(chart, 'swap_total')) ?? 0;
  const swapUsed = difference(valuesOf(chart, 'swap_total'), valuesOf(chart, 'swap_free'));
  const all = latest(total);
  const now = latest(used);
  return {
    id: 'memory',
    title: 'Memory',
    figure: percent(all === null || now === null ? null : now / all),
    aside: `${bytes(now)} of ${bytes(all)}`,
    unit: 'bytes',
    chart: {
      times: chart.times,
      lines: [
        { label: 'used', colour: 1, values: used, filled: true },
        { label: 'cached', colour: 4, values: valuesOf(chart, 'cached') },
        ...(swapTotal > 0 ? [{ label: 'swap', colour: 6, values: swapUsed }] : []),
      ],
      stacked: false,
      ...(all === null ? {} : { top: all }),
    },
    ...noDevice,
  };
}

/** The device that moved most in the hour. */
function busiest(chart: HostChart, devices: readonly string[]): string | undefined {
  const moved = (device: string): number =>
    chart.series
      .filter((series) => series.device === device)
      .reduce((total, { values }) => total + values.reduce<number>((part, value) => part + (value ?? 0), 0), 0);
  let best: { device: string; bytes: number } | undefined;
  for (const device of devices) {
    const all = moved(device);
    if (best === undefined || all > best.bytes) best = { device, bytes: all };
  }
  return best?.device;
}

function trafficPanel(
  chart: HostChart,
  { title, into, out, chosen }: { title: string; into: [string, string]; out: [string, string]; chosen?: string },
): Panel {
  const devices = [...new Set(chart.series.flatMap(({ device }) => device ?? []))].toSorted();
  const device = chosen !== undefined && devices.includes(chosen) ? chosen : busiest(chart, devices);
  const [inward, outward] = [into, out].map(([name]) => valuesOf(chart, name, device ?? null)) as [Values, Values];
  return {
    id: chart.id,
    title,
    figure: byteRate(latest(sum(inward, outward))),
    aside: device ?? 'no device',
    unit: 'bytes_per_second',
    chart: {
      times: chart.times,
      lines: [
        { label: into[1], colour: 1, values: inward, filled: true },
        { label: out[1], colour: 5, values: outward },
      ],
      stacked: false,
      least: 10 * 1024,
    },
    devices,
    device,
  };
}

function pressurePanel(chart: HostChart): Panel {
  const lines = [
    { label: 'CPU', colour: 1, values: valuesOf(chart, 'cpu_waiting'), filled: true },
    { label: 'memory', colour: 5, values: valuesOf(chart, 'memory_waiting') },
    { label: 'disks', colour: 6, values: valuesOf(chart, 'io_waiting') },
  ];
  const worst = lines
    .map(({ label, values }) => ({ label, value: latest(values) }))
    .reduce((one, other) => ((other.value ?? -1) > (one.value ?? -1) ? other : one));
  return {
    id: 'pressure',
    title: 'Pressure',
    figure: percent(worst.value),
    aside: (worst.value ?? 0) < 0.005 ? 'nothing waits' : `tasks wait for ${worst.label}`,
    unit: 'ratio',
    chart: { times: chart.times, lines, stacked: false, least: 0.1 },
    ...noDevice,
  };
}

/** The panels that there is data for, in the order of the page. `chosen` are the devices that the reader picked. */
export function panelsOf(host: HostAnswer, chosen: Readonly<Record<string, string>> = {}): Panel[] {
  const charts = new Map(host.charts.map((chart) => [chart.id, chart]));
  const panel = (id: HostChartId, make: (chart: HostChart) => Panel): Panel[] => {
    const chart = charts.get(id);
    return chart === undefined || chart.times.length === 0 ? [] : [make(chart)];
  };
  const pick = (id: HostChartId) => (chosen[id] === undefined ? {} : { chosen: chosen[id] });
  return [
    ...panel('cpu', (chart) => cpuPanel(chart, host, charts.get('load'))),
    ...panel('memory', memoryPanel),
    ...panel('pressure', pressurePanel),
    ...panel('disk', (chart) =>
      trafficPanel(chart, { title: 'Disk', into: ['read', 'read'], out: ['written', 'written'], ...pick('disk') }),
    ),
    ...panel('network', (chart) =>
      trafficPanel(chart, {
        title: 'Network',
        into: ['received', 'received'],
        out: ['sent', 'sent'],
        ...pick('network'),
      }),
    ),
  ];
}

/** The moment up to which the charts go, and how far back. */
export function spanOfHost({ at, charts }: HostAnswer) {
  const until = Math.max(at, ...charts.map(({ times }) => times.at(-1) ?? 0));
  const firsts = charts.flatMap(({ times }) => times[0] ?? []);
  return { until, ...spanOf(firsts.length === 0 ? undefined : Math.min(...firsts), until) };
}

/** The file systems, the fullest first; those of the same size and rest are one seen twice, as bind mounts are. */
export function mountsOf(host: HostAnswer): Mount[] {
  const chart = host.charts.find(({ id }) => id === 'space');
  if (chart === undefined) return [];
  const found = new Map<string, Mount>();
  for (const { name, device, values } of chart.series) {
    if (name !== 'size' || device === null) continue;
    const size = latest(values);
    const available = latest(valuesOf(chart, 'available', device));
    if (size === null || available === null || size <= 0) continue;
    const key = `${size} ${available}`;
    if ((found.get(key)?.mountpoint.length ?? Infinity) <= device.length) continue;
    found.set(key, {
      mountpoint: device,
      sizeBytes: size,
      availableBytes: available,
      usedRatio: 1 - available / size,
    });
  }
  return [...found.values()].toSorted((one, other) => other.usedRatio - one.usedRatio);
}
