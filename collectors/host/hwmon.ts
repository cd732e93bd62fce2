/**
 * Temperatures, fans, voltages, currents, power and the like, as sensor chips report them.
 *
 * Source  /sys/class/hwmon/hwmonN/ and, for old drivers, its device/ folder
 *         (Documentation/hwmon/sysfs-interface.rst): files `<type><number>_<element>`, such as `temp1_crit`.
 * Units   the kernel gives thousandths (degree, volt, ampere, second) and millionths (watt, joule), served as whole ones.
 * Labels  chip: the place of its device, such as "platform_coretemp_0"; sensor: type and number, such as "temp1".
 * Quirks  Chips that share a device are told apart by their `name`, else by hwmonN. Drivers answer EAGAIN, EIO or
 *         ENODATA while a sensor sleeps: that element is absent then. A 1-Wire sensor takes 0.75 s to read, so the
 *         event loop is given a turn between chips.
 */
import { setImmediate } from 'node:timers/promises';
import {
  counter,
  defineCollector,
  type Family,
  familiesByKey,
  gauge,
  NoDataError,
  type Sample,
} from '../../src/collector.ts';
import { includeExclude, nameFilter, z } from '../../src/config/schema.ts';
import type { Tree } from '../../src/system/index.ts';
import { decimal } from '../../src/system/numbers.ts';
import { utf8Text } from '../../src/system/utf8.ts';
import { cleanName, deviceName } from './device-name.ts';

const sensorLabels = ['chip', 'sensor'] as const;

const chipNames = gauge('node_hwmon_chip_names', 'Annotation metric for human-readable chip names', [
  'chip',
  'chip_name',
]);
const sensorLabel = gauge('node_hwmon_sensor_label', 'Label for given chip and sensor', ['chip', 'sensor', 'label']);
const beepEnabled = gauge('node_hwmon_beep_enabled', 'Hardware beep enabled', sensorLabels);
const regulator = gauge('node_hwmon_voltage_regulator_version', 'Hardware voltage regulator', sensorLabels);
const updateInterval = gauge('node_hwmon_update_interval_seconds', 'Hardware monitor update interval', sensorLabels);

// For the documentation; the families are made at run time from the files that there are.
const patterns = [
  gauge('node_hwmon_temp_celsius', 'Hardware monitor for temperature (input)', sensorLabels),
  gauge('node_hwmon_temp_<element>_celsius', 'Hardware monitor for temperature (<element>)', sensorLabels),
  gauge('node_hwmon_in_volts', 'Hardware monitor for voltage (input)', sensorLabels),
  gauge('node_hwmon_in_<element>_volts', 'Hardware monitor for voltage (<element>)', sensorLabels),
  gauge('node_hwmon_cpu_<element>_volts', 'Hardware monitor for voltage (<element>)', sensorLabels),
  gauge('node_hwmon_curr_amps', 'Hardware monitor for current (input)', sensorLabels),
  gauge('node_hwmon_curr_<element>_amps', 'Hardware monitor for current (<element>)', sensorLabels),
  gauge('node_hwmon_power_<element>_watt', 'Hardware monitor for power usage in watts (<element>)', sensorLabels),
  gauge('node_hwmon_power_watt', 'Hardware monitor for power usage in watts (input)', sensorLabels),
  gauge('node_hwmon_power_accuracy', 'Hardware monitor power meter accuracy, as a ratio', sensorLabels),
  gauge(
    'node_hwmon_power_<average_interval>_seconds',
    'Hardware monitor power usage update interval (<average_interval>)',
    sensorLabels,
  ),
  counter('node_hwmon_energy_joule_total', 'Hardware monitor for joules used so far (input)', sensorLabels),
  counter(
    'node_hwmon_energy_<element>_joule_total',
    'Hardware monitor for joules used so far (<element>)',
    sensorLabels,
  ),
  gauge(
    'node_hwmon_humidity',
    'Hardware monitor for humidity, as a ratio (multiply with 100.0 to get the humidity as a percentage) (input)',
    sensorLabels,
  ),
  gauge('node_hwmon_fan_rpm', 'Hardware monitor for fan revolutions per minute (input)', sensorLabels),
  gauge('node_hwmon_fan_<element>_rpm', 'Hardware monitor for fan revolutions per minute (<element>)', sensorLabels),
  gauge('node_hwmon_freq_freq_mhz', 'Hardware monitor for GPU frequency in MHz', sensorLabels),
  gauge('node_hwmon_<type>_alarm', 'Hardware sensor alarm status (<type>)', sensorLabels),
  gauge('node_hwmon_<type>_fault', 'Hardware sensor fault status (<type>)', sensorLabels),
  gauge('node_hwmon_<type>_beep_enabled', 'Hardware monitor sensor has beeping enabled', sensorLabels),
  gauge('node_hwmon_<type>_<element>', 'Hardware monitor <type> element <element>', sensorLabels),
];

