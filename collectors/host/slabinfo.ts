/**
 * Caches of kernel objects (slabs): how many objects they hold, and of what size.
 *
 * Source  /proc/slabinfo version 2.1 (man 5 slabinfo), for root only.
 * Labels  slab: the name of the cache.
 * Quirks  Modules make caches of one name for each of their instances, and names with blanks.
 */
import { defineCollector, gauge, malformed } from '../../src/collector.ts';
import { nameFilter, patternWithDefault, z } from '../../src/config/schema.ts';
import { lines, unsigned } from '../../src/system/numbers.ts';

const active = gauge(
  'node_slabinfo_active_objects',
  'The number of objects that are currently active (i.e., in use).',
  ['slab'],
);
const total = gauge(
  'node_slabinfo_objects',
  'The total number of allocated objects (i.e., objects that are both in use and not in use).',
  ['slab'],
);
const size = gauge('node_slabinfo_object_size_bytes', 'The size of objects in this slab, in bytes.', ['slab']);
const perSlab = gauge('node_slabinfo_objects_per_slab', 'The number of objects stored in each slab.', ['slab']);
const pages = gauge('node_slabinfo_pages_per_slab', 'The number of pages allocated for each slab.', ['slab']);

export const slabinfo = defineCollector({
  name: 'slabinfo',
  summary: 'Caches of kernel objects: how many objects they hold, and of what size.',
  source: '/proc/slabinfo',
  differences: [
    'Caches of one name are served as one, with their objects added up; node_exporter fails the scrape.',
    'A cache with a blank in its name is reported; node_exporter fails on it.',
  ],
  enabled: false,
  schedule: '30s',
  families: [active, total, size, perSlab, pages],
  combinable: ['slabs'],
  config: z.strictObject({
    slabs_include: patternWithDefault('.*').describe('Regexp of slabs to report.'),
    slabs_exclude: patternWithDefault('').describe('Regexp of slabs to leave out.'),
  }),
  create(config, { system }) {
    const wanted = nameFilter(config.slabs_include, config.slabs_exclude);
    return {
      collect: () =>
        parseSlabinfo(system.proc.text('slabinfo'))
          .filter(({ name }) => wanted(name))
          .flatMap(({ name: slab, ...cache }) => [
            active.sample(cache.active, { slab }),
            total.sample(cache.objects, { slab }),
            size.sample(cache.objectSize, { slab }),
            perSlab.sample(cache.objectsPerSlab, { slab }),
            pages.sample(cache.pagesPerSlab, { slab }),
          ]),
    };
  },
});

interface Cache {
  readonly name: string;
  active: number;
  objects: number;
  readonly objectSize: number;
  readonly objectsPerSlab: number;
  readonly pagesPerSlab: number;
}

/** The caches, each name once; throws `CollectError` for a version other than 2.x or a torn line. */
export function parseSlabinfo(text: string): Cache[] {
  const caches = new Map<string, Cache>();
  for (const line of lines(text)) {
    if (line.startsWith('#') || line.startsWith('slabinfo - version: 2.')) continue;
    const [, name = '', ...columns] = /^(.*?)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+: tunables/.exec(line) ?? [];
    const [active, objects, objectSize, objectsPerSlab, pagesPerSlab] = columns.map(unsigned);
    if (
      active === undefined ||
      objects === undefined ||
      objectSize === undefined ||
      objectsPerSlab === undefined ||
      pagesPerSlab === undefined
    ) {
      throw malformed('slabinfo', JSON.stringify(line));
    }
    const namesake = caches.get(name);
    if (namesake === undefined) {
      caches.set(name, { name, active, objects, objectSize, objectsPerSlab, pagesPerSlab });
    } else {
      namesake.active += active;
      namesake.objects += objects;
    }
  }
  return [...caches.values()];
}
