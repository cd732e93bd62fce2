import { expect, test } from 'vitest';
import { bonding } from '../../../collectors/host/bonding.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = (): string => sceneFolder('rich-server', ['bonding']);

test('counts the links of each bond and those that are up', async () => {
  const scrape = await expose(bonding, server());

  expect(scrape).toBe(text`
    # HELP node_bonding_active Number of active slaves per bonding interface.
    # TYPE node_bonding_active gauge
    node_bonding_active{master="bond0"} 1
    node_bonding_active{master="bond1"} 0
    # HELP node_bonding_slaves Number of configured slaves per bonding interface.
    # TYPE node_bonding_slaves gauge
    node_bonding_slaves{master="bond0"} 2
    node_bonding_slaves{master="bond1"} 0
  `);
});

test('does not count as down a link whose state cannot be read', async () => {
  const system = systemOf(server());
  const sys = failing(system.sys, { 'class/net/bond0/lower_eno1/bonding_slave/mii_status': 'EIO' });
  const scrape = await expose(bonding, { ...system, sys });

  expect(scrape.match(/^node.*$/gm)).toEqual([
    'node_bonding_active{master="bond1"} 0',
    'node_bonding_slaves{master="bond0"} 2',
    'node_bonding_slaves{master="bond1"} 0',
  ]);
});

test('a bond that cannot be read is left out alone', async () => {
  const system = systemOf(server());
  const sys = failing(system.sys, { 'class/net/bond0/bonding/slaves': 'ENOENT' });
  const scrape = await expose(bonding, { ...system, sys });

  expect(scrape.match(/master="[^"]*"/g)).toEqual(['master="bond1"', 'master="bond1"']);
});

test('a host without the driver has nothing to report', async () => {
  await expect(expose(bonding, sceneOf(''))).rejects.toThrow(/not loaded/);
});
