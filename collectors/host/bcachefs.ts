/**
 * Counters, compression, errors and devices of each mounted bcachefs file system.
 *
 * Source  /sys/fs/bcachefs/UUID (Documentation/filesystems/bcachefs, fs/bcachefs/sysfs.c): one file for each counter
 *         in `counters`, one folder dev-N for each device.
 * Units   sizes and large counts are written as "1.5M", so they are as coarse.
 * Labels  uuid; device: the number of a device in the file system; others as their files name things.
 */
import { counter, defineCollector, familiesByKey, gauge, NoDataError, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { decimal, lines, unsigned, words } from '../../src/system/numbers.ts';
import type { Tree } from '../../src/system/index.ts';

const ofDevice = ['uuid', 'device'] as const;
const info = gauge('node_bcachefs_info', 'Filesystem information.', ['uuid']);
const btreeCache = gauge('node_bcachefs_btree_cache_size_bytes', 'Btree cache memory usage in bytes.', ['uuid']);
const compressed = gauge('node_bcachefs_compression_compressed_bytes', 'Compressed size by algorithm.', [
  'uuid',
  'algorithm',
]);
const uncompressed = gauge('node_bcachefs_compression_uncompressed_bytes', 'Uncompressed size by algorithm.', [
  'uuid',
  'algorithm',
]);
const errors = counter('node_bcachefs_errors_total', 'Error count by error type.', ['uuid', 'error_type']);
const btreeWrites = counter('node_bcachefs_btree_writes_total', 'Number of btree writes by type.', ['uuid', 'type']);
const btreeWriteSize = gauge('node_bcachefs_btree_write_average_size_bytes', 'Average btree write size by type.', [
  'uuid',
  'type',
]);
const deviceInfo = gauge('node_bcachefs_device_info', 'Device information.', ['uuid', 'device', 'label', 'state']);
const bucketSize = gauge('node_bcachefs_device_bucket_size_bytes', 'Bucket size in bytes.', ofDevice);
const buckets = gauge('node_bcachefs_device_buckets', 'Total number of buckets.', ofDevice);
const durability = gauge('node_bcachefs_device_durability', 'Device durability setting.', ofDevice);
const ioDone = counter('node_bcachefs_device_io_done_bytes_total', 'IO bytes by operation type and data type.', [
  'uuid',
  'device',
  'operation',
  'data_type',
]);
const ioErrors = counter('node_bcachefs_device_io_errors_total', 'IO errors by error type.', [
  'uuid',
  'device',
  'type',
]);
const counterHead = (name: string): { name: string; help: string } => ({
  name: `node_bcachefs_${name.replaceAll(/[^a-zA-Z0-9_]/g, '_')}_total`,
  help: `Bcachefs counter ${name} since filesystem creation.`,
});

const root = 'fs/bcachefs';

export const bcachefs = defineCollector({
  name: 'bcachefs',
  summary: 'Counters, compression, errors and devices of each mounted bcachefs file system.',
  source: '/sys/fs/bcachefs',
  differences: ['A file or a line that cannot be read is left out alone; a missing one is not reported as 0.'],
  enabled: true,
  schedule: '30s',
  families: [
    info,
    btreeCache,
    compressed,
    uncompressed,
    errors,
    btreeWrites,
    btreeWriteSize,
    deviceInfo,
    bucketSize,
    buckets,
    durability,
    ioDone,
    ioErrors,
    counter('node_bcachefs_<counter>_total', 'Bcachefs counter <counter> since filesystem creation.', ['uuid']),
  ],
  config: z.strictObject({}),
  create(_config, { system: { sys } }) {
    const counterFamily = familiesByKey('counter', counterHead, ['uuid']);
    return {
      *collect() {
        const uuids = sys.list(root).filter((name) => sys.list(`${root}/${name}`).length > 0);
        if (uuids.length === 0) throw new NoDataError('no bcachefs file system is mounted');
        for (const uuid of uuids) {
          yield* fileSystemSamples(sys, uuid);
          yield* counterSamples(uuid);
        }
      },
    };

    function* counterSamples(uuid: string): Iterable<Sample> {
      for (const name of sys.list(`${root}/${uuid}/counters`)) {
        const text = sys.textIfAny(`${root}/${uuid}/counters/${name}`);
        const value = humanNumber(/^since filesystem creation:(.*)$/m.exec(text ?? '')?.[1]);
        if (value !== undefined) yield counterFamily(name).sample(value, { uuid });
      }
    }
  },
});

function* fileSystemSamples(sys: Tree, uuid: string): Iterable<Sample> {
  const folder = `${root}/${uuid}`;
  const table = (file: string): string[][] => lines(sys.textIfAny(`${folder}/${file}`) ?? '').map(words);
  yield info.sample(1, { uuid });
  const cache = humanNumber(sys.attribute(`${folder}/btree_cache_size`));
  if (cache !== undefined) yield btreeCache.sample(cache, { uuid });
  // These two have a line of titles.
  for (const [name = '', first, second] of table('compression_stats').slice(1)) {
    const algorithm = withoutColon(name);
    const onDisk = humanNumber(first);
    const inFiles = humanNumber(second);
    if (onDisk !== undefined) yield compressed.sample(onDisk, { uuid, algorithm });
    if (inFiles !== undefined) yield uncompressed.sample(inFiles, { uuid, algorithm });
  }
  for (const [name = '', first, second] of table('btree_write_stats').slice(1)) {
    const type = withoutColon(name);
    const count = unsigned(first);
    const average = humanNumber(second);
    if (count !== undefined) yield btreeWrites.sample(count, { uuid, type });
    if (average !== undefined) yield btreeWriteSize.sample(average, { uuid, type });
  }
  for (const [type = '', first] of table('errors')) {
    const count = unsigned(first);
    if (count !== undefined) yield errors.sample(count, { uuid, error_type: type });
  }
  for (const name of sys.list(folder)) {
    if (name.startsWith('dev-')) yield* deviceSamples(sys, `${folder}/${name}`, { uuid, device: name.slice(4) });
  }
}

function* deviceSamples(sys: Tree, folder: string, labels: { uuid: string; device: string }): Iterable<Sample> {
  const attribute = (name: string): string | undefined => sys.attribute(`${folder}/${name}`);
  yield deviceInfo.sample(1, { ...labels, label: attribute('label') ?? '', state: attribute('state') ?? '' });
  const bytes = humanNumber(attribute('bucket_size'));
  if (bytes !== undefined) yield bucketSize.sample(bytes, labels);
  const count = unsigned(attribute('nbuckets'));
  if (count !== undefined) yield buckets.sample(count, labels);
  const copies = unsigned(attribute('durability'));
  if (copies !== undefined) yield durability.sample(copies, labels);
  let operation: string | undefined;
  for (const { key, rest } of keyedLines(sys.textIfAny(`${folder}/io_done`))) {
    const value = unsigned(rest);
    if (rest === '') operation = key;
    else if (operation !== undefined && value !== undefined) {
      yield ioDone.sample(value, { ...labels, operation, data_type: key });
    }
  }
  // After the errors of all time come those since the last reset, under a title of their own.
  const [, sinceCreation = ''] = (sys.textIfAny(`${folder}/io_errors`) ?? '').split(/^IO errors since .*$/m);
  for (const { key, rest } of keyedLines(sinceCreation)) {
    const value = unsigned(rest);
    if (value !== undefined) yield ioErrors.sample(value, { ...labels, type: key });
  }
}

/** Lines of the form `key: rest`, without the blanks around both. */
function keyedLines(text = ''): { key: string; rest: string }[] {
  return lines(text)
    .filter((line) => line.includes(':'))
    .map((line) => {
      const colon = line.indexOf(':');
      return { key: line.slice(0, colon).trim(), rest: line.slice(colon + 1).trim() };
    });
}

function withoutColon(name: string): string {
  return name.replace(/:$/, '');
}

const units = ['k', 'm', 'g', 't', 'p', 'e'];

/** A number that may end in a unit, a power of 1024. */
export function humanNumber(text: string | undefined): number | undefined {
  const [, digits, unit = ''] = /^\s*(\S*?)\s*([kmgtpe]?)\s*$/i.exec(text ?? '') ?? [];
  const value = decimal(digits);
  return value === undefined ? undefined : Math.trunc(value * 1024 ** (units.indexOf(unit.toLowerCase()) + 1));
}
