/**
 * Packets that each CPU took from the network devices, and those that it could not.
 *
 * Source  /proc/net/softnet_stat (net/core/net-procfs.c), hexadecimal, one line per online CPU. Linux 2.6.23 has 9
 *         columns, 3.10 has 11, 5.10 has 13: the 12th is the length of the backlog, the 13th the number of the CPU.
 * Units   packets and events; each wraps at 2^32.
 * Labels  cpu: its number; of kernels that do not tell, the number of the line.
 */
import { counter, defineCollector, gauge, type KeptSample, malformed } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { SampleList } from './sample-list.ts';

const columns = [
  { column: 0, family: counter('node_softnet_processed_total', 'Number of processed packets', ['cpu']) },
  { column: 1, family: counter('node_softnet_dropped_total', 'Number of dropped packets', ['cpu']) },
  {
    column: 2,
    family: counter('node_softnet_times_squeezed_total', 'Number of times processing packets ran out of quota', [
      'cpu',
    ]),
  },
  {
    column: 8,
    family: counter(
      'node_softnet_cpu_collision_total',
      'Number of collision occur while obtaining device lock while transmitting',
      ['cpu'],
    ),
  },
  {
    column: 9,
    family: counter('node_softnet_received_rps_total', 'Number of times cpu woken up received_rps', ['cpu']),
  },
  {
    column: 10,
    family: counter('node_softnet_flow_limit_count_total', 'Number of times flow limit has been reached', ['cpu']),
  },
  { column: 11, family: gauge('node_softnet_backlog_len', 'Softnet backlog status', ['cpu']) },
];

const fewestColumns = 9;
const cpuColumn = 12;

export const softnet = defineCollector({
  name: 'softnet',
  summary: 'Packets processed, dropped and delayed by each CPU.',
  source: '/proc/net/softnet_stat',
  differences: ['What an old kernel does not tell is left out, where node_exporter reports 0.'],
  enabled: true,
  families: columns.map(({ family }) => family),
  config: z.strictObject({}),
  create(_config, { system }) {
    const kept: KeptByCpu = new Map();
    const samples = new SampleList();
    return {
      collect() {
        samples.begin();
        addSamples(system.proc.text('net/softnet_stat'), kept, samples);
        return samples.end();
      },
    };
  },
});

/** The samples of each CPU, in the order of the columns, by its number. */
type KeptByCpu = Map<number, readonly KeptSample[]>;

/** Adds the samples of the file; throws `CollectError` where a line has too few columns or one that is no number. */
function addSamples(text: string, kept: KeptByCpu, samples: SampleList): void {
  const values: number[] = [];
  let from = 0;
  for (let line = 0; from < text.length; line += 1) {
    const lineFeed = text.indexOf('\n', from);
    const end = lineFeed === -1 ? text.length : lineFeed;
    if (!readHexadecimals(text, from, end, values) || values.length < fewestColumns) {
      throw malformed('net/softnet_stat', JSON.stringify(text.slice(from, end)));
    }
    const number = values[cpuColumn] ?? line;
    let ofCpu = kept.get(number);
    if (ofCpu === undefined) {
      const cpu = String(number);
      kept.set(number, (ofCpu = columns.map(({ family }) => family.kept({ cpu }))));
    }
    for (let index = 0; index < columns.length; index += 1) {
      const value = values[columns[index]!.column];
      if (value === undefined) continue;
      ofCpu[index]!.value = value;
      samples.push(ofCpu[index]!);
    }
    from = end + 1;
  }
}

const blank = 0x20;

/** Reads a line of numbers into `values`; false where one is none. */
function readHexadecimals(text: string, from: number, end: number, values: number[]): boolean {
  values.length = 0;
  let at = from;
  while (at < end) {
    let value = 0;
    const start = at;
    for (; at < end && text.charCodeAt(at) !== blank; at += 1) {
      const digit = digitOf(text.charCodeAt(at));
      if (digit === undefined) return false;
      value = value * 16 + digit;
    }
    if (at > start) values.push(value);
    at += 1;
  }
  return true;
}

function digitOf(code: number): number | undefined {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : undefined;
}
