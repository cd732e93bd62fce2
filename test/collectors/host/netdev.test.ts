import { describe, expect, test } from 'vitest';
import { addressSamples, netdev, parseNetDev } from '../../../collectors/host/netdev.ts';
import { Encoder } from '../../../src/exposition/encode.ts';
import { formatBlocks } from '../../../src/exposition/format.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const vm = (): string => sceneFolder('minimal-vm', ['netdev']);
const server = (): string => sceneFolder('rich-server', ['netdev']);

/** The lines of a scrape that match, for a test of a few series among many. */
const matching = (scrape: string, pattern: RegExp): string[] => scrape.split('\n').filter((line) => pattern.test(line));

test('reports the counters of each device, and the one that /proc/net/dev lacks', async () => {
  const scrape = await expose(netdev, vm());

  expect(scrape).toBe(text`
    # HELP node_network_receive_bytes_total Network device statistic receive_bytes.
    # TYPE node_network_receive_bytes_total counter
    node_network_receive_bytes_total{device="lo"} 3193
    node_network_receive_bytes_total{device="eth0"} 305772286
    # HELP node_network_receive_compressed_total Network device statistic receive_compressed.
    # TYPE node_network_receive_compressed_total counter
    node_network_receive_compressed_total{device="lo"} 0
    node_network_receive_compressed_total{device="eth0"} 0
    # HELP node_network_receive_drop_total Network device statistic receive_drop.
    # TYPE node_network_receive_drop_total counter
    node_network_receive_drop_total{device="lo"} 0
    node_network_receive_drop_total{device="eth0"} 0
    # HELP node_network_receive_errs_total Network device statistic receive_errs.
    # TYPE node_network_receive_errs_total counter
    node_network_receive_errs_total{device="lo"} 0
    node_network_receive_errs_total{device="eth0"} 0
    # HELP node_network_receive_fifo_total Network device statistic receive_fifo.
    # TYPE node_network_receive_fifo_total counter
    node_network_receive_fifo_total{device="lo"} 0
    node_network_receive_fifo_total{device="eth0"} 0
    # HELP node_network_receive_frame_total Network device statistic receive_frame.
    # TYPE node_network_receive_frame_total counter
    node_network_receive_frame_total{device="lo"} 0
    node_network_receive_frame_total{device="eth0"} 0
    # HELP node_network_receive_multicast_total Network device statistic receive_multicast.
    # TYPE node_network_receive_multicast_total counter
    node_network_receive_multicast_total{device="lo"} 0
    node_network_receive_multicast_total{device="eth0"} 0
    # HELP node_network_receive_nohandler_total Network device statistic receive_nohandler.
    # TYPE node_network_receive_nohandler_total counter
    node_network_receive_nohandler_total{device="lo"} 0
    node_network_receive_nohandler_total{device="eth0"} 0
    # HELP node_network_receive_packets_total Network device statistic receive_packets.
    # TYPE node_network_receive_packets_total counter
    node_network_receive_packets_total{device="lo"} 29
    node_network_receive_packets_total{device="eth0"} 8587
    # HELP node_network_transmit_bytes_total Network device statistic transmit_bytes.
    # TYPE node_network_transmit_bytes_total counter
    node_network_transmit_bytes_total{device="lo"} 3193
    node_network_transmit_bytes_total{device="eth0"} 872133
    # HELP node_network_transmit_carrier_total Network device statistic transmit_carrier.
    # TYPE node_network_transmit_carrier_total counter
    node_network_transmit_carrier_total{device="lo"} 0
    node_network_transmit_carrier_total{device="eth0"} 0
    # HELP node_network_transmit_colls_total Network device statistic transmit_colls.
    # TYPE node_network_transmit_colls_total counter
    node_network_transmit_colls_total{device="lo"} 0
    node_network_transmit_colls_total{device="eth0"} 0
    # HELP node_network_transmit_compressed_total Network device statistic transmit_compressed.
    # TYPE node_network_transmit_compressed_total counter
    node_network_transmit_compressed_total{device="lo"} 0
    node_network_transmit_compressed_total{device="eth0"} 0
    # HELP node_network_transmit_drop_total Network device statistic transmit_drop.
    # TYPE node_network_transmit_drop_total counter
    node_network_transmit_drop_total{device="lo"} 0
    node_network_transmit_drop_total{device="eth0"} 0
    # HELP node_network_transmit_errs_total Network device statistic transmit_errs.
    # TYPE node_network_transmit_errs_total counter
    node_network_transmit_errs_total{device="lo"} 0
    node_network_transmit_errs_total{device="eth0"} 0
    # HELP node_network_transmit_fifo_total Network device statistic transmit_fifo.
    # TYPE node_network_transmit_fifo_total counter
    node_network_transmit_fifo_total{device="lo"} 0
    node_network_transmit_fifo_total{device="eth0"} 0
    # HELP node_network_transmit_packets_total Network device statistic transmit_packets.
    # TYPE node_network_transmit_packets_total counter
    node_network_transmit_packets_total{device="lo"} 29
    node_network_transmit_packets_total{device="eth0"} 5952
  `);
});

