import { expect, test } from 'vitest';
import { mdadm, parseMdstat } from '../../../collectors/host/mdadm.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports arrays of all kinds', async () => {
  expect(await expose(mdadm, sceneFolder('rich-server', ['mdadm']))).toBe(text`
    # HELP node_md_blocks Total number of blocks on device.
    # TYPE node_md_blocks gauge
    node_md_blocks{device="md0"} 3906886464
    node_md_blocks{device="md1"} 1953260544
    node_md_blocks{device="md2"} 523968
    node_md_blocks{device="md3"} 390620288
    node_md_blocks{device="md4"} 1953258496
    node_md_blocks{device="md5"} 5032
    node_md_blocks{device="md6"} 976508928
    node_md_blocks{device="md7"} 1046528
    # HELP node_md_blocks_synced Number of blocks synced on device.
    # TYPE node_md_blocks_synced gauge
    node_md_blocks_synced{device="md0"} 3906886464
    node_md_blocks_synced{device="md1"} 123456789
    node_md_blocks_synced{device="md2"} 0
    node_md_blocks_synced{device="md3"} 33554432
    node_md_blocks_synced{device="md4"} 1953258496
    node_md_blocks_synced{device="md5"} 5032
    node_md_blocks_synced{device="md6"} 5943296
    node_md_blocks_synced{device="md7"} 1046528
    # HELP node_md_degraded Number of degraded disks on device.
    # TYPE node_md_degraded gauge
    node_md_degraded{device="md0"} 0
    node_md_degraded{device="md1"} 1
    node_md_degraded{device="md4"} 0
    node_md_degraded{device="md6"} 0
    # HELP node_md_disks Number of active/failed/spare disks of device.
    # TYPE node_md_disks gauge
    node_md_disks{device="md0",state="active"} 2
    node_md_disks{device="md0",state="failed"} 0
    node_md_disks{device="md0",state="spare"} 0
    node_md_disks{device="md1",state="active"} 2
    node_md_disks{device="md1",state="failed"} 1
    node_md_disks{device="md1",state="spare"} 1
    node_md_disks{device="md2",state="active"} 2
    node_md_disks{device="md2",state="failed"} 0
    node_md_disks{device="md2",state="spare"} 0
    node_md_disks{device="md3",state="active"} 4
    node_md_disks{device="md3",state="failed"} 0
    node_md_disks{device="md3",state="spare"} 0
    node_md_disks{device="md4",state="active"} 2
    node_md_disks{device="md4",state="failed"} 0
    node_md_disks{device="md4",state="spare"} 0
    node_md_disks{device="md5",state="active"} 0
    node_md_disks{device="md5",state="failed"} 0
    node_md_disks{device="md5",state="spare"} 1
    node_md_disks{device="md6",state="active"} 4
    node_md_disks{device="md6",state="failed"} 0
    node_md_disks{device="md6",state="spare"} 0
    node_md_disks{device="md7",state="failed"} 0
    node_md_disks{device="md7",state="spare"} 0
    # HELP node_md_disks_required Total number of disks of device.
    # TYPE node_md_disks_required gauge
    node_md_disks_required{device="md0"} 2
    node_md_disks_required{device="md1"} 3
    node_md_disks_required{device="md2"} 2
    node_md_disks_required{device="md3"} 4
    node_md_disks_required{device="md4"} 2
    node_md_disks_required{device="md5"} 0
    node_md_disks_required{device="md6"} 4
    # HELP node_md_raid_disks Number of raid disks on device.
    # TYPE node_md_raid_disks gauge
    node_md_raid_disks{device="md0"} 2
    node_md_raid_disks{device="md1"} 3
    node_md_raid_disks{device="md4"} 2
    node_md_raid_disks{device="md6"} 5
    # HELP node_md_state Indicates the state of md-device.
    # TYPE node_md_state gauge
    node_md_state{device="md0",state="active"} 1
    node_md_state{device="md0",state="inactive"} 0
    node_md_state{device="md0",state="recovering"} 0
    node_md_state{device="md0",state="resync"} 0
    node_md_state{device="md0",state="check"} 0
    node_md_state{device="md1",state="active"} 0
    node_md_state{device="md1",state="inactive"} 0
    node_md_state{device="md1",state="recovering"} 1
    node_md_state{device="md1",state="resync"} 0
    node_md_state{device="md1",state="check"} 0
    node_md_state{device="md2",state="active"} 0
    node_md_state{device="md2",state="inactive"} 0
    node_md_state{device="md2",state="recovering"} 0
    node_md_state{device="md2",state="resync"} 1
    node_md_state{device="md2",state="check"} 0
    node_md_state{device="md3",state="active"} 0
    node_md_state{device="md3",state="inactive"} 0
    node_md_state{device="md3",state="recovering"} 0
    node_md_state{device="md3",state="resync"} 0
    node_md_state{device="md3",state="check"} 1
    node_md_state{device="md4",state="active"} 1
    node_md_state{device="md4",state="inactive"} 0
    node_md_state{device="md4",state="recovering"} 0
    node_md_state{device="md4",state="resync"} 0
    node_md_state{device="md4",state="check"} 0
    node_md_state{device="md5",state="active"} 0
    node_md_state{device="md5",state="inactive"} 1
    node_md_state{device="md5",state="recovering"} 0
    node_md_state{device="md5",state="resync"} 0
    node_md_state{device="md5",state="check"} 0
    node_md_state{device="md6",state="active"} 0
    node_md_state{device="md6",state="inactive"} 0
    node_md_state{device="md6",state="recovering"} 0
    node_md_state{device="md6",state="resync"} 0
    node_md_state{device="md6",state="check"} 0
    node_md_state{device="md7",state="active"} 1
    node_md_state{device="md7",state="inactive"} 0
    node_md_state{device="md7",state="recovering"} 0
    node_md_state{device="md7",state="resync"} 0
    node_md_state{device="md7",state="check"} 0
  `);
});

