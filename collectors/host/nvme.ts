/**
 * NVMe controllers and their namespaces.
 *
 * Source  /sys/class/nvme/nvmeN (drivers/nvme/host/sysfs.c), and below it a folder for each namespace: nvme0n1, or
 *         nvme0c0n1 where the kernel joins several paths to it; nuse since Linux 6.8, ana_state with several paths only.
 * Units   nuse counts logical blocks, size sectors of 512 bytes whatever the logical block is.
 * Labels  device: the controller, such as "nvme0"; nsid: the namespace's number in the name of its folder.
 */
import { defineCollector, gauge, NoDataError, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { unsigned } from '../../src/system/numbers.ts';
import type { Tree } from '../../src/system/index.ts';

const namespaceLabels = ['device', 'nsid'] as const;
const info = gauge('node_nvme_info', 'Non-numeric data from /sys/class/nvme/<device>, value is always 1.', [
  'device',
  'firmware_revision',
  'model',
  'serial',
  'state',
  'cntlid',
]);
const namespaceInfo = gauge('node_nvme_namespace_info', 'Information about NVMe namespaces. Value is always 1', [
  'device',
  'nsid',
  'ana_state',
]);
const capacity = gauge(
  'node_nvme_namespace_capacity_bytes',
  'Capacity of the NVMe namespace in bytes. Computed as namespace_size * namespace_logical_block_size',
  namespaceLabels,
);
const size = gauge(
  'node_nvme_namespace_size_bytes',
  'Size of the NVMe namespace in bytes. Available in /sys/class/nvme/<device>/<namespace>/size',
  namespaceLabels,
);
const used = gauge(
  'node_nvme_namespace_used_bytes',
  'Used space of the NVMe namespace in bytes. Available in /sys/class/nvme/<device>/<namespace>/nuse',
  namespaceLabels,
);
const blockSize = gauge(
  'node_nvme_namespace_logical_block_size_bytes',
  'Logical block size of the NVMe namespace in bytes. Usually 4Kb. Available in /sys/class/nvme/<device>/<namespace>/queue/logical_block_size',
  namespaceLabels,
);

const folder = 'class/nvme';
const sectorSize = 512;

export const nvme = defineCollector({
  name: 'nvme',
  summary: 'NVMe controllers and their namespaces.',
  source: '/sys/class/nvme',
  differences: [
    'The size of a namespace is right for logical blocks of 4096 bytes too: sysfs gives it in sectors of 512 bytes.',
    'A namespace is reported with one path as well as with several.',
    'An attribute that cannot be read is left out alone.',
  ],
  enabled: true,
  schedule: '30s',
  families: [info, namespaceInfo, capacity, size, used, blockSize],
  config: z.strictObject({}),
  create(_config, { system: { sys } }) {
    return {
      *collect() {
        const names = sys.listIfPresent(folder);
        if (names === undefined) throw new NoDataError('there are no NVMe controllers');
        for (const device of names) yield* samplesOf(sys, device);
      },
    };
  },
});

function* samplesOf(sys: Tree, device: string): Iterable<Sample> {
  const attribute = (name: string): string | undefined => sys.attribute(`${folder}/${device}/${name}`);
  yield info.sample(1, {
    device,
    firmware_revision: attribute('firmware_rev') ?? '',
    model: attribute('model') ?? '',
    serial: attribute('serial') ?? '',
    state: attribute('state') ?? '',
    cntlid: attribute('cntlid') ?? '',
  });
  for (const name of sys.list(`${folder}/${device}`)) {
    const nsid = /^nvme\d+(?:c\d+)?n(\d+)$/.exec(name)?.[1];
    if (nsid === undefined) continue;
    const own = { device, nsid };
    yield namespaceInfo.sample(1, { ...own, ana_state: attribute(`${name}/ana_state`) ?? 'unknown' });
    const sectors = unsigned(attribute(`${name}/size`));
    if (sectors !== undefined) {
      yield capacity.sample(sectors * sectorSize, own);
      yield size.sample(sectors * sectorSize, own);
    }
    const bytesPerBlock = unsigned(attribute(`${name}/queue/logical_block_size`));
    if (bytesPerBlock === undefined) continue;
    yield blockSize.sample(bytesPerBlock, own);
    const blocks = unsigned(attribute(`${name}/nuse`));
    if (blocks !== undefined) yield used.sample(blocks * bytesPerBlock, own);
  }
}
