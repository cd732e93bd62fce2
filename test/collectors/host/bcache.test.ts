import { expect, test } from 'vitest';
import { bcache, dehumanize } from '../../../collectors/host/bcache.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports a cache set, its backing devices and its cache', async () => {
  expect(await expose(bcache, sceneFolder('rich-server', ['bcache']), { priority_stats: true })).toBe(text`
    # HELP node_bcache_active_journal_entries Number of journal entries that are newer than the index.
    # TYPE node_bcache_active_journal_entries gauge
    node_bcache_active_journal_entries{uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 3
    # HELP node_bcache_average_key_size_sectors Average data per key in the btree (sectors).
    # TYPE node_bcache_average_key_size_sectors gauge
    node_bcache_average_key_size_sectors{uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 4596
    # HELP node_bcache_btree_cache_size_bytes Amount of memory currently used by the btree cache.
    # TYPE node_bcache_btree_cache_size_bytes gauge
    node_bcache_btree_cache_size_bytes{uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 1253376
    # HELP node_bcache_btree_nodes Total nodes in the btree.
    # TYPE node_bcache_btree_nodes gauge
    node_bcache_btree_nodes{uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 402
    # HELP node_bcache_btree_read_average_duration_seconds Average btree read duration.
    # TYPE node_bcache_btree_read_average_duration_seconds gauge
    node_bcache_btree_read_average_duration_seconds{uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 0.000001305
    # HELP node_bcache_bypassed_bytes_total Amount of IO (both reads and writes) that has bypassed the cache.
    # TYPE node_bcache_bypassed_bytes_total counter
    node_bcache_bypassed_bytes_total{backing_device="bdev0",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 1073741824
    node_bcache_bypassed_bytes_total{backing_device="bdev1",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 1073741824
    # HELP node_bcache_cache_available_percent Percentage of cache device without dirty data, usable for writeback (may contain clean cached data).
    # TYPE node_bcache_cache_available_percent gauge
    node_bcache_cache_available_percent{uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 87
    # HELP node_bcache_cache_bypass_hits_total Hits for IO intended to skip the cache.
    # TYPE node_bcache_cache_bypass_hits_total counter
    node_bcache_cache_bypass_hits_total{backing_device="bdev0",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 2
    node_bcache_cache_bypass_hits_total{backing_device="bdev1",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 2
    # HELP node_bcache_cache_bypass_misses_total Misses for IO intended to skip the cache.
    # TYPE node_bcache_cache_bypass_misses_total counter
    node_bcache_cache_bypass_misses_total{backing_device="bdev0",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 3
    node_bcache_cache_bypass_misses_total{backing_device="bdev1",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 3
    # HELP node_bcache_cache_hits_total Hits counted per individual IO as bcache sees them.
    # TYPE node_bcache_cache_hits_total counter
    node_bcache_cache_hits_total{backing_device="bdev0",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 546
    node_bcache_cache_hits_total{backing_device="bdev1",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 12
    # HELP node_bcache_cache_miss_collisions_total Instances where data insertion from cache miss raced with write (data already present).
    # TYPE node_bcache_cache_miss_collisions_total counter
    node_bcache_cache_miss_collisions_total{backing_device="bdev0",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 4
    node_bcache_cache_miss_collisions_total{backing_device="bdev1",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 4
    # HELP node_bcache_cache_misses_total Misses counted per individual IO as bcache sees them.
    # TYPE node_bcache_cache_misses_total counter
    node_bcache_cache_misses_total{backing_device="bdev0",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 0
    node_bcache_cache_misses_total{backing_device="bdev1",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 1
    # HELP node_bcache_cache_read_races_total Counts instances where while data was being read from the cache, the bucket was reused and invalidated - i.e. where the pointer was stale after the read completed.
    # TYPE node_bcache_cache_read_races_total counter
    node_bcache_cache_read_races_total{uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 7
    # HELP node_bcache_cache_readaheads_total Count of times readahead occurred.
    # TYPE node_bcache_cache_readaheads_total counter
    node_bcache_cache_readaheads_total{backing_device="bdev0",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 13
    node_bcache_cache_readaheads_total{backing_device="bdev1",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 13
    # HELP node_bcache_congested Congestion.
    # TYPE node_bcache_congested gauge
    node_bcache_congested{uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 0
    # HELP node_bcache_dirty_data_bytes Amount of dirty data for this backing device in the cache.
    # TYPE node_bcache_dirty_data_bytes gauge
    node_bcache_dirty_data_bytes{backing_device="bdev0",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 0
    node_bcache_dirty_data_bytes{backing_device="bdev1",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 14143488
    # HELP node_bcache_dirty_target_bytes Current dirty data target threshold for this backing device in bytes.
    # TYPE node_bcache_dirty_target_bytes gauge
    node_bcache_dirty_target_bytes{backing_device="bdev0",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 21894266880
    node_bcache_dirty_target_bytes{backing_device="bdev1",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 21894266880
    # HELP node_bcache_io_errors Number of errors that have occurred, decayed by io_error_halflife.
    # TYPE node_bcache_io_errors gauge
    node_bcache_io_errors{cache_device="cache0",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 0
    # HELP node_bcache_metadata_written_bytes_total Sum of all non data writes (btree writes and all other metadata).
    # TYPE node_bcache_metadata_written_bytes_total counter
    node_bcache_metadata_written_bytes_total{cache_device="cache0",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 524288
    # HELP node_bcache_priority_stats_metadata_percent Bcache's metadata overhead.
    # TYPE node_bcache_priority_stats_metadata_percent gauge
    node_bcache_priority_stats_metadata_percent{cache_device="cache0",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 3
    # HELP node_bcache_priority_stats_unused_percent The percentage of the cache that doesn't contain any data.
    # TYPE node_bcache_priority_stats_unused_percent gauge
    node_bcache_priority_stats_unused_percent{cache_device="cache0",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 99
    # HELP node_bcache_root_usage_percent Percentage of the root btree node in use (tree depth increases if too high).
    # TYPE node_bcache_root_usage_percent gauge
    node_bcache_root_usage_percent{uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 34
    # HELP node_bcache_tree_depth Depth of the btree.
    # TYPE node_bcache_tree_depth gauge
    node_bcache_tree_depth{uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 1
    # HELP node_bcache_writeback_change Last writeback rate change step for this backing device.
    # TYPE node_bcache_writeback_change gauge
    node_bcache_writeback_change{backing_device="bdev0",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} -1524
    node_bcache_writeback_change{backing_device="bdev1",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} -1524
    # HELP node_bcache_writeback_rate Current writeback rate for this backing device in bytes.
    # TYPE node_bcache_writeback_rate gauge
    node_bcache_writeback_rate{backing_device="bdev0",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 1150976
    node_bcache_writeback_rate{backing_device="bdev1",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 1150976
    # HELP node_bcache_writeback_rate_integral_term Current result of integral controller, part of writeback rate
    # TYPE node_bcache_writeback_rate_integral_term gauge
    node_bcache_writeback_rate_integral_term{backing_device="bdev0",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 0
    node_bcache_writeback_rate_integral_term{backing_device="bdev1",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 0
    # HELP node_bcache_writeback_rate_proportional_term Current result of proportional controller, part of writeback rate
    # TYPE node_bcache_writeback_rate_proportional_term gauge
    node_bcache_writeback_rate_proportional_term{backing_device="bdev0",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} -965406720
    node_bcache_writeback_rate_proportional_term{backing_device="bdev1",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} -965406720
    # HELP node_bcache_written_bytes_total Sum of all data that has been written to the cache.
    # TYPE node_bcache_written_bytes_total counter
    node_bcache_written_bytes_total{cache_device="cache0",uuid="deaddd54-c735-46d5-868e-f331c5fd7c74"} 2735894167552
  `);
});

