import { expect, test } from 'vitest';
import { meminfoNuma, parseNodeMeminfo, parseNumastat } from '../../../collectors/host/meminfo-numa.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = sceneFolder('rich-server', ['meminfo-numa']);

test('reports memory and hits of each node', async () => {
  expect(await expose(meminfoNuma, server)).toBe(text`
    # HELP node_memory_numa_Active Memory information field Active.
    # TYPE node_memory_numa_Active gauge
    node_memory_numa_Active{node="0"} 53397114880
    # HELP node_memory_numa_Active_anon Memory information field Active_anon.
    # TYPE node_memory_numa_Active_anon gauge
    node_memory_numa_Active_anon{node="0"} 30827737088
    # HELP node_memory_numa_AnonPages Memory information field AnonPages.
    # TYPE node_memory_numa_AnonPages gauge
    node_memory_numa_AnonPages{node="0"} 31764832256
    # HELP node_memory_numa_Dirty Memory information field Dirty.
    # TYPE node_memory_numa_Dirty gauge
    node_memory_numa_Dirty{node="0"} 1261568
    # HELP node_memory_numa_FilePages Memory information field FilePages.
    # TYPE node_memory_numa_FilePages gauge
    node_memory_numa_FilePages{node="0"} 84073881600
    # HELP node_memory_numa_HugePages_Free Memory information field HugePages_Free.
    # TYPE node_memory_numa_HugePages_Free gauge
    node_memory_numa_HugePages_Free{node="0"} 12
    node_memory_numa_HugePages_Free{node="1"} 512
    # HELP node_memory_numa_HugePages_Surp Memory information field HugePages_Surp.
    # TYPE node_memory_numa_HugePages_Surp gauge
    node_memory_numa_HugePages_Surp{node="0"} 0
    node_memory_numa_HugePages_Surp{node="1"} 0
    # HELP node_memory_numa_HugePages_Total Memory information field HugePages_Total.
    # TYPE node_memory_numa_HugePages_Total gauge
    node_memory_numa_HugePages_Total{node="0"} 512
    node_memory_numa_HugePages_Total{node="1"} 512
    # HELP node_memory_numa_Inactive Memory information field Inactive.
    # TYPE node_memory_numa_Inactive gauge
    node_memory_numa_Inactive{node="0"} 62474465280
    # HELP node_memory_numa_Inactive_file Memory information field Inactive_file.
    # TYPE node_memory_numa_Inactive_file gauge
    node_memory_numa_Inactive_file{node="0"} 41982775296
    # HELP node_memory_numa_KReclaimable Memory information field KReclaimable.
    # TYPE node_memory_numa_KReclaimable gauge
    node_memory_numa_KReclaimable{node="0"} 8314920960
    # HELP node_memory_numa_MemFree Memory information field MemFree.
    # TYPE node_memory_numa_MemFree gauge
    node_memory_numa_MemFree{node="0"} 3606462464
    node_memory_numa_MemFree{node="1"} 100570521600
    # HELP node_memory_numa_MemTotal Memory information field MemTotal.
    # TYPE node_memory_numa_MemTotal gauge
    node_memory_numa_MemTotal{node="0"} 135064215552
    node_memory_numa_MemTotal{node="1"} 135289364480
    # HELP node_memory_numa_MemUsed Memory information field MemUsed.
    # TYPE node_memory_numa_MemUsed gauge
    node_memory_numa_MemUsed{node="0"} 131457753088
    node_memory_numa_MemUsed{node="1"} 34718842880
    # HELP node_memory_numa_SReclaimable Memory information field SReclaimable.
    # TYPE node_memory_numa_SReclaimable gauge
    node_memory_numa_SReclaimable{node="0"} 8314920960
    # HELP node_memory_numa_Slab Memory information field Slab.
    # TYPE node_memory_numa_Slab gauge
    node_memory_numa_Slab{node="0"} 10220830720
    # HELP node_memory_numa_SwapCached Memory information field SwapCached.
    # TYPE node_memory_numa_SwapCached gauge
    node_memory_numa_SwapCached{node="0"} 1232896
    # HELP node_memory_numa_interleave_hit_total Memory information field interleave_hit_total.
    # TYPE node_memory_numa_interleave_hit_total counter
    node_memory_numa_interleave_hit_total{node="0"} 57286
    node_memory_numa_interleave_hit_total{node="1"} 57305
    # HELP node_memory_numa_local_node_total Memory information field local_node_total.
    # TYPE node_memory_numa_local_node_total counter
    node_memory_numa_local_node_total{node="0"} 46852601302
    node_memory_numa_local_node_total{node="1"} 326719033
    # HELP node_memory_numa_numa_foreign_total Memory information field numa_foreign_total.
    # TYPE node_memory_numa_numa_foreign_total counter
    node_memory_numa_numa_foreign_total{node="0"} 5986586
    node_memory_numa_numa_foreign_total{node="1"} 0
    # HELP node_memory_numa_numa_hit_total Memory information field numa_hit_total.
    # TYPE node_memory_numa_numa_hit_total counter
    node_memory_numa_numa_hit_total{node="0"} 46852634821
    node_memory_numa_numa_hit_total{node="1"} 9007199254740992
    # HELP node_memory_numa_numa_miss_total Memory information field numa_miss_total.
    # TYPE node_memory_numa_numa_miss_total counter
    node_memory_numa_numa_miss_total{node="0"} 0
    node_memory_numa_numa_miss_total{node="1"} 5986586
    # HELP node_memory_numa_other_node_total Memory information field other_node_total.
    # TYPE node_memory_numa_other_node_total counter
    node_memory_numa_other_node_total{node="0"} 33519
    node_memory_numa_other_node_total{node="1"} 59866012
  `);
});

test('loses only the file that cannot be read', async () => {
  const host = systemOf(server);
  const sys = failing(host.sys, { 'devices/system/node/node0/meminfo': 'EIO' });

  const scrape = await expose(meminfoNuma, { ...host, sys });

  expect(scrape).not.toContain('node_memory_numa_MemTotal{node="0"}');
  expect(scrape).toContain('node_memory_numa_MemTotal{node="1"} 135289364480\n');
  expect(scrape).toContain('node_memory_numa_numa_hit_total{node="0"} 46852634821\n');
});

test('has nothing to report on a kernel without NUMA', async () => {
  expect(await expose(meminfoNuma, sceneOf(''))).toBe('');
});

test('reads what has no unit as it is, and leaves out a torn line', () => {
  const fields = parseNodeMeminfo(
    'Node 0 HugePages_Free:    12\nNode 0 MemFree:   40137\nNode 0 Dirty:   8 kB\nNode 0',
  );

  expect([...fields]).toEqual([
    ['HugePages_Free', 12],
    ['MemFree', 40137],
    ['Dirty', 8192],
  ]);
});

test('leaves out torn lines of numastat', () => {
  expect([...parseNumastat('numa_hit 5\nnuma_miss\nnuma_foreign x\n')]).toEqual([['numa_hit', 5]]);
});
