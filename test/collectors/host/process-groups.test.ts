/** Which group the process collector counts a process in, and which groups it reports. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processGroups } from '../../../collectors/host/process.ts';
import { fixedClock, systemOf } from '../../support/expose.ts';
import { entries, filesOf, hostOf, series, started } from '../../support/process-scene.ts';
import { unpackTree } from '../../support/scene.ts';

test.each([
  [{ comm: ['web', 'app'] }, ['app']],
  [{ exe: ['app'], name: 'base' }, ['base']],
  [{ exe: ['/opt/app/bin/app'], name: 'full' }, ['full']],
  [{ exe: ['/usr/bin/app'] }, []],
  [{ exe: ['/usr/bin/app', '/opt/app/bin/app'] }, ['app']],
  [{ comm: ['app'], exe: ['web'] }, []],
  [{ cmdline: ['--port', '--config (?P<File>\\S+)'], name: '{{.Matches.File}}' }, ['a.yml']],
  [{ cmdline: ['--port', '--none'] }, []],
  [
    { cmdline: ['^/opt/app/bin/app --port 80 '], name: '{{.ExeFull}} {{.Username}} {{.PID}}' },
    ['/opt/app/bin/app www-data 10'],
  ],
  [{ comm: ['app'], name: '{{index .Cgroups 0}} {{.StartTime}}' }, ['/app.slice 2023-11-14 22:13:21 +0000 UTC']],
  [{ comm: ['app'], name: '' }, ['app']],
])('the entry %j gives the groups %j', async (entry, names) => {
  const folder = hostOf(
    filesOf(10, { cmdline: '/opt/app/bin/app\0--port\u000080\0--config\0a.yml\0' }),
    '== proc/10/cgroup\n0::/app.slice',
    '== etc/passwd\nroot:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/bin/false',
  );
  const host = started(folder, { process_names: [entry] });

  expect(await series(host, 'num_procs')).toEqual(names.map((name) => `num_procs{groupname="${name}"} 1`));
});

test('takes the first entry that matches', async () => {
  const host = started(hostOf(filesOf(10)), {
    process_names: [
      { name: 'first', comm: ['app'] },
      { name: 'second', comm: ['app'] },
    ],
  });

  expect(await series(host, 'num_procs')).toEqual(['num_procs{groupname="first"} 1']);
});

test('names a user by number whom the host does not know', async () => {
  const host = started(hostOf(filesOf(10)), { process_names: [{ name: 'u{{.Username}}', comm: ['app'] }] });

  expect(await series(host, 'num_procs')).toEqual(['num_procs{groupname="u33"} 1']);
});

test.each([
  [[{}], 'needs comm, exe or cmdline, else it matches nothing'],
  [[{ comm: ['x'], name: '{{.Nam}}' }], '"{{.Nam}}" is not a name template: ".Nam" is none of'],
  [[{ cmdline: ['('] }], '"(" is not a regular expression in Go\'s syntax'],
  [[{ comms: ['x'] }], 'comms'],
])('the entries %j are refused: %s', (names, message) => {
  const result = processGroups.config.safeParse({ process_names: names });

  expect(result.success).toBe(false);
  expect(JSON.stringify(result.error?.issues.map((issue) => [issue.message, issue])).replaceAll('\\"', '"')).toContain(
    message,
  );
});

test('names a process anew when it runs another program, and adds nothing twice', async () => {
  const folder = hostOf(filesOf(1, { comm: 'init' }), filesOf(10, { comm: 'sh', user: 100 }));
  const host = started(folder);
  await host.scrape();
  unpackTree(filesOf(10, { comm: 'app', user: 150 }), folder);

  expect(await series(host, 'mode="user"')).toEqual([
    'cpu_seconds_total{groupname="init",mode="user"} 0',
    'cpu_seconds_total{groupname="sh",mode="user"} 0',
    'cpu_seconds_total{groupname="app",mode="user"} 0.5',
  ]);
});

test.each([
  [{}, 'app'],
  [{ recheck: true }, 'later'],
  [{ recheck_with_time_limit: '60s' }, 'later'],
  [{ recheck_with_time_limit: '10s' }, 'app'],
])('with %j a process that changes its command line is then in the group %s', async (options, name) => {
  const folder = hostOf(filesOf(10, { started: 0 }));
  const host = systemOf(folder, { clock: fixedClock(1_700_000_030_000) });
  const scraped = started(host, { process_names: [{ cmdline: ['.+'] }], remove_empty_groups: true, ...options });
  await scraped.scrape();
  unpackTree(filesOf(10, { cmdline: 'later', started: 0 }), folder);

  expect(await series(scraped, 'num_procs')).toEqual([`num_procs{groupname="${name}"} 1`]);
  host.close();
});

const family = [
  filesOf(1, { comm: 'init' }),
  filesOf(10, { comm: 'web', parent: 1 }),
  filesOf(11, { comm: 'worker', parent: 10 }),
  filesOf(12, { comm: 'helper', parent: 11 }),
  filesOf(13, { comm: 'orphan', parent: 1 }),
];

test('counts children with their parents, over generations', async () => {
  const host = started(hostOf(...family), { process_names: [{ comm: ['web'] }] });

  expect(await series(host, 'num_procs')).toEqual(['num_procs{groupname="web"} 3']);
});

test('leaves children with their group when the parent ends', async () => {
  const folder = hostOf(...family);
  const host = started(folder, { process_names: [{ comm: ['web'] }] });
  await host.scrape();
  rmSync(join(folder, 'proc/10'), { recursive: true });
  unpackTree(filesOf(11, { comm: 'worker', parent: 1 }), folder);

  expect(await series(host, 'num_procs')).toEqual(['num_procs{groupname="web"} 2']);
});

test('leaves children out when they are not wanted', async () => {
  const host = started(hostOf(...family), { process_names: [{ comm: ['web'] }], children: false });

  expect(await series(host, 'num_procs')).toEqual(['num_procs{groupname="web"} 1']);
});

test('puts up with processes that seem to be the parents of each other', async () => {
  const host = started(hostOf(filesOf(10, { parent: 11 }), filesOf(11, { parent: 10 })), {
    process_names: [{ comm: ['web'] }],
  });

  expect(await series(host, 'num_procs')).toEqual([]);
});

test('forgets a group without processes when it is told to', async () => {
  const folder = hostOf(filesOf(1, { comm: 'init' }), filesOf(10));
  const host = started(folder, { ...entries, remove_empty_groups: true });
  await host.scrape();
  rmSync(join(folder, 'proc/10'), { recursive: true });

  expect(await series(host, '"app"')).toEqual([]);
});

test('reports the groups that use the most CPU, and adds up the rest without loss', async () => {
  const users = (...ticks: number[]): string =>
    ticks.map((user, index) => filesOf(10 + index, { comm: `app${index}`, user })).join('\n');
  const folder = hostOf(users(0, 0, 0));
  const host = started(folder, { ...entries, top_n: 1 });
  await host.scrape();
  unpackTree(users(100, 500, 20), folder);

  expect(await series(host, 'mode="user"')).toEqual([
    'cpu_seconds_total{groupname="app1",mode="user"} 5',
    'cpu_seconds_total{groupname="other",mode="user"} 1.2',
  ]);
  expect(await series(host, 'num_procs')).toEqual(['num_procs{groupname="app1"} 1', 'num_procs{groupname="other"} 2']);
  expect(await series(host, 'merged')).toEqual(['vitald_process_merged_groups 2']);

  // Another group comes to the top; what it did before stays where it was counted.
  unpackTree(users(2000, 500, 20), folder);
  expect(await series(host, 'mode="user"')).toEqual([
    'cpu_seconds_total{groupname="app0",mode="user"} 19',
    'cpu_seconds_total{groupname="other",mode="user"} 1.2',
  ]);
  unpackTree(users(2000, 4500, 20), folder);
  expect(await series(host, 'mode="user"')).toEqual([
    'cpu_seconds_total{groupname="app1",mode="user"} 45',
    'cpu_seconds_total{groupname="other",mode="user"} 1.2',
  ]);
});

test('reports the groups that use the most memory', async () => {
  const folder = hostOf(filesOf(10, { pages: 5 }), filesOf(11, { comm: 'big', pages: 50 }));
  const host = started(folder, { ...entries, top_n: 1, top_by: 'memory' });

  expect(await series(host, 'num_procs')).toEqual(['num_procs{groupname="big"} 1', 'num_procs{groupname="other"} 1']);
});

test('has no more groups than it may, and gives the place of an empty one to another', async () => {
  const folder = hostOf(...[1, 2, 3].map((pid) => filesOf(pid, { comm: `app${pid}` })));
  const host = started(folder, { ...entries, max_groups: 2 });

  expect(await series(host, 'num_procs')).toEqual([
    'num_procs{groupname="app1"} 1',
    'num_procs{groupname="app2"} 1',
    'num_procs{groupname="other"} 1',
  ]);
  rmSync(join(folder, 'proc/1'), { recursive: true });
  expect(await series(host, 'num_procs')).toEqual([
    'num_procs{groupname="app2"} 1',
    'num_procs{groupname="app3"} 1',
    'num_procs{groupname="other"} 0',
  ]);
});

test('adds what is left out to a group that is named "other" by the config', async () => {
  const folder = hostOf(filesOf(1, { comm: 'other' }), filesOf(2, { comm: 'a' }), filesOf(3, { comm: 'b' }));
  const host = started(folder, { ...entries, max_groups: 1 });

  expect(await series(host, 'num_procs')).toEqual(['num_procs{groupname="a"} 1', 'num_procs{groupname="other"} 2']);
});
