/**
 * Input and output of SCSI tape drives.
 *
 * Source  /sys/class/scsi_tape/stN/stats (Documentation/scsi/st.rst). The class also has the other names of a drive,
 *         such as nst0 and st0m, which count the same.
 * Units   times are nanoseconds.
 * Labels  device: such as "st0".
 */
import { counter, defineCollector, gauge, NoDataError } from '../../src/collector.ts';
import { nameFilter, patternWithDefault, z } from '../../src/config/schema.ts';
import { unsigned } from '../../src/system/numbers.ts';

const device = ['device'] as const;
const secondsPerNanosecond = 0.000000001;

/** The file of each family, and the factor to its base unit. */
const statistics = [
  {
    file: 'in_flight',
    factor: 1,
    family: gauge('node_tape_io_now', 'The number of I/Os currently outstanding to this device.', device),
  },
  {
    file: 'io_ns',
    factor: secondsPerNanosecond,
    family: counter(
      'node_tape_io_time_seconds_total',
      'The amount of time spent waiting for all I/O to complete (including read and write). This includes tape movement commands such as seeking between file or set marks and implicit tape movement such as when rewind on close tape devices are used.',
      device,
    ),
  },
  {
    file: 'other_cnt',
    factor: 1,
    family: counter(
      'node_tape_io_others_total',
      'The number of I/Os issued to the tape drive other than read or write commands. The time taken to complete these commands uses the following calculation io_time_seconds_total-read_time_seconds_total-write_time_seconds_total',
      device,
    ),
  },
  {
    file: 'read_byte_cnt',
    factor: 1,
    family: counter('node_tape_read_bytes_total', 'The number of bytes read from the tape drive.', device),
  },
  {
    file: 'read_cnt',
    factor: 1,
    family: counter('node_tape_reads_completed_total', 'The number of read requests issued to the tape drive.', device),
  },
  {
    file: 'read_ns',
    factor: secondsPerNanosecond,
    family: counter(
      'node_tape_read_time_seconds_total',
      'The amount of time spent waiting for read requests to complete.',
      device,
    ),
  },
  {
    file: 'resid_cnt',
    factor: 1,
    family: counter(
      'node_tape_residual_total',
      'The number of times during a read or write we found the residual amount to be non-zero. This should mean that a program is issuing a read larger thean the block size on tape. For write not all data made it to tape.',
      device,
    ),
  },
  {
    file: 'write_byte_cnt',
    factor: 1,
    family: counter('node_tape_written_bytes_total', 'The number of bytes written to the tape drive.', device),
  },
  {
    file: 'write_cnt',
    factor: 1,
    family: counter(
      'node_tape_writes_completed_total',
      'The number of write requests issued to the tape drive.',
      device,
    ),
  },
  {
    file: 'write_ns',
    factor: secondsPerNanosecond,
    family: counter(
      'node_tape_write_time_seconds_total',
      'The amount of time spent waiting for write requests to complete.',
      device,
    ),
  },
];

export const tapestats = defineCollector({
  name: 'tapestats',
  summary: 'Input and output of SCSI tape drives.',
  source: '/sys/class/scsi_tape',
  differences: ['A statistic that the kernel lacks is left out, where node_exporter reports 0.'],
  enabled: true,
  schedule: '15s',
  families: statistics.map(({ family }) => family),
  config: z.strictObject({
    ignored_devices: patternWithDefault('^$').describe('Regexp of tape drives to leave out.'),
  }),
  create(config, { system }) {
    const wanted = nameFilter(undefined, config.ignored_devices);
    return {
      *collect() {
        const names = system.sys.listIfPresent('class/scsi_tape');
        if (names === undefined) throw new NoDataError('there are no SCSI tape drives');
        for (const name of names) {
          if (!/^st\d+$/.test(name) || !wanted(name)) continue;
          for (const { file, factor, family } of statistics) {
            const value = unsigned(system.sys.attribute(`class/scsi_tape/${name}/stats/${file}`));
            if (value !== undefined) yield family.sample(value * factor, { device: name });
          }
        }
      },
    };
  },
});
