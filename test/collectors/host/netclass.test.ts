import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { netclass, parseProperty } from '../../../collectors/host/netclass.ts';
import { NoDataError } from '../../../src/collector.ts';
import { expose, failing, start, systemOf, text } from '../../support/expose.ts';
import { handClock } from '../../support/hand-clock.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = (): string => sceneFolder('rich-server', ['netclass']);

test('reports the properties of each device, each where the device has it', async () => {
  const scrape = await expose(netclass, server());

  expect(scrape).toBe(text`
    # HELP node_network_address_assign_type Network device property: address_assign_type
    # TYPE node_network_address_assign_type gauge
    node_network_address_assign_type{device="eno1"} 0
    # HELP node_network_carrier Network device property: carrier
    # TYPE node_network_carrier gauge
    node_network_carrier{device="eno1"} 1
    # HELP node_network_carrier_changes_total Network device property: carrier_changes_total
    # TYPE node_network_carrier_changes_total counter
    node_network_carrier_changes_total{device="eno1"} 4
    # HELP node_network_carrier_down_changes_total Network device property: carrier_down_changes_total
    # TYPE node_network_carrier_down_changes_total counter
    node_network_carrier_down_changes_total{device="eno1"} 2
    # HELP node_network_carrier_up_changes_total Network device property: carrier_up_changes_total
    # TYPE node_network_carrier_up_changes_total counter
    node_network_carrier_up_changes_total{device="eno1"} 2
    # HELP node_network_device_id Network device property: device_id
    # TYPE node_network_device_id gauge
    node_network_device_id{device="eno1"} 1
    # HELP node_network_dormant Network device property: dormant
    # TYPE node_network_dormant gauge
    node_network_dormant{device="eno1"} 0
    # HELP node_network_flags Network device property: flags
    # TYPE node_network_flags gauge
    node_network_flags{device="eno1"} 6403
    node_network_flags{device="eno2"} 4098
    # HELP node_network_iface_id Network device property: iface_id
    # TYPE node_network_iface_id gauge
    node_network_iface_id{device="eno1"} 2
    # HELP node_network_iface_link Network device property: iface_link
    # TYPE node_network_iface_link gauge
    node_network_iface_link{device="eno1"} 2
    # HELP node_network_iface_link_mode Network device property: iface_link_mode
    # TYPE node_network_iface_link_mode gauge
    node_network_iface_link_mode{device="eno1"} 0
    # HELP node_network_info Non-numeric data from /sys/class/net/<iface>, value is always 1.
    # TYPE node_network_info gauge
    node_network_info{address="3c:ec:ef:10:20:30",adminstate="up",broadcast="ff:ff:ff:ff:ff:ff",device="eno1",duplex="full",ifalias="uplink",operstate="up"} 1
    node_network_info{address="3c:ec:ef:10:20:31",adminstate="down",broadcast="",device="eno2",duplex="",ifalias="",operstate="down"} 1
    # HELP node_network_mtu_bytes Network device property: mtu_bytes
    # TYPE node_network_mtu_bytes gauge
    node_network_mtu_bytes{device="eno1"} 9000
    # HELP node_network_name_assign_type Network device property: name_assign_type
    # TYPE node_network_name_assign_type gauge
    node_network_name_assign_type{device="eno1"} 4
    # HELP node_network_net_dev_group Network device property: net_dev_group
    # TYPE node_network_net_dev_group gauge
    node_network_net_dev_group{device="eno1"} 0
    # HELP node_network_protocol_type Network device property: protocol_type
    # TYPE node_network_protocol_type gauge
    node_network_protocol_type{device="eno1"} 1
    # HELP node_network_speed_bytes Network device property: speed_bytes
    # TYPE node_network_speed_bytes gauge
    node_network_speed_bytes{device="eno1"} 3125000000
    node_network_speed_bytes{device="eno2"} -125000
    # HELP node_network_transmit_queue_length Network device property: transmit_queue_length
    # TYPE node_network_transmit_queue_length gauge
    node_network_transmit_queue_length{device="eno1"} 1000
    # HELP node_network_up Value is 1 if operstate is 'up', 0 otherwise.
    # TYPE node_network_up gauge
    node_network_up{device="eno1"} 1
    node_network_up{device="eno2"} 0
  `);
});

test('ignore_invalid_speed leaves out the speed that the device does not know', async () => {
  const scrape = await expose(netclass, server(), { ignore_invalid_speed: true });

  expect(scrape.match(/^node_network_speed_bytes.*$/gm)).toEqual([
    'node_network_speed_bytes{device="eno1"} 3125000000',
  ]);
});

test('ignored_devices leaves devices out by name', async () => {
  const scrape = await expose(netclass, server(), { ignored_devices: '^eno1$' });

  expect(scrape.match(/^node_network_up.*$/gm)).toEqual(['node_network_up{device="eno2"} 0']);
});

