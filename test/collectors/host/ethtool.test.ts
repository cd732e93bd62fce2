import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ethtool, infoSamples, statisticSamples } from '../../../collectors/host/ethtool.ts';
import { linkSamples } from '../../../collectors/host/ethtool/link.ts';
import { Encoder } from '../../../src/exposition/encode.ts';
import { formatBlocks } from '../../../src/exposition/format.ts';
import { expose } from '../../support/expose.ts';
import { sceneOf } from '../../support/scene.ts';

const settings = `Settings for eno1:
	Supported ports: [ TP	 FIBRE ]
	Supported link modes:   1000baseT/Half 1000baseT/Full
	                        10000baseT/Full
	                        10000baseR_FEC
	Supported pause frame use: Symmetric Receive-only
	Supports auto-negotiation: Yes
	Supported FEC modes: Not reported
	Advertised link modes:  1000baseT/Full
	Advertised pause frame use: No
	Advertised auto-negotiation: Yes
	Advertised FEC modes: Not reported
	Link partner advertised link modes:  100baseT/Full
	Speed: 1000Mb/s
	Duplex: Full
	Auto-negotiation: off
	Link detected: yes
`;
const driver = `driver: ixgbe
version: 6.1.0
firmware-version: 0x80000d2c, 1.1824.0
expansion-rom-version: 
bus-info: 0000:3b:00.0
supports-statistics: yes
`;
const statistics = `NIC statistics:
     rx_packets: 1260062
     tx_errors: 18446744073709551615
     queue[0]: rx-drops: 7
     port.rx_dropped: 12028
     multi  word: 3
     multi_word: 4
`;

const pathBefore = process.env['PATH'];
afterEach(() => {
  process.env['PATH'] = pathBefore;
});

/** A host whose `ethtool` knows one of its two devices. */
function host(): string {
  const folder = sceneOf(
    `=/ sys/class/net/eno1\n=/ sys/class/net/veth0\n== sys/class/net/bonding_masters\n\n` +
      `== settings\n${settings}\n== driver\n${driver}\n== statistics\n${statistics}\n`,
  );
  const script = `cd ${folder}
case "$*" in
  eno1) cat settings;;
  '-i eno1') cat driver;;
  '-S eno1') cat statistics;;
  *) echo "no stats available" >&2; exit 94;;
esac`;
  writeFileSync(join(folder, 'ethtool'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'ethtool'), 0o755);
  process.env['PATH'] = `${folder}:${pathBefore}`;
  return folder;
}

test('reports link modes, versions and statistics of the devices whose drivers tell them', async () => {
  const scrape = await expose(ethtool, host());

  expect(scrape.match(/^node.*$/gm)).toEqual([
    'node_ethtool_info{bus_info="0000:3b:00.0",device="eno1",driver="ixgbe",expansion_rom_version="",firmware_version="0x80000d2c, 1.1824.0",version="6.1.0"} 1',
    'node_ethtool_port_received_dropped{device="eno1"} 12028',
    'node_ethtool_queue_0_received_drops{device="eno1"} 7',
    'node_ethtool_received_packets_total{device="eno1"} 1260062',
    'node_ethtool_transmitted_errors_total{device="eno1"} 18446744073709552000',
    'node_network_advertised_speed_bytes{device="eno1",duplex="full",mode="1000baseT"} 125000000',
    'node_network_asymmetricpause_advertised{device="eno1"} 0',
    'node_network_asymmetricpause_supported{device="eno1"} 1',
    'node_network_autonegotiate{device="eno1"} 0',
    'node_network_autonegotiate_advertised{device="eno1"} 1',
    'node_network_autonegotiate_supported{device="eno1"} 1',
    'node_network_pause_advertised{device="eno1"} 0',
    'node_network_pause_supported{device="eno1"} 1',
    'node_network_supported_port_info{device="eno1",type="TP"} 1',
    'node_network_supported_port_info{device="eno1",type="FIBRE"} 1',
    'node_network_supported_speed_bytes{device="eno1",duplex="half",mode="1000baseT"} 125000000',
    'node_network_supported_speed_bytes{device="eno1",duplex="full",mode="1000baseT"} 125000000',
    'node_network_supported_speed_bytes{device="eno1",duplex="full",mode="10000baseT"} 1250000000',
    'node_network_supported_speed_bytes{device="eno1",duplex="full",mode="10000baseR_FEC"} 1250000000',
  ]);
  expect(scrape).toContain('# HELP node_ethtool_queue_0_received_drops Network interface queue_0_rx_drops\n');
  expect(scrape).toContain('# TYPE node_ethtool_received_packets_total untyped\n');
});

test.each([
  [{ device_exclude: '^eno' }, []],
  [{ device_include: '^veth' }, []],
  [{ metrics_include: '^rx_' }, ['node_ethtool_received_packets_total{device="eno1"} 1260062']],
])('%j chooses devices and statistics by name', async (options, expected) => {
  const scrape = await expose(ethtool, host(), options);

  expect(scrape.match(/^node_ethtool_(?!info).*$/gm) ?? []).toEqual(expected);
});

/** The families of some statistics. */
const names = (text: string): string[] =>
  statisticSamples('eth0', `NIC statistics:\n${text}`, () => true).map(({ family }) => family.name);

test('statistics that would share a family are left out, however many', () => {
  expect(names(' a.b: 1\n a b: 2\n')).toEqual([]);
  expect(names(' a.b: 1\n a b: 2\n a-b: 3\n c: 4\n')).toEqual(['node_ethtool_c']);
});

test.each(['', 'NIC statistics:\n', 'NIC statistics:\n  rx_packets: many\n  : 3\n  ---: 3\n'])(
  'has no statistics in %j',
  (text) => {
    expect(statisticSamples('eth0', text, () => true)).toEqual([]);
  },
);

test('a driver without link modes or versions has no such samples', () => {
  expect(infoSamples('lo', '')).toEqual([]);
  expect(formatBlocks(new Encoder().encode(linkSamples('lo', 'Settings for lo:\n\tLink detected: yes\n')))).toBe('');
});

test('a host without the program or without devices has nothing to report', async () => {
  await expect(expose(ethtool, sceneOf(''))).rejects.toThrow(/no network device/);
});
