/**
 * Free blocks of memory by size: how fragmented the memory is.
 *
 * Source  /proc/buddyinfo (Documentation/filesystems/proc.rst), a line for each zone of each node.
 * Labels  node, zone, and size: a block has 2^size pages.
 */
import { defineCollector, gauge, malformed } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { lines, unsigned, words } from '../../src/system/numbers.ts';

const blocks = gauge('node_buddyinfo_blocks', 'Count of free blocks according to size.', ['node', 'zone', 'size']);

export const buddyinfo = defineCollector({
  name: 'buddyinfo',
  summary: 'Free blocks of memory by size: how fragmented the memory is.',
  source: '/proc/buddyinfo',
  enabled: false,
  families: [blocks],
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      collect: () =>
        parseBuddyinfo(system.proc.text('buddyinfo')).flatMap(({ node, zone, counts }) =>
          counts.map((count, size) => blocks.sample(count, { node, zone, size: String(size) })),
        ),
    };
  },
});

interface Zone {
  readonly node: string;
  readonly zone: string;
  /** By the power of two that the size of a block is. */
  readonly counts: number[];
}

/** The zones; throws `CollectError` where a line is torn. */
export function parseBuddyinfo(text: string): Zone[] {
  return lines(text).map((line) => {
    const [, node, zone, rest] = /^Node\s+(\d+), zone\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    const counts = words(rest ?? '').map(unsigned);
    if (node === undefined || zone === undefined || counts.length === 0 || counts.includes(undefined)) {
      throw malformed('buddyinfo', JSON.stringify(line));
    }
    return { node, zone, counts: counts as number[] };
  });
}
