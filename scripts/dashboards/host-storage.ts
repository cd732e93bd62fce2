/** Rows of the host's dashboard: disks and file systems. */
import type { Row } from './dashboard.ts';
import { at, fullness, graph, noneIsGood, rate } from './words.ts';

const device = 'device=~"$device"';
const mount = 'mountpoint=~"$mountpoint"';

/** The used share of each file system. */
export const usedSpace = `1 - ${at('node_filesystem_avail_bytes', mount)} / (${at('node_filesystem_size_bytes', mount)} > 0)`;

const perDisk = (legend: string, family: string): readonly [string, string] => [
  `{{device}} ${legend}`,
  rate(family, device),
];
const meanTime = (verb: 'read' | 'write'): string =>
  `${rate(`node_disk_${verb}_time_seconds_total`, device)} / ${rate(`node_disk_${verb}s_completed_total`, device)}`;

/** Block devices and arrays. */
export const disks: Row = {
  title: 'Disks',
  panels: [
    graph(
      'Throughput',
      'Bytes read, and written below the axis.',
      'Bps',
      [perDisk('read', 'node_disk_read_bytes_total'), perDisk('written', 'node_disk_written_bytes_total')],
      { below: /written$/ },
    ),
    graph(
      'Requests',
      'Completed reads, and writes below the axis.',
      'iops',
      [perDisk('reads', 'node_disk_reads_completed_total'), perDisk('writes', 'node_disk_writes_completed_total')],
      { below: /writes$/ },
    ),
    graph(
      'Latency',
      'Mean time that a request took, its wait in the queue included. No line where there was no request.',
      's',
      [
        ['{{device}} read', meanTime('read')],
        ['{{device}} write', meanTime('write')],
      ],
      { min: 0 },
    ),
    graph(
      'Utilisation',
      'Share of time with at least one request under way. A disk with parallel queues can do more at 100 %.',
      'percentunit',
      [perDisk('', 'node_disk_io_time_seconds_total')],
      { min: 0, max: 1 },
    ),
    graph(
      'Queue',
      'Mean number of requests that wait or are served.',
      'short',
      [perDisk('', 'node_disk_io_time_weighted_seconds_total')],
      { min: 0 },
    ),
    graph(
      'Software RAID',
      'Disks that each array lacks, and blocks that are yet to be synchronised.',
      'short',
      [['{{device}} lacks', `${at('node_md_raid_disks')} - ignoring (state) ${at('node_md_disks', 'state="active"')}`]],
      { thresholds: noneIsGood, min: 0 },
    ),
  ],
};

/** Space and inodes. */
export const fileSystems: Row = {
  title: 'File systems',
  panels: [
    {
      kind: 'table',
      title: 'File systems',
      description: 'Space and inodes of each file system that is mounted now.',
      width: 24,
      height: 7,
      columns: [
        { name: 'Mounted on', label: 'mountpoint' },
        { name: 'Device', label: 'device' },
        { name: 'Type', label: 'fstype' },
        ...[
          { name: 'Size', unit: 'bytes' as const, expr: at('node_filesystem_size_bytes', mount) },
          { name: 'Available', unit: 'bytes' as const, expr: at('node_filesystem_avail_bytes', mount) },
          { name: 'Used', unit: 'percentunit' as const, thresholds: fullness, expr: usedSpace },
          {
            name: 'Inodes used',
            unit: 'percentunit' as const,
            thresholds: fullness,
            expr: `1 - ${at('node_filesystem_files_free', mount)} / (${at('node_filesystem_files', mount)} > 0)`,
          },
          {
            name: 'Read-only',
            unit: 'none' as const,
            mapping: { 0: ['no', 'text'], 1: ['yes', 'blue'] } as const,
            expr: at('node_filesystem_readonly', mount),
          },
        ].map((column) => ({ ...column, expr: `max by (mountpoint, device, fstype) (${column.expr})` })),
      ],
    },
    graph(
      'Used space',
      'Used share, as programs without root rights see it.',
      'percentunit',
      [['{{mountpoint}}', usedSpace]],
      { min: 0, max: 1, thresholds: fullness },
    ),
    graph(
      'Used inodes',
      'Without free inodes no file can be made, whatever the space.',
      'percentunit',
      [
        [
          '{{mountpoint}}',
          `1 - ${at('node_filesystem_files_free', mount)} / (${at('node_filesystem_files', mount)} > 0)`,
        ],
      ],
      { min: 0, max: 1, thresholds: fullness },
    ),
  ],
};
