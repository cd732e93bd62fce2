/**
 * Multipath devices of the device mapper, and the state of each of their paths.
 *
 * Source  /sys/block/dm-N/dm (Documentation/ABI/testing/sysfs-block-dm), whose uuid starts with "mpath-"; its slaves are
 *         the paths, and /sys/block/PATH/device/state is what SCSI ("running") or NVMe ("live") says of them.
 * Units   size is in sectors of 512 bytes.
 * Labels  device: the name that multipathd gave, such as "mpatha"; sysfs_name: such as "dm-5"; path: such as "sdc".
 */
import { defineCollector, gauge, NoDataError, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { unsigned } from '../../src/system/numbers.ts';
import type { Tree } from '../../src/system/index.ts';

const labels = ['device', 'sysfs_name'] as const;
const info = gauge('node_dmmultipath_device_info', 'Non-numeric information about a DM-multipath device.', [
  'device',
  'sysfs_name',
  'uuid',
]);
const active = gauge(
  'node_dmmultipath_device_active',
  'Whether the multipath device-mapper device is active (1) or suspended (0).',
  labels,
);
const size = gauge(
  'node_dmmultipath_device_size_bytes',
  'Size of the multipath device in bytes, read from /sys/block/<dm>/size.',
  labels,
);
const paths = gauge('node_dmmultipath_device_paths', 'Number of paths for a multipath device.', labels);
const pathsActive = gauge(
  'node_dmmultipath_device_paths_active',
  'Number of paths in active state (SCSI running or NVMe live) for a multipath device.',
  labels,
);
const pathsFailed = gauge(
  'node_dmmultipath_device_paths_failed',
  'Number of paths not in active state for a multipath device.',
  labels,
);
const pathState = gauge(
  'node_dmmultipath_path_state',
  'Reports the underlying device state for a multipath path, as read from /sys/block/<dev>/device/state.',
  ['device', 'path', 'state'],
);

const sectorSize = 512;
const wellStates = new Set(['running', 'live']);

export const dmmultipath = defineCollector({
  name: 'dmmultipath',
  summary: 'Multipath devices of the device mapper, and the state of each of their paths.',
  source: '/sys/block/dm-*',
  differences: [
    'A path whose state cannot be read has the state "unknown", and counts neither as active nor as failed.',
  ],
  enabled: true,
  schedule: '15s',
  families: [info, active, size, paths, pathsActive, pathsFailed, pathState],
  config: z.strictObject({}),
  create(_config, { system: { sys } }) {
    return {
      *collect() {
        const names = sys.listIfPresent('block');
        if (names === undefined) throw new NoDataError('there are no block devices');
        for (const name of names) {
          const uuid = name.startsWith('dm-') ? sys.attribute(`block/${name}/dm/uuid`) : undefined;
          if (uuid?.startsWith('mpath-')) yield* samplesOf(sys, name, uuid);
        }
      },
    };
  },
});

function* samplesOf(sys: Tree, sysfsName: string, uuid: string): Iterable<Sample> {
  const folder = `block/${sysfsName}`;
  const device = sys.attribute(`${folder}/dm/name`);
  // It left while it was read.
  if (device === undefined) return;
  const own = { device, sysfs_name: sysfsName };
  yield info.sample(1, { ...own, uuid });
  const suspended = unsigned(sys.attribute(`${folder}/dm/suspended`));
  if (suspended !== undefined) yield active.sample(suspended === 1 ? 0 : 1, own);
  const sectors = unsigned(sys.attribute(`${folder}/size`));
  if (sectors !== undefined) yield size.sample(sectors * sectorSize, own);
  const counts = { all: 0, well: 0, failed: 0 };
  for (const path of sys.list(`${folder}/slaves`)) {
    const state = sys.attribute(`block/${path}/device/state`);
    counts.all += 1;
    if (state !== undefined) counts[wellStates.has(state) ? 'well' : 'failed'] += 1;
    yield pathState.sample(1, { device, path, state: state ?? 'unknown' });
  }
  yield paths.sample(counts.all, own);
  yield pathsActive.sample(counts.well, own);
  yield pathsFailed.sample(counts.failed, own);
}
