import { describe, expect, test } from 'vitest';
import { cpuOf } from '../../../collectors/portable/cpu.ts';
import { diskstatsOf } from '../../../collectors/portable/diskstats.ts';
import { filesystemOf } from '../../../collectors/portable/filesystem.ts';
import { meminfoOf } from '../../../collectors/portable/meminfo.ts';
import { netdevOf } from '../../../collectors/portable/netdev.ts';
import { NoDataError } from '../../../src/collector.ts';
import type { SysinfoAnswers } from '../../../src/system/sysinfo.ts';
import { contextOf, expose, start, text } from '../../support/expose.ts';
import { fakeSysinfo, hangs } from '../../support/fake-sysinfo.ts';
import { sceneOf } from '../../support/scene.ts';

const nowhere = sceneOf('');

const memory: SysinfoAnswers['mem'] = {
  total: 17_179_869_184,
  free: 210_763_776,
  used: 16_969_105_408,
  active: 9_000_000_000,
  available: 8_000_000_000,
  buffcache: 7_969_105_408,
  buffers: 1_048_576,
  cached: 2_097_152,
  slab: 4_194_304,
  reclaimable: 5_368_709_120,
  swaptotal: 2_147_483_648,
  swapused: 805_306_368,
  swapfree: 1_342_177_280,
  writeback: null,
  dirty: 8192,
};

const stats = (iface: string, counts: Partial<SysinfoAnswers['networkStats'][number]> = {}) => ({
  iface,
  operstate: 'unknown',
  rx_bytes: 0,
  rx_dropped: 0,
  rx_errors: 0,
  tx_bytes: 0,
  tx_dropped: 0,
  tx_errors: 0,
  rx_sec: 0,
  tx_sec: 0,
  ms: 0,
  ...counts,
});

function mount(values: {
  fs: string;
  type: string;
  mount: string;
  rw: boolean | null;
}): SysinfoAnswers['fsSize'][number] {
  return {
    size: 494_384_795_648,
    used: 0,
    available: 200_000_000_000,
    use: 0,
    ...values,
  };
}

describe('cpu', () => {
  const times = { user: 1_234_560, nice: 20, sys: 500_010, idle: 90_000_000, irq: 30 };

  test('tells on macOS what its kernel counts', async () => {
    expect(
      await expose(
        cpuOf('darwin', () => [{ times }]),
        nowhere,
      ),
    ).toBe(text`
      # HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.
      # TYPE node_cpu_seconds_total counter
      node_cpu_seconds_total{cpu="0",mode="user"} 1234.56
      node_cpu_seconds_total{cpu="0",mode="nice"} 0.02
      node_cpu_seconds_total{cpu="0",mode="system"} 500.01
      node_cpu_seconds_total{cpu="0",mode="idle"} 90000
    `);
  });

  test('does not add up to more than the time that passed on Windows', async () => {
    expect(
      await expose(
        cpuOf('win32', () => [{ times }, { times }]),
        nowhere,
      ),
    ).toBe(text`
      # HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.
      # TYPE node_cpu_seconds_total counter
      node_cpu_seconds_total{cpu="0",mode="user"} 1234.56
      node_cpu_seconds_total{cpu="0",mode="system"} 500.01
      node_cpu_seconds_total{cpu="0",mode="idle"} 90000
      node_cpu_seconds_total{cpu="1",mode="user"} 1234.56
      node_cpu_seconds_total{cpu="1",mode="system"} 500.01
      node_cpu_seconds_total{cpu="1",mode="idle"} 90000
    `);
  });

  test('has no data where no CPU is named', async () => {
    await expect(
      expose(
        cpuOf('darwin', () => []),
        nowhere,
      ),
    ).rejects.toThrow(NoDataError);
  });
});

