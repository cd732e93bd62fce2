import { expect, test } from 'vitest';
import { nvme } from '../../../collectors/host/nvme.ts';
import { NoDataError } from '../../../src/collector.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports controllers and their namespaces', async () => {
  expect(await expose(nvme, sceneFolder('rich-server', ['nvme']))).toBe(text`
    # HELP node_nvme_info Non-numeric data from /sys/class/nvme/<device>, value is always 1.
    # TYPE node_nvme_info gauge
    node_nvme_info{cntlid="4",device="nvme0",firmware_revision="2B2QEXM7",model="Samsung SSD 970 EVO Plus 1TB",serial="S4EWNX0R912345",state="live"} 1
    node_nvme_info{cntlid="19",device="nvme1",firmware_revision="6.2.1",model="Array 9000",serial="1a2b3c4d5e6f7a8b",state="live"} 1
    # HELP node_nvme_namespace_capacity_bytes Capacity of the NVMe namespace in bytes. Computed as namespace_size * namespace_logical_block_size
    # TYPE node_nvme_namespace_capacity_bytes gauge
    node_nvme_namespace_capacity_bytes{device="nvme0",nsid="1"} 1000204886016
    node_nvme_namespace_capacity_bytes{device="nvme1",nsid="1"} 4398046511104
    # HELP node_nvme_namespace_info Information about NVMe namespaces. Value is always 1
    # TYPE node_nvme_namespace_info gauge
    node_nvme_namespace_info{ana_state="unknown",device="nvme0",nsid="1"} 1
    node_nvme_namespace_info{ana_state="optimized",device="nvme1",nsid="1"} 1
    # HELP node_nvme_namespace_logical_block_size_bytes Logical block size of the NVMe namespace in bytes. Usually 4Kb. Available in /sys/class/nvme/<device>/<namespace>/queue/logical_block_size
    # TYPE node_nvme_namespace_logical_block_size_bytes gauge
    node_nvme_namespace_logical_block_size_bytes{device="nvme0",nsid="1"} 512
    node_nvme_namespace_logical_block_size_bytes{device="nvme1",nsid="1"} 4096
    # HELP node_nvme_namespace_size_bytes Size of the NVMe namespace in bytes. Available in /sys/class/nvme/<device>/<namespace>/size
    # TYPE node_nvme_namespace_size_bytes gauge
    node_nvme_namespace_size_bytes{device="nvme0",nsid="1"} 1000204886016
    node_nvme_namespace_size_bytes{device="nvme1",nsid="1"} 4398046511104
    # HELP node_nvme_namespace_used_bytes Used space of the NVMe namespace in bytes. Available in /sys/class/nvme/<device>/<namespace>/nuse
    # TYPE node_nvme_namespace_used_bytes gauge
    node_nvme_namespace_used_bytes{device="nvme0",nsid="1"} 579644014592
    node_nvme_namespace_used_bytes{device="nvme1",nsid="1"} 107374182400
  `);
});

test('loses only the attributes that cannot be read', async () => {
  const system = systemOf(sceneFolder('rich-server', ['nvme']));
  const scrape = await expose(nvme, {
    ...system,
    sys: failing(system.sys, {
      'class/nvme/nvme0/model': 'EIO',
      'class/nvme/nvme0/nvme0n1/nuse': 'ENOENT',
      'class/nvme/nvme1/nvme1c1n1/queue/logical_block_size': 'EIO',
    }),
  });

  expect(scrape).toMatch(/node_nvme_info\{cntlid="4",device="nvme0",firmware_revision="2B2QEXM7",model="",/);
  expect(scrape).not.toContain('node_nvme_namespace_used_bytes');
  expect(scrape).toContain('node_nvme_namespace_size_bytes{device="nvme1",nsid="1"} 4398046511104\n');
});

test('has no data on a host without NVMe', async () => {
  await expect(expose(nvme, sceneOf(''))).rejects.toThrow(NoDataError);
});
