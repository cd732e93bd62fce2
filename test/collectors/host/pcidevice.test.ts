import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pcidevice } from '../../../collectors/host/pcidevice.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = sceneFolder('rich-server', ['pcidevice']);

test('reports devices, their links, functions and power states', async () => {
  expect(await expose(pcidevice, server)).toBe(text`
    # HELP node_pcidevice_current_link_transfers_per_second Value of current link's transfers per second (T/s)
    # TYPE node_pcidevice_current_link_transfers_per_second gauge
    node_pcidevice_current_link_transfers_per_second{bus="00",device="00",function="0",segment="0000"} -1
    node_pcidevice_current_link_transfers_per_second{bus="00",device="1b",function="0",segment="0000"} -1
    node_pcidevice_current_link_transfers_per_second{bus="03",device="00",function="0",segment="0000"} 2500000000
    # HELP node_pcidevice_current_link_width Value of current link's width (number of lanes)
    # TYPE node_pcidevice_current_link_width gauge
    node_pcidevice_current_link_width{bus="00",device="00",function="0",segment="0000"} -1
    node_pcidevice_current_link_width{bus="00",device="1b",function="0",segment="0000"} 0
    node_pcidevice_current_link_width{bus="03",device="00",function="0",segment="0000"} 8
    # HELP node_pcidevice_d3cold_allowed Whether the PCIe device supports D3cold power state (0/1).
    # TYPE node_pcidevice_d3cold_allowed gauge
    node_pcidevice_d3cold_allowed{bus="00",device="00",function="0",segment="0000"} 0
    node_pcidevice_d3cold_allowed{bus="00",device="1b",function="0",segment="0000"} 1
    node_pcidevice_d3cold_allowed{bus="03",device="00",function="0",segment="0000"} 1
    # HELP node_pcidevice_info Non-numeric data from /sys/bus/pci/devices/<location>, value is always 1.
    # TYPE node_pcidevice_info gauge
    node_pcidevice_info{bus="00",class_id="0x060000",device="00",device_id="0x2020",function="0",parent_bus="*",parent_device="*",parent_function="*",parent_segment="*",revision="0x07",segment="0000",subsystem_device_id="0x0953",subsystem_vendor_id="0x15d9",vendor_id="0x8086"} 1
    node_pcidevice_info{bus="00",class_id="0x060400",device="1b",device_id="0xa1e7",function="0",parent_bus="*",parent_device="*",parent_function="*",parent_segment="*",revision="0xf9",segment="0000",subsystem_device_id="0x0953",subsystem_vendor_id="0x15d9",vendor_id="0x8086"} 1
    node_pcidevice_info{bus="03",class_id="0x020000",device="00",device_id="0x1572",function="0",parent_bus="00",parent_device="1c",parent_function="0",parent_segment="0000",revision="0x02",segment="0000",subsystem_device_id="0x0007",subsystem_vendor_id="0x8086",vendor_id="0x8086"} 1
    # HELP node_pcidevice_max_link_transfers_per_second Value of maximum link's transfers per second (T/s)
    # TYPE node_pcidevice_max_link_transfers_per_second gauge
    node_pcidevice_max_link_transfers_per_second{bus="00",device="00",function="0",segment="0000"} -1
    node_pcidevice_max_link_transfers_per_second{bus="00",device="1b",function="0",segment="0000"} 8000000000
    node_pcidevice_max_link_transfers_per_second{bus="03",device="00",function="0",segment="0000"} 8000000000
    # HELP node_pcidevice_max_link_width Value of maximum link's width (number of lanes)
    # TYPE node_pcidevice_max_link_width gauge
    node_pcidevice_max_link_width{bus="00",device="00",function="0",segment="0000"} -1
    node_pcidevice_max_link_width{bus="00",device="1b",function="0",segment="0000"} 4
    node_pcidevice_max_link_width{bus="03",device="00",function="0",segment="0000"} 8
    # HELP node_pcidevice_numa_node NUMA node number for the PCI device. -1 indicates unknown or not available.
    # TYPE node_pcidevice_numa_node gauge
    node_pcidevice_numa_node{bus="00",device="00",function="0",segment="0000"} 0
    node_pcidevice_numa_node{bus="03",device="00",function="0",segment="0000"} 1
    # HELP node_pcidevice_power_state PCIe device power state, one of: D0, D1, D2, D3hot, D3cold, unknown or error.
    # TYPE node_pcidevice_power_state gauge
    node_pcidevice_power_state{bus="00",device="00",function="0",segment="0000",state="D0"} 0
    node_pcidevice_power_state{bus="00",device="00",function="0",segment="0000",state="D1"} 0
    node_pcidevice_power_state{bus="00",device="00",function="0",segment="0000",state="D2"} 0
    node_pcidevice_power_state{bus="00",device="00",function="0",segment="0000",state="D3hot"} 0
    node_pcidevice_power_state{bus="00",device="00",function="0",segment="0000",state="D3cold"} 0
    node_pcidevice_power_state{bus="00",device="00",function="0",segment="0000",state="unknown"} 1
    node_pcidevice_power_state{bus="00",device="00",function="0",segment="0000",state="error"} 0
    node_pcidevice_power_state{bus="00",device="1b",function="0",segment="0000",state="D0"} 1
    node_pcidevice_power_state{bus="00",device="1b",function="0",segment="0000",state="D1"} 0
    node_pcidevice_power_state{bus="00",device="1b",function="0",segment="0000",state="D2"} 0
    node_pcidevice_power_state{bus="00",device="1b",function="0",segment="0000",state="D3hot"} 0
    node_pcidevice_power_state{bus="00",device="1b",function="0",segment="0000",state="D3cold"} 0
    node_pcidevice_power_state{bus="00",device="1b",function="0",segment="0000",state="unknown"} 0
    node_pcidevice_power_state{bus="00",device="1b",function="0",segment="0000",state="error"} 0
    node_pcidevice_power_state{bus="03",device="00",function="0",segment="0000",state="D0"} 0
    node_pcidevice_power_state{bus="03",device="00",function="0",segment="0000",state="D1"} 0
    node_pcidevice_power_state{bus="03",device="00",function="0",segment="0000",state="D2"} 0
    node_pcidevice_power_state{bus="03",device="00",function="0",segment="0000",state="D3hot"} 1
    node_pcidevice_power_state{bus="03",device="00",function="0",segment="0000",state="D3cold"} 0
    node_pcidevice_power_state{bus="03",device="00",function="0",segment="0000",state="unknown"} 0
    node_pcidevice_power_state{bus="03",device="00",function="0",segment="0000",state="error"} 0
    # HELP node_pcidevice_sriov_drivers_autoprobe Whether SR-IOV drivers autoprobe is enabled for the device (0/1).
    # TYPE node_pcidevice_sriov_drivers_autoprobe gauge
    node_pcidevice_sriov_drivers_autoprobe{bus="00",device="00",function="0",segment="0000"} 0
    node_pcidevice_sriov_drivers_autoprobe{bus="00",device="1b",function="0",segment="0000"} 0
    node_pcidevice_sriov_drivers_autoprobe{bus="03",device="00",function="0",segment="0000"} 1
    # HELP node_pcidevice_sriov_numvfs Number of Virtual Functions (VFs) currently enabled for SR-IOV.
    # TYPE node_pcidevice_sriov_numvfs gauge
    node_pcidevice_sriov_numvfs{bus="00",device="00",function="0",segment="0000"} 0
    node_pcidevice_sriov_numvfs{bus="00",device="1b",function="0",segment="0000"} 0
    node_pcidevice_sriov_numvfs{bus="03",device="00",function="0",segment="0000"} 4
    # HELP node_pcidevice_sriov_totalvfs Total number of Virtual Functions (VFs) supported by the device.
    # TYPE node_pcidevice_sriov_totalvfs gauge
    node_pcidevice_sriov_totalvfs{bus="00",device="00",function="0",segment="0000"} 0
    node_pcidevice_sriov_totalvfs{bus="00",device="1b",function="0",segment="0000"} 0
    node_pcidevice_sriov_totalvfs{bus="03",device="00",function="0",segment="0000"} 64
    # HELP node_pcidevice_sriov_vf_total_msix Total number of MSI-X vectors for Virtual Functions.
    # TYPE node_pcidevice_sriov_vf_total_msix gauge
    node_pcidevice_sriov_vf_total_msix{bus="00",device="00",function="0",segment="0000"} 0
    node_pcidevice_sriov_vf_total_msix{bus="00",device="1b",function="0",segment="0000"} 0
    node_pcidevice_sriov_vf_total_msix{bus="03",device="00",function="0",segment="0000"} 320
  `);
});

