import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diskstats, parseDiskstats } from '../../../collectors/host/diskstats.ts';
import { expose, failing, fixedClock, start, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const all = (): boolean => true;
const lineOf = (...numbers: readonly number[]): Buffer => Buffer.from(`   8       0 sda ${numbers.join(' ')}\n`);
const oneDisk = '   8       0 sda 1 2 3 4 5 6 7 8 9 10 11';

/** The value of each sample of one family, or of all, by the name of the device. */
async function devices(host: string, options: object, family = 'node_disk_info'): Promise<string[]> {
  const scrape = await expose(diskstats, host, { ...options });
  return [...scrape.matchAll(new RegExp(`^${family}{.*device="([^"]+)"`, 'gm'))].map(([, name = '']) => name);
}

test('reports the disks of a server with what udev knows of them', async () => {
  const scrape = await expose(diskstats, sceneFolder('rich-server', ['diskstats']));

  expect(scrape).toBe(text`
    # HELP node_disk_ata_rotation_rate_rpm ATA disk rotation rate in RPMs (0 for SSDs).
    # TYPE node_disk_ata_rotation_rate_rpm gauge
    node_disk_ata_rotation_rate_rpm{device="sda"} 7200
    # HELP node_disk_ata_write_cache ATA disk has a write cache.
    # TYPE node_disk_ata_write_cache gauge
    node_disk_ata_write_cache{device="sda"} 1
    node_disk_ata_write_cache{device="sdb"} 1
    # HELP node_disk_ata_write_cache_enabled ATA disk has its write cache enabled.
    # TYPE node_disk_ata_write_cache_enabled gauge
    node_disk_ata_write_cache_enabled{device="sda"} 0
    # HELP node_disk_device_mapper_backing_device_info Info about the underlying block devices of a device mapper device.
    # TYPE node_disk_device_mapper_backing_device_info gauge
    node_disk_device_mapper_backing_device_info{backing_device="md0",device="dm-0"} 1
    # HELP node_disk_device_mapper_info Info about disk device mapper.
    # TYPE node_disk_device_mapper_info gauge
    node_disk_device_mapper_info{device="dm-0",lv_layer="",lv_name="home",name="data-home",uuid="LVM-jTvJ1cGzSgD0mXy0wqQnq2Oe5nU6Qh3RkYpW8dVbTfAeZ7rLsKxHgNuMiCjPoB1E",vg_name="data"} 1
    # HELP node_disk_discard_time_seconds_total This is the total number of seconds spent by all discards.
    # TYPE node_disk_discard_time_seconds_total counter
    node_disk_discard_time_seconds_total{device="nvme0n1"} 0.133
    node_disk_discard_time_seconds_total{device="sda"} 0
    node_disk_discard_time_seconds_total{device="sdb"} 0
    node_disk_discard_time_seconds_total{device="md0"} 0
    node_disk_discard_time_seconds_total{device="dm-0"} 0
    node_disk_discard_time_seconds_total{device="sr0"} 0
    # HELP node_disk_discarded_sectors_total The total number of sectors discarded successfully.
    # TYPE node_disk_discarded_sectors_total counter
    node_disk_discarded_sectors_total{device="nvme0n1"} 66060288
    node_disk_discarded_sectors_total{device="sda"} 0
    node_disk_discarded_sectors_total{device="sdb"} 0
    node_disk_discarded_sectors_total{device="md0"} 0
    node_disk_discarded_sectors_total{device="dm-0"} 0
    node_disk_discarded_sectors_total{device="sr0"} 0
    # HELP node_disk_discards_completed_total The total number of discards completed successfully.
    # TYPE node_disk_discards_completed_total counter
    node_disk_discards_completed_total{device="nvme0n1"} 8192
    node_disk_discards_completed_total{device="sda"} 0
    node_disk_discards_completed_total{device="sdb"} 0
    node_disk_discards_completed_total{device="md0"} 0
    node_disk_discards_completed_total{device="dm-0"} 0
    node_disk_discards_completed_total{device="sr0"} 0
    # HELP node_disk_discards_merged_total The total number of discards merged.
    # TYPE node_disk_discards_merged_total counter
    node_disk_discards_merged_total{device="nvme0n1"} 12
    node_disk_discards_merged_total{device="sda"} 0
    node_disk_discards_merged_total{device="sdb"} 0
    node_disk_discards_merged_total{device="md0"} 0
    node_disk_discards_merged_total{device="dm-0"} 0
    node_disk_discards_merged_total{device="sr0"} 0
    # HELP node_disk_filesystem_info Info about disk filesystem.
    # TYPE node_disk_filesystem_info gauge
    node_disk_filesystem_info{device="sda",type="linux_raid_member",usage="raid",uuid="7f2c1f3a-0c7b-9d11-55f0-2a9c0b7e11aa",version="1.2"} 1
    node_disk_filesystem_info{device="md0",type="LVM2_member",usage="raid",uuid="pXbDqL-3pQ2-TQbW-9o0Z-mR5t-JH2a-Y1v0kE",version="LVM2 001"} 1
    node_disk_filesystem_info{device="dm-0",type="ext4",usage="filesystem",uuid="0d9a9f6e-5a55-4f6e-9ab9-0a4cb3cc0a33",version="1.0"} 1
    # HELP node_disk_flush_requests_time_seconds_total This is the total number of seconds spent by all flush requests.
    # TYPE node_disk_flush_requests_time_seconds_total counter
    node_disk_flush_requests_time_seconds_total{device="nvme0n1"} 0.055
    node_disk_flush_requests_time_seconds_total{device="sda"} 412.007
    node_disk_flush_requests_time_seconds_total{device="sdb"} 419.81100000000004
    node_disk_flush_requests_time_seconds_total{device="md0"} 0
    node_disk_flush_requests_time_seconds_total{device="dm-0"} 0
    node_disk_flush_requests_time_seconds_total{device="sr0"} 0
    # HELP node_disk_flush_requests_total The total number of flush requests completed successfully
    # TYPE node_disk_flush_requests_total counter
    node_disk_flush_requests_total{device="nvme0n1"} 9117
    node_disk_flush_requests_total{device="sda"} 90112
    node_disk_flush_requests_total{device="sdb"} 90112
    node_disk_flush_requests_total{device="md0"} 0
    node_disk_flush_requests_total{device="dm-0"} 0
    node_disk_flush_requests_total{device="sr0"} 0
    # HELP node_disk_info Info of /sys/block/<block_device>.
    # TYPE node_disk_info gauge
    node_disk_info{device="nvme0n1",major="259",minor="0",model="Samsung SSD 970 EVO Plus 1TB",path="pci-0000:81:00.0-nvme-1",revision="2B2QEXM7",rotational="0",serial="S4EWNX0R912345",wwn="eui.0025385b71b0f2a4"} 1
    node_disk_info{device="sda",major="8",minor="0",model="ST4000NM0115-1YZ107",path="pci-0000:18:00.0-ata-1",revision="SN04",rotational="1",serial="ZC11ABCD-L",wwn="0x5000c500a1b2c3d4"} 1
    node_disk_info{device="sdb",major="8",minor="16",model="ST4000NM0115-1YZ107",path="",revision="",rotational="1",serial="ZC11EFGH",wwn="0x5000c500a1b2c3e5"} 1
    node_disk_info{device="md0",major="9",minor="0",model="",path="",revision="",rotational="1",serial="",wwn=""} 1
    node_disk_info{device="dm-0",major="253",minor="0",model="",path="",revision="",rotational="1",serial="",wwn=""} 1
    node_disk_info{device="sr0",major="11",minor="0",model="",path="",revision="",rotational="1",serial="",wwn=""} 1
    # HELP node_disk_io_now The number of I/Os currently in progress.
    # TYPE node_disk_io_now gauge
    node_disk_io_now{device="nvme0n1"} 3
    node_disk_io_now{device="sda"} 0
    node_disk_io_now{device="sdb"} 1
    node_disk_io_now{device="md0"} 0
    node_disk_io_now{device="dm-0"} 0
    node_disk_io_now{device="sr0"} 0
    # HELP node_disk_io_time_seconds_total Total seconds spent doing I/Os.
    # TYPE node_disk_io_time_seconds_total counter
    node_disk_io_time_seconds_total{device="nvme0n1"} 402.113
    node_disk_io_time_seconds_total{device="sda"} 5102.233
    node_disk_io_time_seconds_total{device="sdb"} 5110.777
    node_disk_io_time_seconds_total{device="md0"} 0
    node_disk_io_time_seconds_total{device="dm-0"} 4233.112
    node_disk_io_time_seconds_total{device="sr0"} 0
    # HELP node_disk_io_time_weighted_seconds_total The weighted # of seconds spent doing I/Os.
    # TYPE node_disk_io_time_weighted_seconds_total counter
    node_disk_io_time_weighted_seconds_total{device="nvme0n1"} 602.591
    node_disk_io_time_weighted_seconds_total{device="sda"} 11414.467
    node_disk_io_time_weighted_seconds_total{device="sdb"} 11419.032000000001
    node_disk_io_time_weighted_seconds_total{device="md0"} 0
    node_disk_io_time_weighted_seconds_total{device="dm-0"} 11112.456
    node_disk_io_time_weighted_seconds_total{device="sr0"} 0
    # HELP node_disk_read_bytes_total The total number of bytes read successfully.
    # TYPE node_disk_read_bytes_total counter
    node_disk_read_bytes_total{device="nvme0n1"} 12708814848
    node_disk_read_bytes_total{device="sda"} 20536472576
    node_disk_read_bytes_total{device="sdb"} 20530233344
    node_disk_read_bytes_total{device="md0"} 41062968320
    node_disk_read_bytes_total{device="dm-0"} 30778573824
    node_disk_read_bytes_total{device="sr0"} 0
    # HELP node_disk_read_time_seconds_total The total number of seconds spent by all reads.
    # TYPE node_disk_read_time_seconds_total counter
    node_disk_read_time_seconds_total{device="nvme0n1"} 90.112
    node_disk_read_time_seconds_total{device="sda"} 2301.447
    node_disk_read_time_seconds_total{device="sdb"} 2299.001
    node_disk_read_time_seconds_total{device="md0"} 0
    node_disk_read_time_seconds_total{device="dm-0"} 3100.122
    node_disk_read_time_seconds_total{device="sr0"} 0
    # HELP node_disk_reads_completed_total The total number of reads completed successfully.
    # TYPE node_disk_reads_completed_total counter
    node_disk_reads_completed_total{device="nvme0n1"} 18446744073709552000
    node_disk_reads_completed_total{device="sda"} 512233
    node_disk_reads_completed_total{device="sdb"} 511984
    node_disk_reads_completed_total{device="md0"} 1024417
    node_disk_reads_completed_total{device="dm-0"} 700123
    node_disk_reads_completed_total{device="sr0"} 0
    # HELP node_disk_reads_merged_total The total number of reads merged.
    # TYPE node_disk_reads_merged_total counter
    node_disk_reads_merged_total{device="nvme0n1"} 411
    node_disk_reads_merged_total{device="sda"} 1202
    node_disk_reads_merged_total{device="sdb"} 1188
    node_disk_reads_merged_total{device="md0"} 0
    node_disk_reads_merged_total{device="dm-0"} 0
    node_disk_reads_merged_total{device="sr0"} 0
    # HELP node_disk_write_time_seconds_total This is the total number of seconds spent by all writes.
    # TYPE node_disk_write_time_seconds_total counter
    node_disk_write_time_seconds_total{device="nvme0n1"} 512.345
    node_disk_write_time_seconds_total{device="sda"} 9113.02
    node_disk_write_time_seconds_total{device="sdb"} 9120.031
    node_disk_write_time_seconds_total{device="md0"} 0
    node_disk_write_time_seconds_total{device="dm-0"} 8012.334
    node_disk_write_time_seconds_total{device="sr0"} 0
    # HELP node_disk_writes_completed_total The total number of writes completed successfully.
    # TYPE node_disk_writes_completed_total counter
    node_disk_writes_completed_total{device="nvme0n1"} 3301227
    node_disk_writes_completed_total{device="sda"} 733410
    node_disk_writes_completed_total{device="sdb"} 733402
    node_disk_writes_completed_total{device="md0"} 1133502
    node_disk_writes_completed_total{device="dm-0"} 901233
    node_disk_writes_completed_total{device="sr0"} 0
    # HELP node_disk_writes_merged_total The number of writes merged.
    # TYPE node_disk_writes_merged_total counter
    node_disk_writes_merged_total{device="nvme0n1"} 711
    node_disk_writes_merged_total{device="sda"} 400112
    node_disk_writes_merged_total{device="sdb"} 400119
    node_disk_writes_merged_total{device="md0"} 0
    node_disk_writes_merged_total{device="dm-0"} 0
    node_disk_writes_merged_total{device="sr0"} 0
    # HELP node_disk_written_bytes_total The total number of bytes written successfully.
    # TYPE node_disk_written_bytes_total counter
    node_disk_written_bytes_total{device="nvme0n1"} 60642480128
    node_disk_written_bytes_total{device="sda"} 31344816128
    node_disk_written_bytes_total{device="sdb"} 31344816128
    node_disk_written_bytes_total{device="md0"} 31344689152
    node_disk_written_bytes_total{device="dm-0"} 21104689152
    node_disk_written_bytes_total{device="sr0"} 0
  `);
});

test('reports only the columns that the kernel has', async () => {
  const scrape = await expose(diskstats, sceneFolder('minimal-vm', ['diskstats']));

  expect(scrape).toBe(text`
    # HELP node_disk_discard_time_seconds_total This is the total number of seconds spent by all discards.
    # TYPE node_disk_discard_time_seconds_total counter
    node_disk_discard_time_seconds_total{device="vda"} 0.121
    # HELP node_disk_discarded_sectors_total The total number of sectors discarded successfully.
    # TYPE node_disk_discarded_sectors_total counter
    node_disk_discarded_sectors_total{device="vda"} 81920
    # HELP node_disk_discards_completed_total The total number of discards completed successfully.
    # TYPE node_disk_discards_completed_total counter
    node_disk_discards_completed_total{device="vda"} 10
    # HELP node_disk_discards_merged_total The total number of discards merged.
    # TYPE node_disk_discards_merged_total counter
    node_disk_discards_merged_total{device="vda"} 0
    # HELP node_disk_info Info of /sys/block/<block_device>.
    # TYPE node_disk_info gauge
    node_disk_info{device="vda",major="254",minor="0",model="",path="",revision="",rotational="1",serial="",wwn=""} 1
    # HELP node_disk_io_now The number of I/Os currently in progress.
    # TYPE node_disk_io_now gauge
    node_disk_io_now{device="vda"} 0
    # HELP node_disk_io_time_seconds_total Total seconds spent doing I/Os.
    # TYPE node_disk_io_time_seconds_total counter
    node_disk_io_time_seconds_total{device="vda"} 61.234
    # HELP node_disk_io_time_weighted_seconds_total The weighted # of seconds spent doing I/Os.
    # TYPE node_disk_io_time_weighted_seconds_total counter
    node_disk_io_time_weighted_seconds_total{device="vda"} 90.277
    # HELP node_disk_read_bytes_total The total number of bytes read successfully.
    # TYPE node_disk_read_bytes_total counter
    node_disk_read_bytes_total{device="vda"} 916812800
    # HELP node_disk_read_time_seconds_total The total number of seconds spent by all reads.
    # TYPE node_disk_read_time_seconds_total counter
    node_disk_read_time_seconds_total{device="vda"} 12.033
    # HELP node_disk_reads_completed_total The total number of reads completed successfully.
    # TYPE node_disk_reads_completed_total counter
    node_disk_reads_completed_total{device="vda"} 41021
    # HELP node_disk_reads_merged_total The total number of reads merged.
    # TYPE node_disk_reads_merged_total counter
    node_disk_reads_merged_total{device="vda"} 211
    # HELP node_disk_write_time_seconds_total This is the total number of seconds spent by all writes.
    # TYPE node_disk_write_time_seconds_total counter
    node_disk_write_time_seconds_total{device="vda"} 78.123
    # HELP node_disk_writes_completed_total The total number of writes completed successfully.
    # TYPE node_disk_writes_completed_total counter
    node_disk_writes_completed_total{device="vda"} 182334
    # HELP node_disk_writes_merged_total The number of writes merged.
    # TYPE node_disk_writes_merged_total counter
    node_disk_writes_merged_total{device="vda"} 90111
    # HELP node_disk_written_bytes_total The total number of bytes written successfully.
    # TYPE node_disk_written_bytes_total counter
    node_disk_written_bytes_total{device="vda"} 4767989760
  `);
});

test.each([11, 15, 17])('reads a line of %i numbers', (count) => {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);

  expect(parseDiskstats(lineOf(...numbers), all)).toEqual([{ major: 8, minor: 0, name: 'sda', numbers }]);
});

