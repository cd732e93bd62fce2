/**
 * How many neighbours the ARP table holds for each network device.
 *
 * Source  /proc/net/arp (man 5 proc): a heading, then one line per entry, the device last. Entries without need for ARP
 *         (NUD_NOARP, as of loopback) are not listed.
 * Labels  device.
 */
import { defineCollector, gauge, malformed, type Sample } from '../../src/collector.ts';
import { includeExclude, nameFilter, z } from '../../src/config/schema.ts';
import { Derived } from '../../src/system/derived.ts';
import { lines, words } from '../../src/system/numbers.ts';

const entries = gauge('node_arp_entries', 'ARP entries by device', ['device']);

export const arp = defineCollector({
  name: 'arp',
  summary: 'Entries of the ARP table by network device.',
  source: '/proc/net/arp',
  differences: ['Reads /proc/net/arp also where node_exporter would ask by netlink, so only IPv4 neighbours count.'],
  enabled: true,
  families: [entries],
  combinable: ['device'],
  config: z.strictObject({
    ...includeExclude('device', 'network devices'),
    netlink: z
      .boolean()
      .default(true)
      .describe('Accepted for node_exporter; without effect, as /proc/net/arp is always read.'),
  }),
  create(config, { system }) {
    const wanted = nameFilter(config.device_include, config.device_exclude);
    const samples = new Derived<string, readonly Sample[]>();
    return {
      collect() {
        const table = system.proc.text('net/arp');
        return samples.of(table, () =>
          Array.from(parseArp(table))
            .filter(([device]) => wanted(device))
            .map(([device, count]) => entries.sample(count, { device })),
        );
      },
    };
  },
});

/** The number of entries of each device; throws `CollectError` where a line has too few columns. */
export function parseArp(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines(text).slice(1)) {
    const columns = words(line);
    const device = columns.at(-1);
    if (columns.length < 6 || device === undefined) throw malformed('net/arp', JSON.stringify(line));
    counts.set(device, (counts.get(device) ?? 0) + 1);
  }
  return counts;
}
