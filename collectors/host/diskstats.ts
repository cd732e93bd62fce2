/**
 * Input and output of each block device since it appeared, and what udev knows of the device.
 *
 * Source  /proc/diskstats (Documentation/admin-guide/iostats.rst): major, minor and name, then 11 numbers; 15 since
 *         Linux 4.18 (discards), 17 since 5.5 (flushes). Only the columns that the kernel has are reported.
 *         /run/udev/data/bMAJOR:MINOR, lines `E:KEY=value`; /sys/block/NAME/queue/rotational and /sys/block/NAME/slaves.
 * Units   sectors are 512 bytes whatever the device says, times are milliseconds. Discarded sectors stay sectors.
 * Labels  device: the kernel's name, such as "sda" or "dm-0".
 */
import {
  counter,
  defineCollector,
  type Family,
  gauge,
  type KeptSample,
  malformed,
  type Sample,
} from '../../src/collector.ts';
import { nameFilter, pattern, patternWithDefault, z } from '../../src/config/schema.ts';
import { Held } from '../../src/system/held.ts';
import { decimal } from '../../src/system/numbers.ts';
import type { System } from '../../src/system/index.ts';
import { SampleList } from './sample-list.ts';

const device = ['device'] as const;
const secondsPerTick = 1 / 1000;
const sectorSize = 512;

const column = (family: Family<'device'>, factor = 1) => ({ family, factor });

/** The columns after the name, in the order of the file, each with the factor to its base unit. */
const columns = [
  column(counter('node_disk_reads_completed_total', 'The total number of reads completed successfully.', device)),
  column(counter('node_disk_reads_merged_total', 'The total number of reads merged.', device)),
  column(counter('node_disk_read_bytes_total', 'The total number of bytes read successfully.', device), sectorSize),
  column(
    counter('node_disk_read_time_seconds_total', 'The total number of seconds spent by all reads.', device),
    secondsPerTick,
  ),
  column(counter('node_disk_writes_completed_total', 'The total number of writes completed successfully.', device)),
  column(counter('node_disk_writes_merged_total', 'The number of writes merged.', device)),
  column(
    counter('node_disk_written_bytes_total', 'The total number of bytes written successfully.', device),
    sectorSize,
  ),
  column(
    counter('node_disk_write_time_seconds_total', 'This is the total number of seconds spent by all writes.', device),
    secondsPerTick,
  ),
  column(gauge('node_disk_io_now', 'The number of I/Os currently in progress.', device)),
  column(counter('node_disk_io_time_seconds_total', 'Total seconds spent doing I/Os.', device), secondsPerTick),
  column(
    counter('node_disk_io_time_weighted_seconds_total', 'The weighted # of seconds spent doing I/Os.', device),
    secondsPerTick,
  ),
  column(counter('node_disk_discards_completed_total', 'The total number of discards completed successfully.', device)),
  column(counter('node_disk_discards_merged_total', 'The total number of discards merged.', device)),
  column(counter('node_disk_discarded_sectors_total', 'The total number of sectors discarded successfully.', device)),
  column(
    counter(
      'node_disk_discard_time_seconds_total',
      'This is the total number of seconds spent by all discards.',
      device,
    ),
    secondsPerTick,
  ),
  column(
    counter('node_disk_flush_requests_total', 'The total number of flush requests completed successfully', device),
  ),
  column(
    counter(
      'node_disk_flush_requests_time_seconds_total',
      'This is the total number of seconds spent by all flush requests.',
      device,
    ),
    secondsPerTick,
  ),
];

const info = gauge('node_disk_info', 'Info of /sys/block/<block_device>.', [
  'device',
  'major',
  'minor',
  'path',
  'wwn',
  'model',
  'serial',
  'revision',
  'rotational',
]);
const filesystemInfo = gauge('node_disk_filesystem_info', 'Info about disk filesystem.', [
  'device',
  'type',
  'usage',
  'uuid',
  'version',
]);
const deviceMapperInfo = gauge('node_disk_device_mapper_info', 'Info about disk device mapper.', [
  'device',
  'name',
  'uuid',
  'vg_name',
  'lv_name',
  'lv_layer',
]);
const backingDeviceInfo = gauge(
  'node_disk_device_mapper_backing_device_info',
  'Info about the underlying block devices of a device mapper device.',
  ['device', 'backing_device'],
);
const ataFamilies = [
  ['ID_ATA_WRITE_CACHE', gauge('node_disk_ata_write_cache', 'ATA disk has a write cache.', device)],
  [
    'ID_ATA_WRITE_CACHE_ENABLED',
    gauge('node_disk_ata_write_cache_enabled', 'ATA disk has its write cache enabled.', device),
  ],
  [
    'ID_ATA_ROTATION_RATE_RPM',
    gauge('node_disk_ata_rotation_rate_rpm', 'ATA disk rotation rate in RPMs (0 for SSDs).', device),
  ],
] as const;

