import { expect, test } from 'vitest';
import { powersupplyclass } from '../../../collectors/host/powersupplyclass.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const board = sceneFolder('arm-board', ['powersupplyclass']);

test('reports what each driver knows, with a label only for facts that there are', async () => {
  expect(await expose(powersupplyclass, board)).toBe(text`
    # HELP node_power_supply_capacity capacity value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_capacity gauge
    node_power_supply_capacity{power_supply="battery"} 73
    # HELP node_power_supply_charge_ampere charge_ampere value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_charge_ampere gauge
    node_power_supply_charge_ampere{power_supply="battery"} 1.46
    # HELP node_power_supply_charge_full charge_full value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_charge_full gauge
    node_power_supply_charge_full{power_supply="battery"} 2.01
    # HELP node_power_supply_charge_full_design charge_full_design value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_charge_full_design gauge
    node_power_supply_charge_full_design{power_supply="battery"} 2.1
    # HELP node_power_supply_constant_charge_current constant_charge_current value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_constant_charge_current gauge
    node_power_supply_constant_charge_current{power_supply="battery"} 0.5
    # HELP node_power_supply_current_ampere current_ampere value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_current_ampere gauge
    node_power_supply_current_ampere{power_supply="battery"} -0.412
    # HELP node_power_supply_cyclecount cyclecount value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_cyclecount gauge
    node_power_supply_cyclecount{power_supply="battery"} 118
    # HELP node_power_supply_info info of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_info gauge
    node_power_supply_info{capacity_level="Normal",health="Good",manufacturer="Sunwoda",model_name="AXP20x",power_supply="battery",scope="System",status="Discharging",technology="Li-ion",type="Battery"} 1
    node_power_supply_info{power_supply="charger",type="USB",usb_type="[Unknown] SDP DCP CDP"} 1
    # HELP node_power_supply_input_current_limit input_current_limit value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_input_current_limit gauge
    node_power_supply_input_current_limit{power_supply="charger"} 1.5
    # HELP node_power_supply_online online value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_online gauge
    node_power_supply_online{power_supply="charger"} 0
    # HELP node_power_supply_present present value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_present gauge
    node_power_supply_present{power_supply="battery"} 1
    # HELP node_power_supply_temp_alert_max_celsius temp_alert_max_celsius value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_temp_alert_max_celsius gauge
    node_power_supply_temp_alert_max_celsius{power_supply="battery"} 60
    # HELP node_power_supply_temp_celsius temp_celsius value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_temp_celsius gauge
    node_power_supply_temp_celsius{power_supply="battery"} 28.4
    # HELP node_power_supply_time_to_empty_seconds time_to_empty_seconds value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_time_to_empty_seconds gauge
    node_power_supply_time_to_empty_seconds{power_supply="battery"} 12757
    # HELP node_power_supply_voltage_max_design voltage_max_design value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_voltage_max_design gauge
    node_power_supply_voltage_max_design{power_supply="battery"} 4.2
    # HELP node_power_supply_voltage_min voltage_min value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_voltage_min gauge
    node_power_supply_voltage_min{power_supply="charger"} 4.4
    # HELP node_power_supply_voltage_ocv voltage_ocv value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_voltage_ocv gauge
    node_power_supply_voltage_ocv{power_supply="battery"} 3.905
    # HELP node_power_supply_voltage_volt voltage_volt value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_voltage_volt gauge
    node_power_supply_voltage_volt{power_supply="battery"} 3.871
  `);
});

test('leaves out the supplies that the option names', async () => {
  const scrape = await expose(powersupplyclass, board, { ignored_supplies: '^batt' });

  expect(scrape).toBe(text`
    # HELP node_power_supply_info info of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_info gauge
    node_power_supply_info{power_supply="charger",type="USB",usb_type="[Unknown] SDP DCP CDP"} 1
    # HELP node_power_supply_input_current_limit input_current_limit value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_input_current_limit gauge
    node_power_supply_input_current_limit{power_supply="charger"} 1.5
    # HELP node_power_supply_online online value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_online gauge
    node_power_supply_online{power_supply="charger"} 0
    # HELP node_power_supply_voltage_min voltage_min value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_voltage_min gauge
    node_power_supply_voltage_min{power_supply="charger"} 4.4
  `);
});

test('loses only the attributes that fail or are no numbers', async () => {
  const host = systemOf(
    sceneOf(`
== sys/class/power_supply/BAT0/type
Battery
== sys/class/power_supply/BAT0/capacity
73
== sys/class/power_supply/BAT0/voltage_now
3871000
== sys/class/power_supply/BAT0/energy_now

== sys/class/power_supply/BAT0/serial_number

== sys/class/power_supply/BAT0/status
Full
`),
  );
  const sys = failing(host.sys, {
    'class/power_supply/BAT0/voltage_now': 'ENODEV',
    'class/power_supply/BAT0/status': 'EINVAL',
  });

  expect(await expose(powersupplyclass, { ...host, sys })).toBe(text`
    # HELP node_power_supply_capacity capacity value of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_capacity gauge
    node_power_supply_capacity{power_supply="BAT0"} 73
    # HELP node_power_supply_info info of /sys/class/power_supply/<power_supply>.
    # TYPE node_power_supply_info gauge
    node_power_supply_info{power_supply="BAT0",type="Battery"} 1
  `);
});

test('takes what is no folder for no supply', async () => {
  expect(await expose(powersupplyclass, sceneOf('== sys/class/power_supply/stray\n1\n'))).toBe('');
});

test('has no data without the class, and nothing to report without supplies', async () => {
  await expect(expose(powersupplyclass, sceneOf(''))).rejects.toThrow('no power supply class');
  expect(await expose(powersupplyclass, sceneOf('=/ sys/class/power_supply\n'))).toBe('');
});