test('reads each column of a busy server, 64-bit counters near their top among them', async () => {
  const scrape = await expose(netdev, server(), { device_include: '^eno1$' });

  expect(matching(scrape, /^node/)).toEqual([
    'node_network_receive_bytes_total{device="eno1"} 18446744073709552000',
    'node_network_receive_compressed_total{device="eno1"} 0',
    'node_network_receive_drop_total{device="eno1"} 17',
    'node_network_receive_errs_total{device="eno1"} 3',
    'node_network_receive_fifo_total{device="eno1"} 2',
    'node_network_receive_frame_total{device="eno1"} 1',
    'node_network_receive_multicast_total{device="eno1"} 48211',
    'node_network_receive_nohandler_total{device="eno1"} 12',
    'node_network_receive_packets_total{device="eno1"} 9007199254740992',
    'node_network_transmit_bytes_total{device="eno1"} 71234567890123',
    'node_network_transmit_carrier_total{device="eno1"} 0',
    'node_network_transmit_colls_total{device="eno1"} 0',
    'node_network_transmit_compressed_total{device="eno1"} 0',
    'node_network_transmit_drop_total{device="eno1"} 5',
    'node_network_transmit_errs_total{device="eno1"} 0',
    'node_network_transmit_fifo_total{device="eno1"} 0',
    'node_network_transmit_packets_total{device="eno1"} 61234567890',
  ]);
});

