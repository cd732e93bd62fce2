/** The charts of the host: which samples of which collectors they are drawn from. */
import type { Sample } from '../collector.ts';
import type { HostChartId, HostChart } from '../api/types.ts';
import { Chart, chartPoints, mostDevices, type Reading } from './chart.ts';

interface Source {
  readonly chart: HostChartId;
  readonly rate: boolean;
  /** The label that names the device; samples of devices that are of no interest are left out. */
  readonly device?: string;
  /** The label that tells apart what is averaged. */
  readonly member?: string;
  /** The name of the series, or the label that has it. */
  readonly name: string | { readonly label: string };
}

const memory = (name: string): Source => ({ chart: 'memory', rate: false, name });
const disk = (name: string): Source => ({ chart: 'disk', rate: true, device: 'device', name });
const space = (name: string): Source => ({ chart: 'space', rate: false, device: 'mountpoint', name });
const network = (name: string): Source => ({ chart: 'network', rate: true, device: 'device', name });
const pressure = (name: string): Source => ({ chart: 'pressure', rate: true, name });
const load = (name: string): Source => ({ chart: 'load', rate: false, name });

const sources: ReadonlyMap<string, Source> = new Map([
  ['node_cpu_seconds_total', { chart: 'cpu', rate: true, member: 'cpu', name: { label: 'mode' } }],
  ['node_memory_MemTotal_bytes', memory('total')],
  ['node_memory_MemAvailable_bytes', memory('available')],
  ['node_memory_MemFree_bytes', memory('free')],
  ['node_memory_Buffers_bytes', memory('buffers')],
  ['node_memory_Cached_bytes', memory('cached')],
  ['node_memory_SwapTotal_bytes', memory('swap_total')],
  ['node_memory_SwapFree_bytes', memory('swap_free')],
  // macOS
  ['node_memory_total_bytes', memory('total')],
  ['node_memory_free_bytes', memory('free')],
  ['node_memory_swap_total_bytes', memory('swap_total')],
  ['node_disk_read_bytes_total', disk('read')],
  ['node_disk_written_bytes_total', disk('written')],
  // All disks together, where the portable library gives no more.
  ['vitald_disks_read_bytes_total', { ...disk('read') }],
  ['vitald_disks_written_bytes_total', { ...disk('written') }],
  ['node_filesystem_size_bytes', space('size')],
  ['node_filesystem_avail_bytes', space('available')],
  ['node_network_receive_bytes_total', network('received')],
  ['node_network_transmit_bytes_total', network('sent')],
  ['node_pressure_cpu_waiting_seconds_total', pressure('cpu_waiting')],
  ['node_pressure_memory_waiting_seconds_total', pressure('memory_waiting')],
  ['node_pressure_memory_stalled_seconds_total', pressure('memory_stalled')],
  ['node_pressure_io_waiting_seconds_total', pressure('io_waiting')],
  ['node_pressure_io_stalled_seconds_total', pressure('io_stalled')],
  ['node_load1', load('load1')],
  ['node_load5', load('load5')],
  ['node_load15', load('load15')],
]);

/** What each chart shows, and which collector runs for it. */
export const charts: readonly {
  readonly id: HostChartId;
  readonly collector: string;
  readonly unit: HostChart['unit'];
}[] = [
  { id: 'cpu', collector: 'cpu', unit: 'ratio' },
  { id: 'memory', collector: 'meminfo', unit: 'bytes' },
  { id: 'disk', collector: 'diskstats', unit: 'bytes_per_second' },
  { id: 'space', collector: 'filesystem', unit: 'bytes' },
  { id: 'network', collector: 'netdev', unit: 'bytes_per_second' },
  { id: 'pressure', collector: 'pressure', unit: 'ratio' },
  { id: 'load', collector: 'loadavg', unit: 'none' },
];

const chartOfCollector = new Map(charts.map(({ collector, id }) => [collector, id]));

/** What all charts take at most: 23 series without a device, two of each device in three charts. */
export const chartsBytes = (23 + 3 * 2 * mostDevices) * chartPoints * 4 + charts.length * chartPoints * 8;

/** The charts of one host. */
export class HostCharts {
  readonly #charts = new Map<HostChartId, Chart>();

  /** Takes the samples of a run of a collector that succeeded; tells which chart has a new point. */
  ran(collector: string, samples: readonly Sample[], at: number): HostChartId | undefined {
    const id = chartOfCollector.get(collector);
    if (id === undefined) return undefined;
    const chart = this.of(id);
    if (!chart.begin(at)) return undefined;
    for (const sample of samples) {
      const source = sources.get(sample.family.name);
      if (source?.chart !== id) continue;
      const reading = readingOf(source, sample);
      if (reading !== undefined) chart.add(reading);
    }
    chart.end();
    return id;
  }

  /** A chart, made when it is first asked for. */
  of(id: HostChartId): Chart {
    let chart = this.#charts.get(id);
    if (chart === undefined) this.#charts.set(id, (chart = new Chart()));
    return chart;
  }

  get byteLength(): number {
    return [...this.#charts.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }
}

function readingOf({ rate, device, member, name }: Source, { labels, value }: Sample): Reading | undefined {
  const deviceName = device === undefined ? undefined : labels?.[device];
  if (deviceName === 'lo' && device === 'device') return undefined;
  return {
    name: typeof name === 'string' ? name : (labels?.[name.label] ?? ''),
    device: deviceName,
    member: member === undefined ? undefined : labels?.[member],
    rate,
    value,
  };
}
