import { expect, test } from 'vitest';
import { btrfs } from '../../../collectors/host/btrfs.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports each file system with what its kernel has', async () => {
  expect(await expose(btrfs, sceneFolder('rich-server', ['btrfs']))).toBe(text`
    # HELP node_btrfs_allocation_ratio Data allocation ratio for a layout/data type
    # TYPE node_btrfs_allocation_ratio gauge
    node_btrfs_allocation_ratio{block_group_type="data",mode="raid0",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 1
    node_btrfs_allocation_ratio{block_group_type="data",mode="single",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 1
    node_btrfs_allocation_ratio{block_group_type="metadata",mode="raid1",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 2
    node_btrfs_allocation_ratio{block_group_type="system",mode="raid1",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 2
    node_btrfs_allocation_ratio{block_group_type="data",mode="raid1c3",uuid="7f07c59f-6136-449c-ab87-e1cf2328731b"} 3
    # HELP node_btrfs_commit_seconds_total Sum of the duration of all commits, in seconds.
    # TYPE node_btrfs_commit_seconds_total counter
    node_btrfs_commit_seconds_total{uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 47836.09
    # HELP node_btrfs_commits_total The total number of commits that have occurred.
    # TYPE node_btrfs_commits_total counter
    node_btrfs_commits_total{uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 258051
    # HELP node_btrfs_device_errors_total Errors reported for the device
    # TYPE node_btrfs_device_errors_total counter
    node_btrfs_device_errors_total{devid="1",type="write",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 0
    node_btrfs_device_errors_total{devid="1",type="read",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 1
    node_btrfs_device_errors_total{devid="1",type="flush",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 0
    node_btrfs_device_errors_total{devid="1",type="corruption",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 0
    node_btrfs_device_errors_total{devid="1",type="generation",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 0
    node_btrfs_device_errors_total{devid="2",type="write",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 0
    node_btrfs_device_errors_total{devid="2",type="read",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 2
    node_btrfs_device_errors_total{devid="2",type="flush",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 0
    node_btrfs_device_errors_total{devid="2",type="corruption",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 0
    node_btrfs_device_errors_total{devid="2",type="generation",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 0
    node_btrfs_device_errors_total{device="sdg1",devid="1",type="write",uuid="7f07c59f-6136-449c-ab87-e1cf2328731b"} 5
    node_btrfs_device_errors_total{device="sdg1",devid="1",type="read",uuid="7f07c59f-6136-449c-ab87-e1cf2328731b"} 0
    # HELP node_btrfs_device_size_bytes Size of a device that is part of the filesystem.
    # TYPE node_btrfs_device_size_bytes gauge
    node_btrfs_device_size_bytes{device="sde",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 10737418240
    node_btrfs_device_size_bytes{device="sdf",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 10737418240
    node_btrfs_device_size_bytes{device="sdg1",uuid="7f07c59f-6136-449c-ab87-e1cf2328731b"} 21474836480
    # HELP node_btrfs_global_rsv_size_bytes Size of global reserve.
    # TYPE node_btrfs_global_rsv_size_bytes gauge
    node_btrfs_global_rsv_size_bytes{uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 16777216
    # HELP node_btrfs_info Filesystem information
    # TYPE node_btrfs_info gauge
    node_btrfs_info{label="pool",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 1
    node_btrfs_info{label="",uuid="7f07c59f-6136-449c-ab87-e1cf2328731b"} 1
    # HELP node_btrfs_last_commit_seconds Duration of the most recent commit, in seconds.
    # TYPE node_btrfs_last_commit_seconds gauge
    node_btrfs_last_commit_seconds{uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 0.001
    # HELP node_btrfs_max_commit_seconds Duration of the slowest commit, in seconds.
    # TYPE node_btrfs_max_commit_seconds gauge
    node_btrfs_max_commit_seconds{uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 51.462
    # HELP node_btrfs_reserved_bytes Amount of space reserved for a data type
    # TYPE node_btrfs_reserved_bytes gauge
    node_btrfs_reserved_bytes{block_group_type="data",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 0
    node_btrfs_reserved_bytes{block_group_type="metadata",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 16384
    node_btrfs_reserved_bytes{block_group_type="system",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 0
    node_btrfs_reserved_bytes{block_group_type="data",uuid="7f07c59f-6136-449c-ab87-e1cf2328731b"} 0
    # HELP node_btrfs_size_bytes Amount of space allocated for a layout/data type
    # TYPE node_btrfs_size_bytes gauge
    node_btrfs_size_bytes{block_group_type="data",mode="raid0",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 2147483648
    node_btrfs_size_bytes{block_group_type="data",mode="single",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 8388608
    node_btrfs_size_bytes{block_group_type="metadata",mode="raid1",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 1073741824
    node_btrfs_size_bytes{block_group_type="system",mode="raid1",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 8388608
    node_btrfs_size_bytes{block_group_type="data",mode="raid1c3",uuid="7f07c59f-6136-449c-ab87-e1cf2328731b"} 8192
    # HELP node_btrfs_used_bytes Amount of used space by a layout/data type
    # TYPE node_btrfs_used_bytes gauge
    node_btrfs_used_bytes{block_group_type="data",mode="raid0",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 808189952
    node_btrfs_used_bytes{block_group_type="data",mode="single",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 0
    node_btrfs_used_bytes{block_group_type="metadata",mode="raid1",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 933888
    node_btrfs_used_bytes{block_group_type="system",mode="raid1",uuid="0abb23a9-579b-43e6-ad30-227ef47fcb9d"} 16384
    node_btrfs_used_bytes{block_group_type="data",mode="raid1c3",uuid="7f07c59f-6136-449c-ab87-e1cf2328731b"} 4096
  `);
});

test.each([
  ['single', 1, 1],
  ['dup', 1, 2],
  ['raid10', 4, 2],
  ['raid1c4', 4, 4],
  ['raid5', 3, 1.5],
  ['raid6', 4, 2],
  ['raid5', 1, undefined],
  ['raid6', 2, undefined],
  ['raid99', 2, undefined],
])('knows what %s takes on %i devices', async (mode, devices, expected) => {
  const folder = 'sys/fs/btrfs/0abb23a9-579b';
  const files = Array.from({ length: devices }, (_, index) => `== ${folder}/devices/sd${index}/size\n1\n`).join('');
  const scrape = await expose(btrfs, sceneOf(`${files}== ${folder}/allocation/data/${mode}/total_bytes\n5\n`));
  const [, ratio] = /^node_btrfs_allocation_ratio.* (.*)$/m.exec(scrape) ?? [];

  expect(ratio).toBe(expected === undefined ? undefined : String(expected));
});

test('loses only the attributes that cannot be read', async () => {
  const folder = 'fs/btrfs/0abb23a9-579b-43e6-ad30-227ef47fcb9d';
  const system = systemOf(sceneFolder('rich-server', ['btrfs']));
  const sys = failing(system.sys, { [`${folder}/commit_stats`]: 'EIO', [`${folder}/devices/sde/size`]: 'ENODEV' });
  const scrape = await expose(btrfs, { ...system, sys });

  expect(scrape).not.toContain('node_btrfs_commits_total');
  expect(scrape).not.toContain('node_btrfs_device_size_bytes{device="sde"');
  expect(scrape).toContain('node_btrfs_device_size_bytes{device="sdf"');
});

test('reports nothing on a host without btrfs', async () => {
  expect(await expose(btrfs, sceneOf('=/ sys/fs/btrfs/features\n'))).toBe('');
});
