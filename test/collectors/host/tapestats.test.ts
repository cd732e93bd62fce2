import { expect, test } from 'vitest';
import { tapestats } from '../../../collectors/host/tapestats.ts';
import { NoDataError } from '../../../src/collector.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports each tape drive once, with the counters that it has', async () => {
  expect(await expose(tapestats, sceneFolder('rich-server', ['tapestats']))).toBe(text`
    # HELP node_tape_io_now The number of I/Os currently outstanding to this device.
    # TYPE node_tape_io_now gauge
    node_tape_io_now{device="st0"} 1
    node_tape_io_now{device="st1"} 0
    # HELP node_tape_io_others_total The number of I/Os issued to the tape drive other than read or write commands. The time taken to complete these commands uses the following calculation io_time_seconds_total-read_time_seconds_total-write_time_seconds_total
    # TYPE node_tape_io_others_total counter
    node_tape_io_others_total{device="st0"} 1409
    # HELP node_tape_io_time_seconds_total The amount of time spent waiting for all I/O to complete (including read and write). This includes tape movement commands such as seeking between file or set marks and implicit tape movement such as when rewind on close tape devices are used.
    # TYPE node_tape_io_time_seconds_total counter
    node_tape_io_time_seconds_total{device="st0"} 9247.01108772
    # HELP node_tape_read_bytes_total The number of bytes read from the tape drive.
    # TYPE node_tape_read_bytes_total counter
    node_tape_read_bytes_total{device="st0"} 979383912
    # HELP node_tape_read_time_seconds_total The amount of time spent waiting for read requests to complete.
    # TYPE node_tape_read_time_seconds_total counter
    node_tape_read_time_seconds_total{device="st0"} 33.788355744
    # HELP node_tape_reads_completed_total The number of read requests issued to the tape drive.
    # TYPE node_tape_reads_completed_total counter
    node_tape_reads_completed_total{device="st0"} 3741
    node_tape_reads_completed_total{device="st1"} 7
    # HELP node_tape_residual_total The number of times during a read or write we found the residual amount to be non-zero. This should mean that a program is issuing a read larger thean the block size on tape. For write not all data made it to tape.
    # TYPE node_tape_residual_total counter
    node_tape_residual_total{device="st0"} 19
    # HELP node_tape_write_time_seconds_total The amount of time spent waiting for write requests to complete.
    # TYPE node_tape_write_time_seconds_total counter
    node_tape_write_time_seconds_total{device="st0"} 5233.597394395
    # HELP node_tape_writes_completed_total The number of write requests issued to the tape drive.
    # TYPE node_tape_writes_completed_total counter
    node_tape_writes_completed_total{device="st0"} 53772916
    # HELP node_tape_written_bytes_total The number of bytes written to the tape drive.
    # TYPE node_tape_written_bytes_total counter
    node_tape_written_bytes_total{device="st0"} 1496246784000
  `);
});

test('leaves out what the user ignores', async () => {
  const scrape = await expose(tapestats, sceneFolder('rich-server', ['tapestats']), { ignored_devices: '^st0$' });

  expect(scrape).toContain('device="st1"');
  expect(scrape).not.toContain('device="st0"');
});

test('loses only the attribute that cannot be read, or is no number', async () => {
  const { sys, ...system } = systemOf(
    sceneOf(
      '== sys/class/scsi_tape/st0/stats/in_flight\nx\n== sys/class/scsi_tape/st0/stats/io_ns\n5\n== sys/class/scsi_tape/st0/stats/read_cnt\n7\n',
    ),
  );
  const host = { ...system, sys: failing(sys, { 'class/scsi_tape/st0/stats/io_ns': 'EIO' }) };

  expect(await expose(tapestats, host)).toBe(text`
    # HELP node_tape_reads_completed_total The number of read requests issued to the tape drive.
    # TYPE node_tape_reads_completed_total counter
    node_tape_reads_completed_total{device="st0"} 7
  `);
});

test('has no data on a host without tape drives', async () => {
  await expect(expose(tapestats, sceneOf(''))).rejects.toThrow(NoDataError);
});
