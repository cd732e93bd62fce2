import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { wifi } from '../../../collectors/host/wifi.ts';
import { parseInterfaces, parseLink, parseStations } from '../../../collectors/host/wifi/iw.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneOf } from '../../support/scene.ts';

const devices = `phy#0
	Interface wlan0
		ifindex 3
		wdev 0x1
		addr 00:0f:1e:2d:3c:4b
		ssid Cafe: upstairs
		type managed
		channel 36 (5180 MHz), width: 80 MHz, center1: 5210 MHz
		txpower 22.00 dBm
	Interface p2p-dev
		ifindex 4
		type P2P-device
`;
const link = `Connected to 00:11:22:33:44:55 (on wlan0)
	SSID: Cafe: upstairs
	freq: 5180
	RX: 18816 bytes (75 packets)
	signal: -27 dBm
`;
const stations = `Station 00:11:22:33:44:55 (on wlan0)
	inactive time:	304 ms
	rx bytes:	18816
	rx packets:	75
	tx bytes:	5386
	tx packets:	21
	tx retries:	2
	tx failed:	1
	beacon loss:	3
	signal:  	-27 [-29, -31] dBm
	signal avg:	-28 dBm
	tx bitrate:	39.0 MBit/s MCS 10
	rx bitrate:	433.3 MBit/s VHT-MCS 9
	connected time:	70 seconds
`;

const pathBefore = process.env['PATH'];
afterEach(() => {
  process.env['PATH'] = pathBefore;
});

/** Makes `iw` a program that runs the given lines of shell, in a folder with the answers above. */
function iwDoes(script: string): void {
  const folder = sceneOf(`== dev\n${devices}\n== link\n${link}\n== dump\n${stations}\n`);
  writeFileSync(join(folder, 'iw'), `#!/bin/sh\ncd ${folder}\n${script}\n`);
  chmodSync(join(folder, 'iw'), 0o755);
  process.env['PATH'] = `${folder}:${pathBefore}`;
}

const answers = `case "$*" in
  dev) cat dev;;
  'dev wlan0 link') cat link;;
  'dev wlan0 station dump') cat dump;;
  *) echo "command failed: No such device (-19)" >&2; exit 237;;
esac`;

test('reports the network and the stations of each device', async () => {
  iwDoes(answers);
  const scrape = await expose(wifi, sceneOf(''));

  expect(scrape).toBe(text`
    # HELP node_wifi_interface_frequency_hertz The current frequency a WiFi interface is operating at, in hertz.
    # TYPE node_wifi_interface_frequency_hertz gauge
    node_wifi_interface_frequency_hertz{device="wlan0"} 5180000000
    # HELP node_wifi_station_beacon_loss_total The total number of times a station has detected a beacon loss.
    # TYPE node_wifi_station_beacon_loss_total counter
    node_wifi_station_beacon_loss_total{device="wlan0",mac_address="00:11:22:33:44:55"} 3
    # HELP node_wifi_station_connected_seconds_total The total number of seconds a station has been connected to an access point.
    # TYPE node_wifi_station_connected_seconds_total counter
    node_wifi_station_connected_seconds_total{device="wlan0",mac_address="00:11:22:33:44:55"} 70
    # HELP node_wifi_station_inactive_seconds The number of seconds since any wireless activity has occurred on a station.
    # TYPE node_wifi_station_inactive_seconds gauge
    node_wifi_station_inactive_seconds{device="wlan0",mac_address="00:11:22:33:44:55"} 0.304
    # HELP node_wifi_station_info Labeled WiFi interface station information as provided by the operating system.
    # TYPE node_wifi_station_info gauge
    node_wifi_station_info{bssid="00:11:22:33:44:55",device="wlan0",mode="client",ssid="Cafe: upstairs"} 1
    # HELP node_wifi_station_receive_bits_per_second The current WiFi receive bitrate of a station, in bits per second.
    # TYPE node_wifi_station_receive_bits_per_second gauge
    node_wifi_station_receive_bits_per_second{device="wlan0",mac_address="00:11:22:33:44:55"} 433300000
    # HELP node_wifi_station_receive_bytes_total The total number of bytes received by a WiFi station.
    # TYPE node_wifi_station_receive_bytes_total counter
    node_wifi_station_receive_bytes_total{device="wlan0",mac_address="00:11:22:33:44:55"} 18816
    # HELP node_wifi_station_received_packets_total The total number of packets received by a station.
    # TYPE node_wifi_station_received_packets_total counter
    node_wifi_station_received_packets_total{device="wlan0",mac_address="00:11:22:33:44:55"} 75
    # HELP node_wifi_station_signal_dbm The current WiFi signal strength, in decibel-milliwatts (dBm).
    # TYPE node_wifi_station_signal_dbm gauge
    node_wifi_station_signal_dbm{device="wlan0",mac_address="00:11:22:33:44:55"} -27
    # HELP node_wifi_station_transmit_bits_per_second The current WiFi transmit bitrate of a station, in bits per second.
    # TYPE node_wifi_station_transmit_bits_per_second gauge
    node_wifi_station_transmit_bits_per_second{device="wlan0",mac_address="00:11:22:33:44:55"} 39000000
    # HELP node_wifi_station_transmit_bytes_total The total number of bytes transmitted by a WiFi station.
    # TYPE node_wifi_station_transmit_bytes_total counter
    node_wifi_station_transmit_bytes_total{device="wlan0",mac_address="00:11:22:33:44:55"} 5386
    # HELP node_wifi_station_transmit_failed_total The total number of times a station has failed to send a packet.
    # TYPE node_wifi_station_transmit_failed_total counter
    node_wifi_station_transmit_failed_total{device="wlan0",mac_address="00:11:22:33:44:55"} 1
    # HELP node_wifi_station_transmit_retries_total The total number of times a station has had to retry while sending a packet.
    # TYPE node_wifi_station_transmit_retries_total counter
    node_wifi_station_transmit_retries_total{device="wlan0",mac_address="00:11:22:33:44:55"} 2
    # HELP node_wifi_station_transmitted_packets_total The total number of packets transmitted by a station.
    # TYPE node_wifi_station_transmitted_packets_total counter
    node_wifi_station_transmitted_packets_total{device="wlan0",mac_address="00:11:22:33:44:55"} 21
  `);
});