test('the name of a device may hold a colon', async () => {
  const scrape = await expose(netdev, sceneOf('== proc/net/dev\na\nb\nib0:1: 5 1 0 0 0 0 0 0 6 2 0 0 0 0 0 0\n'));

  expect(matching(scrape, /_bytes_total\{/)).toEqual([
    'node_network_receive_bytes_total{device="ib0:1"} 5',
    'node_network_transmit_bytes_total{device="ib0:1"} 6',
  ]);
});

test('a name that fills its column leaves no blank before the first counter', async () => {
  const scrape = await expose(netdev, server());

  expect(scrape).toContain('node_network_receive_bytes_total{device="bond0.120"} 1234567\n');
  expect(scrape).toContain('node_network_transmit_carrier_total{device="bond0"} 4\n');
});

test.each([
  ['device_include', '^eth', ['eth0']],
  ['device_exclude', '^eth', ['lo']],
  ['device_whitelist', '^eth', ['eth0']],
  ['device_blacklist', '^eth', ['lo']],
])('%s chooses devices by name', async (option, pattern, devices) => {
  const scrape = await expose(netdev, vm(), { [option]: pattern });

  expect(matching(scrape, /receive_bytes_total\{/).map((line) => /"(.*)"/.exec(line)![1])).toEqual(devices);
});

describe('enable_detailed_metrics', () => {
  test("reports each of the kernel's own counters", async () => {
    const scrape = await expose(netdev, server(), { device_include: '^eno1$', enable_detailed_metrics: true });

    expect(matching(scrape, /^node/)).toEqual([
      'node_network_collisions_total{device="eno1"} 0',
      'node_network_multicast_total{device="eno1"} 48211',
      'node_network_receive_bytes_total{device="eno1"} 18446744073709552000',
      'node_network_receive_compressed_total{device="eno1"} 0',
      'node_network_receive_crc_errors_total{device="eno1"} 1',
      'node_network_receive_dropped_total{device="eno1"} 10',
      'node_network_receive_errors_total{device="eno1"} 3',
      'node_network_receive_fifo_errors_total{device="eno1"} 2',
      'node_network_receive_frame_errors_total{device="eno1"} 0',
      'node_network_receive_length_errors_total{device="eno1"} 0',
      'node_network_receive_missed_errors_total{device="eno1"} 7',
      'node_network_receive_nohandler_total{device="eno1"} 12',
      'node_network_receive_over_errors_total{device="eno1"} 0',
      'node_network_receive_packets_total{device="eno1"} 9007199254740992',
      'node_network_transmit_aborted_errors_total{device="eno1"} 0',
      'node_network_transmit_bytes_total{device="eno1"} 71234567890123',
      'node_network_transmit_carrier_errors_total{device="eno1"} 0',
      'node_network_transmit_compressed_total{device="eno1"} 0',
      'node_network_transmit_dropped_total{device="eno1"} 5',
      'node_network_transmit_errors_total{device="eno1"} 0',
      'node_network_transmit_fifo_errors_total{device="eno1"} 0',
      'node_network_transmit_heartbeat_errors_total{device="eno1"} 0',
      'node_network_transmit_packets_total{device="eno1"} 61234567890',
      'node_network_transmit_window_errors_total{device="eno1"} 0',
    ]);
  });

  test('spells errors and drops out where only /proc/net/dev is wanted', async () => {
    const options = { device_include: '^eno1$', enable_detailed_metrics: true, netlink: false };
    const scrape = await expose(netdev, server(), options);

    expect(matching(scrape, /^node.*(?:err|drop|frame|colls|multicast)/)).toEqual([
      'node_network_receive_dropped_total{device="eno1"} 17',
      'node_network_receive_errors_total{device="eno1"} 3',
      'node_network_receive_frame_total{device="eno1"} 1',
      'node_network_receive_multicast_total{device="eno1"} 48211',
      'node_network_transmit_colls_total{device="eno1"} 0',
      'node_network_transmit_dropped_total{device="eno1"} 5',
      'node_network_transmit_errors_total{device="eno1"} 0',
    ]);
  });
});

test('netlink: false reports what /proc/net/dev has and no more', async () => {
  const scrape = await expose(netdev, vm(), { netlink: false });

  expect(matching(scrape, /^# TYPE/)).toHaveLength(16);
  expect(scrape).not.toContain('nohandler');
});

test('label_ifalias adds the name that the operator gave', async () => {
  const scrape = await expose(netdev, server(), { label_ifalias: true });

  expect(matching(scrape, /^node_network_receive_drop_total/)).toEqual([
    'node_network_receive_drop_total{device="lo",ifalias=""} 0',
    String.raw`node_network_receive_drop_total{device="eno1",ifalias="uplink to \"tor-a\" port 17"} 17`,
    'node_network_receive_drop_total{device="eno2",ifalias=""} 0',
    'node_network_receive_drop_total{device="bond0",ifalias=""} 17',
    'node_network_receive_drop_total{device="bond0.120"} 0',
  ]);
});

test('an unreadable statistic loses that statistic only', async () => {
  const system = systemOf(vm());
  const scrape = await expose(netdev, {
    ...system,
    sys: failing(system.sys, { 'class/net/eth0/statistics/rx_nohandler': 'EIO' }),
  });

  expect(matching(scrape, /nohandler_total\{/)).toEqual(['node_network_receive_nohandler_total{device="lo"} 0']);
  expect(scrape).toContain('node_network_receive_packets_total{device="eth0"} 8587');
});

test('address_info lists addresses with their prefix and scope, each once', () => {
  const rest = { netmask: '', mac: '00:00:00:00:00:00', internal: false };
  const v4 = (cidr: string | null) => ({ ...rest, family: 'IPv4' as const, address: cidr?.split('/')[0] ?? '', cidr });
  const v6 = (cidr: string) => ({ ...rest, family: 'IPv6' as const, scopeid: 0, address: cidr.split('/')[0]!, cidr });
  const samples = addressSamples({
    lo: [v4('127.0.0.1/8'), v6('::1/128')],
    eth0: [v4('192.0.2.7/24'), v6('fe80::1/64'), v6('2001:db8::7/64')],
    'eth0:backup': [v4('198.51.100.9/32'), v4('198.51.100.9/32'), v4(null)],
  });

  expect(formatBlocks(new Encoder().encode(samples))).toBe(text`
    # HELP node_network_address_info node network address by device
    # TYPE node_network_address_info gauge
    node_network_address_info{address="127.0.0.1",device="lo",netmask="8",scope="link-local"} 1
    node_network_address_info{address="::1",device="lo",netmask="128",scope="link-local"} 1
    node_network_address_info{address="192.0.2.7",device="eth0",netmask="24",scope="global"} 1
    node_network_address_info{address="fe80::1",device="eth0",netmask="64",scope="link-local"} 1
    node_network_address_info{address="2001:db8::7",device="eth0",netmask="64",scope="global"} 1
    node_network_address_info{address="198.51.100.9",device="eth0",netmask="32",scope="global"} 1
  `);
});

test('address_info is part of the scrape only where it is asked for', async () => {
  expect(await expose(netdev, vm())).not.toContain('address_info');
  expect(await expose(netdev, vm(), { address_info: true })).toContain(
    'node_network_address_info{address="127.0.0.1",device="lo",netmask="8",scope="link-local"} 1\n',
  );
});

test('says which file is missing', async () => {
  await expect(expose(netdev, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});

describe('parseNetDev', () => {
  const header = 'Inter-|   Receive |  Transmit\n face |bytes |bytes\n';

  test('a host without devices has an empty list', () => {
    expect(parseNetDev(Buffer.from(header))).toEqual([]);
  });

  test.each([
    ['no header', ''],
    ['half a header', 'Inter-|   Receive |  Transmit\n'],
    ['a line without a name', `${header}12 12\n`],
    ['a line cut short', `${header}eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15`],
    ['a counter that is no number', `${header}eth0: 1 2 3 4 5 6 7 8 x 10 11 12 13 14 15 16\n`],
    ['a long counter that is no number', `${header}eth0: 0x11111111111111111 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n`],
    ['a negative counter', `${header}eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 -1\n`],
  ])('refuses %s', (_, torn) => {
    expect(() => parseNetDev(Buffer.from(torn))).toThrow(/net\/dev/);
  });
});
