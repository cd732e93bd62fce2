import { expect, test } from 'vitest';
import {
  mountstats,
  mountstatsSamples,
  parseMountstats,
  serverAddresses,
} from '../../../collectors/host/mountstats.ts';
import { expose } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = (): string => sceneFolder('rich-server', ['mountstats']);

/** The series of the export over TCP, without what they have in common. */
const overTcp = (scrape: string, family: string): string[] =>
  scrape
    .split('\n')
    .filter((line) => line.startsWith(`node_mountstats_nfs_${family}`) && line.includes('protocol="tcp"'))
    .map((line) =>
      line
        .replace('node_mountstats_nfs_', '')
        .replace(/,?(?:export="nas:\/export\/home"|mountaddr="192\.0\.2\.9"|protocol="tcp")/g, '')
        .replace('{,', '{')
        .replace('{}', ''),
    );

test('reports where each export is mounted, and its statistics once', async () => {
  const scrape = await expose(mountstats, server());

  expect(scrape.match(/^node_mountstats_nfs_(?:mountpoint_info|age).*$/gm)).toEqual([
    'node_mountstats_nfs_age_seconds_total{export="nas:/export/home",mountaddr="192.0.2.9",protocol="tcp"} 13968',
    'node_mountstats_nfs_age_seconds_total{export="oldnas:/vol0",mountaddr="192.0.2.10",protocol="udp"} 7',
    'node_mountstats_nfs_mountpoint_info{export="nas:/export/home",mountaddr="192.0.2.9",mountpoint="/mnt/home",protocol="tcp"} 1',
    'node_mountstats_nfs_mountpoint_info{export="nas:/export/home",mountaddr="192.0.2.9",mountpoint="/srv/my home",protocol="tcp"} 1',
    'node_mountstats_nfs_mountpoint_info{export="oldnas:/vol0",mountaddr="192.0.2.10",mountpoint="/mnt/old",protocol="udp"} 1',
  ]);
});

test('reads bytes and events in the order of the kernel', async () => {
  const scrape = await expose(mountstats, server());

  expect(['direct', 'read', 'total', 'write'].flatMap((family) => overTcp(scrape, family))).toEqual([
    'direct_read_bytes_total 3',
    'direct_write_bytes_total 4',
    'read_bytes_total 1207640230',
    'read_pages_total 295483',
    'total_read_bytes_total 1210214218',
    'total_write_bytes_total 5',
    'write_bytes_total 2',
    'write_pages_total 6',
  ]);
  expect(overTcp(scrape, 'event')).toEqual([
    'event_attribute_invalidate_total 2',
    'event_data_invalidate_total 1',
    'event_dnode_revalidate_total 226',
    'event_inode_revalidate_total 52',
    'event_jukebox_delay_total 16',
    'event_pnfs_read_total 17',
    'event_pnfs_write_total 18',
    'event_short_read_total 14',
    'event_short_write_total 15',
    'event_silly_rename_total 13',
    'event_truncation_total 77',
    'event_vfs_access_total 3',
    'event_vfs_file_release_total 10',
    'event_vfs_flush_total 8',
    'event_vfs_fsync_total 77',
    'event_vfs_getdents_total 77',
    'event_vfs_lock_total 9',
    'event_vfs_lookup_total 398',
    'event_vfs_open_total 13',
    'event_vfs_read_page_total 331',
    'event_vfs_read_pages_total 5',
    'event_vfs_setattr_total 7',
    'event_vfs_update_page_total 4',
    'event_vfs_write_page_total 47',
    'event_vfs_write_pages_total 6',
    'event_write_extension_total 12',
  ]);
});

test('reads operations, times in seconds, a wrapped one modulo 2^53', async () => {
  const scrape = await expose(mountstats, server());

  expect(overTcp(scrape, 'operations').filter((line) => line.includes('READ'))).toEqual([
    'operations_errors_total{operation="READ"} 5',
    'operations_major_timeouts_total{operation="READ"} 1',
    'operations_queue_time_seconds_total{operation="READ"} 0.006',
    'operations_received_bytes_total{operation="READ"} 1210292152',
    'operations_request_time_seconds_total{operation="READ"} 79.407',
    'operations_requests_total{operation="READ"} 1298',
    'operations_response_time_seconds_total{operation="READ"} 79.386',
    'operations_sent_bytes_total{operation="READ"} 207680',
    'operations_transmissions_total{operation="READ"} 1299',
  ]);
  expect(scrape).toMatch(/operations_request_time_seconds_total\{.*operation="WRITE".*\} 9007199254740\.99$/m);
});

