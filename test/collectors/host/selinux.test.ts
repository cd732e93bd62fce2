import { expect, test } from 'vitest';
import { selinux } from '../../../collectors/host/selinux.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

/** The values by the last part of the name. */
async function modes(host: string): Promise<Record<string, string | undefined>> {
  const scrape = await expose(selinux, host);
  return Object.fromEntries(
    [...scrape.matchAll(/^node_selinux_(\w+) (.+)$/gm)].map(([, name, value]) => [name, value]),
  );
}

test('reports the mode of now and of the next boot', async () => {
  const scrape = await expose(selinux, sceneFolder('rich-server', ['selinux']));

  expect(scrape).toBe(text`
    # HELP node_selinux_config_mode Configured SELinux enforcement mode
    # TYPE node_selinux_config_mode gauge
    node_selinux_config_mode 1
    # HELP node_selinux_current_mode Current SELinux enforcement mode
    # TYPE node_selinux_current_mode gauge
    node_selinux_current_mode 0
    # HELP node_selinux_enabled SELinux is enabled, 1 is true, 0 is false
    # TYPE node_selinux_enabled gauge
    node_selinux_enabled 1
  `);
});

test('reports only that it is off where selinuxfs is not mounted', async () => {
  expect(await modes(sceneOf('=/ sys/fs/selinux'))).toEqual({ enabled: '0' });
});

test('counts as off while no policy is loaded', async () => {
  expect(await modes(sceneOf('== sys/fs/selinux/enforce\n1\n=!= proc/self/attr/current\nkernel\0'))).toEqual({
    enabled: '0',
  });
});

test.each([
  ['SELINUX=enforcing', '1'],
  ['SELINUX="permissive"', '0'],
  ['SELINUX=disabled', '-1'],
  ['SELINUXTYPE=targeted', '-1'],
  ['#SELINUX=enforcing', '-1'],
])('reads the configured mode from %j', async (line, value) => {
  expect(await modes(sceneOf(`== sys/fs/selinux/enforce\n1\n== etc/selinux/config\n${line}`))).toEqual({
    enabled: '1',
    config_mode: value,
    current_mode: '1',
  });
});

test('loses one unreadable attribute only', async () => {
  const system = systemOf(sceneFolder('rich-server', ['selinux']));

  const scrape = await expose(selinux, { ...system, sys: failing(system.sys, { 'fs/selinux/enforce': 'EACCES' }) });

  expect(scrape.match(/^node_\w+/gm)).toEqual(['node_selinux_config_mode', 'node_selinux_enabled']);
});

test('leaves out the configured mode where the configuration cannot be read', async () => {
  const system = systemOf(sceneFolder('rich-server', ['selinux']));
  const rootfs = failing(system.rootfs, { 'etc/selinux/config': 'EACCES' });

  const scrape = await expose(selinux, { ...system, rootfs });

  expect(scrape.match(/^node_\w+/gm)).toEqual(['node_selinux_current_mode', 'node_selinux_enabled']);
});
