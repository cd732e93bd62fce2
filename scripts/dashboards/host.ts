/** The dashboard of a host. */
import type { Dashboard, Row } from './dashboard.ts';
import { memory, processor } from './host-compute.ts';
import { disks, fileSystems, usedSpace } from './host-storage.ts';
import { hardware, network, system } from './host-system.ts';
import { at, fullness, noneIsGood, stat } from './words.ts';

const inJob = '{job=~"$job"}';

const busy = (matchers: string): string =>
  `1 - avg by (instance) (sum by (instance, cpu) (rate(node_cpu_seconds_total{${matchers},mode=~"idle|iowait"}[$__rate_interval])))`;

const fleet: Row = {
  title: 'All hosts',
  panels: [
    {
      kind: 'table',
      title: 'Hosts',
      description: 'Every host of the chosen job. Choose one by its name.',
      width: 24,
      height: 7,
      columns: [
        {
          name: 'Host',
          label: 'instance',
          link: {
            title: 'Show this host',
            url: '/d/vitald-host?var-instance=${__value.raw}&${__url_time_range}&${job:queryparam}',
          },
        },
        { name: 'Up since', unit: 's', expr: `max by (instance) (time() - node_boot_time_seconds${inJob})` },
        { name: 'CPU busy', unit: 'percentunit', thresholds: fullness, expr: busy('job=~"$job"') },
        {
          name: 'Load per CPU',
          unit: 'short',
          decimals: 2,
          thresholds: ['green', [1, 'yellow'], [4, 'red']],
          expr: `max by (instance) (node_load5${inJob}) / count by (instance) (node_cpu_seconds_total{job=~"$job",mode="idle"})`,
        },
        {
          name: 'Memory used',
          unit: 'percentunit',
          thresholds: fullness,
          expr: `max by (instance) (1 - node_memory_MemAvailable_bytes${inJob} / node_memory_MemTotal_bytes${inJob})`,
        },
        {
          name: 'Fullest file system',
          unit: 'percentunit',
          thresholds: fullness,
          expr: `max by (instance) (1 - node_filesystem_avail_bytes${inJob} / (node_filesystem_size_bytes${inJob} > 0))`,
        },
        {
          name: 'Received',
          unit: 'Bps',
          expr: 'sum by (instance) (rate(node_network_receive_bytes_total{job=~"$job",device!="lo"}[$__rate_interval]))',
        },
        {
          name: 'Sent',
          unit: 'Bps',
          expr: 'sum by (instance) (rate(node_network_transmit_bytes_total{job=~"$job",device!="lo"}[$__rate_interval]))',
        },
      ],
    },
  ],
};

const glance: Row = {
  title: 'At a glance',
  panels: [
    stat('Up since', 'Time since the host booted.', 's', `time() - ${at('node_boot_time_seconds')}`),
    stat(
      'CPU busy',
      'Share of all CPUs that is neither idle nor waiting for a disk.',
      'percentunit',
      busy('job=~"$job",instance=~"$instance"'),
      {
        thresholds: fullness,
      },
    ),
    stat(
      'Memory used',
      'Share of the memory that is not available to new work.',
      'percentunit',
      `1 - ${at('node_memory_MemAvailable_bytes')} / ${at('node_memory_MemTotal_bytes')}`,
      { thresholds: fullness },
    ),
    stat('Fullest file system', 'Used share of the fullest file system.', 'percentunit', `max(${usedSpace})`, {
      thresholds: fullness,
    }),
    stat('Clock', 'Whether something keeps the clock right.', 'none', at('node_timex_sync_status'), {
      mapping: { 0: ['not synchronised', 'red'], 1: ['synchronised', 'green'] },
    }),
    stat(
      'Failed units',
      'systemd units that have failed; needs the collector systemd.',
      'none',
      `sum(${at('node_systemd_units', 'state="failed"')})`,
      {
        thresholds: noneIsGood,
      },
    ),
  ],
};

export const hostDashboard: Dashboard = {
  uid: 'vitald-host',
  title: 'vitald / Host',
  description:
    'One host: processor, memory, disks, file systems, network, system and hardware. Also fits node_exporter.',
  variables: [
    { name: 'job', label: 'Job', series: 'node_uname_info' },
    { name: 'instance', label: 'Host', series: 'node_uname_info{job=~"$job"}', one: true },
    { name: 'device', label: 'Disk', series: at('node_disk_info') },
    { name: 'mountpoint', label: 'Mount point', series: at('node_filesystem_size_bytes') },
    { name: 'nic', label: 'Network device', series: at('node_network_info'), of: 'device' },
  ],
  rows: [fleet, glance, processor, memory, disks, fileSystems, network, system, hardware],
};
