import { expect, test } from 'vitest';
import { thermalZone } from '../../../collectors/host/thermal-zone.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const board = sceneFolder('arm-board', ['thermal-zone']);

test('reports zones, those that are disabled too, and cooling devices', async () => {
  expect(await expose(thermalZone, board)).toBe(text`
    # HELP node_cooling_device_cur_state Current throttle state of the cooling device
    # TYPE node_cooling_device_cur_state gauge
    node_cooling_device_cur_state{name="0",type="pwm-fan"} 2
    node_cooling_device_cur_state{name="1",type="cpufreq-cpu0"} 0
    # HELP node_cooling_device_max_state Maximum throttle state of the cooling device
    # TYPE node_cooling_device_max_state gauge
    node_cooling_device_max_state{name="0",type="pwm-fan"} 4
    node_cooling_device_max_state{name="1",type="cpufreq-cpu0"} 11
    # HELP node_thermal_zone_temp Zone temperature in Celsius
    # TYPE node_thermal_zone_temp gauge
    node_thermal_zone_temp{type="cpu-thermal",zone="0"} 61.322
    node_thermal_zone_temp{type="gpu-thermal",zone="1"} 58.9
    node_thermal_zone_temp{type="outdoor",zone="10"} -4.5
    node_thermal_zone_temp{type="wifi-thermal",zone="2"} 0
  `);
});

test.each(['EAGAIN', 'ENODATA', 'EIO'])(
  'leaves out a zone whose sensor answers %s, rather than report 0',
  async (code) => {
    const host = systemOf(board);
    const sys = failing(host.sys, { 'class/thermal/thermal_zone0/temp': code });

    const scrape = await expose(thermalZone, { ...host, sys });

    expect(scrape).not.toContain('zone="0"');
    expect(scrape).toContain('node_thermal_zone_temp{type="gpu-thermal",zone="1"} 58.9\n');
  },
);

test('leaves out a temperature and a state that are no numbers', async () => {
  const scrape = await expose(
    thermalZone,
    sceneOf(`
== sys/class/thermal/thermal_zone0/type
acpitz
== sys/class/thermal/thermal_zone0/temp

== sys/class/thermal/cooling_device0/type
intel_powerclamp
== sys/class/thermal/cooling_device0/cur_state
-1
== sys/class/thermal/cooling_device0/max_state
?
`),
  );

  expect(scrape).toBe(text`
    # HELP node_cooling_device_cur_state Current throttle state of the cooling device
    # TYPE node_cooling_device_cur_state gauge
    node_cooling_device_cur_state{name="0",type="intel_powerclamp"} -1
  `);
});

test('has nothing to report on a host without thermal zones', async () => {
  expect(await expose(thermalZone, sceneOf(''))).toBe('');
});
