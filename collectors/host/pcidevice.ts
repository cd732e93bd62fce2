/**
 * PCI devices: what they are, the speed and width of their links, power states and virtual functions.
 *
 * Source  /sys/bus/pci/devices/LOCATION (Documentation/PCI/sysfs-pci.rst, Documentation/ABI/testing/sysfs-bus-pci).
 * Units   transfers a second; lanes; vectors.
 * Labels  segment, bus, device, function: the location "0000:04:00.0", in hexadecimal; parent_*: that of the bridge
 *         above, "*" at the root.
 * Quirks  A link speed or width of -1 is unknown, as for a device that is not PCI Express; what a device without
 *         SR-IOV or D3cold lacks is 0. The kernel says "Unknown" for a link that is down.
 */
import { readFileSync } from 'node:fs';
import { defineCollector, gauge, NoDataError, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import type { System, Tree } from '../../src/system/index.ts';
import { decimal, hexadecimal, integer, unsigned } from '../../src/system/numbers.ts';
import { parsePciIds, type PciIds } from './pci-ids.ts';

const location = ['segment', 'bus', 'device', 'function'] as const;

const info = gauge('node_pcidevice_info', 'Non-numeric data from /sys/bus/pci/devices/<location>, value is always 1.', [
  ...location,
  'parent_segment',
  'parent_bus',
  'parent_device',
  'parent_function',
  'class_id',
  'vendor_id',
  'device_id',
  'subsystem_vendor_id',
  'subsystem_device_id',
  'revision',
  'vendor_name?',
  'device_name?',
  'subsystem_vendor_name?',
  'subsystem_device_name?',
  'class_name?',
]);
const powerState = gauge(
  'node_pcidevice_power_state',
  'PCIe device power state, one of: D0, D1, D2, D3hot, D3cold, unknown or error.',
  [...location, 'state'],
);
const numaNode = gauge(
  'node_pcidevice_numa_node',
  'NUMA node number for the PCI device. -1 indicates unknown or not available.',
  location,
);

/** A family, the file that it is read from, what an absent file means, and how its text is read. */
function measure(
  name: string,
  help: string,
  file: string,
  absent: number,
  parse: (text: string) => number | undefined,
) {
  return { family: gauge(`node_pcidevice_${name}`, help, location), file, absent, parse };
}

const measures = [
  measure(
    'max_link_transfers_per_second',
    "Value of maximum link's transfers per second (T/s)",
    'max_link_speed',
    -1,
    parseLinkSpeed,
  ),
  measure('max_link_width', "Value of maximum link's width (number of lanes)", 'max_link_width', -1, unsigned),
  measure(
    'current_link_transfers_per_second',
    "Value of current link's transfers per second (T/s)",
    'current_link_speed',
    -1,
    parseLinkSpeed,
  ),
  measure('current_link_width', "Value of current link's width (number of lanes)", 'current_link_width', -1, unsigned),
  measure(
    'd3cold_allowed',
    'Whether the PCIe device supports D3cold power state (0/1).',
    'd3cold_allowed',
    0,
    parseFlag,
  ),
  measure(
    'sriov_drivers_autoprobe',
    'Whether SR-IOV drivers autoprobe is enabled for the device (0/1).',
    'sriov_drivers_autoprobe',
    0,
    parseFlag,
  ),
  measure(
    'sriov_numvfs',
    'Number of Virtual Functions (VFs) currently enabled for SR-IOV.',
    'sriov_numvfs',
    0,
    unsigned,
  ),
  measure(
    'sriov_totalvfs',
    'Total number of Virtual Functions (VFs) supported by the device.',
    'sriov_totalvfs',
    0,
    unsigned,
  ),
  measure(
    'sriov_vf_total_msix',
    'Total number of MSI-X vectors for Virtual Functions.',
    'sriov_vf_total_msix',
    0,
    unsigned,
  ),
];

const powerStates = ['D0', 'D1', 'D2', 'D3hot', 'D3cold', 'unknown', 'error'];

export const pcidevice = defineCollector({
  name: 'pcidevice',
  summary: 'PCI devices: what they are, the speed and width of their links, power states and virtual functions.',
  source: '/sys/bus/pci/devices',
  differences: [
    'A device that leaves, or an attribute in words that are not known, loses that much; node_exporter loses all devices.',
    'A count of virtual functions that cannot be read is absent, not 0.',
    'Kernels without NUMA are supported; node_exporter needs the attribute numa_node.',
  ],
  enabled: false,
  schedule: '1m',
  families: [info, ...measures.map(({ family }) => family), powerState, numaNode],
  config: z.strictObject({
    names: z
      .boolean()
      .default(false)
      .describe('Add the names of vendor, device and class to node_pcidevice_info, from pci.ids.'),
    idsfile: z
      .string()
      .optional()
      .describe('The file pci.ids; else /usr/share/misc/pci.ids or /usr/share/hwdata/pci.ids of the host.'),
  }),
  create(config, { system, log }) {
    let ids: PciIds | undefined;
    return {
      collect() {
        const entries = system.sys.listIfPresent('bus/pci/devices');
        if (entries === undefined) throw new NoDataError('this host has no PCI bus');
        if (config.names) {
          ids ??= parsePciIds(
            readIds(system, config.idsfile, (file) => log.warn({ file }, 'cannot read the PCI names')),
          );
        }
        return entries.flatMap((entry) => samplesOf(system.sys, entry, ids));
      },
    };
  },
});

/** The text of pci.ids; empty where there is none, so that numbers stand for names. */
function readIds({ rootfs }: System, file: string | undefined, warn: (file: string) => void): string {
  if (file === undefined) {
    return rootfs.textIfAny('usr/share/misc/pci.ids') ?? rootfs.textIfAny('usr/share/hwdata/pci.ids') ?? '';
  }
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Names are an extra: the rest is served without.
    warn(file);
    return '';
  }
}

