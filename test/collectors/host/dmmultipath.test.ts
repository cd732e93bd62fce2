import { expect, test } from 'vitest';
import { dmmultipath } from '../../../collectors/host/dmmultipath.ts';
import { NoDataError } from '../../../src/collector.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports multipath devices and their paths, and no other device', async () => {
  expect(await expose(dmmultipath, sceneFolder('rich-server', ['dmmultipath']))).toBe(text`
    # HELP node_dmmultipath_device_active Whether the multipath device-mapper device is active (1) or suspended (0).
    # TYPE node_dmmultipath_device_active gauge
    node_dmmultipath_device_active{device="mpatha",sysfs_name="dm-5"} 1
    node_dmmultipath_device_active{device="mpathb",sysfs_name="dm-6"} 0
    # HELP node_dmmultipath_device_info Non-numeric information about a DM-multipath device.
    # TYPE node_dmmultipath_device_info gauge
    node_dmmultipath_device_info{device="mpatha",sysfs_name="dm-5",uuid="mpath-3600a0b80005a1b2c000004d35f9e1a77"} 1
    node_dmmultipath_device_info{device="mpathb",sysfs_name="dm-6",uuid="mpath-3600a0b80005a1b2c000004d45f9e1b12"} 1
    # HELP node_dmmultipath_device_paths Number of paths for a multipath device.
    # TYPE node_dmmultipath_device_paths gauge
    node_dmmultipath_device_paths{device="mpatha",sysfs_name="dm-5"} 2
    node_dmmultipath_device_paths{device="mpathb",sysfs_name="dm-6"} 0
    # HELP node_dmmultipath_device_paths_active Number of paths in active state (SCSI running or NVMe live) for a multipath device.
    # TYPE node_dmmultipath_device_paths_active gauge
    node_dmmultipath_device_paths_active{device="mpatha",sysfs_name="dm-5"} 1
    node_dmmultipath_device_paths_active{device="mpathb",sysfs_name="dm-6"} 0
    # HELP node_dmmultipath_device_paths_failed Number of paths not in active state for a multipath device.
    # TYPE node_dmmultipath_device_paths_failed gauge
    node_dmmultipath_device_paths_failed{device="mpatha",sysfs_name="dm-5"} 1
    node_dmmultipath_device_paths_failed{device="mpathb",sysfs_name="dm-6"} 0
    # HELP node_dmmultipath_device_size_bytes Size of the multipath device in bytes, read from /sys/block/<dm>/size.
    # TYPE node_dmmultipath_device_size_bytes gauge
    node_dmmultipath_device_size_bytes{device="mpatha",sysfs_name="dm-5"} 53687091200
    node_dmmultipath_device_size_bytes{device="mpathb",sysfs_name="dm-6"} 1073741824
    # HELP node_dmmultipath_path_state Reports the underlying device state for a multipath path, as read from /sys/block/<dev>/device/state.
    # TYPE node_dmmultipath_path_state gauge
    node_dmmultipath_path_state{device="mpatha",path="sdi",state="running"} 1
    node_dmmultipath_path_state{device="mpatha",path="sdj",state="offline"} 1
  `);
});

test('counts a path that does not tell its state as failed', async () => {
  const system = systemOf(sceneFolder('rich-server', ['dmmultipath']));
  const scrape = await expose(dmmultipath, {
    ...system,
    sys: failing(system.sys, { 'block/sdi/device/state': 'ENODEV', 'block/dm-5/size': 'EIO' }),
  });

  expect(scrape).toContain('node_dmmultipath_path_state{device="mpatha",path="sdi",state="unknown"} 1\n');
  expect(scrape).toContain('node_dmmultipath_device_paths_failed{device="mpatha",sysfs_name="dm-5"} 1\n');
  expect(scrape).not.toContain('node_dmmultipath_device_size_bytes{device="mpatha"');
});

test('leaves out a device that leaves while it is read', async () => {
  expect(await expose(dmmultipath, sceneOf('== sys/block/dm-5/dm/uuid\nmpath-1\n'))).toBe('');
});

test('has no data without block devices', async () => {
  await expect(expose(dmmultipath, sceneOf(''))).rejects.toThrow(NoDataError);
});
