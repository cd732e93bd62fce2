/** Cases for `storage.rules.yml`. */
import { growing, type RuleCase, type Series, steady } from './rule-case.ts';

const root = { device: '/dev/sda1', fstype: 'ext4', mountpoint: '/' };
const fs = '{device="/dev/sda1",fstype="ext4",mountpoint="/"}';

function space(avail: string, { size = 100, readonly = 0, labels = fs } = {}): Series {
  return {
    [`node_filesystem_avail_bytes${labels}`]: avail,
    [`node_filesystem_size_bytes${labels}`]: steady(size),
    [`node_filesystem_readonly${labels}`]: steady(readonly),
  };
}

function inodes(free: string, size = 100): Series {
  return {
    [`node_filesystem_files_free${fs}`]: free,
    [`node_filesystem_files${fs}`]: steady(size),
    [`node_filesystem_readonly${fs}`]: steady(0),
  };
}

function disk(requestsPerMinute: number, secondsPerMinute: number): Series {
  return {
    'node_disk_read_time_seconds_total{device="sda"}': growing(secondsPerMinute),
    'node_disk_write_time_seconds_total{device="sda"}': growing(0),
    'node_disk_reads_completed_total{device="sda"}': growing(requestsPerMinute),
    'node_disk_writes_completed_total{device="sda"}': growing(0),
  };
}

