import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hwmon, parseSensorFile } from '../../../collectors/host/hwmon.ts';
import { contextOf, expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = sceneFolder('rich-server', ['hwmon']);

/** The series of a scrape, without the lines on families. */
function series(scrape: string): string[] {
  return scrape.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('reports every sensor of every chip, in whole units', async () => {
  const scrape = await expose(hwmon, server);

  expect(scrape).toBe(text`
    # HELP node_hwmon_beep_enabled Hardware beep enabled
    # TYPE node_hwmon_beep_enabled gauge
    node_hwmon_beep_enabled{chip="platform_nct6775_656",sensor="beep_enable0"} 1
    # HELP node_hwmon_chip_names Annotation metric for human-readable chip names
    # TYPE node_hwmon_chip_names gauge
    node_hwmon_chip_names{chip="platform_coretemp_0",chip_name="coretemp"} 1
    node_hwmon_chip_names{chip="platform_coretemp_1",chip_name="coretemp"} 1
    node_hwmon_chip_names{chip="platform_asus_nb_wmi_asus_custom_fan_curve",chip_name="asus_custom_fan_curve"} 1
    node_hwmon_chip_names{chip="acpi_fan",chip_name="acpi_fan"} 1
    node_hwmon_chip_names{chip="platform_nct6775_656",chip_name="nct6798"} 1
    node_hwmon_chip_names{chip="nvme_nvme0",chip_name="nvme"} 1
    node_hwmon_chip_names{chip="nvme_nvme1",chip_name="nvme"} 1
    node_hwmon_chip_names{chip="pci0000:00_0000:00:18_3",chip_name="k10temp"} 1
    node_hwmon_chip_names{chip="0000:00:03_1_0000:0b:00_0",chip_name="amdgpu"} 1
    node_hwmon_chip_names{chip="lnxsybus:00_acpi000d:00",chip_name="power_meter"} 1
    node_hwmon_chip_names{chip="platform_asus_nb_wmi_asus",chip_name="asus"} 1
    # HELP node_hwmon_cpu_vid_volts Hardware monitor for voltage (vid)
    # TYPE node_hwmon_cpu_vid_volts gauge
    node_hwmon_cpu_vid_volts{chip="platform_nct6775_656",sensor="cpu0"} 1.1
    # HELP node_hwmon_curr_amps Hardware monitor for current (input)
    # TYPE node_hwmon_curr_amps gauge
    node_hwmon_curr_amps{chip="lnxsybus:00_acpi000d:00",sensor="curr1"} 1.813
    # HELP node_hwmon_energy_joule_total Hardware monitor for joules used so far (input)
    # TYPE node_hwmon_energy_joule_total counter
    node_hwmon_energy_joule_total{chip="lnxsybus:00_acpi000d:00",sensor="energy1"} 81234567.890123
    # HELP node_hwmon_fan_alarm Hardware sensor alarm status (fan)
    # TYPE node_hwmon_fan_alarm gauge
    node_hwmon_fan_alarm{chip="platform_nct6775_656",sensor="fan1"} 0
    # HELP node_hwmon_fan_enable Hardware monitor fan element enable
    # TYPE node_hwmon_fan_enable gauge
    node_hwmon_fan_enable{chip="0000:00:03_1_0000:0b:00_0",sensor="fan1"} 0
    # HELP node_hwmon_fan_min_rpm Hardware monitor for fan revolutions per minute (min)
    # TYPE node_hwmon_fan_min_rpm gauge
    node_hwmon_fan_min_rpm{chip="platform_nct6775_656",sensor="fan1"} 0
    # HELP node_hwmon_fan_pulses Hardware monitor fan element pulses
    # TYPE node_hwmon_fan_pulses gauge
    node_hwmon_fan_pulses{chip="platform_nct6775_656",sensor="fan1"} 2
    # HELP node_hwmon_fan_rpm Hardware monitor for fan revolutions per minute (input)
    # TYPE node_hwmon_fan_rpm gauge
    node_hwmon_fan_rpm{chip="acpi_fan",sensor="fan1"} 2300
    node_hwmon_fan_rpm{chip="platform_nct6775_656",sensor="fan1"} 1104
    node_hwmon_fan_rpm{chip="0000:00:03_1_0000:0b:00_0",sensor="fan1"} 0
    # HELP node_hwmon_fan_target_rpm Hardware monitor for fan revolutions per minute (target)
    # TYPE node_hwmon_fan_target_rpm gauge
    node_hwmon_fan_target_rpm{chip="platform_nct6775_656",sensor="fan1"} 0
    # HELP node_hwmon_fan_tolerance Hardware monitor fan element tolerance
    # TYPE node_hwmon_fan_tolerance gauge
    node_hwmon_fan_tolerance{chip="platform_nct6775_656",sensor="fan1"} 0
    # HELP node_hwmon_freq_freq_mhz Hardware monitor for GPU frequency in MHz
    # TYPE node_hwmon_freq_freq_mhz gauge
    node_hwmon_freq_freq_mhz{chip="0000:00:03_1_0000:0b:00_0",sensor="sclk"} 1050
    node_hwmon_freq_freq_mhz{chip="0000:00:03_1_0000:0b:00_0",sensor="mclk"} 1000
    # HELP node_hwmon_humidity Hardware monitor for humidity, as a ratio (multiply with 100.0 to get the humidity as a percentage) (input)
    # TYPE node_hwmon_humidity gauge
    node_hwmon_humidity{chip="lnxsybus:00_acpi000d:00",sensor="humidity1"} 0.04321
    # HELP node_hwmon_in_alarm Hardware sensor alarm status (in)
    # TYPE node_hwmon_in_alarm gauge
    node_hwmon_in_alarm{chip="platform_nct6775_656",sensor="in0"} 0
    # HELP node_hwmon_in_beep_enabled Hardware monitor sensor has beeping enabled
    # TYPE node_hwmon_in_beep_enabled gauge
    node_hwmon_in_beep_enabled{chip="platform_nct6775_656",sensor="in0"} 0
    # HELP node_hwmon_in_max_volts Hardware monitor for voltage (max)
    # TYPE node_hwmon_in_max_volts gauge
    node_hwmon_in_max_volts{chip="platform_nct6775_656",sensor="in0"} 1.744
    # HELP node_hwmon_in_min_volts Hardware monitor for voltage (min)
    # TYPE node_hwmon_in_min_volts gauge
    node_hwmon_in_min_volts{chip="platform_nct6775_656",sensor="in0"} 0
    # HELP node_hwmon_in_volts Hardware monitor for voltage (input)
    # TYPE node_hwmon_in_volts gauge
    node_hwmon_in_volts{chip="platform_nct6775_656",sensor="in0"} 0.856
    node_hwmon_in_volts{chip="0000:00:03_1_0000:0b:00_0",sensor="in0"} 0.856
    # HELP node_hwmon_intrusion_alarm Hardware sensor alarm status (intrusion)
    # TYPE node_hwmon_intrusion_alarm gauge
    node_hwmon_intrusion_alarm{chip="platform_nct6775_656",sensor="intrusion0"} 1
    # HELP node_hwmon_intrusion_beep_enabled Hardware monitor sensor has beeping enabled
    # TYPE node_hwmon_intrusion_beep_enabled gauge
    node_hwmon_intrusion_beep_enabled{chip="platform_nct6775_656",sensor="intrusion0"} 0
    # HELP node_hwmon_power_accuracy Hardware monitor power meter accuracy, as a ratio
    # TYPE node_hwmon_power_accuracy gauge
    node_hwmon_power_accuracy{chip="lnxsybus:00_acpi000d:00",sensor="power1"} 0.95
    # HELP node_hwmon_power_average_interval_min_seconds Hardware monitor power usage update interval (average_interval_min)
    # TYPE node_hwmon_power_average_interval_min_seconds gauge
    node_hwmon_power_average_interval_min_seconds{chip="lnxsybus:00_acpi000d:00",sensor="power1"} 1
    # HELP node_hwmon_power_average_interval_seconds Hardware monitor power usage update interval (average_interval)
    # TYPE node_hwmon_power_average_interval_seconds gauge
    node_hwmon_power_average_interval_seconds{chip="lnxsybus:00_acpi000d:00",sensor="power1"} 1
    # HELP node_hwmon_power_average_watt Hardware monitor for power usage in watts (average)
    # TYPE node_hwmon_power_average_watt gauge
    node_hwmon_power_average_watt{chip="0000:00:03_1_0000:0b:00_0",sensor="power1"} 34.011
    node_hwmon_power_average_watt{chip="lnxsybus:00_acpi000d:00",sensor="power1"} 218
    # HELP node_hwmon_power_cap_watt Hardware monitor for power usage in watts (cap)
    # TYPE node_hwmon_power_cap_watt gauge
    node_hwmon_power_cap_watt{chip="0000:00:03_1_0000:0b:00_0",sensor="power1"} 203
    # HELP node_hwmon_pwm Hardware monitor pwm element 
    # TYPE node_hwmon_pwm gauge
    node_hwmon_pwm{chip="platform_asus_nb_wmi_asus_custom_fan_curve",sensor="pwm1"} 140
    node_hwmon_pwm{chip="platform_nct6775_656",sensor="pwm1"} 153
    node_hwmon_pwm{chip="platform_asus_nb_wmi_asus",sensor="pwm1"} 128
    # HELP node_hwmon_pwm_auto_point1_pwm Hardware monitor pwm element auto_point1_pwm
    # TYPE node_hwmon_pwm_auto_point1_pwm gauge
    node_hwmon_pwm_auto_point1_pwm{chip="platform_nct6775_656",sensor="pwm1"} 76
    # HELP node_hwmon_pwm_auto_point1_temp Hardware monitor pwm element auto_point1_temp
    # TYPE node_hwmon_pwm_auto_point1_temp gauge
    node_hwmon_pwm_auto_point1_temp{chip="platform_nct6775_656",sensor="pwm1"} 20000
    # HELP node_hwmon_pwm_enable Hardware monitor pwm element enable
    # TYPE node_hwmon_pwm_enable gauge
    node_hwmon_pwm_enable{chip="platform_asus_nb_wmi_asus_custom_fan_curve",sensor="pwm1"} 2
    node_hwmon_pwm_enable{chip="platform_nct6775_656",sensor="pwm1"} 5
    node_hwmon_pwm_enable{chip="platform_asus_nb_wmi_asus",sensor="pwm1"} 2
    # HELP node_hwmon_pwm_mode Hardware monitor pwm element mode
    # TYPE node_hwmon_pwm_mode gauge
    node_hwmon_pwm_mode{chip="platform_nct6775_656",sensor="pwm1"} 1
    # HELP node_hwmon_sensor_label Label for given chip and sensor
    # TYPE node_hwmon_sensor_label gauge
    node_hwmon_sensor_label{chip="platform_coretemp_0",label="Core 8",sensor="temp10"} 1
    node_hwmon_sensor_label{chip="platform_coretemp_0",label="Package id 0",sensor="temp1"} 1
    node_hwmon_sensor_label{chip="platform_coretemp_0",label="Core 0",sensor="temp2"} 1
    node_hwmon_sensor_label{chip="platform_coretemp_1",label="Package id 1",sensor="temp1"} 1
    node_hwmon_sensor_label{chip="platform_nct6775_656",label="SYSTIN",sensor="temp1"} 1
    node_hwmon_sensor_label{chip="nvme_nvme0",label="Composite",sensor="temp1"} 1
    node_hwmon_sensor_label{chip="nvme_nvme1",label="Composite",sensor="temp1"} 1
    node_hwmon_sensor_label{chip="pci0000:00_0000:00:18_3",label="Tctl",sensor="temp1"} 1
    node_hwmon_sensor_label{chip="pci0000:00_0000:00:18_3",label="Tccd1",sensor="temp3"} 1
    node_hwmon_sensor_label{chip="0000:00:03_1_0000:0b:00_0",label="sclk",sensor="freq1"} 1
    node_hwmon_sensor_label{chip="0000:00:03_1_0000:0b:00_0",label="mclk",sensor="freq2"} 1
    node_hwmon_sensor_label{chip="0000:00:03_1_0000:0b:00_0",label="vddgfx",sensor="in0"} 1
    node_hwmon_sensor_label{chip="0000:00:03_1_0000:0b:00_0",label="edge",sensor="temp1"} 1
    # HELP node_hwmon_temp_alarm Hardware sensor alarm status (temp)
    # TYPE node_hwmon_temp_alarm gauge
    node_hwmon_temp_alarm{chip="nvme_nvme0",sensor="temp1"} 0
    # HELP node_hwmon_temp_celsius Hardware monitor for temperature (input)
    # TYPE node_hwmon_temp_celsius gauge
    node_hwmon_temp_celsius{chip="platform_coretemp_0",sensor="temp10"} 47
    node_hwmon_temp_celsius{chip="platform_coretemp_0",sensor="temp1"} 48
    node_hwmon_temp_celsius{chip="platform_coretemp_0",sensor="temp2"} 45
    node_hwmon_temp_celsius{chip="platform_coretemp_1",sensor="temp1"} 51
    node_hwmon_temp_celsius{chip="platform_nct6775_656",sensor="temp1"} 33
    node_hwmon_temp_celsius{chip="nvme_nvme0",sensor="temp1"} 38.85
    node_hwmon_temp_celsius{chip="nvme_nvme1",sensor="temp1"} 41.85
    node_hwmon_temp_celsius{chip="pci0000:00_0000:00:18_3",sensor="temp1"} 52.375
    node_hwmon_temp_celsius{chip="pci0000:00_0000:00:18_3",sensor="temp3"} 50.25
    node_hwmon_temp_celsius{chip="0000:00:03_1_0000:0b:00_0",sensor="temp1"} 57
    node_hwmon_temp_celsius{chip="i2c_0_0_0050",sensor="temp1"} 29.5
    # HELP node_hwmon_temp_crit_alarm_celsius Hardware monitor for temperature (crit_alarm)
    # TYPE node_hwmon_temp_crit_alarm_celsius gauge
    node_hwmon_temp_crit_alarm_celsius{chip="platform_coretemp_0",sensor="temp1"} 0
    node_hwmon_temp_crit_alarm_celsius{chip="platform_coretemp_0",sensor="temp2"} 0
    # HELP node_hwmon_temp_crit_celsius Hardware monitor for temperature (crit)
    # TYPE node_hwmon_temp_crit_celsius gauge
    node_hwmon_temp_crit_celsius{chip="platform_coretemp_0",sensor="temp1"} 100
    node_hwmon_temp_crit_celsius{chip="platform_coretemp_0",sensor="temp2"} 100
    node_hwmon_temp_crit_celsius{chip="nvme_nvme0",sensor="temp1"} 84.85000000000001
    node_hwmon_temp_crit_celsius{chip="0000:00:03_1_0000:0b:00_0",sensor="temp1"} 97
    # HELP node_hwmon_temp_fault Hardware sensor fault status (temp)
    # TYPE node_hwmon_temp_fault gauge
    node_hwmon_temp_fault{chip="i2c_0_0_0050",sensor="temp1"} 0
    # HELP node_hwmon_temp_max_celsius Hardware monitor for temperature (max)
    # TYPE node_hwmon_temp_max_celsius gauge
    node_hwmon_temp_max_celsius{chip="platform_coretemp_0",sensor="temp1"} 84
    node_hwmon_temp_max_celsius{chip="platform_coretemp_0",sensor="temp2"} 84
    node_hwmon_temp_max_celsius{chip="platform_coretemp_1",sensor="temp1"} 84
    node_hwmon_temp_max_celsius{chip="nvme_nvme0",sensor="temp1"} 81.85000000000001
    # HELP node_hwmon_temp_min_celsius Hardware monitor for temperature (min)
    # TYPE node_hwmon_temp_min_celsius gauge
    node_hwmon_temp_min_celsius{chip="nvme_nvme0",sensor="temp1"} -273.15000000000003
    # HELP node_hwmon_temp_type Hardware monitor temp element type
    # TYPE node_hwmon_temp_type gauge
    node_hwmon_temp_type{chip="platform_nct6775_656",sensor="temp1"} 4
    # HELP node_hwmon_update_interval_seconds Hardware monitor update interval
    # TYPE node_hwmon_update_interval_seconds gauge
    node_hwmon_update_interval_seconds{chip="lnxsybus:00_acpi000d:00",sensor="update_interval0"} 1
    # HELP node_hwmon_voltage_regulator_version Hardware voltage regulator
    # TYPE node_hwmon_voltage_regulator_version gauge
    node_hwmon_voltage_regulator_version{chip="platform_nct6775_656",sensor="vrm0"} 90
  `);
});

test('tells chips of one device apart by hwmonN where their names are alike', async () => {
  const scrape = await expose(
    hwmon,
    sceneOf(`
=> sys/class/hwmon/hwmon0 -> ../../devices/ieee80211/phy0/hwmon/hwmon0
=> sys/devices/ieee80211/phy0/hwmon/hwmon0/device -> ../../../phy0
== sys/devices/ieee80211/phy0/hwmon/hwmon0/name
mt7996
== sys/devices/ieee80211/phy0/hwmon/hwmon0/temp1_input
55000
=> sys/class/hwmon/hwmon1 -> ../../devices/ieee80211/phy0/hwmon/hwmon1
=> sys/devices/ieee80211/phy0/hwmon/hwmon1/device -> ../../../phy0
== sys/devices/ieee80211/phy0/hwmon/hwmon1/name
mt7996
== sys/devices/ieee80211/phy0/hwmon/hwmon1/temp1_input
56000
`),
  );

  expect(series(scrape)).toEqual([
    'node_hwmon_chip_names{chip="ieee80211_phy0_hwmon0",chip_name="mt7996"} 1',
    'node_hwmon_chip_names{chip="ieee80211_phy0_hwmon1",chip_name="mt7996"} 1',
    'node_hwmon_temp_celsius{chip="ieee80211_phy0_hwmon0",sensor="temp1"} 55',
    'node_hwmon_temp_celsius{chip="ieee80211_phy0_hwmon1",sensor="temp1"} 56',
  ]);
});

test('keeps the blanks of a label, and writes bytes that are no text once', async () => {
  const host = sceneOf('== sys/class/hwmon/hwmon0/fan1_input\n900\n=/ sys/class/hwmon/hwmon0');
  writeFileSync(join(host, 'sys/class/hwmon/hwmon0/fan1_label'), Buffer.from(' Left \xff\xfe side  \n', 'latin1'));

  expect(await expose(hwmon, host)).toContain('label=" Left \ufffd side  "');
});

test('names a chip without device and name after its folder', async () => {
  const scrape = await expose(hwmon, sceneOf('== sys/class/hwmon/hwmon3/temp1_input\n20000\n'));

  expect(series(scrape)).toEqual(['node_hwmon_temp_celsius{chip="hwmon3",sensor="temp1"} 20']);
});

test('serves both files where a sensor has one with and one without _input', async () => {
  const scrape = await expose(
    hwmon,
    sceneOf(`
== sys/class/hwmon/hwmon0/name
odd
== sys/class/hwmon/hwmon0/temp1
21000
== sys/class/hwmon/hwmon0/temp1_input
22000
== sys/class/hwmon/hwmon0/temp2
23000
`),
  );

  expect(scrape).toBe(text`
    # HELP node_hwmon_chip_names Annotation metric for human-readable chip names
    # TYPE node_hwmon_chip_names gauge
    node_hwmon_chip_names{chip="odd",chip_name="odd"} 1
    # HELP node_hwmon_temp_celsius Hardware monitor for temperature (input)
    # TYPE node_hwmon_temp_celsius gauge
    node_hwmon_temp_celsius{chip="odd",sensor="temp1"} 21
    node_hwmon_temp_celsius{chip="odd",sensor="temp2"} 23
    # HELP node_hwmon_temp_input_celsius Hardware monitor for temperature (input)
    # TYPE node_hwmon_temp_input_celsius gauge
    node_hwmon_temp_input_celsius{chip="odd",sensor="temp1"} 22
  `);
});

test('serves a clock once where two have one label', async () => {
  const scrape = await expose(
    hwmon,
    sceneOf(`
== sys/class/hwmon/hwmon0/name
gpu
== sys/class/hwmon/hwmon0/freq1_input
1050000000
== sys/class/hwmon/hwmon0/freq1_label
clk
== sys/class/hwmon/hwmon0/freq2_input
900000000
== sys/class/hwmon/hwmon0/freq2_label
clk
`),
  );

  expect(series(scrape).filter((line) => line.includes('mhz'))).toEqual([
    'node_hwmon_freq_freq_mhz{chip="gpu",sensor="clk"} 1050',
  ]);
});

test('leaves out what cannot be read or is no number, and nothing else', async () => {
  const host = systemOf(
    sceneOf(`
== sys/class/hwmon/hwmon0/name
drivetemp
== sys/class/hwmon/hwmon0/temp1_input
31000
== sys/class/hwmon/hwmon0/temp1_max
N/A
== sys/class/hwmon/hwmon0/temp2_input

== sys/class/hwmon/hwmon0/temp3_input
33000
`),
  );
  const asleep = { ...host, sys: failing(host.sys, { 'class/hwmon/hwmon0/temp1_input': 'EAGAIN' }) };

  expect(series(await expose(hwmon, asleep))).toEqual([
    'node_hwmon_chip_names{chip="drivetemp",chip_name="drivetemp"} 1',
    'node_hwmon_temp_celsius{chip="drivetemp",sensor="temp3"} 33',
  ]);
});

test('filters chips and sensors by the labels that are served', async () => {
  const included = series(await expose(hwmon, server, { chip_include: '^nvme_', sensor_include: ';temp1$' }));
  const excluded = series(await expose(hwmon, server, { chip_exclude: '^(platform_(core|nct)|nvme_|pci|0000|acpi)' }));

  expect(included).toEqual([
    'node_hwmon_chip_names{chip="nvme_nvme0",chip_name="nvme"} 1',
    'node_hwmon_chip_names{chip="nvme_nvme1",chip_name="nvme"} 1',
    'node_hwmon_sensor_label{chip="nvme_nvme0",label="Composite",sensor="temp1"} 1',
    'node_hwmon_sensor_label{chip="nvme_nvme1",label="Composite",sensor="temp1"} 1',
    'node_hwmon_temp_alarm{chip="nvme_nvme0",sensor="temp1"} 0',
    'node_hwmon_temp_celsius{chip="nvme_nvme0",sensor="temp1"} 38.85',
    'node_hwmon_temp_celsius{chip="nvme_nvme1",sensor="temp1"} 41.85',
    'node_hwmon_temp_crit_celsius{chip="nvme_nvme0",sensor="temp1"} 84.85000000000001',
    'node_hwmon_temp_max_celsius{chip="nvme_nvme0",sensor="temp1"} 81.85000000000001',
    'node_hwmon_temp_min_celsius{chip="nvme_nvme0",sensor="temp1"} -273.15000000000003',
  ]);
  expect(excluded.map((line) => /chip="(\w+)"/.exec(line)?.[1])).not.toContain('platform_coretemp_0');
  expect(excluded).toContain('node_hwmon_pwm{chip="platform_asus_nb_wmi_asus",sensor="pwm1"} 128');
});

test('does not read a sensor that is left out', async () => {
  const host = systemOf(server);
  const read: string[] = [];
  const sys = {
    ...host.sys,
    attribute(path: string) {
      if (/\/(?:temp|fan|in)\d+_/.test(path)) read.push(path);
      return host.sys.attribute(path);
    },
  };

  await expose(hwmon, { ...host, sys }, { chip_include: '^nvme_nvme1$', sensor_exclude: '^nvme_nvme1;temp1$' });

  expect(read).toEqual([]);
});

test('stops between chips when it is told to', async () => {
  const system = systemOf(server);
  const read = new Set<string>();
  const sys = {
    ...system.sys,
    attribute(path: string) {
      if (path.endsWith('_input')) read.add(path.split('/').slice(0, 3).join('/'));
      return system.sys.attribute(path);
    },
  };
  const collector = hwmon.create({}, contextOf({ ...system, sys }));

  await expect(collector.collect(AbortSignal.abort(new Error('deadline')))).rejects.toThrow('deadline');
  expect([...read]).toEqual(['class/hwmon/hwmon0']);
});

test('has no data without the class, and nothing to report without chips', async () => {
  await expect(expose(hwmon, sceneOf(''))).rejects.toThrow('no sensor chips');
  expect(await expose(hwmon, sceneOf('=/ sys/class/hwmon\n'))).toBe('');
});

test.each([
  ['temp1_crit_alarm', { type: 'temp', sensor: 'temp1', element: 'crit_alarm' }],
  ['pwm1_auto_point1_pwm', { type: 'pwm', sensor: 'pwm1', element: 'auto_point1_pwm' }],
  ['pwm2', { type: 'pwm', sensor: 'pwm2', element: '' }],
  ['beep_enable', { type: 'beep_enable', sensor: 'beep_enable0', element: '' }],
  ['in12_min', { type: 'in', sensor: 'in12', element: 'min' }],
  ['temp1x', undefined],
  ['temp_crit', undefined],
  ['uevent', undefined],
  ['0in', undefined],
])('reads the name of the file %s', (file, parsed) => {
  expect(parseSensorFile(file)).toEqual(parsed);
});