/** The labels on names, by device number. */
function names(scrape: string): string[] {
  return (scrape.match(/^node_pcidevice_info.*$/gm) ?? []).map((line) =>
    (line.match(/\w+_name="[^"]*"/g) ?? []).join(' '),
  );
}

test('adds names from the list of the host where that is asked for', async () => {
  expect(names(await expose(pcidevice, server, { names: true }))).toEqual([
    'class_name="Bridge" device_name="2020" subsystem_device_name="0953" subsystem_vendor_name="Super Micro Computer Inc" vendor_name="Intel Corporation"',
    'class_name="Normal decode" device_name="C620 Series Chipset Family PCI Express Root Port #17" subsystem_device_name="0953" subsystem_vendor_name="Super Micro Computer Inc" vendor_name="Intel Corporation"',
    'class_name="Ethernet controller" device_name="Ethernet Controller X710 for 10GbE SFP+" subsystem_device_name="Ethernet Converged Network Adapter X710-2" subsystem_vendor_name="Intel Corporation" vendor_name="Intel Corporation"',
  ]);
});

test('takes the names from the file that the config gives, and numbers where that is missing', async () => {
  const other = sceneOf('== ids\n8086  The chip maker\n');

  const given = names(await expose(pcidevice, server, { names: true, idsfile: join(other, 'ids') }));
  const missing = names(await expose(pcidevice, server, { names: true, idsfile: join(other, 'none') }));

  expect(given[0]).toContain('vendor_name="The chip maker"');
  expect(missing[0]).toBe(
    'class_name="Unknown class (060000)" device_name="2020" subsystem_device_name="0953" subsystem_vendor_name="15d9" vendor_name="8086"',
  );
});

test('leaves out a device that has just left, and keeps the others', async () => {
  const host = systemOf(server);
  const sys = failing(host.sys, { 'bus/pci/devices/0000:03:00.0/vendor': 'ENODEV' });

  const scrape = await expose(pcidevice, { ...host, sys });

  expect(scrape).not.toContain('bus="03"');
  expect(scrape).toContain('node_pcidevice_max_link_width{bus="00",device="1b",function="0",segment="0000"} 4\n');
});

test('leaves out a speed in words that are not known', async () => {
  const scrape = await expose(
    pcidevice,
    sceneOf(`
=> sys/bus/pci/devices/10000:e1:00.0 -> ../../../devices/pci10000:e0/10000:e0:06.0/10000:e1:00.0
== sys/devices/pci10000:e0/10000:e0:06.0/10000:e1:00.0/class
0x010802
== sys/devices/pci10000:e0/10000:e0:06.0/10000:e1:00.0/vendor
0x144d
== sys/devices/pci10000:e0/10000:e0:06.0/10000:e1:00.0/device
0xa808
== sys/devices/pci10000:e0/10000:e0:06.0/10000:e1:00.0/max_link_speed
133 MHz PCI-X
`),
  );

  expect(scrape).not.toContain('max_link_transfers');
  expect(scrape).not.toContain('numa_node');
  expect(scrape).toContain('parent_bus="e0",parent_device="06",parent_function="0",parent_segment="10000"');
});

test('has no data without a PCI bus', async () => {
  await expect(expose(pcidevice, sceneOf(''))).rejects.toThrow('no PCI bus');
});

test('leaves out a count of virtual functions that cannot be read', async () => {
  const host = systemOf(server);
  const sys = failing(host.sys, { 'bus/pci/devices/0000:03:00.0/sriov_numvfs': 'EIO' });
  const scrape = await expose(pcidevice, { ...host, sys });

  expect(scrape).not.toContain('node_pcidevice_sriov_numvfs{bus="03"');
  expect(scrape).toContain('node_pcidevice_sriov_numvfs{bus="00",device="00",function="0",segment="0000"} 0\n');
});