describe('meminfo', () => {
  test('uses the names of node_exporter on macOS', async () => {
    expect(await expose(meminfoOf(fakeSysinfo('darwin', { mem: memory })), nowhere)).toBe(text`
      # HELP node_memory_free_bytes Memory information field free_bytes.
      # TYPE node_memory_free_bytes gauge
      node_memory_free_bytes 210763776
      # HELP node_memory_inactive_bytes Memory information field inactive_bytes.
      # TYPE node_memory_inactive_bytes gauge
      node_memory_inactive_bytes 5368709120
      # HELP node_memory_swap_total_bytes Memory information field swap_total_bytes.
      # TYPE node_memory_swap_total_bytes gauge
      node_memory_swap_total_bytes 2147483648
      # HELP node_memory_swap_used_bytes Memory information field swap_used_bytes.
      # TYPE node_memory_swap_used_bytes gauge
      node_memory_swap_used_bytes 805306368
      # HELP node_memory_total_bytes Memory information field total_bytes.
      # TYPE node_memory_total_bytes gauge
      node_memory_total_bytes 17179869184
    `);
  });

  test('calls free memory available on Windows, and says nothing of page files it could not ask for', async () => {
    const mem = { ...memory, swaptotal: 0, swapfree: 0, swapused: 0 };

    expect(await expose(meminfoOf(fakeSysinfo('win32', { mem })), nowhere)).toBe(text`
      # HELP node_memory_MemAvailable_bytes Memory information field MemAvailable_bytes.
      # TYPE node_memory_MemAvailable_bytes gauge
      node_memory_MemAvailable_bytes 210763776
      # HELP node_memory_MemTotal_bytes Memory information field MemTotal_bytes.
      # TYPE node_memory_MemTotal_bytes gauge
      node_memory_MemTotal_bytes 17179869184
    `);
    expect(await expose(meminfoOf(fakeSysinfo('win32', { mem: memory })), nowhere)).toContain(
      '\nnode_memory_SwapFree_bytes 1342177280\n',
    );
  });

  test('leaves out on macOS what could not be asked for', async () => {
    const mem = { ...memory, reclaimable: 0 };

    expect(await expose(meminfoOf(fakeSysinfo('darwin', { mem })), nowhere)).not.toContain('inactive');
  });

  test('has no data on a platform whose figures nobody compared', async () => {
    await expect(expose(meminfoOf(fakeSysinfo('sunos', { mem: memory })), nowhere)).rejects.toThrow(NoDataError);
  });

  test('ends at its deadline while the command hangs', async () => {
    const collector = meminfoOf(fakeSysinfo('darwin', { mem: hangs })).create(
      {},
      // The collector asks nothing of the host.
      contextOf(undefined as never),
    );
    const controller = new AbortController();
    const run = collector.collect(controller.signal);
    const late = new Error('late');
    controller.abort(late);

    await expect(run).rejects.toBe(late);
  });
});

