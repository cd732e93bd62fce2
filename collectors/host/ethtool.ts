/**
 * What drivers of network devices tell of themselves: statistics, versions, and the link modes that they can do.
 *
 * Source  `ethtool DEVICE`, `ethtool -i DEVICE` and `ethtool -S DEVICE` (man 8 ethtool), as only an ioctl has it.
 * Units   as the driver has them; speeds in bytes per second.
 * Labels  device; the info family has the versions.
 * Quirks  The names of statistics are the driver's own. Two that give the same family are both left out.
 */
import { defineCollector, familiesByKey, gauge, NoDataError, untyped, type Sample } from '../../src/collector.ts';
import { includeExclude, nameFilter, patternWithDefault, z } from '../../src/config/schema.ts';
import { lines, unsigned } from '../../src/system/numbers.ts';
import { CommandFailed, outputOf } from './command.ts';
import { linkFamilies, linkSamples } from './ethtool/link.ts';

const info = gauge(
  'node_ethtool_info',
  "A metric with a constant '1' value labeled by bus_info, device, driver, expansion_rom_version, firmware_version, version.",
  ['bus_info', 'device', 'driver', 'expansion_rom_version', 'firmware_version', 'version'],
);

// Those that many drivers have, under names and helps of their own.
const usual = new Map([
  ['rx_bytes', { name: 'node_ethtool_received_bytes_total', help: 'Network interface bytes received' }],
  ['rx_dropped', { name: 'node_ethtool_received_dropped_total', help: 'Number of received frames dropped' }],
  ['rx_errors', { name: 'node_ethtool_received_errors_total', help: 'Number of received frames with errors' }],
  ['rx_packets', { name: 'node_ethtool_received_packets_total', help: 'Network interface packets received' }],
  ['tx_bytes', { name: 'node_ethtool_transmitted_bytes_total', help: 'Network interface bytes sent' }],
  ['tx_errors', { name: 'node_ethtool_transmitted_errors_total', help: 'Number of sent frames with errors' }],
  ['tx_packets', { name: 'node_ethtool_transmitted_packets_total', help: 'Network interface packets sent' }],
]);

const statistic = familiesByKey(
  'untyped',
  (key) => usual.get(key) ?? { name: familyName(key), help: `Network interface ${key}` },
  ['device'],
);

export const ethtool = defineCollector({
  name: 'ethtool',
  summary: 'Statistics, versions and link modes that drivers of network devices tell.',
  source: '`ethtool`',
  differences: [
    'Needs the program `ethtool`, where node_exporter asks the kernel itself.',
    'Lists all link modes of fast adapters, where node_exporter knows the first 32.',
    'A statistic whose name must be altered keeps its value, where node_exporter reports 0.',
  ],
  enabled: false,
  schedule: '30s',
  families: [
    info,
    ...[...usual.keys()].map(statistic),
    untyped('node_ethtool_<statistic>', 'Network interface <statistic>', ['device']),
    ...linkFamilies,
  ],
  combinable: ['device'],
  config: z.strictObject({
    ...includeExclude('device', 'network devices'),
    metrics_include: patternWithDefault('.*').describe('Regexp of statistics to report, by the names of the driver.'),
  }),
  create(config, { system }) {
    const wantedDevice = nameFilter(config.device_include, config.device_exclude);
    const wantedStatistic = nameFilter(config.metrics_include, undefined);
    return {
      async collect(signal) {
        const devices = system.sys.list('class/net').filter((name) => name !== 'bonding_masters');
        if (devices.length === 0) throw new NoDataError('no network device in /sys/class/net');
        const samples: Sample[] = [];
        // One after the other, as drivers answer under the lock of the whole network.
        for (const device of devices.filter(wantedDevice)) {
          samples.push(
            ...linkSamples(device, await answer([device], signal)),
            ...infoSamples(device, await answer(['-i', device], signal)),
            ...statisticSamples(device, await answer(['-S', device], signal), wantedStatistic),
          );
        }
        return samples;
      },
    };
  },
});

/** What ethtool writes; nothing where the driver does not know the question. */
async function answer(args: readonly string[], signal: AbortSignal): Promise<string> {
  try {
    return await outputOf('ethtool', args, signal);
  } catch (error) {
    if (error instanceof CommandFailed) return '';
    throw error;
  }
}

/** The versions of `ethtool -i`. */
export function infoSamples(device: string, text: string): Sample[] {
  const values = new Map(lines(text).map((line) => line.split(/:(.*)/).map((part) => part.trim()) as [string, string]));
  if (!values.has('driver')) return [];
  const value = (name: string): string => values.get(name) ?? '';
  return [
    info.sample(1, {
      device,
      bus_info: value('bus-info'),
      driver: value('driver'),
      expansion_rom_version: value('expansion-rom-version'),
      firmware_version: value('firmware-version'),
      version: value('version'),
    }),
  ];
}

/** The statistics of `ethtool -S`, sorted by family. */
export function statisticSamples(device: string, text: string, wanted: (name: string) => boolean): Sample[] {
  const byFamily = new Map<string, Sample | undefined>();
  for (const line of lines(text).slice(1)) {
    const [, original = '', digits] = /^\s*(.*):\s*(\d+)\s*$/.exec(line) ?? [];
    const value = unsigned(digits);
    const key = sanitised(original);
    if (value === undefined || !wanted(key) || !/[a-zA-Z\d]/.test(key)) continue;
    const family = statistic(key);
    byFamily.set(family.name, byFamily.has(family.name) ? undefined : family.sample(value, { device }));
  }
  return [...byFamily.values()]
    .filter((sample) => sample !== undefined)
    .toSorted((a, b) => (a.family.name < b.family.name ? -1 : 1));
}

/** A name with each run of foreign characters made one underscore. */
const sanitised = (name: string): string => name.replaceAll(/_*[^\w]+_*/g, '_');

function familyName(key: string): string {
  const plain = key.toLowerCase().replace(/^_+/, '');
  const spelt = plain.replaceAll(/(^|_)rx(_|$)/g, '$1received$2').replaceAll(/(^|_)tx(_|$)/g, '$1transmitted$2');
  return `node_ethtool_${spelt}`;
}