test('reports nothing on a host without arrays', () => {
  expect(parseMdstat('Personalities : \nunused devices: <none>\n')).toEqual([]);
});

const end = '\nunused devices: <none>\n';

test.each([
  ['resync=DELAYED', { state: 'resync', synced: 0 }],
  ['resync=REMOTE', { state: 'resync', synced: 0 }],
  ['[=>..]  resync = 10.0% (52396/523968) finish=1.0min speed=1K/sec', { state: 'resync', synced: 52396 }],
  ['[=>..]  recovery = 10.0% (torn', { state: 'recovering', synced: undefined }],
])('tells how far a synchronisation is: %s', (line, expected) => {
  const mdstat = `md2 : active raid1 sdh1[1] sdg1[0]\n      523968 blocks super 1.2 [2/2] [UU]\n      ${line}\n${end}`;

  expect(parseMdstat(mdstat)).toMatchObject([expected]);
});

test.each(['md0 : active raid1 sda1[0]\n', 'md0 : active raid1 sda1[0]\n      x blocks [2/2] [UU]\n'])(
  'refuses an array without a size: %j',
  (torn) => {
    expect(() => parseMdstat(torn + end)).toThrow(/mdstat: md0/);
  },
);

test.each(['container', 'raid0', 'linear', ''])('an array of level %j cannot be degraded', async (level) => {
  const host = sceneOf(`== proc/mdstat\nunused devices: <none>\n== sys/block/md127/md/level\n${level}\n`);

  expect(await expose(mdadm, host)).toContain('node_md_degraded{device="md127"} 0\n');
});

test.each(['raid1', 'raid10'])(
  'does not know how many disks an array of level %s lacks without being told',
  async (level) => {
    const host = sceneOf(`== proc/mdstat\nunused devices: <none>\n== sys/block/md127/md/level\n${level}\n`);

    expect(await expose(mdadm, host)).toBe('');
  },
);

test('loses only the attribute that cannot be read', async () => {
  const system = systemOf(sceneFolder('rich-server', ['mdadm']));
  const scrape = await expose(mdadm, { ...system, sys: failing(system.sys, { 'block/md1/md/degraded': 'EIO' }) });

  expect(scrape).not.toContain('node_md_degraded{device="md1"}');
  expect(scrape).toContain('node_md_raid_disks{device="md1"} 3\n');
});

test('says which file is missing', async () => {
  await expect(expose(mdadm, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});

test('leaves out the last array where the text ends before it is over', () => {
  const text = 'Personalities : [raid1]\nmd0 : active raid1 sdb1[1] sda1[0]\n      97536 blocks [2/2] [UU]\n      \n';
  const rest = 'md1 : active raid1 sdb2[1] sda2[0]\n      390624 blocks [2/2] [UU]\n';

  expect(parseMdstat(text + rest).map(({ device }) => device)).toEqual(['md0']);
  expect(parseMdstat(`${text}${rest}      \nunused devices: <none>\n`).map(({ device }) => device)).toEqual([
    'md0',
    'md1',
  ]);
});
