/**
 * The output of the program `iw`, which is made for people to read: names and values below headings.
 */
import { decimal, integer, unsigned } from '../../../src/system/numbers.ts';

/** The wireless network that a device belongs to. */
export interface Network {
  readonly bssid: string;
  readonly ssid: string;
  readonly mode: 'client' | 'ad-hoc' | 'unknown';
}

/** Another station that a device talks to; what the device does not tell is undefined. */
export interface Station {
  readonly macAddress: string;
  readonly connectedSeconds: number | undefined;
  readonly inactiveSeconds: number | undefined;
  readonly receiveBitrate: number | undefined;
  readonly transmitBitrate: number | undefined;
  readonly receivedBytes: number | undefined;
  readonly transmittedBytes: number | undefined;
  readonly receivedPackets: number | undefined;
  readonly transmittedPackets: number | undefined;
  readonly signal: number | undefined;
  readonly transmitRetries: number | undefined;
  readonly transmitFailed: number | undefined;
  readonly beaconLoss: number | undefined;
}

/** A wireless device. */
export interface WifiInterface {
  readonly device: string;
  readonly frequencyHertz: number | undefined;
  readonly network: Network | undefined;
  readonly stations: readonly Station[];
}

/** The devices of `iw dev`; the frequency is on the line of the channel, such as `36 (5180 MHz), width: 80 MHz`. */
export function parseInterfaces(text: string): Pick<WifiInterface, 'device' | 'frequencyHertz'>[] {
  return text
    .split(/^\s*Interface /m)
    .slice(1)
    .map((block) => {
      const megahertz = decimal(/^\s*channel \d+ \(([\d.]+) MHz\)/m.exec(block)?.[1]);
      return {
        device: block.slice(0, block.search(/\s|$/)),
        frequencyHertz: megahertz === undefined ? undefined : megahertz * 1000 * 1000,
      };
    });
}

/** The network of `iw dev DEVICE link`; undefined where the device belongs to none. */
export function parseLink(text: string): Network | undefined {
  const [, how, bssid] = /^(Connected to|Joined IBSS) ([\da-f:]{17})/m.exec(text) ?? [];
  if (bssid === undefined) return undefined;
  return {
    bssid,
    ssid: /^\s*SSID: (.*)$/m.exec(text)?.[1] ?? '',
    mode: how === 'Connected to' ? 'client' : 'ad-hoc',
  };
}

/** The stations of `iw dev DEVICE station dump`. */
export function parseStations(text: string): Station[] {
  return text
    .split(/^Station /m)
    .slice(1)
    .map((block) => {
      const values = new Map(
        block.split('\n').map((line): [string, string | undefined] => {
          const [, name = '', value] = /^\s*([^:]+):\s*(\S+)/.exec(line) ?? [];
          return [name, value];
        }),
      );
      const inactiveMs = unsigned(values.get('inactive time'));
      return {
        macAddress: block.slice(0, 17),
        connectedSeconds: unsigned(values.get('connected time')),
        inactiveSeconds: inactiveMs === undefined ? undefined : inactiveMs / 1000,
        receiveBitrate: bitsPerSecond(values.get('rx bitrate')),
        transmitBitrate: bitsPerSecond(values.get('tx bitrate')),
        receivedBytes: unsigned(values.get('rx bytes')),
        transmittedBytes: unsigned(values.get('tx bytes')),
        receivedPackets: unsigned(values.get('rx packets')),
        transmittedPackets: unsigned(values.get('tx packets')),
        signal: integer(values.get('signal')),
        transmitRetries: unsigned(values.get('tx retries')),
        transmitFailed: unsigned(values.get('tx failed')),
        beaconLoss: unsigned(values.get('beacon loss')),
      };
    });
}

/** Bits per second of a number of MBit/s, which has one digit after the point as the kernel counts units of 100 kbit/s. */
function bitsPerSecond(megabits: string | undefined): number | undefined {
  const value = decimal(megabits);
  return value === undefined ? undefined : Math.round(value * 10) * 100_000;
}
