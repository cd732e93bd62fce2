/**
 * Kernel samepage merging: how much memory it saves, and how hard it works for that.
 *
 * Source  /sys/kernel/mm/ksm (Documentation/admin-guide/mm/ksm.rst).
 * Quirks  general_profit (6.4) is negative where the bookkeeping costs more than merging saves.
 */
import { counter, defineCollector, gauge } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { integer } from '../../src/system/numbers.ts';

const measures = [
  {
    file: 'full_scans',
    family: counter('node_ksmd_full_scans_total', 'How many times all mergeable areas have been scanned.'),
  },
  {
    file: 'general_profit',
    family: gauge(
      'node_ksmd_general_profit_bytes',
      'How effective is KSM. ksm_saved_pages * sizeof(page) - (all_rmap_items) * sizeof(rmap_item)',
    ),
  },
  {
    file: 'merge_across_nodes',
    family: gauge('node_ksmd_merge_across_nodes', 'Specifies if pages from different NUMA nodes can be merged.'),
  },
  { file: 'pages_shared', family: gauge('node_ksmd_pages_shared', 'How many shared pages are being used.') },
  {
    file: 'pages_sharing',
    family: gauge('node_ksmd_pages_sharing', 'How many more sites are sharing them i.e. how much saved.'),
  },
  {
    file: 'pages_to_scan',
    family: gauge('node_ksmd_pages_to_scan', 'How many pages to scan before ksmd goes to sleep.'),
  },
  {
    file: 'pages_unshared',
    family: gauge('node_ksmd_pages_unshared', 'How many pages unique but repeatedly checked for merging.'),
  },
  {
    file: 'pages_volatile',
    family: gauge('node_ksmd_pages_volatile', 'How many pages changing too fast to be placed in a tree.'),
  },
  { file: 'run', family: gauge('node_ksmd_run', 'The status of ksmd. stopped = 0, running = 1') },
  {
    file: 'sleep_millisecs',
    family: gauge('node_ksmd_sleep_seconds', 'How many seconds ksmd should sleep before next scan.'),
    divisor: 1000,
  },
];

export const ksmd = defineCollector({
  name: 'ksmd',
  summary: 'Kernel samepage merging: how much memory it saves, and how hard it works for that.',
  source: '/sys/kernel/mm/ksm',
  differences: ['A negative profit is reported; node_exporter fails on it.'],
  enabled: false,
  schedule: '15s',
  families: measures.map(({ family }) => family),
  config: z.strictObject({}),
  create(_config, { system: { sys } }) {
    return {
      *collect() {
        for (const { file, family, divisor = 1 } of measures) {
          const value = integer(sys.attribute(`kernel/mm/ksm/${file}`));
          if (value !== undefined) yield family.sample(value / divisor);
        }
      },
    };
  },
});