test('leaves out a count of readahead that the kernel does not keep any more', async () => {
  const total = 'sys/fs/bcache/deaddd54-c735/bdev0/stats_total';
  const scrape = await expose(bcache, sceneOf(`== ${total}/cache_readaheads\n0\n== ${total}/cache_hits\n0\n`));

  expect(scrape.match(/^node_\w+/gm)).toEqual(['node_bcache_cache_hits_total']);
});

test('does not make the kernel walk through the cache unless asked to', async () => {
  expect(await expose(bcache, sceneFolder('rich-server', ['bcache']))).not.toContain('priority_stats');
});

test.each([
  ['0', 0],
  ['402', 402],
  ['0.0k', 0],
  ['-0.0k', 0],
  ['4.0k', 4096],
  ['-1.5k', -1524],
  ['2.10M', 3121152],
  ['18446744073709551615', 18446744073709552000],
  ['0.9', 0],
  ['', undefined],
  ['k', undefined],
  ['1.5x', undefined],
  [undefined, undefined],
])('reads %j', (written, expected) => {
  expect(dehumanize(written)).toBe(expected);
});

test('loses only the attributes that cannot be read', async () => {
  const set = 'fs/bcache/deaddd54-c735-46d5-868e-f331c5fd7c74';
  const system = systemOf(sceneFolder('rich-server', ['bcache']));
  const sys = failing(system.sys, { [`${set}/congested`]: 'EIO', [`${set}/bdev0/writeback_rate_debug`]: 'EIO' });
  const scrape = await expose(bcache, { ...system, sys });

  expect(scrape).not.toContain('node_bcache_congested');
  expect(scrape).not.toContain('node_bcache_writeback_rate{backing_device="bdev0"');
  expect(scrape).toContain('node_bcache_writeback_rate{backing_device="bdev1"');
});

test('reports nothing on a host without bcache', async () => {
  expect(await expose(bcache, sceneOf('== sys/fs/bcache/register\n\n'))).toBe('');
});
