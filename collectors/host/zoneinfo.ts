/**
 * Memory zones: watermarks, pages by use, and NUMA hits.
 *
 * Source  /proc/zoneinfo (Documentation/admin-guide/sysctl/vm.rst on the watermarks): a block of lines for each zone of
 *         each node. The statistics of a node stand in the block of its first zone.
 * Units   pages; nr_kernel_stack is in KiB since 5.9.
 * Labels  node, and zone such as "DMA32".
 */
import { counter, defineCollector, familiesByKey, gauge, malformed, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { integer, words } from '../../src/system/numbers.ts';

const labels = ['node', 'zone'] as const;

/** Families by the word that starts a line. */
const fields = new Map([
  ['nr_free_pages', gauge('node_zoneinfo_nr_free_pages', 'Total number of free pages in the zone', labels)],
  ['min', gauge('node_zoneinfo_min_pages', 'Zone watermark pages_min', labels)],
  ['low', gauge('node_zoneinfo_low_pages', 'Zone watermark pages_low', labels)],
  ['high', gauge('node_zoneinfo_high_pages', 'Zone watermark pages_high', labels)],
  ['scanned', gauge('node_zoneinfo_scanned_pages', 'Pages scanned since last reclaim', labels)],
  ['spanned', gauge('node_zoneinfo_spanned_pages', 'Total pages spanned by the zone, including holes', labels)],
  ['present', gauge('node_zoneinfo_present_pages', 'Physical pages existing within the zone', labels)],
  ['managed', gauge('node_zoneinfo_managed_pages', 'Present pages managed by the buddy system', labels)],
  [
    'nr_active_anon',
    gauge('node_zoneinfo_nr_active_anon_pages', 'Number of anonymous pages recently more used', labels),
  ],
  [
    'nr_inactive_anon',
    gauge('node_zoneinfo_nr_inactive_anon_pages', 'Number of anonymous pages recently less used', labels),
  ],
  ['nr_isolated_anon', gauge('node_zoneinfo_nr_isolated_anon_pages', 'Temporary isolated pages from anon lru', labels)],
  [
    'nr_anon_pages',
    gauge('node_zoneinfo_nr_anon_pages', 'Number of anonymous pages currently used by the system', labels),
  ],
  [
    'nr_anon_transparent_hugepages',
    gauge(
      'node_zoneinfo_nr_anon_transparent_hugepages',
      'Number of anonymous transparent huge pages currently used by the system',
      labels,
    ),
  ],
  ['nr_active_file', gauge('node_zoneinfo_nr_active_file_pages', 'Number of active pages with file-backing', labels)],
  [
    'nr_inactive_file',
    gauge('node_zoneinfo_nr_inactive_file_pages', 'Number of inactive pages with file-backing', labels),
  ],
  ['nr_isolated_file', gauge('node_zoneinfo_nr_isolated_file_pages', 'Temporary isolated pages from file lru', labels)],
  ['nr_file_pages', gauge('node_zoneinfo_nr_file_pages', 'Number of file pages', labels)],
  ['nr_slab_reclaimable', gauge('node_zoneinfo_nr_slab_reclaimable_pages', 'Number of reclaimable slab pages', labels)],
  [
    'nr_slab_unreclaimable',
    gauge('node_zoneinfo_nr_slab_unreclaimable_pages', 'Number of unreclaimable slab pages', labels),
  ],
  ['nr_mlock_stack', gauge('node_zoneinfo_nr_mlock_stack_pages', 'mlock()ed pages found and moved off LRU', labels)],
  ['nr_kernel_stack', gauge('node_zoneinfo_nr_kernel_stacks', 'Number of kernel stacks', labels)],
  ['nr_mapped', gauge('node_zoneinfo_nr_mapped_pages', 'Number of mapped pages', labels)],
  ['nr_dirty', gauge('node_zoneinfo_nr_dirty_pages', 'Number of dirty pages', labels)],
  ['nr_writeback', gauge('node_zoneinfo_nr_writeback_pages', 'Number of writeback pages', labels)],
  ['nr_unevictable', gauge('node_zoneinfo_nr_unevictable_pages', 'Number of unevictable pages', labels)],
  ['nr_shmem', gauge('node_zoneinfo_nr_shmem_pages', 'Number of shmem pages (included tmpfs/GEM pages)', labels)],
  ['nr_dirtied', counter('node_zoneinfo_nr_dirtied_total', 'Page dirtyings since bootup', labels)],
  ['nr_written', counter('node_zoneinfo_nr_written_total', 'Page writings since bootup', labels)],
  ['numa_hit', counter('node_zoneinfo_numa_hit_total', 'Allocated in intended node', labels)],
  ['numa_miss', counter('node_zoneinfo_numa_miss_total', 'Allocated in non intended node', labels)],
  ['numa_foreign', counter('node_zoneinfo_numa_foreign_total', 'Was intended here, hit elsewhere', labels)],
  ['numa_interleave', counter('node_zoneinfo_numa_interleave_total', 'Interleaver preferred this zone', labels)],
  ['numa_local', counter('node_zoneinfo_numa_local_total', 'Allocation from local node', labels)],
  ['numa_other', counter('node_zoneinfo_numa_other_total', 'Allocation from other node', labels)],
]);

export const zoneinfo = defineCollector({
  name: 'zoneinfo',
  summary: 'Memory zones: watermarks, pages by use, and NUMA hits.',
  source: '/proc/zoneinfo',
  enabled: false,
  schedule: '15s',
  families: [...fields.values(), gauge('node_zoneinfo_protection_<index>', 'Protection array <index>. field', labels)],
  config: z.strictObject({}),
  create(_config, { system }) {
    const protections = familiesByKey(
      'gauge',
      (index) => ({ name: `node_zoneinfo_protection_${index}`, help: `Protection array ${index}. field` }),
      labels,
    );
    return {
      collect() {
        const samples: Sample[] = [];
        for (const { node, zone, values, protection } of parseZoneinfo(system.proc.text('zoneinfo'))) {
          for (const [field, value] of values) samples.push(fields.get(field)!.sample(value, { node, zone }));
          for (const [index, pages] of protection.entries()) {
            samples.push(protections(String(index)).sample(pages, { node, zone }));
          }
        }
        return samples;
      },
    };
  },
});

interface Zone {
  readonly node: string;
  readonly zone: string;
  /** By the word that starts the line. */
  readonly values: Map<string, number>;
  /** Pages that are kept from allocations meant for each higher zone. */
  protection: number[];
}

/** The zones; throws `CollectError` where there is none. */
export function parseZoneinfo(text: string): Zone[] {
  const zones: Zone[] = [];
  for (const line of text.split('\n')) {
    const [, node, name] = /^Node (\d+), zone\s+(\w+)/.exec(line) ?? [];
    if (node !== undefined && name !== undefined) {
      zones.push({ node, zone: name, values: new Map(), protection: [] });
      continue;
    }
    const zone = zones.at(-1);
    if (zone === undefined) continue;
    const [field = '', digits] = words(line);
    if (field === 'protection:') {
      const pages = (/\(([^)]*)\)/.exec(line)?.[1] ?? '').split(', ').map(integer);
      if (!pages.includes(undefined)) zone.protection = pages as number[];
    } else if (fields.has(field)) {
      const value = integer(digits);
      // The kernel adds up counts of CPUs that may be ahead of each other: below zero they come out near 2^64.
      if (value !== undefined && value < 2 ** 63) zone.values.set(field, value);
    }
  }
  if (zones.length === 0) throw malformed('zoneinfo', 'no zone');
  return zones;
}
