/**
 * Wireless devices as JSON files, in the form of the library that node_exporter uses: `interfaces.json`, and for each
 * device that has them `DEVICE/bss.json` and `DEVICE/stationinfo.json`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { malformed } from '../../../src/collector.ts';
import { z } from '../../../src/config/schema.ts';
import type { WifiInterface } from './iw.ts';

const count = z.number().default(0);
const address = z.string().default('');

const interfaces = z.array(z.object({ Name: z.string().default(''), Frequency: count }));
const bss = z.object({ SSID: z.string().default(''), BSSID: address, Status: count });
const stations = z.array(
  z.object({
    HardwareAddr: address,
    Connected: count,
    Inactive: count,
    ReceivedBytes: count,
    TransmittedBytes: count,
    ReceivedPackets: count,
    TransmittedPackets: count,
    ReceiveBitrate: count,
    TransmitBitrate: count,
    Signal: count,
    TransmitRetries: count,
    TransmitFailed: count,
    BeaconLoss: count,
  }),
);

/** The devices of a folder. */
export function readRecording(folder: string): WifiInterface[] {
  return read(folder, 'interfaces.json', interfaces)
    .filter(({ Name }) => Name !== '')
    .map(({ Name, Frequency }) => {
      const has = (file: string): boolean => existsSync(join(folder, Name, file));
      const network = has('bss.json') ? read(folder, `${Name}/bss.json`, bss) : undefined;
      return {
        device: Name,
        frequencyHertz: Frequency * 1000 * 1000,
        network: network && { bssid: macAddress(network.BSSID), ssid: network.SSID, mode: modeOf(network.Status) },
        stations: (has('stationinfo.json') ? read(folder, `${Name}/stationinfo.json`, stations) : []).map(
          (station) => ({
            macAddress: macAddress(station.HardwareAddr),
            connectedSeconds: seconds(station.Connected),
            inactiveSeconds: seconds(station.Inactive),
            receiveBitrate: station.ReceiveBitrate,
            transmitBitrate: station.TransmitBitrate,
            receivedBytes: station.ReceivedBytes,
            transmittedBytes: station.TransmittedBytes,
            receivedPackets: station.ReceivedPackets,
            transmittedPackets: station.TransmittedPackets,
            signal: station.Signal,
            transmitRetries: station.TransmitRetries,
            transmitFailed: station.TransmitFailed,
            beaconLoss: station.BeaconLoss,
          }),
        ),
      };
    });
}

function read<T>(folder: string, file: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw malformed(file, 'no JSON');
    throw error;
  }
  const result = schema.safeParse(value);
  if (!result.success) throw malformed(file, result.error.issues[0]?.message ?? 'not as expected');
  return result.data;
}

/** An address of six bytes, recorded in base64. */
const macAddress = (base64: string): string => [...Buffer.from(base64, 'base64')].map(twoDigits).join(':');

const twoDigits = (byte: number): string => byte.toString(16).padStart(2, '0');

/** Seconds of a time recorded in nanoseconds, whole seconds and the rest apart as Go has it. */
const seconds = (nanoseconds: number): number => Math.trunc(nanoseconds / 1e9) + (nanoseconds % 1e9) / 1e9;

/** What a device is to its network: 0 and 1 (authenticated, associated) are of a client, 2 of none, 3 joined an IBSS. */
function modeOf(status: number): 'client' | 'ad-hoc' | 'unknown' {
  if (status === 0 || status === 1) return 'client';
  return status === 3 ? 'ad-hoc' : 'unknown';
}
