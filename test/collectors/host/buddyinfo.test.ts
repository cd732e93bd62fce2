import { expect, test } from 'vitest';
import { buddyinfo, parseBuddyinfo } from '../../../collectors/host/buddyinfo.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports free blocks by node, zone and size', async () => {
  expect(await expose(buddyinfo, sceneFolder('rich-server', ['buddyinfo']))).toBe(text`
    # HELP node_buddyinfo_blocks Count of free blocks according to size.
    # TYPE node_buddyinfo_blocks gauge
    node_buddyinfo_blocks{node="0",size="0",zone="DMA"} 1
    node_buddyinfo_blocks{node="0",size="1",zone="DMA"} 1
    node_buddyinfo_blocks{node="0",size="2",zone="DMA"} 1
    node_buddyinfo_blocks{node="0",size="3",zone="DMA"} 0
    node_buddyinfo_blocks{node="0",size="4",zone="DMA"} 2
    node_buddyinfo_blocks{node="0",size="5",zone="DMA"} 1
    node_buddyinfo_blocks{node="0",size="6",zone="DMA"} 1
    node_buddyinfo_blocks{node="0",size="7",zone="DMA"} 0
    node_buddyinfo_blocks{node="0",size="8",zone="DMA"} 1
    node_buddyinfo_blocks{node="0",size="9",zone="DMA"} 1
    node_buddyinfo_blocks{node="0",size="10",zone="DMA"} 3
    node_buddyinfo_blocks{node="0",size="0",zone="DMA32"} 759
    node_buddyinfo_blocks{node="0",size="1",zone="DMA32"} 572
    node_buddyinfo_blocks{node="0",size="2",zone="DMA32"} 791
    node_buddyinfo_blocks{node="0",size="3",zone="DMA32"} 475
    node_buddyinfo_blocks{node="0",size="4",zone="DMA32"} 194
    node_buddyinfo_blocks{node="0",size="5",zone="DMA32"} 45
    node_buddyinfo_blocks{node="0",size="6",zone="DMA32"} 12
    node_buddyinfo_blocks{node="0",size="7",zone="DMA32"} 0
    node_buddyinfo_blocks{node="0",size="8",zone="DMA32"} 0
    node_buddyinfo_blocks{node="0",size="9",zone="DMA32"} 0
    node_buddyinfo_blocks{node="0",size="10",zone="DMA32"} 0
    node_buddyinfo_blocks{node="0",size="0",zone="Normal"} 4381
    node_buddyinfo_blocks{node="0",size="1",zone="Normal"} 1093
    node_buddyinfo_blocks{node="0",size="2",zone="Normal"} 185
    node_buddyinfo_blocks{node="0",size="3",zone="Normal"} 1530
    node_buddyinfo_blocks{node="0",size="4",zone="Normal"} 567
    node_buddyinfo_blocks{node="0",size="5",zone="Normal"} 102
    node_buddyinfo_blocks{node="0",size="6",zone="Normal"} 4
    node_buddyinfo_blocks{node="0",size="7",zone="Normal"} 0
    node_buddyinfo_blocks{node="0",size="8",zone="Normal"} 0
    node_buddyinfo_blocks{node="0",size="9",zone="Normal"} 0
    node_buddyinfo_blocks{node="0",size="10",zone="Normal"} 0
    node_buddyinfo_blocks{node="1",size="0",zone="Normal"} 20
    node_buddyinfo_blocks{node="1",size="1",zone="Normal"} 12
    node_buddyinfo_blocks{node="1",size="2",zone="Normal"} 8
    node_buddyinfo_blocks{node="1",size="3",zone="Normal"} 4
    node_buddyinfo_blocks{node="1",size="4",zone="Normal"} 2
    node_buddyinfo_blocks{node="1",size="5",zone="Normal"} 1
    node_buddyinfo_blocks{node="1",size="6",zone="Normal"} 0
    node_buddyinfo_blocks{node="1",size="7",zone="Normal"} 3
    node_buddyinfo_blocks{node="1",size="8",zone="Normal"} 1
    node_buddyinfo_blocks{node="1",size="9",zone="Normal"} 1
    node_buddyinfo_blocks{node="1",size="10",zone="Normal"} 24201
  `);
});

test('says which file is missing', async () => {
  await expect(expose(buddyinfo, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});

test.each(['Node 0, zone', 'Node 0, zone   DMA', 'Node 0, zone   DMA   1  x  3', 'MemTotal: 12 kB'])(
  'refuses a torn line: %j',
  (torn) => {
    expect(() => parseBuddyinfo(torn)).toThrow(/buddyinfo/);
  },
);
