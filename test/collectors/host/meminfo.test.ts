import { expect, test } from 'vitest';
import { meminfo, meminfoLines, parseMeminfo } from '../../../collectors/host/meminfo.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports every line, in bytes where it has a unit', async () => {
  const scrape = await expose(meminfo, sceneFolder('minimal-vm', ['meminfo']));

  expect(scrape).toBe(text`
    # HELP node_memory_Active_anon_bytes Memory information field Active_anon_bytes.
    # TYPE node_memory_Active_anon_bytes gauge
    node_memory_Active_anon_bytes 1597440
    # HELP node_memory_Balloon_bytes Memory information field Balloon_bytes.
    # TYPE node_memory_Balloon_bytes gauge
    node_memory_Balloon_bytes 4194304
    # HELP node_memory_Buffers_bytes Memory information field Buffers_bytes.
    # TYPE node_memory_Buffers_bytes gauge
    node_memory_Buffers_bytes 31023104
    # HELP node_memory_Cached_bytes Memory information field Cached_bytes.
    # TYPE node_memory_Cached_bytes gauge
    node_memory_Cached_bytes 531238912
    # HELP node_memory_HugePages_Total Memory information field HugePages_Total.
    # TYPE node_memory_HugePages_Total gauge
    node_memory_HugePages_Total 0
    # HELP node_memory_Hugepagesize_bytes Memory information field Hugepagesize_bytes.
    # TYPE node_memory_Hugepagesize_bytes gauge
    node_memory_Hugepagesize_bytes 2097152
    # HELP node_memory_MemAvailable_bytes Memory information field MemAvailable_bytes.
    # TYPE node_memory_MemAvailable_bytes gauge
    node_memory_MemAvailable_bytes 1672613888
    # HELP node_memory_MemFree_bytes Memory information field MemFree_bytes.
    # TYPE node_memory_MemFree_bytes gauge
    node_memory_MemFree_bytes 1147232256
    # HELP node_memory_MemTotal_bytes Memory information field MemTotal_bytes.
    # TYPE node_memory_MemTotal_bytes gauge
    node_memory_MemTotal_bytes 2078842880
  `);
});

test('reports all fields of a large server', async () => {
  const scrape = await expose(meminfo, sceneFolder('rich-server', ['meminfo']));

  expect(scrape.match(/^node_memory_/gm)).toHaveLength(57);
  expect(scrape).toContain('\nnode_memory_VmallocTotal_bytes 35184372087808\n');
  expect(scrape).toContain('\nnode_memory_HugePages_Total 65536\n');
  expect(scrape).toContain('\nnode_memory_Unaccepted_bytes 0\n');
});

test('says which file is missing', async () => {
  await expect(expose(meminfo, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});

test('takes no number from a line that is cut short or is none', () => {
  const fields = parseMeminfo(
    'MemTotal:  100 kB\nMemFree:  x kB\nCached: -5 kB\nDirty: 5 MB\nBad Name: 4 kB\nSwapFree:   12',
    meminfoLines(),
  );

  expect([...fields]).toEqual([['MemTotal_bytes', 102_400]]);
});

test.each(['', '\n', 'MemTotal:', 'MemTotal: 12 kB'])('refuses a file without a whole line: %j', (torn) => {
  expect(() => parseMeminfo(torn, meminfoLines())).toThrow(/meminfo/);
});
