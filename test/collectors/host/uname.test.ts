import { hostname, machine, release, version } from 'node:os';
import { expect, test } from 'vitest';
import { uname } from '../../../collectors/host/uname.ts';
import { expose, failing, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports what uname says', async () => {
  const scrape = await expose(uname, sceneFolder('rich-server', ['uname']));

  expect(scrape).toBe(text`
    # HELP node_uname_info Labeled system information as provided by the uname system call.
    # TYPE node_uname_info gauge
    node_uname_info{domainname="example.org",machine="x86_64",nodename="db7",release="6.8.0-45-generic",sysname="Linux",version="#45-Ubuntu SMP PREEMPT_DYNAMIC Fri Aug 30 12:02:04 UTC 2024"} 1
  `);
});

test('reports a board without a domain', async () => {
  const scrape = await expose(uname, sceneFolder('arm-board', ['uname']));

  expect(scrape).toContain('{domainname="(none)",machine="aarch64",nodename="sensor-garden",');
});

test('asks Node.js for the machine where the kernel has no file for it', async () => {
  const system = systemOf(sceneFolder('rich-server', ['uname']));

  const scrape = await expose(uname, { ...system, proc: failing(system.proc, { 'sys/kernel/arch': 'ENOENT' }) });

  expect(scrape).toContain(`machine="${machine()}"`);
});

test('asks Node.js for all that a tree lacks', async () => {
  const scrape = await expose(uname, sceneOf(''));

  expect(scrape).toContain(`nodename="${hostname()}",release="${release()}",sysname="Linux",version="${version()}"} 1`);
  expect(scrape).toContain('{domainname="(none)",');
});

test('reports a host that has no name and an empty domain', async () => {
  const host = sceneOf('== proc/sys/kernel/hostname\n\n== proc/sys/kernel/domainname\n\n');

  expect(await expose(uname, host)).toMatch(/domainname="",.*nodename="",/);
});