test('an attribute that cannot be read or understood is left out alone', async () => {
  const system = systemOf(server());
  const scrape = await expose(netclass, {
    ...system,
    sys: failing(system.sys, { 'class/net/eno1/speed': 'EINVAL', 'class/net/eno1/flags': 'EIO' }),
  });

  expect(scrape).not.toContain('node_network_speed_bytes{device="eno1"}');
  expect(scrape).toContain('adminstate="unknown"');
  expect(scrape).toContain('node_network_mtu_bytes{device="eno1"} 9000');
});

test('a device that leaves between the list and its reading is not reported as down', async () => {
  const system = systemOf(server());
  const scrape = await expose(netclass, {
    ...system,
    sys: { ...system.sys, listIfPresent: () => ['eno1', 'veth7'] },
  });

  expect(scrape.match(/^node_network_up.*$/gm)).toEqual(['node_network_up{device="eno1"} 1']);
});

/** One device, collected again and again; `write` changes a file of it, `values` gives the named families at one more run. */
function device(more = '') {
  const clock = handClock();
  const folder = sceneOf(`
== sys/class/net/eth0/operstate
up
== sys/class/net/eth0/flags
0x1003
== sys/class/net/eth0/ifindex
2
== sys/class/net/eth0/carrier_changes
4
== sys/class/net/eth0/carrier
1
== sys/class/net/eth0/speed
1000
== sys/class/net/eth0/mtu
1500
${more}`);
  const exposed = start(netclass, systemOf(folder, { clock }));
  return {
    clock,
    forget: (file: string) => rmSync(join(folder, 'sys/class/net/eth0', file)),
    write: (file: string, value: string) => writeFileSync(join(folder, 'sys/class/net/eth0', file), `${value}\n`),
    async values(...families: readonly string[]) {
      const scrape = await exposed.scrape();
      return families.map((family) => new RegExp(`^node_network_${family}{.*} (.*)$`, 'm').exec(scrape)?.[1]);
    },
  };
}

test('reads what changes by itself at each run, and settings once a minute', async () => {
  const { clock, write, values } = device();
  const families = ['carrier', 'speed_bytes', 'mtu_bytes', 'transmit_queue_length'] as const;
  const first = await values(...families);
  write('carrier', '0');
  write('speed', '10');
  write('mtu', '9000');
  write('tx_queue_len', '7');
  clock.advance(59_000);
  const soon = await values(...families);
  clock.advance(1000);
  const later = await values(...families);

  expect(first).toEqual(['1', '125000000', '1500', undefined]);
  expect(soon).toEqual(['0', '1250000', '1500', undefined]);
  expect(later).toEqual(['0', '1250000', '9000', '7']);
});

test.each([
  ['operstate', 'down'],
  ['flags', '0x1002'],
  ['ifindex', '3'],
  ['carrier_changes', '5'],
])('reads the settings at once when %s has changed', async (file, value) => {
  const { write, values } = device();
  const before = await values('mtu_bytes');
  write('mtu', '9000');
  write(file, value);

  expect([before, await values('mtu_bytes')]).toEqual([['1500'], ['9000']]);
});

test('asks again for what the driver refused to tell with the settings, and at once when the state has changed', async () => {
  const families = ['speed_bytes'] as const;
  const { clock, forget, write, values } = device();
  forget('speed');
  const refused = await values(...families);
  write('speed', '100');
  const soon = await values(...families);
  write('operstate', 'down');
  const changed = await values(...families);
  forget('speed');
  await values(...families);
  write('speed', '10');
  clock.advance(60_000);
  const later = await values(...families);

  expect([refused, soon, changed, later]).toEqual([[undefined], [undefined], ['12500000'], ['1250000']]);
});

test('reads the settings at each run where nothing tells whether the device is the same', async () => {
  const { write, values } = device('== sys/class/net/eth0/carrier_changes\nmany\n');
  const before = await values('mtu_bytes');
  write('mtu', '9000');

  expect([before, await values('mtu_bytes')]).toEqual([['1500'], ['9000']]);
});

test('a host without a network has no data, and one without devices nothing to report', async () => {
  await expect(expose(netclass, sceneOf(''))).rejects.toThrow(NoDataError);
  expect(await expose(netclass, sceneOf('=/ sys/class/net'))).toBe('');
});

test.each([
  ['0x1003', 4099],
  ['-1', -1],
  ['1500', 1500],
  ['', undefined],
  ['0xzz', undefined],
  ['12 34', undefined],
  [undefined, undefined],
])('reads the property %j as %j', (value, expected) => {
  expect(parseProperty(value)).toBe(expected);
});
