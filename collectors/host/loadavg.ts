/**
 * Load averages over 1, 5 and 15 minutes.
 *
 * Source  /proc/loadavg (Documentation/filesystems/proc.rst): three averages, then tasks and the last pid.
 */
import { defineCollector, gauge, malformed } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { decimal, words } from '../../src/system/numbers.ts';

const load1 = gauge('node_load1', '1m load average.');
const load5 = gauge('node_load5', '5m load average.');
const load15 = gauge('node_load15', '15m load average.');

export const loadavg = defineCollector({
  name: 'loadavg',
  summary: 'Load averages over 1, 5 and 15 minutes.',
  source: '/proc/loadavg',
  enabled: true,
  families: [load1, load5, load15],
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      collect() {
        const averages = parseLoadavg(system.proc.text('loadavg'));
        return [load1, load5, load15].map((family, index) => family.sample(averages[index]!));
      },
    };
  },
});

/** The three averages; throws `CollectError` where the text has fewer. */
export function parseLoadavg(text: string): number[] {
  const averages = words(text).slice(0, 3).map(decimal);
  if (averages.length < 3 || averages.includes(undefined)) throw malformed('loadavg', JSON.stringify(text));
  return averages as number[];
}
