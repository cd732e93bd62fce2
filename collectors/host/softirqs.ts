/**
 * How often each CPU handled each kind of softirq.
 *
 * Source  /proc/softirqs (Documentation/filesystems/proc.rst): a line for each kind, a column for each CPU that the host
 *         may have, online or not.
 * Labels  cpu: the kernel's number, from the header. type: the kind as the kernel writes it, such as "NET_RX".
 */
import { counter, defineCollector, malformed, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { unsigned, words } from '../../src/system/numbers.ts';

const functions = counter('node_softirqs_functions_total', 'Softirq counts per CPU.', ['cpu', 'type']);

export const softirqs = defineCollector({
  name: 'softirqs',
  summary: 'How often each CPU handled each kind of softirq.',
  source: '/proc/softirqs',
  enabled: false,
  schedule: '15s',
  families: [functions],
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      collect() {
        const [header = '', ...rows] = system.proc.text('softirqs').split('\n');
        const cpus = words(header).map((name) => name.replace('CPU', ''));
        // What follows the last line feed is empty, or a line that was cut short.
        rows.pop();
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