describe('filesystem', () => {
  const fsSize: SysinfoAnswers['fsSize'] = [
    mount({ fs: '/dev/disk3s1s1', type: 'APFS', mount: '/', rw: false }),
    mount({ fs: '/dev/disk3s5', type: 'APFS', mount: '/System/Volumes/Data', rw: true }),
    mount({ fs: 'devfs', type: 'devfs', mount: '/dev', rw: false }),
    mount({ fs: 'nas:/home', type: 'NFS', mount: '/Volumes/home', rw: false }),
  ];

  test('reports volumes on macOS, read-only only where that is known', async () => {
    expect(await expose(filesystemOf(fakeSysinfo('darwin', { fsSize })), nowhere)).toBe(text`
      # HELP node_filesystem_avail_bytes Filesystem space available to non-root users in bytes.
      # TYPE node_filesystem_avail_bytes gauge
      node_filesystem_avail_bytes{device="/dev/disk3s1s1",fstype="apfs",mountpoint="/"} 200000000000
      node_filesystem_avail_bytes{device="/dev/disk3s5",fstype="apfs",mountpoint="/System/Volumes/Data"} 200000000000
      node_filesystem_avail_bytes{device="nas:/home",fstype="nfs",mountpoint="/Volumes/home"} 200000000000
      # HELP node_filesystem_readonly Filesystem read-only status.
      # TYPE node_filesystem_readonly gauge
      node_filesystem_readonly{device="/dev/disk3s1s1",fstype="apfs",mountpoint="/"} 1
      node_filesystem_readonly{device="/dev/disk3s5",fstype="apfs",mountpoint="/System/Volumes/Data"} 0
      # HELP node_filesystem_size_bytes Filesystem size in bytes.
      # TYPE node_filesystem_size_bytes gauge
      node_filesystem_size_bytes{device="/dev/disk3s1s1",fstype="apfs",mountpoint="/"} 494384795648
      node_filesystem_size_bytes{device="/dev/disk3s5",fstype="apfs",mountpoint="/System/Volumes/Data"} 494384795648
      node_filesystem_size_bytes{device="nas:/home",fstype="nfs",mountpoint="/Volumes/home"} 494384795648
    `);
  });

  test('reports drives on Windows as Windows writes them', async () => {
    const drives = [
      mount({ fs: 'C:', type: 'NTFS', mount: 'C:', rw: true }),
      mount({ fs: 'D:', type: 'FAT32', mount: 'D:', rw: null }),
    ];
    const scrape = await expose(filesystemOf(fakeSysinfo('win32', { fsSize: drives })), nowhere, {
      fs_types_include: 'FS$',
    });

    expect(scrape).toBe(text`
      # HELP node_filesystem_avail_bytes Filesystem space available to non-root users in bytes.
      # TYPE node_filesystem_avail_bytes gauge
      node_filesystem_avail_bytes{device="C:",fstype="NTFS",mountpoint="C:"} 200000000000
      # HELP node_filesystem_readonly Filesystem read-only status.
      # TYPE node_filesystem_readonly gauge
      node_filesystem_readonly{device="C:",fstype="NTFS",mountpoint="C:"} 0
      # HELP node_filesystem_size_bytes Filesystem size in bytes.
      # TYPE node_filesystem_size_bytes gauge
      node_filesystem_size_bytes{device="C:",fstype="NTFS",mountpoint="C:"} 494384795648
    `);
  });

  test.each([
    [{ mount_points_exclude: '^/Sys' }, ['/', '/dev', '/Volumes/home']],
    [{ mount_points_include: '^/Vol' }, ['/Volumes/home']],
    [{ fs_types_exclude: '^nfs$', mount_points_exclude: '' }, ['/', '/System/Volumes/Data', '/dev']],
  ])('heeds its filters: %j', async (options, points) => {
    const all = { fs_types_exclude: '', ...options };
    const scrape = await expose(filesystemOf(fakeSysinfo('darwin', { fsSize })), nowhere, all);

    expect([...scrape.matchAll(/size_bytes\{.*mountpoint="(.*)"/g)].map(([, point]) => point)).toEqual(points);
  });

  test('serves a mount that is listed twice once', async () => {
    const twice = [fsSize[0]!, fsSize[0]!];

    expect(await expose(filesystemOf(fakeSysinfo('darwin', { fsSize: twice })), nowhere)).toContain(
      'mountpoint="/"} 1\n',
    );
  });
});

describe('diskstats', () => {
  const disksIO = { rIO: 120, wIO: 60, tIO: 180, rIO_sec: 1, wIO_sec: 1, tIO_sec: 2, ms: 0 } as NonNullable<
    SysinfoAnswers['disksIO']
  >;
  const fsStats = { rx: 4096, wx: 8192, tx: 12_288, rx_sec: 1, wx_sec: 1, tx_sec: 2, ms: 0 };

  test('reports sums under names that no query adds up with those of devices', async () => {
    expect(await expose(diskstatsOf(fakeSysinfo('darwin', { disksIO, fsStats })), nowhere)).toBe(text`
      # HELP vitald_disks_read_bytes_total Bytes read, all disks together.
      # TYPE vitald_disks_read_bytes_total counter
      vitald_disks_read_bytes_total 4096
      # HELP vitald_disks_reads_completed_total Reads completed, all disks together.
      # TYPE vitald_disks_reads_completed_total counter
      vitald_disks_reads_completed_total 120
      # HELP vitald_disks_writes_completed_total Writes completed, all disks together.
      # TYPE vitald_disks_writes_completed_total counter
      vitald_disks_writes_completed_total 60
      # HELP vitald_disks_written_bytes_total Bytes written, all disks together.
      # TYPE vitald_disks_written_bytes_total counter
      vitald_disks_written_bytes_total 8192
    `);
  });

  test.each([
    ['win32' as const, { disksIO: null, fsStats: null }],
    ['darwin' as const, { disksIO: { ...disksIO, rIO: 0, wIO: 0 }, fsStats: { ...fsStats, rx: 0, wx: 0 } }],
    ['linux' as const, { disksIO: { ...disksIO, rIO: Number.NaN }, fsStats }],
  ])('has no data rather than counters at zero: %s', async (platform, answers) => {
    await expect(expose(diskstatsOf(fakeSysinfo(platform, answers)), nowhere)).rejects.toThrow(NoDataError);
  });
});

describe('netdev', () => {
  const networkStats = [
    stats('en0', {
      operstate: 'up',
      rx_bytes: 5_000_000_000,
      tx_bytes: 7,
      rx_errors: 1,
      tx_errors: 2,
      rx_dropped: 3,
      tx_dropped: 3,
    }),
    stats('utun0'),
    stats('en5', { operstate: 'down' }),
    stats('awdl0', { operstate: 'up', rx_bytes: Number.NaN, tx_bytes: 9 }),
  ];

  test('leaves out on macOS what could not be read, and drops', async () => {
    expect(await expose(netdevOf(fakeSysinfo('darwin', { networkStats })), nowhere)).toBe(text`
      # HELP node_network_receive_bytes_total Network device statistic receive_bytes.
      # TYPE node_network_receive_bytes_total counter
      node_network_receive_bytes_total{device="en0"} 5000000000
      node_network_receive_bytes_total{device="en5"} 0
      # HELP node_network_receive_errs_total Network device statistic receive_errs.
      # TYPE node_network_receive_errs_total counter
      node_network_receive_errs_total{device="en0"} 1
      node_network_receive_errs_total{device="en5"} 0
      node_network_receive_errs_total{device="awdl0"} 0
      # HELP node_network_transmit_bytes_total Network device statistic transmit_bytes.
      # TYPE node_network_transmit_bytes_total counter
      node_network_transmit_bytes_total{device="en0"} 7
      node_network_transmit_bytes_total{device="en5"} 0
      node_network_transmit_bytes_total{device="awdl0"} 9
      # HELP node_network_transmit_errs_total Network device statistic transmit_errs.
      # TYPE node_network_transmit_errs_total counter
      node_network_transmit_errs_total{device="en0"} 2
      node_network_transmit_errs_total{device="en5"} 0
      node_network_transmit_errs_total{device="awdl0"} 0
    `);
  });

  test('tells drops of both directions on Windows, once an adapter', async () => {
    const twice = [networkStats[0]!, networkStats[0]!];
    const scrape = await expose(netdevOf(fakeSysinfo('win32', { networkStats: twice })), nowhere);

    expect(scrape).toContain('node_network_receive_drop_total{device="en0"} 3\n');
    expect(scrape).toContain('node_network_transmit_drop_total{device="en0"} 3\n');
  });

  test.each([
    [{ device_include: '^en' }, ['en0', 'en5']],
    [{ device_exclude: '^en' }, ['awdl0']],
  ])('heeds its filter: %j', async (options, devices) => {
    const scrape = await expose(netdevOf(fakeSysinfo('darwin', { networkStats })), nowhere, options);

    expect([...scrape.matchAll(/transmit_bytes_total\{device="(.*)"/g)].map(([, device]) => device)).toEqual(devices);
  });
});

test('a failing command fails the run', async () => {
  const broken = fakeSysinfo('darwin', { networkStats: new Error('netstat is missing') });

  await expect(start(netdevOf(broken), nowhere).collect()).rejects.toThrow('netstat is missing');
});
