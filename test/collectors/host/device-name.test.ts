import { expect, test } from 'vitest';
import { cleanName, deviceName } from '../../../collectors/host/device-name.ts';
import { systemOf } from '../../support/expose.ts';
import { sceneOf } from '../../support/scene.ts';

test.each([
  ['Core 0', 'core_0'],
  ['coretemp.1', 'coretemp_1'],
  ['0000:0b:00.0', '0000:0b:00_0'],
  ['__Tctl__', 'tctl'],
  ['°C', 'c'],
  ['-', ''],
])('cleans the name %j', (text, name) => {
  expect(cleanName(text)).toBe(name);
});

test('names a device by the last two folders of its path', () => {
  const { sys } = systemOf(
    sceneOf(`
=> sys/class/hwmon/hwmon0 -> ../../devices/platform/coretemp.0/hwmon/hwmon0
=> sys/devices/platform/coretemp.0/hwmon/hwmon0/device -> ../../../coretemp.0
`),
  );

  expect(deviceName(sys, 'class/hwmon/hwmon0')).toBe('platform_coretemp_0');
});

test('knows no device where there is no link, or one that leads nowhere', () => {
  const { sys } = systemOf(sceneOf('=> sys/class/hwmon/hwmon0/device -> ../../../gone\n=/ sys/class/hwmon/hwmon1\n'));

  expect(deviceName(sys, 'class/hwmon/hwmon0')).toBeUndefined();
  expect(deviceName(sys, 'class/hwmon/hwmon1')).toBeUndefined();
});
