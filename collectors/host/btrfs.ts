/**
 * Space, devices and commits of each mounted btrfs file system.
 *
 * Source  /sys/fs/btrfs/UUID (Documentation/filesystems/btrfs.rst, btrfs(5)): label, devices, allocation by type and
 *         layout; commit_stats since Linux 6.0, devinfo/N/error_stats since 5.14.
 * Units   bytes, but devices in sectors of 512 bytes and commits in milliseconds.
 * Labels  uuid; block_group_type: data, metadata or system; mode: the layout, such as "raid1"; device: such as "sda".
 */
import { counter, defineCollector, gauge, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { lines, unsigned, words } from '../../src/system/numbers.ts';
import type { Tree } from '../../src/system/index.ts';

const layout = ['uuid', 'block_group_type', 'mode'] as const;
const info = gauge('node_btrfs_info', 'Filesystem information', ['uuid', 'label']);
const globalReserve = gauge('node_btrfs_global_rsv_size_bytes', 'Size of global reserve.', ['uuid']);
const commits = counter('node_btrfs_commits_total', 'The total number of commits that have occurred.', ['uuid']);
const lastCommit = gauge('node_btrfs_last_commit_seconds', 'Duration of the most recent commit, in seconds.', ['uuid']);
const maxCommit = gauge('node_btrfs_max_commit_seconds', 'Duration of the slowest commit, in seconds.', ['uuid']);
const commitSeconds = counter('node_btrfs_commit_seconds_total', 'Sum of the duration of all commits, in seconds.', [
  'uuid',
]);
const reserved = gauge('node_btrfs_reserved_bytes', 'Amount of space reserved for a data type', [
  'uuid',
  'block_group_type',
]);
const used = gauge('node_btrfs_used_bytes', 'Amount of used space by a layout/data type', layout);
const size = gauge('node_btrfs_size_bytes', 'Amount of space allocated for a layout/data type', layout);
const ratio = gauge('node_btrfs_allocation_ratio', 'Data allocation ratio for a layout/data type', layout);
const deviceSize = gauge('node_btrfs_device_size_bytes', 'Size of a device that is part of the filesystem.', [
  'uuid',
  'device',
]);
const deviceErrors = counter('node_btrfs_device_errors_total', 'Errors reported for the device', [
  'uuid',
  'devid',
  'device?',
  'type',
]);

const sectorSize = 512;
const milliseconds = 1000;

export const btrfs = defineCollector({
  name: 'btrfs',
  summary: 'Space, devices and commits of each mounted btrfs file system.',
  source: '/sys/fs/btrfs',
  differences: [
    'Errors of devices are read from sysfs and told apart by `devid`, with `device` where there is only one; node_exporter asks by ioctl for their `btrfs_dev_uuid`.',
    'node_btrfs_device_unused_bytes is not reported, as only an ioctl has it.',
    'A file that the kernel lacks is left out; node_exporter reports 0 for it.',
  ],
  enabled: true,
  schedule: '30s',
  families: [
    info,
    globalReserve,
    commits,
    lastCommit,
    maxCommit,
    commitSeconds,
    reserved,
    used,
    size,
    ratio,
    deviceSize,
    deviceErrors,
  ],
  config: z.strictObject({}),
  create(_config, { system: { sys } }) {
    return {
      *collect() {
        // Beside the file systems there is the folder "features".
        for (const name of sys.list('fs/btrfs'))
          if (name.includes('-')) yield* samplesOf(sys, `fs/btrfs/${name}`, name);
      },
    };
  },
});

function* samplesOf(sys: Tree, folder: string, name: string): Iterable<Sample> {
  const uuid = sys.attribute(`${folder}/metadata_uuid`) || name;
  const devices = sys.list(`${folder}/devices`);
  yield info.sample(1, { uuid, label: sys.attribute(`${folder}/label`) ?? '' });
  const reserve = unsigned(sys.attribute(`${folder}/allocation/global_rsv_size`));
  if (reserve !== undefined) yield globalReserve.sample(reserve, { uuid });
  yield* commitSamples(sys.textIfAny(`${folder}/commit_stats`) ?? '', uuid);
  for (const type of ['data', 'metadata', 'system']) {
    yield* allocationSamples(sys, `${folder}/allocation/${type}`, { uuid, block_group_type: type }, devices.length);
  }
  for (const device of devices) {
    const sectors = unsigned(sys.attribute(`${folder}/devices/${device}/size`));
    if (sectors !== undefined) yield deviceSize.sample(sectors * sectorSize, { uuid, device });
  }
  // sysfs does not say which device has which number, but for one alone it is clear.
  const only = devices.length === 1 ? devices[0] : undefined;
  for (const devid of sys.list(`${folder}/devinfo`)) {
    for (const line of lines(sys.textIfAny(`${folder}/devinfo/${devid}/error_stats`) ?? '')) {
      const [key = '', count] = words(line);
      const value = unsigned(count);
      if (!key.endsWith('_errs') || value === undefined) continue;
      yield deviceErrors.sample(value, { uuid, devid, device: only, type: key.slice(0, -'_errs'.length) });
    }
  }
}

function* commitSamples(text: string, uuid: string): Iterable<Sample> {
  for (const line of lines(text)) {
    const [key, number] = words(line);
    const value = unsigned(number);
    if (value === undefined) continue;
    if (key === 'commits') yield commits.sample(value, { uuid });
    if (key === 'last_commit_ms') yield lastCommit.sample(value / milliseconds, { uuid });
    if (key === 'max_commit_ms') yield maxCommit.sample(value / milliseconds, { uuid });
    if (key === 'total_commit_ms') yield commitSeconds.sample(value / milliseconds, { uuid });
  }
}

function* allocationSamples(
  sys: Tree,
  folder: string,
  labels: { uuid: string; block_group_type: string },
  devices: number,
): Iterable<Sample> {
  const bytes = unsigned(sys.attribute(`${folder}/bytes_reserved`));
  if (bytes !== undefined) yield reserved.sample(bytes, labels);
  // The folders of the layouts are the only names without an underscore, but for one file.
  for (const mode of sys.list(folder).filter((name) => !name.includes('_') && name !== 'flags')) {
    const usedBytes = unsigned(sys.attribute(`${folder}/${mode}/used_bytes`));
    if (usedBytes !== undefined) yield used.sample(usedBytes, { ...labels, mode });
    const totalBytes = unsigned(sys.attribute(`${folder}/${mode}/total_bytes`));
    if (totalBytes === undefined) continue;
    yield size.sample(totalBytes, { ...labels, mode });
    const factor = allocationRatio(mode, devices);
    if (factor !== undefined) yield ratio.sample(factor, { ...labels, mode });
  }
}

/** How many bytes on disk a byte of a layout takes; undefined for a layout that is not known. */
function allocationRatio(mode: string, devices: number): number | undefined {
  switch (mode) {
    case 'single':
    case 'raid0':
      return 1;
    case 'dup':
    case 'raid1':
    case 'raid10':
      return 2;
    case 'raid1c3':
      return 3;
    case 'raid1c4':
      return 4;
    case 'raid5':
      return devices > 1 ? devices / (devices - 1) : undefined;
    case 'raid6':
      return devices > 2 ? devices / (devices - 2) : undefined;
    default:
      return undefined;
  }
}
