import { expect, test } from 'vitest';
import { parseStats, xfs } from '../../../collectors/host/xfs.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports the counters of each file system', async () => {
  expect(await expose(xfs, sceneFolder('rich-server', ['xfs']))).toBe(text`
    # HELP node_xfs_allocation_btree_compares_total Number of allocation B-tree compares for a filesystem.
    # TYPE node_xfs_allocation_btree_compares_total counter
    node_xfs_allocation_btree_compares_total{device="sdd1"} 1
    # HELP node_xfs_allocation_btree_lookups_total Number of allocation B-tree lookups for a filesystem.
    # TYPE node_xfs_allocation_btree_lookups_total counter
    node_xfs_allocation_btree_lookups_total{device="sdd1"} 0
    # HELP node_xfs_allocation_btree_records_deleted_total Number of allocation B-tree records deleted for a filesystem.
    # TYPE node_xfs_allocation_btree_records_deleted_total counter
    node_xfs_allocation_btree_records_deleted_total{device="sdd1"} 3
    # HELP node_xfs_allocation_btree_records_inserted_total Number of allocation B-tree records inserted for a filesystem.
    # TYPE node_xfs_allocation_btree_records_inserted_total counter
    node_xfs_allocation_btree_records_inserted_total{device="sdd1"} 2
    # HELP node_xfs_block_map_btree_compares_total Number of block map B-tree compares for a filesystem.
    # TYPE node_xfs_block_map_btree_compares_total counter
    node_xfs_block_map_btree_compares_total{device="sdd1"} 5
    # HELP node_xfs_block_map_btree_lookups_total Number of block map B-tree lookups for a filesystem.
    # TYPE node_xfs_block_map_btree_lookups_total counter
    node_xfs_block_map_btree_lookups_total{device="sdd1"} 4
    # HELP node_xfs_block_map_btree_records_deleted_total Number of block map B-tree records deleted for a filesystem.
    # TYPE node_xfs_block_map_btree_records_deleted_total counter
    node_xfs_block_map_btree_records_deleted_total{device="sdd1"} 7
    # HELP node_xfs_block_map_btree_records_inserted_total Number of block map B-tree records inserted for a filesystem.
    # TYPE node_xfs_block_map_btree_records_inserted_total counter
    node_xfs_block_map_btree_records_inserted_total{device="sdd1"} 6
    # HELP node_xfs_block_mapping_extent_list_compares_total Number of extent list compares for a filesystem.
    # TYPE node_xfs_block_mapping_extent_list_compares_total counter
    node_xfs_block_mapping_extent_list_compares_total{device="sdd1"} 4294967295
    # HELP node_xfs_block_mapping_extent_list_deletions_total Number of extent list deletions for a filesystem.
    # TYPE node_xfs_block_mapping_extent_list_deletions_total counter
    node_xfs_block_mapping_extent_list_deletions_total{device="sdd1"} 92448
    # HELP node_xfs_block_mapping_extent_list_insertions_total Number of extent list insertions for a filesystem.
    # TYPE node_xfs_block_mapping_extent_list_insertions_total counter
    node_xfs_block_mapping_extent_list_insertions_total{device="sdd1"} 92447
    # HELP node_xfs_block_mapping_extent_list_lookups_total Number of extent list lookups for a filesystem.
    # TYPE node_xfs_block_mapping_extent_list_lookups_total counter
    node_xfs_block_mapping_extent_list_lookups_total{device="sdd1"} 2140766
    # HELP node_xfs_block_mapping_reads_total Number of block map for read operations for a filesystem.
    # TYPE node_xfs_block_mapping_reads_total counter
    node_xfs_block_mapping_reads_total{device="sdd1"} 1767055
    # HELP node_xfs_block_mapping_unmaps_total Number of block unmaps (deletes) for a filesystem.
    # TYPE node_xfs_block_mapping_unmaps_total counter
    node_xfs_block_mapping_unmaps_total{device="sdd1"} 184891
    # HELP node_xfs_block_mapping_writes_total Number of block map for write operations for a filesystem.
    # TYPE node_xfs_block_mapping_writes_total counter
    node_xfs_block_mapping_writes_total{device="sdd1"} 188820
    # HELP node_xfs_directory_operation_create_total Number of times a new directory entry was created for a filesystem.
    # TYPE node_xfs_directory_operation_create_total counter
    node_xfs_directory_operation_create_total{device="sdd1"} 92447
    # HELP node_xfs_directory_operation_getdents_total Number of times the directory getdents operation was performed for a filesystem.
    # TYPE node_xfs_directory_operation_getdents_total counter
    node_xfs_directory_operation_getdents_total{device="sdd1"} 136422
    # HELP node_xfs_directory_operation_lookup_total Number of file name directory lookups which miss the operating systems directory name lookup cache.
    # TYPE node_xfs_directory_operation_lookup_total counter
    node_xfs_directory_operation_lookup_total{device="sdd1"} 185039
    # HELP node_xfs_directory_operation_remove_total Number of times an existing directory entry was created for a filesystem.
    # TYPE node_xfs_directory_operation_remove_total counter
    node_xfs_directory_operation_remove_total{device="sdd1"} 92444
    # HELP node_xfs_extent_allocation_blocks_allocated_total Number of blocks allocated for a filesystem.
    # TYPE node_xfs_extent_allocation_blocks_allocated_total counter
    node_xfs_extent_allocation_blocks_allocated_total{device="sdd1"} 97589
    # HELP node_xfs_extent_allocation_blocks_freed_total Number of blocks freed for a filesystem.
    # TYPE node_xfs_extent_allocation_blocks_freed_total counter
    node_xfs_extent_allocation_blocks_freed_total{device="sdd1"} 1900
    # HELP node_xfs_extent_allocation_extents_allocated_total Number of extents allocated for a filesystem.
    # TYPE node_xfs_extent_allocation_extents_allocated_total counter
    node_xfs_extent_allocation_extents_allocated_total{device="sdd1"} 1011
    # HELP node_xfs_extent_allocation_extents_freed_total Number of extents freed for a filesystem.
    # TYPE node_xfs_extent_allocation_extents_freed_total counter
    node_xfs_extent_allocation_extents_freed_total{device="sdd1"} 92
    # HELP node_xfs_inode_operation_attempts_total Number of times the OS looked for an XFS inode in the inode cache.
    # TYPE node_xfs_inode_operation_attempts_total counter
    node_xfs_inode_operation_attempts_total{device="sdd1"} 185045
    # HELP node_xfs_inode_operation_attribute_changes_total Number of times the OS explicitly changed the attributes of an XFS inode.
    # TYPE node_xfs_inode_operation_attribute_changes_total counter
    node_xfs_inode_operation_attribute_changes_total{device="sdd1"} 22
    # HELP node_xfs_inode_operation_duplicates_total Number of times the OS tried to add a missing XFS inode to the inode cache, but found it had already been added by another process.
    # TYPE node_xfs_inode_operation_duplicates_total counter
    node_xfs_inode_operation_duplicates_total{device="sdd1"} 9
    # HELP node_xfs_inode_operation_found_total Number of times the OS looked for and found an XFS inode in the inode cache.
    # TYPE node_xfs_inode_operation_found_total counter
    node_xfs_inode_operation_found_total{device="sdd1"} 58807
    # HELP node_xfs_inode_operation_missed_total Number of times the OS looked for an XFS inode in the cache, but did not find it.
    # TYPE node_xfs_inode_operation_missed_total counter
    node_xfs_inode_operation_missed_total{device="sdd1"} 126238
    # HELP node_xfs_inode_operation_reclaims_total Number of times the OS reclaimed an XFS inode from the inode cache to free memory for another purpose.
    # TYPE node_xfs_inode_operation_reclaims_total counter
    node_xfs_inode_operation_reclaims_total{device="sdd1"} 33637
    # HELP node_xfs_inode_operation_recycled_total Number of times the OS found an XFS inode in the cache, but could not use it as it was being recycled.
    # TYPE node_xfs_inode_operation_recycled_total counter
    node_xfs_inode_operation_recycled_total{device="sdd1"} 8
    # HELP node_xfs_read_calls_total Number of read(2) system calls made to files in a filesystem.
    # TYPE node_xfs_read_calls_total counter
    node_xfs_read_calls_total{device="sdd1"} 94045
    # HELP node_xfs_vnode_active_total Number of vnodes not on free lists for a filesystem.
    # TYPE node_xfs_vnode_active_total counter
    node_xfs_vnode_active_total{device="sdd1"} 92601
    # HELP node_xfs_vnode_allocate_total Number of times vn_alloc called for a filesystem.
    # TYPE node_xfs_vnode_allocate_total counter
    node_xfs_vnode_allocate_total{device="sdd1"} 1
    # HELP node_xfs_vnode_get_total Number of times vn_get called for a filesystem.
    # TYPE node_xfs_vnode_get_total counter
    node_xfs_vnode_get_total{device="sdd1"} 2
    # HELP node_xfs_vnode_hold_total Number of times vn_hold called for a filesystem.
    # TYPE node_xfs_vnode_hold_total counter
    node_xfs_vnode_hold_total{device="sdd1"} 3
    # HELP node_xfs_vnode_reclaim_total Number of times vn_reclaim called for a filesystem.
    # TYPE node_xfs_vnode_reclaim_total counter
    node_xfs_vnode_reclaim_total{device="sdd1"} 92445
    # HELP node_xfs_vnode_release_total Number of times vn_rele called for a filesystem.
    # TYPE node_xfs_vnode_release_total counter
    node_xfs_vnode_release_total{device="sdd1"} 92444
    # HELP node_xfs_vnode_remove_total Number of times vn_remove called for a filesystem.
    # TYPE node_xfs_vnode_remove_total counter
    node_xfs_vnode_remove_total{device="sdd1"} 92446
    # HELP node_xfs_write_calls_total Number of write(2) system calls made to files in a filesystem.
    # TYPE node_xfs_write_calls_total counter
    node_xfs_write_calls_total{device="sdd1"} 107739
  `);
});

test.each([
  ['rw 5\n', [['node_xfs_write_calls_total', 5]]],
  ['rw x 6\n', [['node_xfs_read_calls_total', 6]]],
  ['rw\nunheard_of 1 2\n\nconstructor 1\n', []],
])('takes what a torn or unknown line has: %j', (content, expected) => {
  expect(parseStats(content, 'sda1').map(({ family, value }) => [family.name, value])).toEqual(expected);
});

test('reports nothing on a host without XFS', async () => {
  expect(await expose(xfs, sceneOf(''))).toBe('');
});
