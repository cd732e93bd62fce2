import { expect, test } from 'vitest';
import { parseZoneinfo, zoneinfo } from '../../../collectors/host/zoneinfo.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports zones, with the statistics of a node at its first zone', async () => {
  expect(await expose(zoneinfo, sceneFolder('rich-server', ['zoneinfo']))).toBe(text`
    # HELP node_zoneinfo_high_pages Zone watermark pages_high
    # TYPE node_zoneinfo_high_pages gauge
    node_zoneinfo_high_pages{node="0",zone="DMA"} 21
    node_zoneinfo_high_pages{node="0",zone="Normal"} 17078
    node_zoneinfo_high_pages{node="1",zone="Normal"} 17091
    # HELP node_zoneinfo_low_pages Zone watermark pages_low
    # TYPE node_zoneinfo_low_pages gauge
    node_zoneinfo_low_pages{node="0",zone="DMA"} 18
    node_zoneinfo_low_pages{node="0",zone="Normal"} 14232
    node_zoneinfo_low_pages{node="1",zone="Normal"} 14243
    # HELP node_zoneinfo_managed_pages Present pages managed by the buddy system
    # TYPE node_zoneinfo_managed_pages gauge
    node_zoneinfo_managed_pages{node="0",zone="DMA"} 3840
    node_zoneinfo_managed_pages{node="0",zone="Normal"} 1249227
    node_zoneinfo_managed_pages{node="1",zone="Normal"} 2057121
    # HELP node_zoneinfo_min_pages Zone watermark pages_min
    # TYPE node_zoneinfo_min_pages gauge
    node_zoneinfo_min_pages{node="0",zone="DMA"} 15
    node_zoneinfo_min_pages{node="0",zone="Normal"} 11386
    node_zoneinfo_min_pages{node="1",zone="Normal"} 11395
    # HELP node_zoneinfo_nr_active_anon_pages Number of anonymous pages recently more used
    # TYPE node_zoneinfo_nr_active_anon_pages gauge
    node_zoneinfo_nr_active_anon_pages{node="0",zone="DMA"} 547580
    # HELP node_zoneinfo_nr_active_file_pages Number of active pages with file-backing
    # TYPE node_zoneinfo_nr_active_file_pages gauge
    node_zoneinfo_nr_active_file_pages{node="0",zone="DMA"} 346282
    # HELP node_zoneinfo_nr_anon_pages Number of anonymous pages currently used by the system
    # TYPE node_zoneinfo_nr_anon_pages gauge
    node_zoneinfo_nr_anon_pages{node="0",zone="DMA"} 795576
    # HELP node_zoneinfo_nr_anon_transparent_hugepages Number of anonymous transparent huge pages currently used by the system
    # TYPE node_zoneinfo_nr_anon_transparent_hugepages gauge
    node_zoneinfo_nr_anon_transparent_hugepages{node="0",zone="DMA"} 2
    # HELP node_zoneinfo_nr_dirtied_total Page dirtyings since bootup
    # TYPE node_zoneinfo_nr_dirtied_total counter
    node_zoneinfo_nr_dirtied_total{node="0",zone="DMA"} 1189097
    # HELP node_zoneinfo_nr_dirty_pages Number of dirty pages
    # TYPE node_zoneinfo_nr_dirty_pages gauge
    node_zoneinfo_nr_dirty_pages{node="0",zone="DMA"} 103
    # HELP node_zoneinfo_nr_file_pages Number of file pages
    # TYPE node_zoneinfo_nr_file_pages gauge
    node_zoneinfo_nr_file_pages{node="0",zone="DMA"} 761874
    # HELP node_zoneinfo_nr_free_pages Total number of free pages in the zone
    # TYPE node_zoneinfo_nr_free_pages gauge
    node_zoneinfo_nr_free_pages{node="0",zone="DMA"} 3840
    node_zoneinfo_nr_free_pages{node="0",zone="Normal"} 46222
    node_zoneinfo_nr_free_pages{node="1",zone="Normal"} 981000
    # HELP node_zoneinfo_nr_inactive_anon_pages Number of anonymous pages recently less used
    # TYPE node_zoneinfo_nr_inactive_anon_pages gauge
    node_zoneinfo_nr_inactive_anon_pages{node="0",zone="DMA"} 230981
    node_zoneinfo_nr_inactive_anon_pages{node="1",zone="Normal"} 9
    # HELP node_zoneinfo_nr_inactive_file_pages Number of inactive pages with file-backing
    # TYPE node_zoneinfo_nr_inactive_file_pages gauge
    node_zoneinfo_nr_inactive_file_pages{node="0",zone="DMA"} 316904
    # HELP node_zoneinfo_nr_isolated_anon_pages Temporary isolated pages from anon lru
    # TYPE node_zoneinfo_nr_isolated_anon_pages gauge
    node_zoneinfo_nr_isolated_anon_pages{node="0",zone="DMA"} 0
    # HELP node_zoneinfo_nr_isolated_file_pages Temporary isolated pages from file lru
    # TYPE node_zoneinfo_nr_isolated_file_pages gauge
    node_zoneinfo_nr_isolated_file_pages{node="0",zone="DMA"} -2
    # HELP node_zoneinfo_nr_kernel_stacks Number of kernel stacks
    # TYPE node_zoneinfo_nr_kernel_stacks gauge
    node_zoneinfo_nr_kernel_stacks{node="0",zone="DMA"} 18864
    node_zoneinfo_nr_kernel_stacks{node="1",zone="Normal"} 12
    # HELP node_zoneinfo_nr_mapped_pages Number of mapped pages
    # TYPE node_zoneinfo_nr_mapped_pages gauge
    node_zoneinfo_nr_mapped_pages{node="0",zone="DMA"} 215483
    # HELP node_zoneinfo_nr_shmem_pages Number of shmem pages (included tmpfs/GEM pages)
    # TYPE node_zoneinfo_nr_shmem_pages gauge
    node_zoneinfo_nr_shmem_pages{node="0",zone="DMA"} 224925
    # HELP node_zoneinfo_nr_slab_reclaimable_pages Number of reclaimable slab pages
    # TYPE node_zoneinfo_nr_slab_reclaimable_pages gauge
    node_zoneinfo_nr_slab_reclaimable_pages{node="0",zone="DMA"} 121763
    # HELP node_zoneinfo_nr_slab_unreclaimable_pages Number of unreclaimable slab pages
    # TYPE node_zoneinfo_nr_slab_unreclaimable_pages gauge
    node_zoneinfo_nr_slab_unreclaimable_pages{node="0",zone="DMA"} 56182
    # HELP node_zoneinfo_nr_unevictable_pages Number of unevictable pages
    # TYPE node_zoneinfo_nr_unevictable_pages gauge
    node_zoneinfo_nr_unevictable_pages{node="0",zone="DMA"} 115467
    # HELP node_zoneinfo_nr_writeback_pages Number of writeback pages
    # TYPE node_zoneinfo_nr_writeback_pages gauge
    node_zoneinfo_nr_writeback_pages{node="0",zone="DMA"} 0
    # HELP node_zoneinfo_nr_written_total Page writings since bootup
    # TYPE node_zoneinfo_nr_written_total counter
    node_zoneinfo_nr_written_total{node="0",zone="DMA"} 1181554
    # HELP node_zoneinfo_numa_foreign_total Was intended here, hit elsewhere
    # TYPE node_zoneinfo_numa_foreign_total counter
    node_zoneinfo_numa_foreign_total{node="0",zone="DMA"} 0
    node_zoneinfo_numa_foreign_total{node="0",zone="Normal"} 0
    node_zoneinfo_numa_foreign_total{node="1",zone="Normal"} 0
    # HELP node_zoneinfo_numa_hit_total Allocated in intended node
    # TYPE node_zoneinfo_numa_hit_total counter
    node_zoneinfo_numa_hit_total{node="0",zone="DMA"} 11520
    node_zoneinfo_numa_hit_total{node="0",zone="Normal"} 138666
    node_zoneinfo_numa_hit_total{node="1",zone="Normal"} 2943000
    # HELP node_zoneinfo_numa_interleave_total Interleaver preferred this zone
    # TYPE node_zoneinfo_numa_interleave_total counter
    node_zoneinfo_numa_interleave_total{node="0",zone="DMA"} 1
    node_zoneinfo_numa_interleave_total{node="0",zone="Normal"} 1
    node_zoneinfo_numa_interleave_total{node="1",zone="Normal"} 1
    # HELP node_zoneinfo_numa_local_total Allocation from local node
    # TYPE node_zoneinfo_numa_local_total counter
    node_zoneinfo_numa_local_total{node="0",zone="DMA"} 11520
    node_zoneinfo_numa_local_total{node="0",zone="Normal"} 138666
    node_zoneinfo_numa_local_total{node="1",zone="Normal"} 2943000
    # HELP node_zoneinfo_numa_miss_total Allocated in non intended node
    # TYPE node_zoneinfo_numa_miss_total counter
    node_zoneinfo_numa_miss_total{node="0",zone="DMA"} 0
    node_zoneinfo_numa_miss_total{node="0",zone="Normal"} 0
    node_zoneinfo_numa_miss_total{node="1",zone="Normal"} 0
    # HELP node_zoneinfo_numa_other_total Allocation from other node
    # TYPE node_zoneinfo_numa_other_total counter
    node_zoneinfo_numa_other_total{node="0",zone="DMA"} 0
    node_zoneinfo_numa_other_total{node="0",zone="Normal"} 0
    node_zoneinfo_numa_other_total{node="1",zone="Normal"} 0
    # HELP node_zoneinfo_present_pages Physical pages existing within the zone
    # TYPE node_zoneinfo_present_pages gauge
    node_zoneinfo_present_pages{node="0",zone="DMA"} 3997
    node_zoneinfo_present_pages{node="0",zone="Normal"} 1281024
    node_zoneinfo_present_pages{node="1",zone="Normal"} 2097152
    # HELP node_zoneinfo_protection_0 Protection array 0. field
    # TYPE node_zoneinfo_protection_0 gauge
    node_zoneinfo_protection_0{node="0",zone="DMA"} 0
    node_zoneinfo_protection_0{node="0",zone="Normal"} 0
    node_zoneinfo_protection_0{node="1",zone="Normal"} 0
    # HELP node_zoneinfo_protection_1 Protection array 1. field
    # TYPE node_zoneinfo_protection_1 gauge
    node_zoneinfo_protection_1{node="0",zone="DMA"} 2776
    node_zoneinfo_protection_1{node="0",zone="Normal"} 0
    node_zoneinfo_protection_1{node="1",zone="Normal"} 0
    # HELP node_zoneinfo_protection_2 Protection array 2. field
    # TYPE node_zoneinfo_protection_2 gauge
    node_zoneinfo_protection_2{node="0",zone="DMA"} 7654
    node_zoneinfo_protection_2{node="0",zone="Normal"} 0
    node_zoneinfo_protection_2{node="1",zone="Normal"} 0
    # HELP node_zoneinfo_protection_3 Protection array 3. field
    # TYPE node_zoneinfo_protection_3 gauge
    node_zoneinfo_protection_3{node="0",zone="DMA"} 7654
    node_zoneinfo_protection_3{node="0",zone="Normal"} 0
    node_zoneinfo_protection_3{node="1",zone="Normal"} 0
    # HELP node_zoneinfo_spanned_pages Total pages spanned by the zone, including holes
    # TYPE node_zoneinfo_spanned_pages gauge
    node_zoneinfo_spanned_pages{node="0",zone="DMA"} 4095
    node_zoneinfo_spanned_pages{node="0",zone="Normal"} 1281024
    node_zoneinfo_spanned_pages{node="1",zone="Normal"} 2097152
  `);
});

test('says which file is missing', async () => {
  await expect(expose(zoneinfo, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});

test('leaves out a count that fell below zero', () => {
  const [zone] = parseZoneinfo('Node 0, zone DMA\n  nr_written 18446744073709551615\n  nr_dirtied 5\n');

  expect([...zone!.values]).toEqual([['nr_dirtied', 5]]);
});

test('keeps what stands before a torn end', () => {
  const zones = parseZoneinfo(
    'Node 0, zone    DMA\n  pages free  3840\n        min      15\n        low\n        protection: (0, 27',
  );

  expect(zones).toEqual([{ node: '0', zone: 'DMA', values: new Map([['min', 15]]), protection: [] }]);
});

test.each(['', 'min 15\n'])('refuses a file without a zone: %j', (torn) => {
  expect(() => parseZoneinfo(torn)).toThrow(/zoneinfo/);
});