test('reads each transport, and leaves out what UDP does not count', async () => {
  const scrape = await expose(mountstats, server());

  expect(overTcp(scrape, 'transport').filter((line) => line.includes('transport="0"'))).toEqual([
    'transport_backlog_queue_total{transport="0"} 4',
    'transport_bad_transaction_ids_total{transport="0"} 3',
    'transport_bind_total{transport="0"} 1',
    'transport_connect_total{transport="0"} 2',
    'transport_idle_time_seconds{transport="0"} 11',
    'transport_maximum_rpc_slots{transport="0"} 24',
    'transport_pending_queue_total{transport="0"} 5726',
    'transport_receives_total{transport="0"} 6427',
    'transport_sending_queue_total{transport="0"} 26',
    'transport_sends_total{transport="0"} 6428',
  ]);
  expect(overTcp(scrape, 'transport_idle')[1]).toBe('transport_idle_time_seconds{transport="1"} 9007199254740980');
  expect(scrape.match(/^node_mountstats_nfs_transport.*udp.*$/gm)?.map((line) => line.replace(/\{.*\}/, ''))).toEqual([
    'node_mountstats_nfs_transport_backlog_queue_total 2',
    'node_mountstats_nfs_transport_bad_transaction_ids_total 1',
    'node_mountstats_nfs_transport_bind_total 21',
    'node_mountstats_nfs_transport_maximum_rpc_slots 24',
    'node_mountstats_nfs_transport_pending_queue_total 5726',
    'node_mountstats_nfs_transport_receives_total 63',
    'node_mountstats_nfs_transport_sending_queue_total 26',
    'node_mountstats_nfs_transport_sends_total 64',
  ]);
});

/** The statistics of one export. */
const table = (source: string): string =>
  `device ${source} mounted on /mnt with fstype nfs statvers=1.1\n\tage:\t1\n\txprt:\tlocal 1 2 3 4 5 6 7 8 9 10 11 12\n`;

test("prefers the mounts of the host's first process", async () => {
  const scrape = await expose(
    mountstats,
    sceneOf(`== proc/1/mountstats\n${table('host:/a')}\n== proc/self/mountstats\n${table('container:/b')}`),
  );

  expect(scrape).toContain('node_mountstats_nfs_transport_connect_total{export="host:/a"');
  expect(scrape).not.toContain('container:/b');
});

test('an idle time below zero means nothing', () => {
  const [mount] = parseMountstats(
    'device a:/b mounted on /mnt with fstype nfs statvers=1.1\n\txprt:\ttcp 1 2 3 4 -5 6 7 8 9 10 11 12 13\n',
  );
  const names = mountstatsSamples([mount!], new Map()).map(({ family }) => family.name);

  expect(names).toContain('node_mountstats_nfs_transport_sends_total');
  expect(names).not.toContain('node_mountstats_nfs_transport_idle_time_seconds');
});

test('a host without NFS has nothing, and one without the file says so', async () => {
  expect(
    await expose(mountstats, sceneOf('== proc/self/mountstats\ndevice proc mounted on /proc with fstype proc\n')),
  ).toBe('');
  await expect(expose(mountstats, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});

test.each(['\tage:\tx\n', '\tper-op statistics\n\tREAD: 1 2 3\n', '\tper-op statistics\n\tREAD: 1 2 3 4 5 6 7 x\n'])(
  'refuses a torn mount: %j',
  (torn) => {
    const mounts = parseMountstats(
      `device a:/b mounted on /mnt with fstype nfs statvers=1.1\n\txprt:\ttcp 1 2\n${torn}`,
    );

    expect(() => mountstatsSamples(mounts, new Map())).toThrow(/mountstats/);
  },
);

test('finds the address of the server among the options of the file system', () => {
  const table =
    '61 25 0:49 / /mnt/a\\040b rw shared:2 - nfs4 nas:/x rw,mountaddr=192.0.2.1,addr=2001:db8::9\n62 25 0:50 / /y rw - ext4 /dev/sda rw\n';

  expect([...serverAddresses(table)]).toEqual([['nas:/x /mnt/a b', '2001:db8::9']]);
});
