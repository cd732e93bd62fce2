import { expect, test } from 'vitest';
import { cgroups, parseCgroups } from '../../../collectors/host/cgroups.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports groups by controller, and whether it is on', async () => {
  expect(await expose(cgroups, sceneFolder('rich-server', ['cgroups']))).toBe(text`
    # HELP node_cgroups_cgroups Current cgroup number of the subsystem.
    # TYPE node_cgroups_cgroups gauge
    node_cgroups_cgroups{subsys_name="cpuset"} 47
    node_cgroups_cgroups{subsys_name="cpu"} 172
    node_cgroups_cgroups{subsys_name="cpuacct"} 172
    node_cgroups_cgroups{subsys_name="blkio"} 172
    node_cgroups_cgroups{subsys_name="memory"} 1
    node_cgroups_cgroups{subsys_name="pids"} 180
    # HELP node_cgroups_enabled Current cgroup number of the subsystem.
    # TYPE node_cgroups_enabled gauge
    node_cgroups_enabled{subsys_name="cpuset"} 1
    node_cgroups_enabled{subsys_name="cpu"} 1
    node_cgroups_enabled{subsys_name="cpuacct"} 1
    node_cgroups_enabled{subsys_name="blkio"} 1
    node_cgroups_enabled{subsys_name="memory"} 0
    node_cgroups_enabled{subsys_name="pids"} 1
  `);
});

test('says which file is missing', async () => {
  await expect(expose(cgroups, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});

test.each(['cpu\t3\t172', 'cpu\t3\tmany\t1'])('refuses a torn line: %j', (torn) => {
  expect(() => parseCgroups(torn)).toThrow(/cgroups/);
});