export const hwmon = defineCollector({
  name: 'hwmon',
  summary: 'Temperatures, fans, voltages, currents and power, as sensor chips report them.',
  source: '/sys/class/hwmon',
  differences: [
    'Sensors that the options leave out are not read, so that a slow one costs nothing.',
    'Where two files of a chip give one series, the first is served; node_exporter fails the scrape.',
  ],
  enabled: true,
  schedule: '15s',
  timeout: '15s',
  families: [chipNames, sensorLabel, beepEnabled, regulator, updateInterval, ...patterns],
  combinable: ['chip', 'sensor'],
  config: z.strictObject({
    ...includeExclude('chip', 'chips, as the label chip has them,'),
    ...includeExclude('sensor', 'sensors, written "<chip>;<sensor>" such as "platform_coretemp_0;temp3",'),
  }),
  create(config, { system: { sys } }) {
    const chipWanted = nameFilter(config.chip_include, config.chip_exclude);
    const sensorWanted = nameFilter(config.sensor_include, config.sensor_exclude);
    const measures = measuresByKey();

    async function readChips(entries: readonly string[], signal: AbortSignal): Promise<Sample[]> {
      const samples: Sample[] = [];
      for (const { folder, chip } of chipsOf(sys, entries)) {
        if (!chipWanted(chip)) continue;
        const chipName = cleanName(sys.attribute(`${folder}/name`) ?? '');
        if (chipName !== '') samples.push(chipNames.sample(1, { chip, chip_name: chipName }));
        const sensors = readSensors(sys, folder, (sensor) => sensorWanted(`${chip};${sensor}`));
        samples.push(...samplesOf(chip, sensors, measures));
        await setImmediate();
        signal.throwIfAborted();
      }
      return samples;
    }

    return {
      // Thrown, not rejected: that costs as much as a file, at each run of each host that has none.
      collect(signal) {
        const entries = sys.listIfPresent('class/hwmon');
        if (entries === undefined) throw new NoDataError('this host has no sensor chips');
        return readChips(entries, signal);
      },
    };
  },
});

interface Chip {
  readonly folder: string;
  /** The value of the label `chip`, which no other chip has. */
  readonly chip: string;
}

/** The chips, each by a name of its own. */
function chipsOf(sys: Tree, entries: readonly string[]): Chip[] {
  const chips = entries.map((entry) => {
    const folder = `class/hwmon/${entry}`;
    const name = sys.attribute(`${folder}/name`) ?? '';
    const target = sys.realPath(folder)?.split('/').at(-1) ?? entry;
    return { entry, folder, name, base: deviceName(sys, folder) ?? (cleanName(name) || cleanName(target)) };
  });
  return chips.map(({ entry, folder, name, base }) => {
    const rivals = chips.filter((other) => other.base === base);
    if (rivals.length === 1) return { folder, chip: base };
    const byName = cleanName(name);
    const unique = byName !== '' && rivals.filter((other) => cleanName(other.name) === byName).length === 1;
    return { folder, chip: `${base}_${unique ? byName : cleanName(entry)}` };
  });
}

interface Sensor {
  readonly type: string;
  /** By element; the empty one is a file without any, such as `pwm1`. */
  readonly elements: Map<string, string>;
}

const sensorTypes = new Set([
  'vrm',
  'beep_enable',
  'update_interval',
  'in',
  'cpu',
  'fan',
  'pwm',
  'temp',
  'curr',
  'power',
  'energy',
  'humidity',
  'intrusion',
  'freq',
]);

/** The type, the number and the element of a file's name; undefined where it is no sensor's. */
export function parseSensorFile(file: string): { type: string; sensor: string; element: string } | undefined {
  const [, type = '', number = '', element = ''] = /^([^0-9]+)([0-9]*)(?:_(.+))?$/.exec(file) ?? [];
  if (!sensorTypes.has(type)) return undefined;
  return { type, sensor: `${type}${number.replace(/^0+(?=\d)/, '') || '0'}`, element };
}

/** What the files of a chip and of its device say, by sensor. */
function readSensors(sys: Tree, folder: string, wanted: (sensor: string) => boolean): Map<string, Sensor> {
  const sensors = new Map<string, Sensor>();
  for (const place of [folder, `${folder}/device`]) {
    for (const file of sys.list(place)) {
      // Every device has a folder power/ for its power management.
      const parsed = file === 'power' ? undefined : parseSensorFile(file);
      if (parsed === undefined || !wanted(parsed.sensor)) continue;
      // Blanks around a label are part of it.
      const text = parsed.element === 'label' ? labelText(sys, `${place}/${file}`) : sys.attribute(`${place}/${file}`);
      if (text === undefined) continue;
      let sensor = sensors.get(parsed.sensor);
      if (sensor === undefined) {
        sensor = { type: parsed.type, elements: new Map() };
        sensors.set(parsed.sensor, sensor);
      }
      sensor.elements.set(parsed.element, text);
    }
  }
  return sensors;
}

function labelText(sys: Tree, path: string): string | undefined {
  const bytes = sys.attributeBytes(path);
  return bytes && utf8Text(bytes).replaceAll(/^\n+|\n+$/g, '');
}

