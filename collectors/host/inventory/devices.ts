/** Memory modules, disks and graphics controllers. */
import { gauge, type FamilyHead, type Sample } from '../../../src/collector.ts';
import { distinct, fact, known } from './facts.ts';
import type { Inquiry } from './inquiry.ts';

const module = gauge('vitald_memory_module_info', 'A memory module in its slot.', [
  'slot',
  'type',
  'form_factor',
  'manufacturer',
  'part_number',
  'ecc',
  'serial?',
]);
const moduleSize = gauge('vitald_memory_module_size_bytes', 'Size of a memory module.', ['slot']);
const moduleSpeed = gauge('vitald_memory_module_speed_transfers_per_second', 'Transfer rate of a memory module.', [
  'slot',
]);
const disk = gauge('vitald_disk_info', 'A disk, as it describes itself.', [
  'device',
  'type',
  'vendor',
  'model',
  'firmware',
  'interface',
  'serial?',
]);
const diskSize = gauge('vitald_disk_size_bytes', 'Size of a disk.', ['device']);
const diskHealthy = gauge('vitald_disk_smart_healthy', 'Whether the disk says of itself that it is well.', ['device']);
const gpu = gauge('vitald_gpu_info', 'A graphics controller.', ['gpu', 'vendor', 'model', 'bus', 'driver']);
const gpuMemory = gauge('vitald_gpu_memory_bytes', 'Memory of a graphics controller.', ['gpu']);

/** What this file serves. */
export const storageFamilies: readonly FamilyHead[] = [
  module,
  moduleSize,
  moduleSpeed,
  disk,
  diskSize,
  diskHealthy,
  gpu,
  gpuMemory,
];

/** The memory modules; none where firmware may not be asked. */
export async function memoryModules({ ask, serials }: Inquiry): Promise<Sample[]> {
  const name = distinct();
  return (await ask('memLayout')).flatMap((found, index) => {
    const size = known(found.size);
    // Where the firmware tells nothing, the source makes all memory up as one module without a name.
    if (size === undefined || (fact(found.type) === '' && fact(found.formFactor) === '' && fact(found.bank) === '')) {
      return [];
    }
    const slot = name(fact(found.bank) || `slot ${index}`);
    const samples = [
      module.sample(1, {
        slot,
        type: fact(found.type),
        form_factor: fact(found.formFactor),
        manufacturer: fact(found.manufacturer),
        part_number: fact(found.partNum),
        ecc: fact(found.ecc),
        ...(serials && { serial: fact(found.serialNum) }),
      }),
      moduleSize.sample(size, { slot }),
    ];
    const megatransfers = known(found.clockSpeed);
    if (megatransfers !== undefined) samples.push(moduleSpeed.sample(megatransfers * 1e6, { slot }));
    return samples;
  });
}

/** The disks. */
export async function disks({ ask, serials }: Inquiry): Promise<Sample[]> {
  const name = distinct();
  return (await ask('diskLayout')).flatMap((found, index) => {
    // The path is the kernel's; on Windows it is \\.\PHYSICALDRIVE0.
    const device = name(fact(found.device).replace(/^(?:\/dev\/|\\\\\.\\)/, '') || `disk ${index}`);
    const samples = [
      disk.sample(1, {
        device,
        type: fact(found.type),
        vendor: fact(found.vendor),
        model: fact(found.name),
        firmware: fact(found.firmwareRevision),
        interface: fact(found.interfaceType),
        ...(serials && { serial: fact(found.serialNum) }),
      }),
    ];
    const size = known(found.size);
    if (size !== undefined) samples.push(diskSize.sample(size, { device }));
    const health = fact(found.smartStatus).toLowerCase();
    if (health !== '' && health !== 'not supported')
      samples.push(diskHealthy.sample(/^(?:ok|passed|verified)$/.test(health) ? 1 : 0, { device }));
    return samples;
  });
}

/** The graphics controllers. */
export async function graphics({ ask }: Inquiry): Promise<Sample[]> {
  const name = distinct();
  const { controllers } = await ask('graphics');
  return controllers.flatMap((found, index) => {
    const label = name(fact(found.busAddress ?? found.pciBus) || `gpu ${index}`);
    const samples = [
      gpu.sample(1, {
        gpu: label,
        vendor: fact(found.vendor),
        model: fact(found.model),
        bus: fact(found.bus),
        driver: fact(found.driverVersion),
      }),
    ];
    // Mebibytes; shared memory is that of the machine.
    const mebibytes = known(found.memoryTotal) ?? (found.vramDynamic ? undefined : known(found.vram));
    if (mebibytes !== undefined) samples.push(gpuMemory.sample(mebibytes * 1024 * 1024, { gpu: label }));
    return samples;
  });
}