export const storageCases: readonly RuleCase[] = [
  {
    alert: 'FilesystemSpaceLow',
    fires: space(steady(8)),
    quiet: [
      space(steady(12)),
      // An image that is mounted read-only is full by design, and one in memory comes and goes.
      space(steady(0), { readonly: 1 }),
      { ...space(steady(50)), ...space(steady(1), { labels: '{device="tmpfs",fstype="tmpfs",mountpoint="/tmp"}' }) },
    ],
    labels: root,
    summary: 'web-1:9100: / has 8% of its space left',
  },
  {
    alert: 'FilesystemSpaceExhausted',
    fires: space(steady(2)),
    quiet: [space(steady(4))],
    labels: root,
    summary: 'web-1:9100: / has only 2% of its space left',
  },
  {
    alert: 'FilesystemFillsUp',
    at: '2h',
    interval: '5m',
    fires: space('39000-250x40', { size: 100_000 }),
    quiet: [
      space('39000-50x40', { size: 100_000 }),
      // As fast, with more room.
      space('90000-250x40', { size: 100_000 }),
    ],
    labels: root,
    summary: 'web-1:9100: / will be full within a day; 33% is left',
  },
  {
    alert: 'FilesystemFillsUpFast',
    at: '1h',
    fires: space('19000-100x120', { size: 100_000 }),
    quiet: [space('19000-20x120', { size: 100_000 })],
    labels: root,
    summary: 'web-1:9100: / will be full within four hours; 13% is left',
  },
  {
    alert: 'FilesystemInodesLow',
    fires: inodes(steady(8)),
    quiet: [inodes(steady(12))],
    labels: root,
    summary: 'web-1:9100: / has 8% of its inodes left',
  },
  {
    alert: 'FilesystemInodesExhausted',
    fires: inodes(steady(2)),
    quiet: [inodes(steady(4))],
    labels: root,
    summary: 'web-1:9100: / has only 2% of its inodes left',
  },
  {
    alert: 'FilesystemInodesFillUp',
    at: '2h',
    interval: '5m',
    fires: inodes('39000-250x40', 100_000),
    quiet: [inodes('39000-50x40', 100_000)],
    labels: root,
    summary: 'web-1:9100: / will be out of inodes within a day',
  },
  {
    alert: 'FilesystemReadOnly',
    fires: { [`node_filesystem_readonly${fs}`]: '0x10 1x60' },
    quiet: [{ [`node_filesystem_readonly${fs}`]: steady(1) }, { [`node_filesystem_readonly${fs}`]: steady(0) }],
    labels: root,
    summary: 'web-1:9100: / has become read-only',
  },
  {
    alert: 'FilesystemUnreadable',
    fires: {
      'node_filesystem_device_error{device="nas:/",device_error="stalled",fstype="nfs",mountpoint="/nas"}': steady(1),
    },
    quiet: [
      { 'node_filesystem_device_error{device="nas:/",device_error="",fstype="nfs",mountpoint="/nas"}': steady(0) },
    ],
    labels: { device: 'nas:/', device_error: 'stalled', fstype: 'nfs', mountpoint: '/nas' },
    summary: 'web-1:9100: /nas does not tell its space: stalled',
  },
  {
    alert: 'DiskSaturated',
    fires: { 'node_disk_io_time_seconds_total{device="sda"}': growing(59.4) },
    quiet: [{ 'node_disk_io_time_seconds_total{device="sda"}': growing(50) }],
    labels: { device: 'sda' },
    summary: 'web-1:9100: sda is busy 99% of the time',
  },
  {
    alert: 'DiskSlow',
    fires: disk(120, 30),
    quiet: [
      disk(120, 3),
      // One slow request now and then, as of a disk that wakes up.
      disk(30, 30),
    ],
    labels: { device: 'sda' },
    summary: 'web-1:9100: sda takes 250ms for a request',
  },
  {
    alert: 'HostIoPressure',
    fires: { node_pressure_io_stalled_seconds_total: growing(24) },
    quiet: [{ node_pressure_io_stalled_seconds_total: growing(12) }],
    summary: 'web-1:9100: every task waits for input or output 40% of the time',
  },
  {
    alert: 'DiskUnhealthy',
    fires: { 'vitald_disk_smart_healthy{device="/dev/sda"}': steady(0) },
    quiet: [{ 'vitald_disk_smart_healthy{device="/dev/sda"}': steady(1) }],
    labels: { device: '/dev/sda' },
    summary: 'web-1:9100: /dev/sda says that it is about to fail',
  },
  {
    alert: 'RaidDegraded',
    fires: { 'node_md_raid_disks{device="md0"}': steady(2), 'node_md_disks{device="md0",state="active"}': steady(1) },
    quiet: [
      // A spare is not a member.
      {
        'node_md_raid_disks{device="md0"}': steady(2),
        'node_md_disks{device="md0",state="active"}': steady(2),
        'node_md_disks{device="md0",state="spare"}': steady(1),
      },
    ],
    labels: { device: 'md0' },
    summary: 'web-1:9100: the array md0 lacks 1 disks',
  },
  {
    alert: 'RaidDiskFailed',
    fires: { 'node_md_disks{device="md0",state="failed"}': steady(1) },
    quiet: [{ 'node_md_disks{device="md0",state="failed"}': steady(0) }],
    labels: { device: 'md0', state: 'failed' },
    summary: 'web-1:9100: 1 disks of the array md0 have failed',
  },
  {
    alert: 'ZfsPoolUnhealthy',
    fires: { 'node_zfs_zpool_state{state="degraded",zpool="tank"}': steady(1) },
    quiet: [
      {
        'node_zfs_zpool_state{state="degraded",zpool="tank"}': steady(0),
        'node_zfs_zpool_state{state="online",zpool="tank"}': steady(1),
      },
    ],
    labels: { state: 'degraded', zpool: 'tank' },
    summary: 'web-1:9100: the pool tank is degraded',
  },
  {
    alert: 'BtrfsDeviceErrors',
    at: '10m',
    fires: { 'node_btrfs_device_errors_total{devid="1",type="read_io",uuid="0abb"}': '0x5 1x60' },
    quiet: [{ 'node_btrfs_device_errors_total{devid="1",type="read_io",uuid="0abb"}': steady(4) }],
    labels: { devid: '1', type: 'read_io', uuid: '0abb' },
    summary: 'web-1:9100: device 1 of btrfs 0abb has read_io errors',
  },
  {
    alert: 'MultipathPathFailed',
    fires: { 'node_dmmultipath_device_paths_failed{device="mpatha",sysfs_name="dm-0"}': steady(1) },
    quiet: [{ 'node_dmmultipath_device_paths_failed{device="mpatha",sysfs_name="dm-0"}': steady(0) }],
    labels: { device: 'mpatha', sysfs_name: 'dm-0' },
    summary: 'web-1:9100: 1 paths of mpatha have failed',
  },
  {
    alert: 'DrbdOutOfSync',
    at: '2h',
    fires: { 'node_drbd_out_of_sync_bytes{device="drbd0"}': steady(5) },
    quiet: [{ 'node_drbd_out_of_sync_bytes{device="drbd0"}': '5x90 0 5x90' }],
    labels: { device: 'drbd0' },
    summary: 'web-1:9100: drbd0 has not been in sync with its peer for an hour',
  },
  {
    alert: 'DrbdDisconnected',
    fires: { 'node_drbd_connected{device="drbd0"}': steady(0) },
    quiet: [{ 'node_drbd_connected{device="drbd0"}': steady(1) }],
    labels: { device: 'drbd0' },
    summary: 'web-1:9100: drbd0 has lost its peer',
  },
];