// What udev and sysfs say of a device hardly changes, and one more read for each of hundreds of disks is what makes
// this collector slow (node_exporter#3282). udev writes its file some time after the kernel shows a new device.
const factsHoldMs = 60_000;
const factsWithoutUdevHoldMs = 10_000;

/** What is kept of a device between runs. */
interface Device {
  readonly major: number;
  readonly minor: number;
  readonly labels: { readonly device: string };
  /** By column. */
  readonly counts: readonly KeptSample[];
  readonly facts: Held<readonly Sample[]>;
  run: number;
}

export const diskstats = defineCollector({
  name: 'diskstats',
  summary: 'Input and output of each block device, and what udev knows of it.',
  source: '/proc/diskstats, /run/udev/data, /sys/block',
  differences: [
    'What udev and sysfs say of a device is read once a minute, not at each run.',
    'Whether a disk rotates is an empty label where that cannot be read, not "0".',
    'node_disk_device_mapper_backing_device_info names the devices below a device-mapper device.',
  ],
  enabled: true,
  families: [
    ...columns.map(({ family }) => family),
    info,
    filesystemInfo,
    deviceMapperInfo,
    backingDeviceInfo,
    ...ataFamilies.map(([, family]) => family),
  ],
  aliases: { ignored_devices: 'device_exclude' },
  config: z.strictObject({
    device_exclude: patternWithDefault('^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$').describe(
      'Regexp of devices to leave out. The default leaves out partitions and memory disks.',
    ),
    device_include: pattern()
      .optional()
      .describe('Regexp of devices to report. Excludes device_exclude, whose default then does not apply.'),
    ignored_devices: pattern().optional().describe('Deprecated name of device_exclude.'),
  }),
  create(config, { system }) {
    const include = config.device_include?.source ? config.device_include : undefined;
    const exclude = config.ignored_devices ?? config.device_exclude;
    const wanted = nameFilter(include, include === undefined ? exclude : undefined);
    const devices = new Map<string, Device>();
    const samples = new SampleList();
    let run = 0;

    function known(name: string, major: number, minor: number): Device {
      let entry = devices.get(name);
      if (entry === undefined || entry.major !== major || entry.minor !== minor) {
        const labels = { device: name };
        const counts = columns.map(({ family }) => family.kept(labels));
        entry = { major, minor, labels, counts, facts: new Held<readonly Sample[]>(system.clock), run };
        devices.set(name, entry);
      }
      return entry;
    }

    function readFacts(device: Device): readonly Sample[] {
      const properties = udevProperties(system, device.major, device.minor);
      const holdMs = properties.size > 0 ? factsHoldMs : factsWithoutUdevHoldMs;
      return device.facts.keep([...factsOf(system, device, properties)], holdMs);
    }

    return {
      collect() {
        run += 1;
        samples.begin();
        // The buffer is shared between files, so all lines are parsed before anything else is read.
        for (const { name, major, minor, numbers } of parseDiskstats(system.proc.read('diskstats'), wanted)) {
          const entry = known(name, major, minor);
          entry.run = run;
          const count = Math.min(numbers.length, columns.length);
          for (let index = 0; index < count; index += 1) {
            const sample = entry.counts[index]!;
            sample.value = numbers[index]! * columns[index]!.factor;
            samples.push(sample);
          }
          for (const fact of entry.facts.value ?? readFacts(entry)) samples.push(fact);
        }
        for (const [name, entry] of devices) if (entry.run !== run) devices.delete(name);
        return samples.end();
      },
    };
  },
});

/** The properties that udev stored of a block device; none where udev does not run. */
function udevProperties(system: System, major: number, minor: number): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of system.udev.textIfAny(`b${major}:${minor}`)?.split('\n') ?? []) {
    const equals = line.indexOf('=');
    if (line.startsWith('E:') && equals !== -1) properties.set(line.slice(2, equals), line.slice(equals + 1));
  }
  return properties;
}

