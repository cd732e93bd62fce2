/**
 * How often each CPU handled each kind of softirq.
 *
 * Source  /proc/softirqs (Documentation/filesystems/proc.rst): a line for each kind, a column for each CPU that the host
 *         may have, online or not.
 * Labels  cpu: the kernel's number, from the header. type: the kind as the kernel writes it, such as "NET_RX".
 */
import { counter, defineCollector, malformed, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { lines, unsigned, words } from '../../src/system/numbers.ts';

const functions = counter('node_softirqs_functions_total', 'Softirq counts per CPU.', ['cpu', 'type']);

export const softirqs = defineCollector({
  name: 'softirqs',
  summary: 'How often each CPU handled each kind of softirq.',
  source: '/proc/softirqs',
  differences: [
    "The cpu label is the kernel's number of the CPU; node_exporter counts columns, which differs while a CPU is offline.",
    'Every kind is reported, also one that a later kernel adds.',
  ],
  enabled: false,
  schedule: '15s',
  families: [functions],
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      collect() {
        const [header = '', ...rows] = lines(system.proc.text('softirqs'));
        const cpus = words(header).map((name) => name.replace('CPU', ''));
        const samples: Sample[] = [];
        for (const row of rows) {
          const [type = '', ...counts] = words(row);
          if (!type.endsWith(':')) continue;
          for (const [column, cpu] of cpus.entries()) {
            const count = unsigned(counts[column]);
            if (count !== undefined) samples.push(functions.sample(count, { cpu, type: type.slice(0, -1) }));
          }
        }
        if (samples.length === 0) throw malformed('softirqs', 'no count');
        return samples;
      },
    };
  },
});
