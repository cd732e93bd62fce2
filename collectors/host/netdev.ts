/**
 * Traffic, errors and drops of each network device, as the kernel counts them.
 *
 * Source  /proc/net/dev (Documentation/filesystems/proc.rst), one line per device; `rx_nohandler`, which that file lacks,
 *         and the detailed counters from /sys/class/net/DEVICE/statistics (Documentation/ABI/testing/sysfs-class-net-statistics).
 * Units   bytes, packets and events since the device was made, so a new device starts at zero.
 * Labels  device: the kernel's name for it, such as "eth0"; ifalias: the operator's name, on request.
 * Quirks  The kernel has summed some counters for this file: `drop` of reception holds missed packets, `frame` holds
 *         length, overrun and CRC errors, `carrier` holds aborted, heartbeat and window errors (net/core/net-procfs.c).
 */
import { networkInterfaces } from 'node:os';
import { defineCollector, familiesByKey, gauge, malformed, type Sample } from '../../src/collector.ts';
import { includeExclude, nameFilter, pattern, z } from '../../src/config/schema.ts';
import type { Tree } from '../../src/system/index.ts';
import { unsigned } from '../../src/system/numbers.ts';

const addressInfo = gauge('node_network_address_info', 'node network address by device', [
  'device',
  'address',
  'netmask',
  'scope',
]);

const statistic = familiesByKey(
  'counter',
  (key) => ({ name: `node_network_${key}_total`, help: `Network device statistic ${key}.` }),
  ['device', 'ifalias?'],
);

// The columns of /proc/net/dev.
const columns = [
  ...['bytes', 'packets', 'errs', 'drop', 'fifo', 'frame', 'compressed', 'multicast'].map(
    (column) => `receive_${column}`,
  ),
  ...['bytes', 'packets', 'errs', 'drop', 'fifo', 'colls', 'carrier', 'compressed'].map(
    (column) => `transmit_${column}`,
  ),
];

const columnsInFull = columns.map((column) => column.replace(/_errs$/, '_errors').replace(/_drop$/, '_dropped'));

// The files of a device's statistics folder; node_exporter spells `rx` and `tx` out.
const detailed = `
  collisions multicast
  rx_bytes rx_compressed rx_crc_errors rx_dropped rx_errors rx_fifo_errors rx_frame_errors rx_length_errors
  rx_missed_errors rx_nohandler rx_over_errors rx_packets
  tx_aborted_errors tx_bytes tx_carrier_errors tx_compressed tx_dropped tx_errors tx_fifo_errors tx_heartbeat_errors
  tx_packets tx_window_errors
`
  .trim()
  .split(/\s+/)
  .map((file) => ({ file, family: statistic(file.replace(/^rx_/, 'receive_').replace(/^tx_/, 'transmit_')) }));

const unhandled = [{ file: 'rx_nohandler', family: statistic('receive_nohandler') }];

export const netdev = defineCollector({
  name: 'netdev',
  summary: 'Traffic, errors and drops of each network device.',
  source: '/proc/net/dev, /sys/class/net/*/statistics',
  differences: [
    'Reads text files where node_exporter asks by netlink; the values are the same.',
    '`address_info` lists the addresses of devices that are up, of the network that the daemon itself sees.',
  ],
  enabled: true,
  families: [
    ...new Set([...columns, ...columnsInFull].map(statistic)),
    ...new Set(detailed.map(({ family }) => family)),
    addressInfo,
  ].filter((family, index, all) => all.indexOf(family) === index),
  aliases: { device_whitelist: 'device_include', device_blacklist: 'device_exclude' },
  config: z.strictObject({
    ...includeExclude('device', 'network devices'),
    device_whitelist: pattern().optional().describe('Deprecated alias of `device_include`.'),
    device_blacklist: pattern().optional().describe('Deprecated alias of `device_exclude`.'),
    address_info: z.boolean().default(false).describe('Report the addresses of each device.'),
    enable_detailed_metrics: z
      .boolean()
      .default(false)
      .describe('Report each counter of the kernel under its own name instead of the sums of /proc/net/dev.'),
    label_ifalias: z.boolean().default(false).describe('Add the label `ifalias`.'),
    netlink: z
      .boolean()
      .default(true)
      .describe(
        'Report what node_exporter has by netlink; where false, only what /proc/net/dev has. Netlink itself is never used.',
      ),
  }),
  create(config, { system }) {
    const wanted = nameFilter(
      config.device_include ?? config.device_whitelist,
      config.device_exclude ?? config.device_blacklist,
    );
    const { enable_detailed_metrics: inDetail, netlink } = config;
    const fromProc = inDetail ? (netlink ? [] : columnsInFull.map(statistic)) : columns.map(statistic);
    const fromSys = netlink ? (inDetail ? detailed : unhandled) : [];
    return {
      collect() {
        const samples: Sample[] = [];
        for (const { device, counters } of parseNetDev(system.proc.read('net/dev'))) {
          if (!wanted(device)) continue;
          const labels = config.label_ifalias ? { device, ifalias: aliasOf(system.sys, device) } : { device };
          fromProc.forEach((family, column) => samples.push(family.sample(counters[column]!, labels)));
          for (const { file, family } of fromSys) {
            const value = unsigned(system.sys.attribute(`class/net/${device}/statistics/${file}`));
            if (value !== undefined) samples.push(family.sample(value, labels));
          }
        }
        if (config.address_info) samples.push(...addressSamples(networkInterfaces()));
        return samples;
      },
    };
  },
});

