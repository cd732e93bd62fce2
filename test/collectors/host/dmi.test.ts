import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dmi } from '../../../collectors/host/dmi.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('labels the machine with all that the firmware says', async () => {
  expect(await expose(dmi, sceneFolder('rich-server', ['dmi']))).toBe(text`
    # HELP node_dmi_info A metric with a constant '1' value labeled by bios_date, bios_release, bios_vendor, bios_version, board_asset_tag, board_name, board_serial, board_vendor, board_version, chassis_asset_tag, chassis_serial, chassis_vendor, chassis_version, product_family, product_name, product_serial, product_sku, product_uuid, product_version, system_vendor if provided by DMI.
    # TYPE node_dmi_info gauge
    node_dmi_info{bios_date="03/21/2023",bios_release="1.8",bios_vendor="American Megatrends International, LLC.",bios_version="1.8a",board_asset_tag="",board_name="X11DPi-N",board_serial="OM18AS012345",board_vendor="Supermicro",board_version="2.01",chassis_asset_tag="Rack 7, U 12",chassis_serial="C8250LI41A10001",chassis_vendor="Supermicro",chassis_version="0123456789",product_family="Family",product_name="SYS-6029P-TR",product_serial="A263410X8B01234",product_sku="091715D9",product_uuid="00000000-0000-0000-0000-3cecef012345",product_version="0123456789",system_vendor="Supermicro"} 1
  `);
});

test('leaves out the labels that the firmware lacks', async () => {
  expect(await expose(dmi, sceneFolder('minimal-vm', ['dmi']))).toBe(text`
    # HELP node_dmi_info A metric with a constant '1' value labeled by bios_date, bios_release, bios_vendor, bios_version, board_asset_tag, board_name, board_serial, board_vendor, board_version, chassis_asset_tag, chassis_serial, chassis_vendor, chassis_version, product_family, product_name, product_serial, product_sku, product_uuid, product_version, system_vendor if provided by DMI.
    # TYPE node_dmi_info gauge
    node_dmi_info{bios_date="04/01/2014",bios_vendor="SeaBIOS",bios_version="1.16.2-debian-1.16.2-1",chassis_vendor="QEMU",chassis_version="pc-i440fx-7.2",product_name="Standard PC (i440FX + PIIX, 1996)",product_version="pc-i440fx-7.2",system_vendor="QEMU"} 1
  `);
});

test('writes bytes that are no text once, however many follow each other', async () => {
  const host = sceneOf('=/ sys/class/dmi/id');
  writeFileSync(join(host, 'sys/class/dmi/id/board_serial'), Buffer.from([0xff, 0xff, 0xff, 0x58, 0xff]));

  expect(await expose(dmi, host)).toContain('board_serial="\ufffdX\ufffd"');
});

test('leaves out what only root may read', async () => {
  const host = systemOf(
    sceneOf('== sys/class/dmi/id/sys_vendor\nSupermicro\n== sys/class/dmi/id/product_serial\nA2634\n'),
  );
  const sys = failing(host.sys, { 'class/dmi/id/product_serial': 'EACCES' });

  expect(await expose(dmi, { ...host, sys })).toMatch(/^node_dmi_info\{system_vendor="Supermicro"\} 1$/m);
});

test('has no data on a platform without DMI', async () => {
  await expect(expose(dmi, sceneOf(''))).rejects.toThrow('no DMI tables');
});
