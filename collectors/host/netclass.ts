/**
 * Properties of each network device: its state, speed, MTU, addresses and how it came by them.
 *
 * Source  /sys/class/net/DEVICE/* (Documentation/ABI/testing/sysfs-class-net).
 * Units   speed in bytes per second, made of the kernel's megabits per second; the rest as the kernel has it.
 * Labels  device; the info family has the text attributes.
 * Quirks  Reading `speed`, `duplex` and `carrier` takes the kernel's network lock and may ask the driver, so this is
 *         slow on hosts with many devices. The three give EINVAL on a device that is down, `speed` says -1 where a
 *         virtual device has none.
 */
import { counter, defineCollector, gauge, NoDataError, type Sample } from '../../src/collector.ts';
import { nameFilter, patternWithDefault, z } from '../../src/config/schema.ts';
import { hexadecimal, integer } from '../../src/system/numbers.ts';

const up = gauge('node_network_up', "Value is 1 if operstate is 'up', 0 otherwise.", ['device']);
const info = gauge('node_network_info', 'Non-numeric data from /sys/class/net/<iface>, value is always 1.', [
  'device',
  'address',
  'broadcast',
  'duplex',
  'operstate',
  'adminstate',
  'ifalias',
]);
const property = (name: string, type = gauge) =>
  type(`node_network_${name}`, `Network device property: ${name}`, ['device']);
const flags = property('flags');
const speed = property('speed_bytes');
const properties = [
  { file: 'addr_assign_type', family: property('address_assign_type') },
  { file: 'carrier', family: property('carrier') },
  { file: 'carrier_changes', family: property('carrier_changes_total', counter) },
  { file: 'carrier_up_count', family: property('carrier_up_changes_total', counter) },
  { file: 'carrier_down_count', family: property('carrier_down_changes_total', counter) },
  { file: 'dev_id', family: property('device_id') },
  { file: 'dormant', family: property('dormant') },
  { file: 'ifindex', family: property('iface_id') },
  { file: 'iflink', family: property('iface_link') },
  { file: 'link_mode', family: property('iface_link_mode') },
  { file: 'mtu', family: property('mtu_bytes') },
  { file: 'name_assign_type', family: property('name_assign_type') },
  { file: 'netdev_group', family: property('net_dev_group') },
  { file: 'tx_queue_len', family: property('transmit_queue_length') },
  { file: 'type', family: property('protocol_type') },
];

/** IFF_UP of include/uapi/linux/if.h: the operator has switched the device on. */
const switchedOn = 1;

export const netclass = defineCollector({
  name: 'netclass',
  summary: 'State, speed, MTU and other properties of each network device.',
  source: '/sys/class/net',
  differences: [
    'An attribute that cannot be read or understood is left out, where node_exporter fails as a whole.',
    'A device that leaves while it is read is left out, where node_exporter reports it as down.',
  ],
  enabled: true,
  schedule: '15s',
  families: [up, info, flags, speed, ...properties.map(({ family }) => family)],
  config: z.strictObject({
    ignored_devices: patternWithDefault('^$').describe('Regexp of network devices to leave out.'),
    ignore_invalid_speed: z
      .boolean()
      .default(false)
      .describe('Leave the speed out where the device says -1; otherwise that gives -125000.'),
    netlink: z
      .boolean()
      .default(false)
      .describe('Accepted for node_exporter; without effect, as sysfs is always read.'),
    rtnl_with_stats: z
      .boolean()
      .default(false)
      .describe('Accepted for node_exporter; without effect, as `netdev` reports the statistics.'),
  }),
  create(config, { system }) {
    const { sys } = system;
    const wanted = nameFilter(undefined, config.ignored_devices);

    function samplesOf(device: string): Sample[] {
      const folder = `class/net/${device}`;
      const operstate = sys.attribute(`${folder}/operstate`);
      if (operstate === undefined && !sys.exists(folder)) return [];
      const text = (file: string): string => sys.attribute(`${folder}/${file}`) ?? '';
      const number = (file: string): number | undefined => parseProperty(sys.attribute(`${folder}/${file}`));
      const flagsValue = number('flags');
      const megabits = number('speed');
      const samples = [
        up.sample(operstate === 'up' ? 1 : 0, { device }),
        info.sample(1, {
          device,
          address: text('address'),
          broadcast: text('broadcast'),
          duplex: text('duplex'),
          operstate: operstate ?? '',
          adminstate: flagsValue === undefined ? 'unknown' : flagsValue & switchedOn ? 'up' : 'down',
          ifalias: text('ifalias'),
        }),
      ];
      if (flagsValue !== undefined) samples.push(flags.sample(flagsValue, { device }));
      if (megabits !== undefined && (megabits >= 0 || !config.ignore_invalid_speed)) {
        samples.push(speed.sample((megabits * 1000 * 1000) / 8, { device }));
      }
      for (const { file, family } of properties) {
        const value = number(file);
        if (value !== undefined) samples.push(family.sample(value, { device }));
      }
      return samples;
    }

    return {
      collect() {
        // The bonding driver keeps its one plain file among the devices.
        const devices = sys.list('class/net').filter((name) => name !== 'bonding_masters');
        if (devices.length === 0) throw new NoDataError('no network device in /sys/class/net');
        return devices.filter(wanted).flatMap(samplesOf);
      },
    };
  },
});

/** A property: hexadecimal where it starts with `0x`, as flags and identifiers do, else decimal. */
export function parseProperty(text: string | undefined): number | undefined {
  return text?.startsWith('0x') ? hexadecimal(text) : integer(text);
}
