/**
 * Batteries and mains adapters: charge, current, voltage, temperature, and what they are.
 *
 * Source  /sys/class/power_supply/NAME/ (Documentation/ABI/testing/sysfs-class-power).
 * Units   the kernel gives millionths (volt, ampere, watt, watt-hour, ampere-hour) and tenths of a degree, served as
 *         whole ones; percentages and seconds as they are.
 * Labels  power_supply: the kernel's name, such as "BAT0". The info has a label for each fact that the driver knows.
 * Quirks  A battery that is taken out, or a gauge chip that is busy, fails single attributes with ENODEV, EINVAL or
 *         EAGAIN: only those are absent.
 */
import { defineCollector, gauge, NoDataError, type Sample } from '../../src/collector.ts';
import { nameFilter, patternWithDefault, z } from '../../src/config/schema.ts';
import type { Tree } from '../../src/system/index.ts';
import { integer } from '../../src/system/numbers.ts';

/** A family and the file that it is read from. */
function measure(name: string, file = name) {
  const family = gauge(`node_power_supply_${name}`, `${name} value of /sys/class/power_supply/<power_supply>.`, [
    'power_supply',
  ]);
  return { family, file };
}

const whole = [
  measure('authentic'),
  measure('calibrate'),
  measure('capacity'),
  measure('capacity_alert_max'),
  measure('capacity_alert_min'),
  measure('cyclecount', 'cycle_count'),
  measure('online'),
  measure('present'),
  measure('time_to_empty_seconds', 'time_to_empty_now'),
  measure('time_to_full_seconds', 'time_to_full_now'),
];

const millionths = [
  measure('current_boot'),
  measure('current_max'),
  measure('current_ampere', 'current_now'),
  measure('energy_empty'),
  measure('energy_empty_design'),
  measure('energy_full'),
  measure('energy_full_design'),
  measure('energy_watthour', 'energy_now'),
  measure('voltage_boot'),
  measure('voltage_max'),
  measure('voltage_max_design'),
  measure('voltage_min'),
  measure('voltage_min_design'),
  measure('voltage_volt', 'voltage_now'),
  measure('voltage_ocv'),
  measure('charge_control_limit'),
  measure('charge_control_limit_max'),
  measure('charge_counter'),
  measure('charge_empty'),
  measure('charge_empty_design'),
  measure('charge_full'),
  measure('charge_full_design'),
  measure('charge_ampere', 'charge_now'),
  measure('charge_term_current'),
  measure('constant_charge_current'),
  measure('constant_charge_current_max'),
  measure('constant_charge_voltage'),
  measure('constant_charge_voltage_max'),
  measure('precharge_current'),
  measure('input_current_limit'),
  measure('power_watt', 'power_now'),
];

const tenths = [
  measure('temp_celsius', 'temp'),
  measure('temp_alert_max_celsius', 'temp_alert_max'),
  measure('temp_alert_min_celsius', 'temp_alert_min'),
  measure('temp_ambient_celsius', 'temp_ambient'),
  measure('temp_ambient_max_celsius', 'temp_ambient_max'),
  measure('temp_ambient_min_celsius', 'temp_ambient_min'),
  measure('temp_max_celsius', 'temp_max'),
  measure('temp_min_celsius', 'temp_min'),
];

const groups = [
  { measures: whole, divisor: 1 },
  { measures: millionths, divisor: 1e6 },
  { measures: tenths, divisor: 10 },
];

const facts = [
  'capacity_level',
  'charge_type',
  'health',
  'manufacturer',
  'model_name',
  'scope',
  'serial_number',
  'status',
  'technology',
  'type',
  'usb_type',
] as const;

const info = gauge('node_power_supply_info', 'info of /sys/class/power_supply/<power_supply>.', [
  'power_supply',
  ...facts.map((fact) => `${fact}?` as const),
]);

export const powersupplyclass = defineCollector({
  name: 'powersupplyclass',
  summary: 'Batteries and mains adapters: charge, current, voltage, temperature, and what they are.',
  source: '/sys/class/power_supply',
  differences: ['An attribute that cannot be read loses that attribute; node_exporter loses every power supply.'],
  enabled: true,
  schedule: '15s',
  families: [info, ...groups.flatMap(({ measures }) => measures.map(({ family }) => family))],
  config: z.strictObject({
    ignored_supplies: patternWithDefault('^$').describe('Regexp of power supplies to leave out.'),
  }),
  create(config, { system: { sys } }) {
    const wanted = nameFilter(undefined, config.ignored_supplies);
    return {
      collect() {
        const names = sys.listIfPresent('class/power_supply');
        if (names === undefined) throw new NoDataError('this host has no power supply class');
        return names.filter(wanted).flatMap((name) => samplesOf(sys, name));
      },
    };
  },
});

function samplesOf(sys: Tree, name: string): Sample[] {
  const folder = `class/power_supply/${name}`;
  // A driver offers some 10 to 20 of these attributes; opening those that are not there would cost as much again.
  const files = new Set(sys.list(folder));
  // It left meanwhile.
  if (files.size === 0) return [];
  const read = (file: string): string | undefined => (files.has(file) ? sys.attribute(`${folder}/${file}`) : undefined);
  const samples: Sample[] = [];
  for (const { measures, divisor } of groups) {
    for (const { family, file } of measures) {
      const value = integer(read(file));
      if (value !== undefined) samples.push(family.sample(value / divisor, { power_supply: name }));
    }
  }
  const known: { -readonly [fact in (typeof facts)[number]]?: string } = {};
  for (const fact of facts) {
    const value = read(fact);
    if (value !== undefined && value !== '') known[fact] = value;
  }
  samples.push(info.sample(1, { power_supply: name, ...known }));
  return samples;
}