test('reads as many families as it knows when a later kernel adds columns', async () => {
  const host = sceneOf(`== proc/diskstats\n${oneDisk} 12 13 14 15 16 17 18 19\n`);

  expect(await expose(diskstats, host)).toContain('node_disk_flush_requests_time_seconds_total{device="sda"} 0.017\n');
});

test('passes over the short lines that old kernels write for partitions', () => {
  const parsed = parseDiskstats(Buffer.from(`   8       1 sda1 35 280 4 32\n${oneDisk}\n`), all);

  expect(parsed.map(({ name }) => name)).toEqual(['sda']);
});

test('keeps the precision of a double for numbers of 64 bits', () => {
  const [line] = parseDiskstats(
    Buffer.from('   8 0 sda 9007199254740993 18446744073709551615 3 4 5 6 7 8 9 10 999999999999999\n'),
    all,
  );

  expect(line?.numbers.slice(0, 2)).toEqual([9007199254740992, 18446744073709552000]);
  expect(line?.numbers[10]).toBe(999999999999999);
});

test.each(['sda\n', '   8       x sda 1 2 3\n', `${oneDisk}-\n`, '   8\n'])('refuses a foreign file: %j', (content) => {
  expect(() => parseDiskstats(Buffer.from(content), all)).toThrow(/diskstats/);
});

