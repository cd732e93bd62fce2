import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cgroup } from '../../../collectors/host/cgroup.ts';
import { NoDataError } from '../../../src/collector.ts';
import { openSystem } from '../../../src/system/index.ts';
import { groupAt, hostOf, old, paths, series, server, started } from '../../support/cgroup-hosts.ts';
import { contextOf, expose, systemOf } from '../../support/expose.ts';
import { sceneOf, unpackTree } from '../../support/scene.ts';

test('reports the groups that are asked for', async () => {
  expect(await paths(started(server, { cgroups_include: '\\.mount$|^/init' }))).toEqual([
    '/init.scope',
    '/system.slice/dev-hugepages.mount',
  ]);
  expect(await paths(started(server, { cgroups_exclude: 'slice' }))).toEqual(['/init.scope']);
});

test('looks no deeper than it is told to', async () => {
  expect(await paths(started(server, { depth: 1 }))).toEqual([
    '/init.scope',
    '/kubepods.slice',
    '/system.slice',
    '/user.slice',
  ]);
});

test('reports what it is asked for of memory.stat, under the names of either version', async () => {
  const options = { cgroups_include: 'service$', memory_stat: ['sock', 'shmem', 'file_mapped'] };
  const lines = await series(started(server, options), 'nginx');
  expect(
    lines.filter((line) => line.startsWith('memory_stat')).map((line) => line.replace(/.*item="(\w+)".* /, '$1 ')),
  ).toEqual(['sock 12288', 'shmem 4096', 'file_mapped 8192']);
  const older = await series(started(old, options), 'memory_stat');
  expect(older.map((line) => line.replace(/.*item="(\w+)".* /, '$1 '))).toEqual(['shmem 4096', 'file_mapped 8192']);
});

test.each([
  [{ devices_include: 'loop' }, ['loop0']],
  [{ devices_exclude: '^nvme' }, ['loop0', '253:1']],
])('with %j reports the devices %j', async (options, devices) => {
  const lines = await series(started(server, options), 'io_bytes_total');
  const named = lines.map((line) => /device="([^"]*)"/.exec(line)![1]!);

  expect([...new Set(named)]).toEqual(devices);
});

test('has no more groups than it may: those near the root first, and says how many it left out', async () => {
  const host = started(server, { max_cgroups: 3 });

  expect(await paths(host)).toEqual(['/init.scope', '/kubepods.slice', '/system.slice']);
  expect(await series(host, 'groups{')).toEqual(['groups{state="reported"} 3', 'groups{state="left_out"} 10']);
});

test('keeps the groups that it reports when others come, and gives their places away when they go', async () => {
  const folder = hostOf('/m.service', '/n.service');
  const host = started(folder, { max_cgroups: 2 });
  await host.scrape();
  unpackTree(groupAt('/a.service'), folder);

  expect(await paths(host)).toEqual(['/m.service', '/n.service']);
  rmSync(join(folder, 'sys/fs/cgroup/m.service'), { recursive: true });
  expect(await paths(host)).toEqual(['/a.service', '/n.service']);
});

test('leaves out what cannot be read of a group that vanishes meanwhile', async () => {
  const host = systemOf(server);
  const sys = {
    ...host.sys,
    attributeBytes: (path: string) => (path.includes('nginx') ? undefined : host.sys.attributeBytes(path)),
  };
  const scraped = started({ ...host, sys }, { cgroups_include: 'nginx|docker' });

  expect((await series(scraped, 'nginx')).filter((line) => !line.startsWith('info'))).toEqual([]);
  expect((await series(scraped, 'docker')).length).toBeGreaterThan(20);
  host.close();
});

test('looks for a file in a few groups only where this kernel lacks it', async () => {
  const folder = hostOf(...Array.from({ length: 40 }, (_, index) => `/s${index}.service`));
  const host = systemOf(folder);
  let asked = 0;
  const sys = {
    ...host.sys,
    attributeBytes(path: string) {
      if (path.endsWith('io.pressure')) asked += 1;
      return host.sys.attributeBytes(path);
    },
  };
  const scraped = started({ ...host, sys });
  await scraped.scrape();

  expect(asked).toBe(3);
  host.close();
});