/** How an element is served. */
interface Measure {
  readonly family: Family<(typeof sensorLabels)[number]>;
  readonly convert: (value: number) => number;
}

type Measures = (type: string, element: string, hasPlain: boolean) => Measure;

const asIs = (value: number): number => value;
const fromThousandths = (value: number): number => value * 0.001;
const fromMillionths = (value: number): number => value / 1_000_000;

/** The unit, the help and the factor of an element; `name` is without the unit. */
function describe(type: string, element: string, name: string): [name: string, help: string, Measure['convert']] {
  // A file such as `temp1` beside no `temp1_input` holds what that would.
  const what = element === '' ? 'input' : element;
  if (element === 'fault' || element === 'alarm') {
    return [name, `Hardware sensor ${element} status (${type})`, asIs];
  }
  if (element === 'beep') return [`${name}_enabled`, 'Hardware monitor sensor has beeping enabled', asIs];
  if (type === 'in' || type === 'cpu') {
    return [`${name}_volts`, `Hardware monitor for voltage (${what})`, fromThousandths];
  }
  if (type === 'temp' && element !== 'type') {
    return [`${name}_celsius`, `Hardware monitor for temperature (${what})`, fromThousandths];
  }
  if (type === 'curr') return [`${name}_amps`, `Hardware monitor for current (${what})`, fromThousandths];
  if (type === 'energy') {
    return [`${name}_joule_total`, `Hardware monitor for joules used so far (${what})`, fromMillionths];
  }
  if (type === 'power') {
    if (element === 'accuracy') return [name, 'Hardware monitor power meter accuracy, as a ratio', fromMillionths];
    if (/^average_interval(?:_min|_max)?$/.test(element)) {
      return [`${name}_seconds`, `Hardware monitor power usage update interval (${element})`, fromThousandths];
    }
    return [`${name}_watt`, `Hardware monitor for power usage in watts (${what})`, fromMillionths];
  }
  if (type === 'humidity') {
    const percentage = 'multiply with 100.0 to get the humidity as a percentage';
    return [name, `Hardware monitor for humidity, as a ratio (${percentage}) (${what})`, fromMillionths];
  }
  if (type === 'fan' && ['input', 'min', 'max', 'target'].includes(element)) {
    return [`${name}_rpm`, `Hardware monitor for fan revolutions per minute (${element})`, asIs];
  }
  if (type === 'freq' && element === 'input') {
    return [`${name}_freq_mhz`, 'Hardware monitor for GPU frequency in MHz', fromMillionths];
  }
  return [name, `Hardware monitor ${type} element ${element}`, asIs];
}

/** The measure of each kind of element, made once. */
function measuresByKey(): Measures {
  const known = new Map<string, Measure>();
  const helps = new Map<string, string>();
  const head = (name: string) => ({ name, help: helps.get(name)! });
  const gauges = familiesByKey('gauge', head, sensorLabels);
  const counters = familiesByKey('counter', head, sensorLabels);
  return (type, element, hasPlain) => {
    const key = `${type}_${element} ${hasPlain}`;
    let measure = known.get(key);
    if (measure === undefined) {
      const isValue = element === '' || (element === 'input' && !hasPlain);
      const [name, help, convert] = describe(
        type,
        element,
        `node_hwmon_${type}${isValue ? '' : `_${cleanName(element)}`}`,
      );
      if (!helps.has(name)) helps.set(name, help);
      measure = { family: (type === 'energy' && name.endsWith('_total') ? counters : gauges)(name), convert };
      known.set(key, measure);
    }
    return measure;
  };
}

/** The samples of one chip. */
function* samplesOf(chip: string, sensors: Map<string, Sensor>, measures: Measures): Generator<Sample> {
  const served = new Set<string>();
  for (const [sensor, { type, elements }] of sensors) {
    const labels = { chip, sensor };
    const label = elements.get('label');
    if (label !== undefined) yield sensorLabel.sample(1, { ...labels, label });
    if (type === 'beep_enable') {
      yield beepEnabled.sample(elements.get('') === '1' ? 1 : 0, labels);
      continue;
    }
    if (type === 'vrm' || type === 'update_interval') {
      const value = decimal(elements.get('')?.trim());
      if (value === undefined) continue;
      yield type === 'vrm' ? regulator.sample(value, labels) : updateInterval.sample(fromThousandths(value), labels);
      continue;
    }
    for (const [element, text] of elements) {
      const value = element === 'label' ? undefined : decimal(text.trim());
      if (value === undefined) continue;
      const isFrequency = type === 'freq' && element === 'input';
      if (isFrequency && label === undefined) continue;
      const { family, convert } = measures(type, element, elements.has(''));
      const shown = isFrequency ? cleanName(label ?? '') : sensor;
      // Elements that differ in odd characters only, or clocks of one label, would be the same series.
      const series = `${family.name} ${shown}`;
      if (served.has(series)) continue;
      served.add(series);
      yield family.sample(convert(value), { chip, sensor: shown });
    }
  }
}