test('has nothing to say of an empty file', async () => {
  expect(await expose(diskstats, sceneOf('=!= proc/diskstats\n'))).toBe('');
});

test('says which file is missing', async () => {
  await expect(expose(diskstats, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});

test('reports a disk whose udev data and queue cannot be read, without them', async () => {
  const system = systemOf(sceneFolder('rich-server', ['diskstats']));
  const host = {
    ...system,
    udev: failing(system.udev, { 'b8:0': 'EACCES' }),
    sys: failing(system.sys, { 'block/sda/queue/rotational': 'EIO' }),
  };
  const scrape = await expose(diskstats, host);

  expect(scrape).toContain(
    'node_disk_info{device="sda",major="8",minor="0",model="",path="",revision="",rotational="",serial="",wwn=""} 1\n',
  );
  expect(scrape).toContain('node_disk_reads_completed_total{device="sda"} 512233\n');
});

test('finds the queue of a name with a slash', async () => {
  const host = sceneOf(
    '== proc/diskstats\n 104 0 cciss/c0d0 1 2 3 4 5 6 7 8 9 10 11\n== sys/block/cciss!c0d0/queue/rotational\n1\n',
  );

  expect(await expose(diskstats, host)).toMatch(/node_disk_info\{device="cciss\/c0d0".*rotational="1"/);
});

test('reports what an exclude of the user leaves', async () => {
  const host = sceneFolder('rich-server', ['diskstats']);

  expect(await devices(host, { device_exclude: '^(loop|sd|nvme|sr)' })).toEqual(['md0', 'dm-0']);
  expect(await devices(host, { ignored_devices: '^(loop|sd|nvme|sr)' })).toEqual(['md0', 'dm-0']);
});

test('reports what an include asks for, partitions too, as the default exclude then yields', async () => {
  const host = sceneFolder('rich-server', ['diskstats']);

  expect(await devices(host, { device_include: '^(sda1|loop0)$' })).toEqual(['loop0', 'sda1']);
  expect(await devices(host, { device_include: '' })).not.toContain('sda1');
});

test('asks udev again after a minute, and at once for another device of the same name', async () => {
  const host = sceneOf(`== proc/diskstats\n${oneDisk}\n== udev/b8:0\nE:ID_MODEL=first\n`);
  const clock = fixedClock();
  const exposed = start(diskstats, systemOf(host, { clock }));
  const model = async (): Promise<string | undefined> => /model="(\w*)"/.exec(await exposed.scrape())?.[1];

  expect(await model()).toBe('first');
  writeFileSync(join(host, 'udev/b8:0'), 'E:ID_MODEL=second\n');
  clock.advance(59_999);
  expect(await model()).toBe('first');
  clock.advance(1);
  expect(await model()).toBe('second');

  writeFileSync(join(host, 'udev/b65:0'), 'E:ID_MODEL=third\n');
  writeFileSync(join(host, 'proc/diskstats'), '  65       0 sda 1 2 3 4 5 6 7 8 9 10 11\n');
  expect(await model()).toBe('third');
  exposed.close();
});

test('soon asks again where udev has said nothing yet', async () => {
  const host = sceneOf(`== proc/diskstats\n${oneDisk}\n`);
  const clock = fixedClock();
  const exposed = start(diskstats, systemOf(host, { clock }));

  expect(await exposed.scrape()).toContain('model=""');
  mkdirSync(join(host, 'udev'));
  writeFileSync(join(host, 'udev/b8:0'), 'E:ID_MODEL=late\n');
  clock.advance(10_000);
  expect(await exposed.scrape()).toContain('model="late"');
  exposed.close();
});

test('drops a disk that left, and reads it anew when it is back', async () => {
  const host = sceneOf(`== proc/diskstats\n${oneDisk}\n== udev/b8:0\nE:ID_MODEL=old\n`);
  const exposed = start(diskstats, systemOf(host, { clock: fixedClock() }));

  expect(await exposed.scrape()).toContain('model="old"');
  writeFileSync(join(host, 'proc/diskstats'), '');
  rmSync(join(host, 'udev/b8:0'));
  expect(await exposed.scrape()).toBe('');
  writeFileSync(join(host, 'udev/b8:0'), 'E:ID_MODEL=new\n');
  writeFileSync(join(host, 'proc/diskstats'), `${oneDisk}\n`);
  expect(await exposed.scrape()).toContain('model="new"');
  exposed.close();
});
