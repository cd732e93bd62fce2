/**
 * Wireless network devices: frequency, network, and the traffic and signal of each station.
 *
 * Source  `iw dev`, `iw dev DEVICE link` and `iw dev DEVICE station dump` (man 8 iw), as only netlink has it.
 * Units   hertz, seconds, bytes, bits per second, dBm.
 * Labels  device; mac_address: of a station, which is the access point for a client; bssid, ssid, mode: of the network.
 */
import { counter, defineCollector, gauge, NoDataError, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { CommandFailed, outputOf } from './command.ts';
import { readRecording } from './wifi/recording.ts';
import { parseInterfaces, parseLink, parseStations, type Station, type WifiInterface } from './wifi/iw.ts';

const frequency = gauge(
  'node_wifi_interface_frequency_hertz',
  'The current frequency a WiFi interface is operating at, in hertz.',
  ['device'],
);
const stationInfo = gauge(
  'node_wifi_station_info',
  'Labeled WiFi interface station information as provided by the operating system.',
  ['device', 'bssid', 'ssid', 'mode'],
);
const labels = ['device', 'mac_address'] as const;
const stationFamilies = {
  connectedSeconds: counter(
    'node_wifi_station_connected_seconds_total',
    'The total number of seconds a station has been connected to an access point.',
    labels,
  ),
  inactiveSeconds: gauge(
    'node_wifi_station_inactive_seconds',
    'The number of seconds since any wireless activity has occurred on a station.',
    labels,
  ),
  receiveBitrate: gauge(
    'node_wifi_station_receive_bits_per_second',
    'The current WiFi receive bitrate of a station, in bits per second.',
    labels,
  ),
  transmitBitrate: gauge(
    'node_wifi_station_transmit_bits_per_second',
    'The current WiFi transmit bitrate of a station, in bits per second.',
    labels,
  ),
  receivedBytes: counter(
    'node_wifi_station_receive_bytes_total',
    'The total number of bytes received by a WiFi station.',
    labels,
  ),
  transmittedBytes: counter(
    'node_wifi_station_transmit_bytes_total',
    'The total number of bytes transmitted by a WiFi station.',
    labels,
  ),
  receivedPackets: counter(
    'node_wifi_station_received_packets_total',
    'The total number of packets received by a station.',
    labels,
  ),
  transmittedPackets: counter(
    'node_wifi_station_transmitted_packets_total',
    'The total number of packets transmitted by a station.',
    labels,
  ),
  signal: gauge(
    'node_wifi_station_signal_dbm',
    'The current WiFi signal strength, in decibel-milliwatts (dBm).',
    labels,
  ),
  transmitRetries: counter(
    'node_wifi_station_transmit_retries_total',
    'The total number of times a station has had to retry while sending a packet.',
    labels,
  ),
  transmitFailed: counter(
    'node_wifi_station_transmit_failed_total',
    'The total number of times a station has failed to send a packet.',
    labels,
  ),
  beaconLoss: counter(
    'node_wifi_station_beacon_loss_total',
    'The total number of times a station has detected a beacon loss.',
    labels,
  ),
};

export const wifi = defineCollector({
  name: 'wifi',
  summary: 'Frequency, network and stations of wireless network devices.',
  source: '`iw dev`',
  differences: [
    'Needs the program `iw`, where node_exporter asks by netlink.',
    'What a device does not tell is left out, where node_exporter reports 0.',
  ],
  enabled: false,
  schedule: '15s',
  families: [frequency, stationInfo, ...Object.values(stationFamilies)],
  config: z.strictObject({
    fixtures: z.string().default('').describe('Folder with recorded JSON files to read instead, for tests.'),
  }),
  create(config) {
    return {
      async collect(signal) {
        const interfaces = config.fixtures === '' ? await askIw(signal) : readRecording(config.fixtures);
        return interfaces.flatMap(interfaceSamples);
      },
    };
  },
});

async function askIw(signal: AbortSignal): Promise<WifiInterface[]> {
  const interfaces: WifiInterface[] = [];
  for (const { device, frequencyHertz } of parseInterfaces(await listing(signal))) {
    const network = parseLink(await outputIfAny(['dev', device, 'link'], signal));
    const stations = parseStations(await outputIfAny(['dev', device, 'station', 'dump'], signal));
    interfaces.push({ device, frequencyHertz, network, stations });
  }
  return interfaces;
}

async function listing(signal: AbortSignal): Promise<string> {
  try {
    return await outputOf('iw', ['dev'], signal);
  } catch (error) {
    const lacksWireless = error instanceof CommandFailed && error.stderr.includes('nl80211 not found');
    throw lacksWireless ? new NoDataError('the kernel has no wireless devices') : error;
  }
}

/** The output of a question that not every kind of device answers. */
async function outputIfAny(args: readonly string[], signal: AbortSignal): Promise<string> {
  try {
    return await outputOf('iw', args, signal);
  } catch (error) {
    if (error instanceof CommandFailed) return '';
    throw error;
  }
}

function interfaceSamples({ device, frequencyHertz, network, stations }: WifiInterface): Sample[] {
  const samples: Sample[] = [];
  if (frequencyHertz !== undefined) samples.push(frequency.sample(frequencyHertz, { device }));
  if (network !== undefined) samples.push(stationInfo.sample(1, { device, ...network }));
  for (const station of stations) {
    for (const [name, family] of Object.entries(stationFamilies)) {
      const value = station[name as keyof typeof stationFamilies & keyof Station];
      if (value !== undefined) samples.push(family.sample(value, { device, mac_address: station.macAddress }));
    }
  }
  return samples;
}
