import { expect, test } from 'vitest';
import { sysctl } from '../../../collectors/host/sysctl.ts';
import { expose, start, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = sceneFolder('rich-server', ['sysctl']);

test('reports numbers by index or by the names given, and words as labels', async () => {
  const options = {
    include: ['fs.file-nr', 'fs.file-nr:total,current,max', 'kernel.threads-max', 'vm.overcommit_ratio'],
    include_info: ['kernel.seccomp.actions_avail', 'kernel.threads-max'],
  };

  expect(await expose(sysctl, server, options)).toBe(text`
    # HELP node_sysctl_fs_file_nr sysctl fs.file-nr
    # TYPE node_sysctl_fs_file_nr untyped
    node_sysctl_fs_file_nr{index="0"} 2016
    node_sysctl_fs_file_nr{index="1"} 0
    node_sysctl_fs_file_nr{index="2"} 9223372036854776000
    # HELP node_sysctl_fs_file_nr_current sysctl fs.file-nr, field 1
    # TYPE node_sysctl_fs_file_nr_current untyped
    node_sysctl_fs_file_nr_current 0
    # HELP node_sysctl_fs_file_nr_max sysctl fs.file-nr, field 2
    # TYPE node_sysctl_fs_file_nr_max untyped
    node_sysctl_fs_file_nr_max 9223372036854776000
    # HELP node_sysctl_fs_file_nr_total sysctl fs.file-nr, field 0
    # TYPE node_sysctl_fs_file_nr_total untyped
    node_sysctl_fs_file_nr_total 2016
    # HELP node_sysctl_info sysctl info
    # TYPE node_sysctl_info gauge
    node_sysctl_info{index="0",name="kernel.seccomp.actions_avail",value="kill_process"} 1
    node_sysctl_info{index="1",name="kernel.seccomp.actions_avail",value="kill_thread"} 1
    node_sysctl_info{index="2",name="kernel.seccomp.actions_avail",value="trap"} 1
    node_sysctl_info{index="3",name="kernel.seccomp.actions_avail",value="errno"} 1
    node_sysctl_info{index="4",name="kernel.seccomp.actions_avail",value="user_notif"} 1
    node_sysctl_info{index="5",name="kernel.seccomp.actions_avail",value="trace"} 1
    node_sysctl_info{index="6",name="kernel.seccomp.actions_avail",value="log"} 1
    node_sysctl_info{index="7",name="kernel.seccomp.actions_avail",value="allow"} 1
    node_sysctl_info{index="0",name="kernel.threads-max",value="1030560"} 1
    # HELP node_sysctl_kernel_threads_max sysctl kernel.threads-max
    # TYPE node_sysctl_kernel_threads_max untyped
    node_sysctl_kernel_threads_max 1030560
    # HELP node_sysctl_vm_overcommit_ratio sysctl vm.overcommit_ratio
    # TYPE node_sysctl_vm_overcommit_ratio untyped
    node_sysctl_vm_overcommit_ratio -1
  `);
});

test('reports one parameter once, however often it is named', async () => {
  expect(await expose(sysctl, server, { include: ['kernel.tainted', 'kernel.tainted'] })).toBe(text`
    # HELP node_sysctl_kernel_tainted sysctl kernel.tainted
    # TYPE node_sysctl_kernel_tainted untyped
    node_sysctl_kernel_tainted 4097
  `);
});

test.each([
  ['kernel.no_such_thing', 'SOURCE_MISSING'],
  ['kernel.seccomp.actions_avail', 'SOURCE_MALFORMED'],
  ['fs.file-nr:total,current', 'SOURCE_MALFORMED'],
  ['kernel.tainted:a,b', 'SOURCE_MALFORMED'],
])('fails where nothing can be read: %s', async (name, code) => {
  await expect(expose(sysctl, server, { include: name })).rejects.toMatchObject({ code });
});

test('leaves out what cannot be read, and keeps the rest', async () => {
  const scrape = await expose(sysctl, server, { include: ['kernel.no_such_thing', 'kernel.tainted'] });

  expect(scrape).toContain('node_sysctl_kernel_tainted 4097\n');
});

test('reads a parameter anew at every run', async () => {
  const folder = sceneOf('== proc/sys/kernel/tainted\n0\n');
  const host = systemOf(folder);
  let value = '1\n';
  const exposed = start(sysctl, { ...host, proc: { ...host.proc, text: () => value } }, { include: 'kernel.tainted' });

  const first = await exposed.scrape();
  value = '0x10\n';
  const second = await exposed.scrape();

  expect(first).toMatch(/^node_sysctl_kernel_tainted 1$/m);
  expect(second).toMatch(/^node_sysctl_kernel_tainted 16$/m);
});

test('has nothing to report unless the config names parameters', async () => {
  expect(await expose(sysctl, server)).toBe('');
});