/** "8.0 GT/s PCIe" in transfers a second. */
function parseLinkSpeed(text: string): number | undefined {
  const [, digits] = /^(\S+) GT\/s/.exec(text) ?? [];
  const value = decimal(digits);
  return value === undefined ? undefined : value * 1e9;
}

function parseFlag(text: string): number | undefined {
  const value = integer(text);
  return value === undefined ? undefined : Math.min(Math.abs(value), 1);
}

/** The parts of "0000:04:00.0"; undefined for a folder that is no PCI device, such as a root "pci0000:00". */
function parseLocation(text: string | undefined): Record<(typeof location)[number], string> | undefined {
  const [, segment, bus, device, fn] =
    /^([0-9a-f]{4,}):([0-9a-f]{2}):([0-9a-f]{2})\.([0-9a-f])$/.exec(text ?? '') ?? [];
  if (segment === undefined || bus === undefined || device === undefined || fn === undefined) return undefined;
  return { segment, bus, device, function: fn };
}

function samplesOf(sys: Tree, entry: string, ids: PciIds | undefined): Sample[] {
  const read = (file: string): string | undefined => sys.attribute(`bus/pci/devices/${entry}/${file}`);
  const number = (file: string, digits: number): string | undefined =>
    hexadecimal(read(file))?.toString(16).padStart(digits, '0');
  const place = parseLocation(entry);
  const vendor = number('vendor', 4);
  const device = number('device', 4);
  const code = number('class', 6);
  // A device that has just left has no attributes.
  if (place === undefined || vendor === undefined || device === undefined || code === undefined) return [];
  const subsystemVendor = number('subsystem_vendor', 4) ?? '0000';
  const subsystemDevice = number('subsystem_device', 4) ?? '0000';
  const parent = parseLocation(sys.link(`bus/pci/devices/${entry}`)?.split('/').at(-2));
  const samples: Sample[] = [
    info.sample(1, {
      ...place,
      parent_segment: parent?.segment ?? '*',
      parent_bus: parent?.bus ?? '*',
      parent_device: parent?.device ?? '*',
      parent_function: parent?.function ?? '*',
      class_id: `0x${code}`,
      vendor_id: `0x${vendor}`,
      device_id: `0x${device}`,
      subsystem_vendor_id: `0x${subsystemVendor}`,
      subsystem_device_id: `0x${subsystemDevice}`,
      revision: `0x${number('revision', 2) ?? '00'}`,
      ...(ids && {
        vendor_name: ids.vendor(vendor),
        device_name: ids.device(vendor, device),
        subsystem_vendor_name: ids.vendor(subsystemVendor),
        subsystem_device_name: ids.subsystem(vendor, device, subsystemVendor, subsystemDevice),
        class_name: ids.class(code),
      }),
    }),
  ];
  for (const { family, file, absent, parse } of measures) {
    const text = read(file);
    // A device without the file has none of what it counts; one whose file cannot be read may have some.
    if (text === undefined && absent === 0 && sys.exists(`bus/pci/devices/${entry}/${file}`)) continue;
    const value = text === undefined || text === '' || text.startsWith('Unknown') ? absent : parse(text);
    if (value !== undefined) samples.push(family.sample(value, place));
  }
  const now = read('power_state') ?? '';
  if (now !== '') {
    for (const state of powerStates) samples.push(powerState.sample(state === now ? 1 : 0, { ...place, state }));
  }
  const node = integer(read('numa_node'));
  if (node !== undefined && node !== -1) samples.push(numaNode.sample(node, place));
  return samples;
}
