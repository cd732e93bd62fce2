/**
 * Temperatures of thermal zones, and how far cooling devices throttle.
 *
 * Source  /sys/class/thermal/thermal_zoneN/{type,temp} and cooling_deviceN/{type,cur_state,max_state}
 *         (Documentation/driver-api/thermal/sysfs-api.rst).
 * Units   the kernel gives millidegrees; states are steps from 0 to the maximum.
 * Labels  zone and name: the number N; type: the kernel's word for it, such as "x86_pkg_temp".
 * Quirks  A zone whose sensor answers EAGAIN or ENODATA is absent: 0 °C would be a lie. One that is disabled is not governed
 *         any more, but its sensor may well answer.
 *         The state of intel_powerclamp is -1 while it is idle.
 */
import { defineCollector, gauge, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import type { Tree } from '../../src/system/index.ts';
import { integer } from '../../src/system/numbers.ts';

const temperature = gauge('node_thermal_zone_temp', 'Zone temperature in Celsius', ['zone', 'type']);
const current = gauge('node_cooling_device_cur_state', 'Current throttle state of the cooling device', [
  'name',
  'type',
]);
const maximum = gauge('node_cooling_device_max_state', 'Maximum throttle state of the cooling device', [
  'name',
  'type',
]);

export const thermalZone = defineCollector({
  name: 'thermal_zone',
  summary: 'Temperatures of thermal zones, and how far cooling devices throttle.',
  source: '/sys/class/thermal',
  differences: [
    'A zone that cannot be read is absent; node_exporter reports 0 °C for it.',
    'Of a cooling device one state is reported without the other where only that can be read.',
  ],
  enabled: true,
  schedule: '15s',
  families: [temperature, current, maximum],
  config: z.strictObject({}),
  create(_config, { system: { sys } }) {
    return {
      collect: () => samplesOf(sys),
    };
  },
});

function* samplesOf(sys: Tree): Generator<Sample> {
  const entries = sys.list('class/thermal');
  for (const entry of entries) {
    const [, zone] = /^thermal_zone(\d+)$/.exec(entry) ?? [];
    if (zone === undefined) continue;
    const folder = `class/thermal/${entry}`;
    const type = sys.attribute(`${folder}/type`);
    const millidegrees = integer(sys.attribute(`${folder}/temp`));
    if (type === undefined || millidegrees === undefined) continue;
    yield temperature.sample(millidegrees / 1000, { zone, type });
  }
  for (const entry of entries) {
    const [, name] = /^cooling_device(\d+)$/.exec(entry) ?? [];
    if (name === undefined) continue;
    const folder = `class/thermal/${entry}`;
    const type = sys.attribute(`${folder}/type`);
    if (type === undefined) continue;
    const now = integer(sys.attribute(`${folder}/cur_state`));
    const most = integer(sys.attribute(`${folder}/max_state`));
    if (now !== undefined) yield current.sample(now, { name, type });
    if (most !== undefined) yield maximum.sample(most, { name, type });
  }
}
