/**
 * Packets that each CPU took from the network devices, and those that it could not.
 *
 * Source  /proc/net/softnet_stat (net/core/net-procfs.c), hexadecimal, one line per online CPU. Linux 2.6.23 has 9
 *         columns, 3.10 has 11, 5.10 has 13: the 12th is the length of the backlog, the 13th the number of the CPU.
 * Units   packets and events; each wraps at 2^32.
 * Labels  cpu: its number; of kernels that do not tell, the number of the line.
 */
import { counter, defineCollector, gauge, malformed, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { hexadecimal, lines, words } from '../../src/system/numbers.ts';

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
    return { collect: () => softnetSamples(system.proc.text('net/softnet_stat')) };
  },
});

/** The samples of the file; throws `CollectError` where a line has too few columns or one that is no number. */
export function softnetSamples(text: string): Sample[] {
  return lines(text).flatMap((line, index) => {
    const values = words(line).map(hexadecimal);
    if (values.length < 9 || values.includes(undefined)) throw malformed('net/softnet_stat', JSON.stringify(line));
    const cpu = String(values[cpuColumn] ?? index);
    return columns
      .filter(({ column }) => column < values.length)
      .map(({ column, family }) => family.sample(values[column]!, { cpu }));
  });
}
