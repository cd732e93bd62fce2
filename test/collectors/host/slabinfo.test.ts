import { expect, test } from 'vitest';
import { parseSlabinfo, slabinfo } from '../../../collectors/host/slabinfo.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = sceneFolder('rich-server', ['slabinfo']);

test('reports caches, those of one name as one', async () => {
  expect(await expose(slabinfo, server)).toBe(text`
    # HELP node_slabinfo_active_objects The number of objects that are currently active (i.e., in use).
    # TYPE node_slabinfo_active_objects gauge
    node_slabinfo_active_objects{slab="nf_conntrack"} 963
    node_slabinfo_active_objects{slab="dm snap io"} 40
    node_slabinfo_active_objects{slab="kmalloc-8192"} 132
    node_slabinfo_active_objects{slab="dentry"} 1532014
    # HELP node_slabinfo_object_size_bytes The size of objects in this slab, in bytes.
    # TYPE node_slabinfo_object_size_bytes gauge
    node_slabinfo_object_size_bytes{slab="nf_conntrack"} 320
    node_slabinfo_object_size_bytes{slab="dm snap io"} 1096
    node_slabinfo_object_size_bytes{slab="kmalloc-8192"} 8192
    node_slabinfo_object_size_bytes{slab="dentry"} 192
    # HELP node_slabinfo_objects The total number of allocated objects (i.e., objects that are both in use and not in use).
    # TYPE node_slabinfo_objects gauge
    node_slabinfo_objects{slab="nf_conntrack"} 1014
    node_slabinfo_objects{slab="dm snap io"} 44
    node_slabinfo_objects{slab="kmalloc-8192"} 132
    node_slabinfo_objects{slab="dentry"} 1532160
    # HELP node_slabinfo_objects_per_slab The number of objects stored in each slab.
    # TYPE node_slabinfo_objects_per_slab gauge
    node_slabinfo_objects_per_slab{slab="nf_conntrack"} 51
    node_slabinfo_objects_per_slab{slab="dm snap io"} 29
    node_slabinfo_objects_per_slab{slab="kmalloc-8192"} 4
    node_slabinfo_objects_per_slab{slab="dentry"} 42
    # HELP node_slabinfo_pages_per_slab The number of pages allocated for each slab.
    # TYPE node_slabinfo_pages_per_slab gauge
    node_slabinfo_pages_per_slab{slab="nf_conntrack"} 4
    node_slabinfo_pages_per_slab{slab="dm snap io"} 8
    node_slabinfo_pages_per_slab{slab="kmalloc-8192"} 8
    node_slabinfo_pages_per_slab{slab="dentry"} 2
  `);
});

test('filters caches by name', async () => {
  const scrape = await expose(slabinfo, server, { slabs_include: '^(k|d)', slabs_exclude: ' ' });

  expect(scrape.match(/^node_slabinfo_active_objects.*$/gm)).toEqual([
    'node_slabinfo_active_objects{slab="kmalloc-8192"} 132',
    'node_slabinfo_active_objects{slab="dentry"} 1532014',
  ]);
});

test('says which file is missing or for root only', async () => {
  const host = systemOf(server);

  await expect(expose(slabinfo, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
  await expect(expose(slabinfo, { ...host, proc: failing(host.proc, { slabinfo: 'EACCES' }) })).rejects.toMatchObject({
    code: 'EACCES',
  });
});

test.each([
  'slabinfo - version: 1.1\n',
  'slabinfo - version: 2.1\ndentry 1 2 3\n',
  'slabinfo - version: 2.1\ndentry 1 2 x 4 5 : tunables 0 0 0\n',
])('refuses another version or a torn line: %j', (torn) => {
  expect(() => parseSlabinfo(torn)).toThrow(/slabinfo/);
});
