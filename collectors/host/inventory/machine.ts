/** The machine as its maker sold it, and the operating system on it. */
import { gauge, type FamilyHead, type Sample } from '../../../src/collector.ts';
import { fact } from './facts.ts';
import type { Inquiry } from './inquiry.ts';

const system = gauge('vitald_system_info', 'The machine, its mainboard, its case and what it is a guest of.', [
  'manufacturer',
  'model',
  'version',
  'sku',
  'virtual',
  'hypervisor',
  'board_manufacturer',
  'board_model',
  'board_version',
  'chassis_type',
  'serial?',
  'uuid?',
  'board_serial?',
  'chassis_serial?',
]);
const firmware = gauge('vitald_firmware_info', 'The firmware that started the machine.', [
  'vendor',
  'version',
  'date',
  'revision',
]);
const os = gauge('vitald_os_info', 'The operating system.', [
  'platform',
  'distribution',
  'release',
  'codename',
  'kernel',
  'build',
  'architecture',
  'hostname',
  'fqdn',
  'boot',
  'machine_id?',
]);

/** What this file serves. */
export const machineFamilies: readonly FamilyHead[] = [system, firmware, os];

/** An answer, or undefined where it failed: the mainboard is worth telling though the case is not known. */
async function ifAny<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch(() => undefined);
}

/** The machine; fails only where nothing of it is known. */
export async function machine({ ask, serials }: Inquiry): Promise<Sample[]> {
  const sold = await ask('system');
  const board = await ifAny(ask('baseboard'));
  const chassis = await ifAny(ask('chassis'));
  const bios = await ifAny(ask('bios'));
  const samples = [
    system.sample(1, {
      manufacturer: fact(sold.manufacturer),
      model: fact(sold.model),
      version: fact(sold.version),
      sku: fact(sold.sku),
      virtual: String(sold.virtual),
      hypervisor: fact(sold.virtualHost),
      board_manufacturer: fact(board?.manufacturer),
      board_model: fact(board?.model),
      board_version: fact(board?.version),
      chassis_type: fact(chassis?.type),
      ...(serials && {
        serial: fact(sold.serial),
        uuid: fact(sold.uuid),
        board_serial: fact(board?.serial),
        chassis_serial: fact(chassis?.serial),
      }),
    }),
  ];
  // Without firmware there is nothing to tell, as in a container or a small virtual machine.
  if (bios !== undefined && (fact(bios.vendor) !== '' || fact(bios.version) !== '')) {
    samples.push(
      firmware.sample(1, {
        vendor: fact(bios.vendor),
        version: fact(bios.version),
        date: fact(bios.releaseDate),
        revision: fact(bios.revision),
      }),
    );
  }
  return samples;
}

/** The operating system. */
export async function operatingSystem({ ask, serials }: Inquiry): Promise<Sample[]> {
  const { platform, distro, release, codename, kernel, build, arch, hostname, fqdn, uefi, serial } =
    await ask('osInfo');
  return [
    os.sample(1, {
      platform: fact(platform),
      distribution: fact(distro),
      release: fact(release),
      codename: fact(codename),
      kernel: fact(kernel),
      build: fact(build),
      architecture: fact(arch),
      hostname: fact(hostname),
      fqdn: fact(fqdn),
      boot: uefi === null || uefi === undefined ? '' : uefi ? 'uefi' : 'bios',
      ...(serials && { machine_id: fact(serial) }),
    }),
  ];
}
