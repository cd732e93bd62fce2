/**
 * Properties of each network device: its state, speed, MTU, addresses and how it came by them.
 *
 * Source  /sys/class/net/DEVICE/* (Documentation/ABI/testing/sysfs-class-net).
 * Units   speed in bytes per second, made of the kernel's megabits per second; the rest as the kernel has it.
 * Labels  device; the info family has the text attributes.
 * Cost    Of 22 attributes 7 change by themselves or tell that others did; the rest is read once a minute, and at once when
 *         the device changes its state, its flags or its number, or gains or loses its carrier.
 * Quirks  Reading `speed`, `duplex` and `carrier` takes the kernel's network lock and may ask the driver, so this is
 *         slow on hosts with many devices. The three give EINVAL on a device that is down, `speed` says -1 where a
 *         virtual device has none.
 */
import { counter, defineCollector, gauge, type KeptSample, NoDataError, type Sample } from '../../src/collector.ts';
import { nameFilter, patternWithDefault, z } from '../../src/config/schema.ts';
import { Derived } from '../../src/system/derived.ts';
import { Held } from '../../src/system/held.ts';
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
const carrier = property('carrier');
const carrierChanges = property('carrier_changes_total', counter);

/** What changes at any time, in the order of their values. */
const state = [flags, speed, carrier, carrierChanges] as const;

/** What an operator or the driver sets, and what changes with the carrier only. */
const settings = [
  { file: 'addr_assign_type', family: property('address_assign_type') },
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

const settingsHoldMs = 60_000;

/** IFF_UP of include/uapi/linux/if.h: the operator has switched the device on. */
const switchedOn = 1;

export const netclass = defineCollector({
  name: 'netclass',
  summary: 'State, speed, MTU and other properties of each network device.',
  source: '/sys/class/net',
  differences: [
    'An attribute that cannot be read is left out, where node_exporter fails as a whole; so is one that is no number, for which node_exporter reports 0.',
    'An empty `ignored_devices` leaves no device out; in node_exporter the empty pattern leaves all out.',
    'A device that leaves while it is read is left out, where node_exporter reports it as down.',
    'Addresses, the MTU and other settings are read once a minute, and at once when the state of the device changes. So is a carrier, speed or duplex mode that the driver refused to tell.',
  ],
  enabled: true,
  schedule: '15s',
  families: [up, info, ...state, ...settings.map(({ family }) => family)],
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
    const { sys, clock } = system;
    const wanted = nameFilter(undefined, config.ignored_devices);
    let known = new Map<string, Held<Settings>>();

    function readSettings(device: string, whileAt: State): Settings {
      const folder = `class/net/${device}`;
      const text = (file: string): string => sys.attribute(`${folder}/${file}`) ?? '';
      const samples: Sample[] = [];
      for (const { file, family } of settings) {
        addKept(samples, family.kept({ device }), parseProperty(sys.attribute(`${folder}/${file}`)));
      }
      return {
        whileAt,
        labels: { address: text('address'), broadcast: text('broadcast'), ifalias: text('ifalias') },
        samples,
        info: new Derived(),
        refused: new Set(),
        up: up.kept({ device }),
        state: state.map((family) => family.kept({ device })),
      };
    }

    function settingsOf(device: string, now: State, devices: Map<string, Held<Settings>>): Settings {
      const held = known.get(device) ?? new Held<Settings>(clock);
      devices.set(device, held);
      const { value } = held;
      if (value !== undefined && isSame(value.whileAt, now)) return value;
      return held.keep(readSettings(device, now), settingsHoldMs);
    }

    function addSamples(device: string, devices: Map<string, Held<Settings>>, samples: Sample[]): void {
      const folder = `class/net/${device}`;
      const operstate = sys.attribute(`${folder}/operstate`);
      if (operstate === undefined && !sys.exists(folder)) return;
      const number = (file: string): number | undefined => parseProperty(sys.attribute(`${folder}/${file}`));
      const now: State = {
        operstate,
        flags: number('flags'),
        index: number('ifindex'),
        carrierChanges: number('carrier_changes'),
      };
      const held = settingsOf(device, now, devices);
      const unlessRefused = (file: string): string | undefined => {
        if (held.refused.has(file)) return undefined;
        const text = sys.attribute(`${folder}/${file}`);
        if (text === undefined) held.refused.add(file);
        return text;
      };
      addKept(samples, held.up, operstate === 'up' ? 1 : 0);
      const duplex = unlessRefused('duplex') ?? '';
      const infoOf = (): Sample => {
        const adminstate = now.flags === undefined ? 'unknown' : now.flags & switchedOn ? 'up' : 'down';
        return info.standing(1, { device, ...held.labels, duplex, operstate: operstate ?? '', adminstate });
      };
      // The rest of its labels is of the state that the settings were read in.
      samples.push(held.info.of(duplex, infoOf));
      const megabits = parseProperty(unlessRefused('speed'));
      const isKnown = megabits !== undefined && (megabits >= 0 || !config.ignore_invalid_speed);
      const values = [
        now.flags,
        isKnown ? (megabits * 1000 * 1000) / 8 : undefined,
        parseProperty(unlessRefused('carrier')),
        now.carrierChanges,
      ];
      for (let index = 0; index < values.length; index += 1) addKept(samples, held.state[index]!, values[index]);
      for (const sample of held.samples) samples.push(sample);
    }

    return {
      collect() {
        // The bonding driver keeps its one plain file among the devices.
        const names = sys.listIfPresent('class/net')?.filter((name) => name !== 'bonding_masters');
        if (names === undefined) throw new NoDataError('this host has no /sys/class/net');
        const devices = new Map<string, Held<Settings>>();
        const samples: Sample[] = [];
        for (const device of names.filter(wanted)) addSamples(device, devices, samples);
        known = devices;
        return samples;
      },
    };
  },
});

/** What is read at each run, and tells that the settings may be others. */
interface State {
  readonly operstate: string | undefined;
  readonly flags: number | undefined;
  readonly index: number | undefined;
  readonly carrierChanges: number | undefined;
}

/** What of a device is kept from run to run. */
interface Settings {
  readonly whileAt: State;
  readonly labels: { readonly address: string; readonly broadcast: string; readonly ifalias: string };
  readonly samples: readonly Sample[];
  /** The attributes that could not be read since, as most of a device that is switched off: each such read is an error. */
  readonly refused: Set<string>;
  /** By the duplex mode. */
  readonly info: Derived<string, Sample>;
  /** Those of what is read at each run. */
  readonly up: KeptSample;
  readonly state: readonly KeptSample[];
}

function addKept(samples: Sample[], kept: KeptSample, value: number | undefined): void {
  if (value === undefined) return;
  kept.value = value;
  samples.push(kept);
}

/** Whether nothing happened between two states; what cannot be read tells nothing. */
function isSame(a: State, b: State): boolean {
  return (
    a.carrierChanges !== undefined &&
    a.index !== undefined &&
    a.operstate === b.operstate &&
    a.flags === b.flags &&
    a.index === b.index &&
    a.carrierChanges === b.carrierChanges
  );
}

/** A property: hexadecimal where it starts with `0x`, as flags and identifiers do, else decimal. */
export function parseProperty(text: string | undefined): number | undefined {
  return text?.startsWith('0x') ? hexadecimal(text) : integer(text);
}
