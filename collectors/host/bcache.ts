/**
 * Caches and backing devices of bcache.
 *
 * Source  /sys/fs/bcache/UUID (Documentation/admin-guide/bcache.rst), below it bdevN for each backing device and cacheN
 *         for each cache device.
 * Units   sizes are written as "1.5k" or "4.0M" (bch_hprint in drivers/md/bcache/util.c), so they are as coarse.
 * Labels  uuid: of the cache set; backing_device: such as "bdev0"; cache_device: such as "cache0".
 */
import { counter, defineCollector, type Family, gauge, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { lines, unsigned } from '../../src/system/numbers.ts';
import type { Tree } from '../../src/system/index.ts';

const ofSet = ['uuid'] as const;
const ofBacking = ['uuid', 'backing_device'] as const;
const ofCache = ['uuid', 'cache_device'] as const;

/** A file with one size or number, and its family; `factor` to its base unit. */
interface Attribute<L extends string> {
  readonly file: string;
  readonly family: Family<L>;
  readonly factor?: number;
  /** Whether 0 is left out: newer kernels say 0 of what they do not count any more. */
  readonly unlessZero?: true;
}

const setAttributes: readonly Attribute<'uuid'>[] = [
  {
    file: 'average_key_size',
    family: gauge('node_bcache_average_key_size_sectors', 'Average data per key in the btree (sectors).', ofSet),
  },
  {
    file: 'btree_cache_size',
    family: gauge('node_bcache_btree_cache_size_bytes', 'Amount of memory currently used by the btree cache.', ofSet),
  },
  {
    file: 'cache_available_percent',
    family: gauge(
      'node_bcache_cache_available_percent',
      'Percentage of cache device without dirty data, usable for writeback (may contain clean cached data).',
      ofSet,
    ),
  },
  { file: 'congested', family: gauge('node_bcache_congested', 'Congestion.', ofSet) },
  {
    file: 'root_usage_percent',
    family: gauge(
      'node_bcache_root_usage_percent',
      'Percentage of the root btree node in use (tree depth increases if too high).',
      ofSet,
    ),
  },
  { file: 'tree_depth', family: gauge('node_bcache_tree_depth', 'Depth of the btree.', ofSet) },
  {
    file: 'internal/active_journal_entries',
    family: gauge(
      'node_bcache_active_journal_entries',
      'Number of journal entries that are newer than the index.',
      ofSet,
    ),
  },
  { file: 'internal/btree_nodes', family: gauge('node_bcache_btree_nodes', 'Total nodes in the btree.', ofSet) },
  {
    file: 'internal/btree_read_average_duration_us',
    family: gauge('node_bcache_btree_read_average_duration_seconds', 'Average btree read duration.', ofSet),
    // Microseconds taken for nanoseconds, as node_exporter has done for years: rules are written for its figure.
    factor: 1e-9,
  },
  {
    file: 'internal/cache_read_races',
    family: counter(
      'node_bcache_cache_read_races_total',
      'Counts instances where while data was being read from the cache, the bucket was reused and invalidated - i.e. where the pointer was stale after the read completed.',
      ofSet,
    ),
  },
];

const backingAttributes: readonly Attribute<'uuid' | 'backing_device'>[] = [
  {
    file: 'dirty_data',
    family: gauge(
      'node_bcache_dirty_data_bytes',
      'Amount of dirty data for this backing device in the cache.',
      ofBacking,
    ),
  },
  {
    file: 'stats_total/bypassed',
    family: counter(
      'node_bcache_bypassed_bytes_total',
      'Amount of IO (both reads and writes) that has bypassed the cache.',
      ofBacking,
    ),
  },
  {
    file: 'stats_total/cache_hits',
    family: counter('node_bcache_cache_hits_total', 'Hits counted per individual IO as bcache sees them.', ofBacking),
  },
  {
    file: 'stats_total/cache_misses',
    family: counter(
      'node_bcache_cache_misses_total',
      'Misses counted per individual IO as bcache sees them.',
      ofBacking,
    ),
  },
  {
    file: 'stats_total/cache_bypass_hits',
    family: counter('node_bcache_cache_bypass_hits_total', 'Hits for IO intended to skip the cache.', ofBacking),
  },
  {
    file: 'stats_total/cache_bypass_misses',
    family: counter('node_bcache_cache_bypass_misses_total', 'Misses for IO intended to skip the cache.', ofBacking),
  },
  {
    file: 'stats_total/cache_miss_collisions',
    family: counter(
      'node_bcache_cache_miss_collisions_total',
      'Instances where data insertion from cache miss raced with write (data already present).',
      ofBacking,
    ),
  },
  {
    file: 'stats_total/cache_readaheads',
    family: counter('node_bcache_cache_readaheads_total', 'Count of times readahead occurred.', ofBacking),
    unlessZero: true,
  },
];

/** The lines of writeback_rate_debug that are reported. */
const writeback: Readonly<Record<string, Family<'uuid' | 'backing_device'>>> = {
  rate: gauge('node_bcache_writeback_rate', 'Current writeback rate for this backing device in bytes.', ofBacking),
  target: gauge(
    'node_bcache_dirty_target_bytes',
    'Current dirty data target threshold for this backing device in bytes.',
    ofBacking,
  ),
  proportional: gauge(
    'node_bcache_writeback_rate_proportional_term',
    'Current result of proportional controller, part of writeback rate',
    ofBacking,
  ),
  integral: gauge(
    'node_bcache_writeback_rate_integral_term',
    'Current result of integral controller, part of writeback rate',
    ofBacking,
  ),
  change: gauge('node_bcache_writeback_change', 'Last writeback rate change step for this backing device.', ofBacking),
};

const cacheAttributes: readonly Attribute<'uuid' | 'cache_device'>[] = [
  {
    file: 'io_errors',
    family: gauge(
      'node_bcache_io_errors',
      'Number of errors that have occurred, decayed by io_error_halflife.',
      ofCache,
    ),
  },
  {
    file: 'metadata_written',
    family: counter(
      'node_bcache_metadata_written_bytes_total',
      'Sum of all non data writes (btree writes and all other metadata).',
      ofCache,
    ),
  },
  {
    file: 'written',
    family: counter('node_bcache_written_bytes_total', 'Sum of all data that has been written to the cache.', ofCache),
  },
];

/** The lines of priority_stats that are reported. */
const priorities: Readonly<Record<string, Family<'uuid' | 'cache_device'>>> = {
  Unused: gauge(
    'node_bcache_priority_stats_unused_percent',
    "The percentage of the cache that doesn't contain any data.",
    ofCache,
  ),
  Metadata: gauge('node_bcache_priority_stats_metadata_percent', "Bcache's metadata overhead.", ofCache),
};

export const bcache = defineCollector({
  name: 'bcache',
  summary: 'Caches and backing devices of bcache.',
  source: '/sys/fs/bcache',
  differences: [
    'A line that the kernel does not write is left out, where node_exporter reports 0; a file that cannot be read loses itself alone.',
  ],
  enabled: true,
  schedule: '15s',
  families: [
    ...[...setAttributes, ...backingAttributes, ...cacheAttributes].map(({ family }) => family),
    ...Object.values(writeback),
    ...Object.values(priorities),
  ],
  config: z.strictObject({
    priority_stats: z
      .boolean()
      .default(false)
      .describe('Report the use of the cache by priority, for which the kernel walks through the whole cache.'),
  }),
  create(config, { system: { sys } }) {
    return {
      *collect() {
        // Beside the cache sets there are the files to register one.
        for (const uuid of sys.list('fs/bcache')) if (uuid.includes('-')) yield* samplesOf(uuid);
      },
    };

    function* samplesOf(uuid: string): Iterable<Sample> {
      const folder = `fs/bcache/${uuid}`;
      yield* attributeSamples(sys, folder, setAttributes, { uuid });
      for (const name of sys.list(folder)) {
        const below = `${folder}/${name}`;
        if (/^bdev\d/.test(name)) {
          const labels = { uuid, backing_device: name };
          yield* attributeSamples(sys, below, backingAttributes, labels);
          yield* lineSamples(sys.textIfAny(`${below}/writeback_rate_debug`), writeback, labels, (text) =>
            dehumanize(text.replace('/sec', '')),
          );
        } else if (/^cache\d/.test(name)) {
          const labels = { uuid, cache_device: name };
          yield* attributeSamples(sys, below, cacheAttributes, labels);
          if (!config.priority_stats) continue;
          yield* lineSamples(sys.textIfAny(`${below}/priority_stats`), priorities, labels, (text) =>
            unsigned(text.replace('%', '')),
          );
        }
      }
    }
  },
});

function* attributeSamples<L extends string>(
  sys: Tree,
  folder: string,
  attributes: readonly Attribute<L>[],
  labels: Record<L, string>,
): Iterable<Sample> {
  for (const { file, family, factor = 1, unlessZero } of attributes) {
    const value = dehumanize(sys.attribute(`${folder}/${file}`));
    if (value !== undefined && (value !== 0 || unlessZero !== true)) yield { family, value: value * factor, labels };
  }
}

function* lineSamples<L extends string>(
  text: string | undefined,
  families: Readonly<Record<string, Family<L>>>,
  labels: Record<L, string>,
  read: (text: string) => number | undefined,
): Iterable<Sample> {
  for (const line of lines(text ?? '')) {
    const [key = '', rest = ''] = line.split(':');
    const value = read(rest.trim());
    if (Object.hasOwn(families, key) && value !== undefined) yield { family: families[key]!, value, labels };
  }
}

const units = ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];

/**
 * A number as bcache writes sizes; a plain one is exact. Up to Linux 4.12 the fraction was no decimal one but a count
 * of 1024ths by 100, so that ".10" was more than ".9"; to read both, it is always taken so.
 */
export function dehumanize(text: string | undefined): number | undefined {
  const [, sign, whole, fraction, unit] = /^(-?)(\d+)(?:\.(\d+))?([kMGTPEZY]?)$/.exec(text ?? '') ?? [];
  if (whole === undefined || unit === undefined) return undefined;
  const decimals = fraction === undefined ? 0 : unit === '' ? Number(`0.${fraction}`) : Number(fraction) / 10.24;
  const value = Math.trunc((Number(whole) + decimals) * 1024 ** units.indexOf(unit));
  return sign === '-' && value !== 0 ? -value : value;
}
