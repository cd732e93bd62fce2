/**
 * Statistics of the kernel's network caches, each as it comes.
 *
 * Source  /proc/net/stat/*: names of the columns, then a line of hexadecimal numbers for each CPU (man 8 lnstat).
 * Labels  subsystem: the name of the file; cpu: the number of the line.
 * Quirks  `entries` is no counter, and the same on each line, yet node_exporter has it among the counters.
 */
import { counter, defineCollector, familiesByKey, malformed, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { hexadecimal, lines, words } from '../../src/system/numbers.ts';

const help = 'linux network cache stats';
const labels = ['subsystem', 'cpu'] as const;
const statistic = familiesByKey('counter', (column) => ({ name: `node_lnstat_${column}_total`, help }), labels);

export const lnstat = defineCollector({
  name: 'lnstat',
  summary: 'Statistics of the network caches of the kernel, by CPU.',
  source: '/proc/net/stat',
  differences: [
    'A file that cannot be read is left out alone, where node_exporter fails as a whole.',
    'A column that some CPUs lack keeps the numbers of the others.',
  ],
  enabled: false,
  families: [counter('node_lnstat_<column>_total', help, labels)],
  config: z.strictObject({}),
  create(_config, { system }) {
    const { proc } = system;
    return {
      collect() {
        return proc
          .list('net/stat')
          .flatMap((subsystem) => lnstatSamples(subsystem, proc.textIfAny(`net/stat/${subsystem}`) ?? ''));
      },
    };
  },
});

/** The samples of one file; throws `CollectError` where a line does not fit the names. */
export function lnstatSamples(subsystem: string, text: string): Sample[] {
  const [heading = '', ...rows] = lines(text);
  const names = words(heading);
  return rows.flatMap((row, index) => {
    const values = words(row).map(hexadecimal);
    if (values.length > names.length || values.includes(undefined) || !names.every((name) => /^\w+$/.test(name))) {
      throw malformed(`net/stat/${subsystem}`, JSON.stringify(row));
    }
    const cpu = String(index);
    return values.map((value, column) => statistic(names[column]!).sample(value!, { subsystem, cpu }));
  });
}