test('a kernel without wireless devices has nothing to report', async () => {
  iwDoes('echo "nl80211 not found." >&2; exit 1');

  await expect(expose(wifi, sceneOf(''))).rejects.toThrow(/no wireless devices/);
});

test('another failure of the program is one', async () => {
  iwDoes('echo "no memory" >&2; exit 1');

  await expect(expose(wifi, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
});

test('fixtures names a folder with a recording', async () => {
  const station = { HardwareAddr: 'ABEiM0RV', Connected: 30_000_000_000, Inactive: 400_000_000, Signal: -52 };
  const folder = sceneOf(`
== interfaces.json
[{"Name": "wlan1", "Frequency": 2412}, {"Name": "", "Frequency": 1}, {"Name": "wlan2"}]
== wlan1/bss.json
{"SSID": "Example", "BSSID": "ABEiM0RV", "Status": 3}
== wlan1/stationinfo.json
${JSON.stringify([station])}
`);
  const scrape = await expose(wifi, folder, { fixtures: folder });

  expect(scrape.match(/^node_wifi.*(?:hertz|info|connected|inactive|signal).*$/gm)).toEqual([
    'node_wifi_interface_frequency_hertz{device="wlan1"} 2412000000',
    'node_wifi_interface_frequency_hertz{device="wlan2"} 0',
    'node_wifi_station_connected_seconds_total{device="wlan1",mac_address="00:11:22:33:44:55"} 30',
    'node_wifi_station_inactive_seconds{device="wlan1",mac_address="00:11:22:33:44:55"} 0.4',
    'node_wifi_station_info{bssid="00:11:22:33:44:55",device="wlan1",mode="ad-hoc",ssid="Example"} 1',
    'node_wifi_station_signal_dbm{device="wlan1",mac_address="00:11:22:33:44:55"} -52',
  ]);
});

test.each(['[{"Name": 3}]', '[{'])('refuses the recording %j', async (torn) => {
  const folder = sceneOf(`== interfaces.json\n${torn}\n`);

  await expect(expose(wifi, folder, { fixtures: folder })).rejects.toThrow(/interfaces\.json/);
});

test('a device that is off has no frequency, no network and no stations', () => {
  expect(parseInterfaces('phy#0\n\tInterface wlan0\n\t\ttype managed\n')).toEqual([
    { device: 'wlan0', frequencyHertz: undefined },
  ]);
  expect(parseLink('Not connected.\n')).toBeUndefined();
  expect(parseStations('')).toEqual([]);
});

test('a member of an ad-hoc network says so', () => {
  expect(parseLink('Joined IBSS 02:aa:bb:cc:dd:ee (on wlan0)\n\tSSID: mesh\n')).toEqual({
    bssid: '02:aa:bb:cc:dd:ee',
    ssid: 'mesh',
    mode: 'ad-hoc',
  });
});
