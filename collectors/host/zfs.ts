/**
 * ZFS: the cache (ARC), transactions, the intent log, and the reads, writes and state of each pool and dataset.
 *
 * Source  /proc/spl/kstat/zfs/ of OpenZFS (man 4 zfs, man 8 zpool-events): arcstats and the like for the whole host;
 *         POOL/io (up to 2.0), POOL/objset-* (one for each mounted dataset) and POOL/state.
 * Units   as the module counts: bytes, calls, nanoseconds. Types are not told apart, so all are untyped.
 * Labels  zpool, and dataset with its full path; state: 1 for that which the pool is in.
 * Quirks  Files come and go with features, pools and mounts; a name may hold blanks. Names of families are made from
 *         the names in the files, so a newer module gives more of them.
 */
import {
  defineCollector,
  type Family,
  familiesByKey,
  gauge,
  NoDataError,
  type Sample,
  untyped,
} from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { integer, lines, unsigned, words } from '../../src/system/numbers.ts';

const root = 'spl/kstat/zfs';

/** The middle of the family's name, by file. */
const hostFiles = {
  abdstats: 'abd',
  arcstats: 'arc',
  dbufstats: 'dbuf',
  dmu_tx: 'dmu_tx',
  dnodestats: 'dnode',
  fm: 'fm',
  vdev_cache_stats: 'vdev_cache',
  vdev_mirror_stats: 'vdev_mirror',
  xuio_stats: 'xuio',
  zfetchstats: 'zfetch',
  zil: 'zil',
};

const poolState = gauge('node_zfs_zpool_state', 'kstat.zfs.misc.state', ['zpool', 'state']);
const states = ['online', 'degraded', 'faulted', 'offline', 'removed', 'unavail', 'suspended'];

/** The families of a file, by the names in it. */
function familiesOf<const L extends string = never>(file: string, middle: string, labels?: readonly L[]) {
  return familiesByKey(
    'untyped',
    (field) => ({
      name: `node_zfs_${middle}_${field.replaceAll(/\W/g, '_')}`,
      help: `kstat.zfs.misc.${file}.${field}`,
    }),
    labels,
  );
}

export const zfs = defineCollector({
  name: 'zfs',
  summary: 'ZFS: cache, transactions and intent log, and the reads, writes and state of each pool and dataset.',
  source: '/proc/spl/kstat/zfs',
  differences: ['A pool that leaves, or a torn file, loses that file; node_exporter loses the rest as well.'],
  enabled: true,
  schedule: '15s',
  families: [
    ...Object.entries(hostFiles).map(([file, middle]) =>
      untyped(`node_zfs_${middle}_<field>`, `kstat.zfs.misc.${file}.<field>`),
    ),
    untyped('node_zfs_zpool_<field>', 'kstat.zfs.misc.io.<field>', ['zpool']),
    untyped('node_zfs_zpool_dataset_<field>', 'kstat.zfs.misc.objset.<field>', ['zpool', 'dataset']),
    poolState,
  ],
  config: z.strictObject({}),
  create(_config, { system: { proc } }) {
    const host = Object.entries(hostFiles).map(([file, middle]) => ({ file, family: familiesOf(file, middle) }));
    const poolFamily = familiesOf('io', 'zpool', ['zpool']);
    const datasetFamily = familiesOf('objset', 'zpool_dataset', ['zpool', 'dataset']);

    /** The samples of one pool's folder. */
    function* poolSamples(zpool: string): Generator<Sample> {
      const folder = `${root}/${zpool}`;
      const served = new Set<string>();
      for (const file of proc.list(folder)) {
        if (file === 'io') {
          for (const [field, value] of parsePoolIo(proc.textIfAny(`${folder}/io`) ?? '')) {
            yield poolFamily(field).sample(value, { zpool });
          }
        } else if (file === 'state') {
          const [now] = lines(proc.textIfAny(`${folder}/state`) ?? '');
          if (now === undefined) continue;
          for (const state of states) {
            yield poolState.sample(now.trim().toLowerCase() === state ? 1 : 0, { zpool, state });
          }
        } else if (file.startsWith('objset-')) {
          const { dataset, values } = parseObjset(proc.textIfAny(`${folder}/${file}`) ?? '');
          // While a dataset is renamed or received, two files may hold one name.
          if (dataset === undefined || served.has(dataset)) continue;
          served.add(dataset);
          for (const [field, value] of values) yield datasetFamily(field).sample(value, { zpool, dataset });
        }
      }
    }

    function* samples(entries: readonly string[]): Generator<Sample> {
      for (const { file, family } of host) {
        if (!entries.includes(file)) continue;
        yield* kstatSamples(proc.textIfAny(`${root}/${file}`) ?? '', family);
      }
      // What is no folder lists nothing.
      for (const entry of entries) if (!Object.hasOwn(hostFiles, entry)) yield* poolSamples(entry);
    }

    return {
      collect() {
        if (!proc.exists(root)) throw new NoDataError('the ZFS module is not loaded');
        return samples(proc.list(root));
      },
    };
  },
});

function* kstatSamples(text: string, family: (field: string) => Family): Generator<Sample> {
  for (const [field, value] of parseKstat(text)) yield family(field).sample(value);
}

// The types of a kstat that are served: KSTAT_DATA_INT64 and KSTAT_DATA_UINT64.
const readers: Record<string, typeof integer> = { 3: integer, 4: unsigned };

/** The numbers of a kstat of names: lines of name, type and data below that heading. Torn lines are left out. */
export function parseKstat(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of rowsBelow(text, /^name\s+type\s+data\s*$/)) {
    const [field, type = '', data] = words(line);
    const value = readers[type]?.(data);
    if (field !== undefined && value !== undefined) values.set(field, value);
  }
  return values;
}

/** The numbers of a pool's `io`: one line of names, one of values; none where the second is shorter. */
export function parsePoolIo(text: string): Map<string, number> {
  const heading = /^nread\s.*$/m.exec(text);
  const fields = words(heading?.[0] ?? '');
  const [row = ''] = rowsBelow(text, /^nread\s/);
  const values = words(row).map(unsigned);
  if (values.length !== fields.length || values.includes(undefined)) return new Map();
  return new Map(fields.map((field, index) => [field, values[index]!]));
}

/** The name of a dataset, which may hold blanks, and its numbers. */
export function parseObjset(text: string): { dataset: string | undefined; values: Map<string, number> } {
  const dataset = /^dataset_name\s+7\s+(\S.*)$/m.exec(text)?.[1];
  return { dataset, values: parseKstat(text) };
}

/** The lines below the first that matches. */
function rowsBelow(text: string, heading: RegExp): string[] {
  const rows = lines(text);
  const at = rows.findIndex((row) => heading.test(row));
  return at === -1 ? [] : rows.slice(at + 1);
}