/** The samples that stay the same while a device is there. */
function* factsOf(system: System, { labels, major, minor }: Device, udev: Map<string, string>): Iterable<Sample> {
  const { device: name } = labels;
  // sysfs writes the slash in a name such as "cciss/c0d0" as an exclamation mark.
  const folder = `block/${name.replaceAll('/', '!')}`;
  const property = (...keys: string[]): string => keys.map((key) => udev.get(key)).find(Boolean) ?? '';
  yield info.standing(1, {
    device: name,
    major: String(major),
    minor: String(minor),
    path: property('ID_PATH'),
    wwn: property('ID_WWN'),
    model: property('ID_MODEL'),
    // The serial number on the disk's own label, then what virtio disks have.
    serial: property('SCSI_IDENT_SERIAL', 'ID_SERIAL_SHORT', 'ID_SERIAL'),
    revision: property('ID_REVISION'),
    // A partition has no queue; node_exporter says 0 for it.
    rotational: system.sys.attribute(`${folder}/queue/rotational`) ?? (system.sys.exists(`${folder}/queue`) ? '' : '0'),
  });
  if (property('ID_FS_TYPE') !== '') {
    yield filesystemInfo.standing(1, {
      device: name,
      type: property('ID_FS_TYPE'),
      usage: property('ID_FS_USAGE'),
      uuid: property('ID_FS_UUID'),
      version: property('ID_FS_VERSION'),
    });
  }
  if (property('DM_NAME') !== '') {
    yield deviceMapperInfo.standing(1, {
      device: name,
      name: property('DM_NAME'),
      uuid: property('DM_UUID'),
      vg_name: property('DM_VG_NAME'),
      lv_name: property('DM_LV_NAME'),
      lv_layer: property('DM_LV_LAYER'),
    });
    for (const below of system.sys.list(`${folder}/slaves`)) {
      yield backingDeviceInfo.standing(1, { device: name, backing_device: below });
    }
  }
  if (property('ID_ATA') === '') return;
  for (const [key, family] of ataFamilies) {
    const value = decimal(udev.get(key));
    if (value !== undefined) yield family.standing(value, labels);
  }
}

/** One line of /proc/diskstats: the numbers after the name, as many as the kernel has. */
export interface DiskLine {
  readonly major: number;
  readonly minor: number;
  readonly name: string;
  readonly numbers: readonly number[];
}

const lineFeed = 0x0a;
const space = 0x20;
// Reads, writes and time: what every kernel has. Some old kernels write 4 numbers for a partition, of another meaning.
const fewestNumbers = 11;

/** The lines of the devices that are wanted; throws `CollectError` where a number is none. */
export function parseDiskstats(bytes: Buffer, wanted: (name: string) => boolean): DiskLine[] {
  const parsed: DiskLine[] = [];
  let position = 0;
  let fieldStart = 0;

  /** Moves behind the next field of the line; false at its end. */
  function nextField(): boolean {
    while (bytes[position] === space) position += 1;
    fieldStart = position;
    while (position < bytes.length && bytes[position]! > space) position += 1;
    return position > fieldStart;
  }

  function nextNumber(): number {
    if (!nextField()) throw malformed('diskstats', 'a line ends before the name');
    return numberAt(bytes, fieldStart, position);
  }

  while (position < bytes.length) {
    const found = bytes.indexOf(lineFeed, position);
    const end = found === -1 ? bytes.length : found;
    if (end > position) {
      const major = nextNumber();
      const minor = nextNumber();
      nextField();
      const name = bytes.toString('latin1', fieldStart, position);
      if (wanted(name)) {
        const numbers: number[] = [];
        while (nextField()) numbers.push(numberAt(bytes, fieldStart, position));
        if (numbers.length >= fewestNumbers) parsed.push({ major, minor, name, numbers });
      }
    }
    position = end + 1;
  }
  return parsed;
}

// Up to this many digits a double holds every integer, so digits can be added up.
const exactDigits = 15;

function numberAt(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let index = start; index < end; index += 1) {
    const digit = bytes[index]! - 0x30;
    if (digit < 0 || digit > 9) throw malformed('diskstats', JSON.stringify(bytes.toString('latin1', start, end)));
    value = value * 10 + digit;
  }
  return end - start <= exactDigits ? value : Number(bytes.toString('latin1', start, end));
}
