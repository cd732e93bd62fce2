/**
 * How full the table of tracked connections is, and what became of the packets that met it.
 *
 * Source  /proc/sys/net/netfilter/nf_conntrack_{count,max} (Documentation/networking/nf_conntrack-sysctl.rst) and
 *         /proc/net/stat/nf_conntrack, hexadecimal, one line per CPU below the names of the columns.
 * Units   connections, packets and events.
 * Quirks  The statistics are counters of 32 bits each CPU, yet node_exporter has them as gauges. The files are there
 *         only while the module nf_conntrack is loaded.
 */
import { defineCollector, gauge, malformed, NoDataError, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { hexadecimal, lines, unsigned, words } from '../../src/system/numbers.ts';

const entries = gauge(
  'node_nf_conntrack_entries',
  'Number of currently allocated flow entries for connection tracking.',
);
const limit = gauge('node_nf_conntrack_entries_limit', 'Maximum size of connection tracking table.');
const statistic = (column: string, help: string) => ({
  column,
  family: gauge(`node_nf_conntrack_stat_${column}`, help),
});
/** What newer kernels do not count. */
const searchRestart = 'search_restart';

const statistics = [
  statistic('found', 'Number of searched entries which were successful.'),
  statistic('invalid', 'Number of packets seen which can not be tracked.'),
  statistic('ignore', 'Number of packets seen which are already connected to a conntrack entry.'),
  statistic('insert', 'Number of entries inserted into the list.'),
  statistic('insert_failed', 'Number of entries for which list insertion was attempted but failed.'),
  statistic('drop', 'Number of packets dropped due to conntrack failure.'),
  statistic(
    'early_drop',
    'Number of dropped conntrack entries to make room for new ones, if maximum table size was reached.',
  ),
  statistic(searchRestart, 'Number of conntrack table lookups which had to be restarted due to hashtable resizes.'),
];

export const conntrack = defineCollector({
  name: 'conntrack',
  summary: 'Tracked connections, their limit, and what became of the packets.',
  source: '/proc/sys/net/netfilter, /proc/net/stat/nf_conntrack',
  differences: ['Entries and limit are good without the statistics, which some kernels are built without.'],
  enabled: true,
  families: [entries, limit, ...statistics.map(({ family }) => family)],
  config: z.strictObject({}),
  create(_config, { system }) {
    const { proc } = system;
    return {
      collect() {
        const count = unsigned(proc.attribute('sys/net/netfilter/nf_conntrack_count'));
        const max = unsigned(proc.attribute('sys/net/netfilter/nf_conntrack_max'));
        if (count === undefined || max === undefined) throw new NoDataError('connection tracking is not loaded');
        const samples = [entries.sample(count), limit.sample(max)];
        const table = proc.textIfAny('net/stat/nf_conntrack');
        return table === undefined ? samples : [...samples, ...statisticSamples(table)];
      },
    };
  },
});

/** The statistics, each the sum of all CPUs; throws `CollectError` where a line does not fit the names. */
export function statisticSamples(text: string): Sample[] {
  const [heading = '', ...cpus] = lines(text);
  const names = words(heading);
  const rows = cpus.map((line) => {
    const values = words(line).map(hexadecimal);
    if (values.length !== names.length || values.includes(undefined)) {
      throw malformed('net/stat/nf_conntrack', JSON.stringify(line));
    }
    return values as number[];
  });
  return statistics.flatMap(({ column, family }) => {
    const index = names.indexOf(column);
    // Kernels that do not count restarted searches leave the column out.
    if (index === -1) return column === searchRestart ? [family.sample(0)] : [];
    return [family.sample(rows.reduce((sum, row) => sum + row[index]!, 0))];
  });
}
