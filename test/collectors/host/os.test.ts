import { expect, test } from 'vitest';
import { os, parseOsRelease } from '../../../collectors/host/os.ts';
import { CollectError } from '../../../src/collector.ts';
import { expose, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports what the vendor says of the system', async () => {
  const scrape = await expose(os, sceneFolder('rich-server', ['os']));

  expect(scrape).toBe(text`
    # HELP node_os_info A metric with a constant '1' value labeled by build_id, id, id_like, image_id, image_version, name, pretty_name, variant, variant_id, version, version_codename, version_id.
    # TYPE node_os_info gauge
    node_os_info{build_id="20240901",id="ubuntu",id_like="debian",image_id="",image_version="7",name="Ubuntu",pretty_name="Ubuntu 24.04.1 LTS",variant="Database \"blue\" $1",variant_id="db-blue",version="24.04.1 LTS (Noble Numbat)",version_codename="noble",version_id="24.04"} 1
    # HELP node_os_support_end_timestamp_seconds Metric containing the end-of-life date timestamp of the OS.
    # TYPE node_os_support_end_timestamp_seconds gauge
    node_os_support_end_timestamp_seconds 1874880000
    # HELP node_os_version Metric containing the major.minor part of the OS version.
    # TYPE node_os_version gauge
    node_os_version{id="ubuntu",id_like="debian",name="Ubuntu"} 24.04
  `);
});

test('reads /usr/lib where /etc has nothing, and reports a rolling release without a version', async () => {
  const scrape = await expose(
    os,
    sceneOf('== usr/lib/os-release\nNAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\nSUPPORT_END=soon'),
  );

  expect(scrape).toBe(text`
    # HELP node_os_info A metric with a constant '1' value labeled by build_id, id, id_like, image_id, image_version, name, pretty_name, variant, variant_id, version, version_codename, version_id.
    # TYPE node_os_info gauge
    node_os_info{build_id="rolling",id="arch",id_like="",image_id="",image_version="",name="Arch Linux",pretty_name="",variant="",variant_id="",version="",version_codename="",version_id=""} 1
  `);
});

test.each([
  ['12', '12'],
  ['9.4', '9.4'],
  ['20240101.0', '20240101'],
  ['3.19.1', '3.19'],
  ['15-SP6', '15'],
])('takes major and minor from the version %s', async (written, number) => {
  const scrape = await expose(os, sceneOf(`== etc/os-release\nID=x\nVERSION_ID="${written}"`));

  expect(scrape).toContain(`\nnode_os_version{id="x",id_like="",name=""} ${number}\n`);
});

test('does not fall back where the file may not be read', async () => {
  const system = systemOf(sceneFolder('rich-server', ['os']));
  const rootfs = {
    ...system.rootfs,
    readIfPresent(path: string): Buffer | undefined {
      if (path === 'etc/os-release') throw new CollectError('SOURCE_FORBIDDEN', path);
      return system.rootfs.readIfPresent(path);
    },
  };

  await expect(expose(os, { ...system, rootfs })).rejects.toMatchObject({ code: 'SOURCE_FORBIDDEN' });
});

test('says which file is missing', async () => {
  await expect(expose(os, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});

test.each([
  ['A=plain', 'plain'],
  ['A=two words # and a comment', 'two words'],
  ['A=no#comment', 'no#comment'],
  ['A="a # in quotes"', 'a # in quotes'],
  ["A='it''s \\n as it is'", 'its \\n as it is'],
  ['A="\\"\\\\\\$\\`\\n"', '"\\$`\\n'],
  ['A=esc\\ aped', 'esc aped'],
  [' export A = b ', 'b'],
  ['A="kept " ', 'kept '],
  ['A="kept "lost  # comment', 'kept lost'],
  ['A=', ''],
  ['A=é"ü"', 'éü'],
  ['A="open', undefined],
  ["A='open", undefined],
  ['#A=b', undefined],
  ['1A=b', undefined],
])('reads %j', (line, value) => {
  expect(parseOsRelease(line).get('A')).toBe(value);
});
