import { expect, test } from 'vitest';
import { arp, parseArp } from '../../../collectors/host/arp.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = (): string => sceneFolder('rich-server', ['arp']);

test('counts the entries of each device, those without an answer too', async () => {
  const scrape = await expose(arp, server());

  expect(scrape).toBe(text`
    # HELP node_arp_entries ARP entries by device
    # TYPE node_arp_entries gauge
    node_arp_entries{device="bond0"} 2
    node_arp_entries{device="br-lan"} 1
  `);
});

test.each([
  [{ device_include: '^bond' }, ['bond0']],
  [{ device_exclude: '^bond' }, ['br-lan']],
])('%j chooses devices by name', async (options, devices) => {
  const scrape = await expose(arp, server(), options);

  expect(Array.from(scrape.matchAll(/device="([^"]*)"/g), ([, device]) => device)).toEqual(devices);
});

test('an empty table is no failure', async () => {
  expect(await expose(arp, sceneOf('== proc/net/arp\nIP address       HW type     Flags\n'))).toBe('');
});

test('says which file is missing', async () => {
  await expect(expose(arp, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});

test('refuses a torn line', () => {
  expect(() => parseArp('IP address\n192.0.2.1 0x1 0x2\n')).toThrow(/net\/arp/);
});