test('reports a file that is torn as far as it can be trusted', async () => {
  const folder = sceneOf(
    [
      '== sys/fs/cgroup/cgroup.controllers\ncpu memory io',
      '== sys/fs/cgroup/cgroup.subtree_control\ncpu memory io',
      '=!= sys/fs/cgroup/a.service/cpu.stat\nusage_usec 5000000\nuser_usec 40x',
      '== sys/fs/cgroup/a.service/cpu.max\n100000',
      '== sys/fs/cgroup/a.service/memory.current\n12x',
      '== sys/fs/cgroup/a.service/memory.max\n',
      '== sys/fs/cgroup/a.service/memory.events\noom_kill -1',
      '== sys/fs/cgroup/a.service/io.stat\n8:0 rbytes=x wbytes=5\n8: rbytes=1\n8:16',
      '== sys/fs/cgroup/a.service/io.pressure\nsome avg10=0.00 total=\nfull total=1000000',
    ].join('\n'),
  );
  const labels = 'cgroup="/a.service"';

  expect(await series(started(folder), 'a.service')).toEqual([
    `cpu_usage_seconds_total{${labels},unit="a.service"} 5`,
    `info{${labels},unit="a.service"} 1`,
    `io_bytes_total{${labels},device="8:0",operation="write",unit="a.service"} 5`,
    `pressure_stalled_seconds_total{${labels},resource="io",unit="a.service"} 1`,
  ]);
});

test.each(['', '== sys/fs/cgroup/systemd/system.slice/a.service/tasks\n1'])(
  'has no data where no hierarchy can be read: %j',
  async (tree) => {
    await expect(expose(cgroup, sceneOf(tree))).rejects.toThrow(NoDataError);
  },
);

test('finds a hierarchy that is mounted later', async () => {
  const folder = sceneOf('=/ sys/fs/cgroup');
  const host = started(folder);
  await expect(host.scrape()).rejects.toThrow(NoDataError);
  const mounted = hostOf('/a.service');
  renameSync(join(mounted, 'sys/fs/cgroup'), join(folder, 'sys/fs/cgroup'));

  expect(await paths(host)).toEqual(['/a.service']);
});

test('gives way to other work, and stops when it is told to', async () => {
  const folder = hostOf(...Array.from({ length: 100 }, (_, index) => `/s${index}.service`));
  const host = systemOf(folder);
  const stop = new AbortController();
  let reads = 0;
  const sys = {
    ...host.sys,
    attributeBytes(path: string) {
      reads += 1;
      if (reads === 1) setImmediate(() => stop.abort(new Error('deadline')));
      return host.sys.attributeBytes(path);
    },
  };
  const collector = cgroup.create(cgroup.config.parse({}), contextOf({ ...host, sys }));

  await expect(collector.collect(stop.signal)).rejects.toThrow('deadline');
  expect(reads).toBeLessThan(100);
  host.close();
});

/** Makes a group in each hierarchy of this machine that lets us; gives the folders. */
function madeGroups(name: string): string[] {
  return ['', '/memory', '/unified'].flatMap((hierarchy) => {
    const path = `/sys/fs/cgroup${hierarchy}/${name}`;
    try {
      if (!existsSync(`/sys/fs/cgroup${hierarchy}/cgroup.procs`)) return [];
      mkdirSync(path);
      return [path];
    } catch {
      // Not root, or in a container that may make none: what there is will do.
      return [];
    }
  });
}

test('reports the groups of this machine, and keeps none of their files open', async () => {
  const name = `vitald-test-${process.pid}.slice`;
  const made = madeGroups(name);
  const host = openSystem();
  const scraped = started(host, { max_cgroups: 100_000, depth: 50, cgroups_exclude: '' });
  try {
    const open = readdirSync('/proc/self/fd').length;
    const reported = await paths(scraped).catch((error: unknown): string[] => {
      if (error instanceof NoDataError) return [];
      throw error;
    });

    expect(reported.filter((path) => path === `/${name}`)).toEqual(made.length === 0 ? [] : [`/${name}`]);
    expect(new Set(reported).size).toBe(reported.length);
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(open + 3);
  } finally {
    for (const path of made) rmdirSync(path);
    host.close();
  }
});