/** The name that an operator gave a device; undefined for one that sysfs does not know. */
function aliasOf(sys: Tree, device: string): string | undefined {
  const folder = `class/net/${device}`;
  return sys.attribute(`${folder}/ifalias`) ?? (sys.exists(folder) ? '' : undefined);
}

/** The counters of one device, in the order of the columns. */
export interface DeviceCounters {
  readonly device: string;
  readonly counters: readonly number[];
}

const lineFeed = 0x0a;
const space = 0x20;
const zero = 0x30;
const colon = 0x3a;

/** The devices of /proc/net/dev; throws `CollectError` where a line is not one of a device. */
export function parseNetDev(contents: Buffer): DeviceCounters[] {
  const devices: DeviceCounters[] = [];
  const secondLine = contents.indexOf(lineFeed) + 1;
  let start = contents.indexOf(lineFeed, secondLine) + 1;
  if (start === 0) throw malformed('net/dev', 'no header');
  while (start < contents.length) {
    const lineEnd = contents.indexOf(lineFeed, start);
    const end = lineEnd === -1 ? contents.length : lineEnd;
    devices.push(parseDevice(contents, start, end));
    start = end + 1;
  }
  return devices;
}

function parseDevice(contents: Buffer, start: number, end: number): DeviceCounters {
  // An alias such as "eth0:1" is a name as well.
  const lastColon = contents.lastIndexOf(colon, end - 1);
  const nameEnd = lastColon < start ? -1 : lastColon;
  const counters: number[] = [];
  let position = nameEnd === -1 ? end : nameEnd + 1;
  while (position < end) {
    if (contents[position] === space) {
      position += 1;
      continue;
    }
    const first = position;
    let value = 0;
    for (; position < end && contents[position] !== space; position += 1) {
      const digit = contents[position]! - zero;
      value = digit >= 0 && digit <= 9 ? value * 10 + digit : Number.NaN;
    }
    // Adding digit by digit is exact up to 15 digits only.
    const inexact = position - first > 15 && !Number.isNaN(value);
    counters.push(inexact ? Number(contents.toString('latin1', first, position)) : value);
  }
  if (counters.length < columns.length || counters.some(Number.isNaN)) {
    throw malformed('net/dev', JSON.stringify(contents.toString('utf8', start, end)));
  }
  return { device: contents.toString('utf8', start, nameEnd).trim(), counters };
}

/** The addresses of each device, as `os.networkInterfaces()` gives them. */
export function addressSamples(interfaces: ReturnType<typeof networkInterfaces>): Sample[] {
  const samples = new Map<string, Sample>();
  for (const [name, addresses = []] of Object.entries(interfaces)) {
    // An address may have a label of its own, such as "eth0:1", in place of the device's name.
    const [device = name] = name.split(':');
    for (const { address, cidr } of addresses) {
      const netmask = cidr?.split('/')[1];
      if (netmask === undefined) continue;
      // Point-to-point links may have one address for several peers.
      samples.set(
        `${device} ${address}/${netmask}`,
        addressInfo.sample(1, { device, address, netmask, scope: scopeOf(address) }),
      );
    }
  }
  return [...samples.values()];
}

/** Where an address is valid, in node_exporter's words. */
function scopeOf(address: string): string {
  if (/^(?:127\.|169\.254\.|::1$|fe[89ab][\da-f]:)/i.test(address)) return 'link-local';
  if (/^(?:0\.0\.0\.0|255\.255\.255\.255|::)$/.test(address) || /^(?:2(?:2[4-9]|3\d)\.|ff)/i.test(address)) return '';
  return 'global';
}
