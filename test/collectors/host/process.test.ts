import { readFileSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { processGroups } from '../../../collectors/host/process.ts';
import { NoDataError } from '../../../src/collector.ts';
import { openSystem, type System } from '../../../src/system/index.ts';
import { contextOf, expose, fixedClock, start, systemOf, text, type Exposed } from '../../support/expose.ts';
import { sceneFolder, sceneOf, unpackTree } from '../../support/scene.ts';

const server = sceneFolder('rich-server', ['processes', 'process', 'stat']);
const entries = { process_names: [{ name: '{{.Comm}}', cmdline: ['.+'] }] };

interface Process {
  readonly comm?: string;
  readonly cmdline?: string;
  readonly parent?: number;
  readonly state?: string;
  readonly user?: number;
  readonly pages?: number;
  readonly threads?: number;
  readonly started?: number;
  readonly read?: number;
  readonly files?: number;
}

/** The files of one process, as a tree. */
function filesOf(pid: number, process: Process = {}): string {
  const { comm = 'app', parent = 0, state = 'S', user = 0, pages = 1, threads = 1, started = 100 } = process;
  return [
    `== proc/${pid}/stat`,
    `${pid} (${comm}) ${state} ${parent} 1 1 0 -1 64 10 0 1 0 ${user} 0 0 0 20 0 ${threads} 0 ${started} 8192 ${pages}`,
    `== proc/${pid}/io`,
    `read_bytes: ${process.read ?? 0}`,
    'write_bytes: 0',
    `== proc/${pid}/status`,
    'Uid:\t1000\t33\t33\t33',
    'VmSize:\t8 kB',
    'VmSwap:\t4 kB',
    'voluntary_ctxt_switches:\t9',
    'nonvoluntary_ctxt_switches:\t2',
    `== proc/${pid}/limits`,
    'Max open files            20                   40                   files     ',
    `=!= proc/${pid}/cmdline`,
    process.cmdline ?? comm,
    `=/ proc/${pid}/fd`,
    ...Array.from({ length: process.files ?? 1 }, (_, index) => `== proc/${pid}/fd/${index}`),
  ].join('\n');
}

const boot = '== proc/stat\nbtime 1700000000';

function hostOf(...parts: string[]): string {
  return sceneOf([boot, ...parts].join('\n'));
}

let exposed: Exposed | undefined;
afterEach(() => {
  exposed?.close();
  exposed = undefined;
});

function started(host: string | System, options: Record<string, unknown> = entries): Exposed {
  exposed = start(processGroups, host, options);
  return exposed;
}

/** The series of a scrape that have something in them, without the prefix that most share. */
async function series(scraped: Exposed, part: string): Promise<string[]> {
  return (await scraped.scrape())
    .split('\n')
    .filter((line) => !line.startsWith('#') && line.includes(part))
    .map((line) => line.replace('namedprocess_namegroup_', ''));
}

test('reports the groups of a server as process-exporter does', async () => {
  const scrape = await expose(processGroups, server, {
    process_names: [
      { name: '{{.Matches.Cluster}}', cmdline: ['^postgres: (?P<Cluster>\\S+): '] },
      { comm: ['java'] },
      { exe: ['/sbin/init'] },
    ],
    gather_smaps: true,
    children: false,
  });

  expect(scrape).toBe(text`
    # HELP namedprocess_namegroup_context_switches_total Context switches
    # TYPE namedprocess_namegroup_context_switches_total counter
    namedprocess_namegroup_context_switches_total{ctxswitchtype="voluntary",groupname="init"} 0
    namedprocess_namegroup_context_switches_total{ctxswitchtype="nonvoluntary",groupname="init"} 0
    namedprocess_namegroup_context_switches_total{ctxswitchtype="voluntary",groupname="15/main"} 0
    namedprocess_namegroup_context_switches_total{ctxswitchtype="nonvoluntary",groupname="15/main"} 0
    namedprocess_namegroup_context_switches_total{ctxswitchtype="voluntary",groupname="java"} 0
    namedprocess_namegroup_context_switches_total{ctxswitchtype="nonvoluntary",groupname="java"} 0
    # HELP namedprocess_namegroup_cpu_seconds_total Cpu user usage in seconds
    # TYPE namedprocess_namegroup_cpu_seconds_total counter
    namedprocess_namegroup_cpu_seconds_total{groupname="init",mode="user"} 0
    namedprocess_namegroup_cpu_seconds_total{groupname="init",mode="system"} 0
    namedprocess_namegroup_cpu_seconds_total{groupname="15/main",mode="user"} 0
    namedprocess_namegroup_cpu_seconds_total{groupname="15/main",mode="system"} 0
    namedprocess_namegroup_cpu_seconds_total{groupname="java",mode="user"} 0
    namedprocess_namegroup_cpu_seconds_total{groupname="java",mode="system"} 0
    # HELP namedprocess_namegroup_major_page_faults_total Major page faults
    # TYPE namedprocess_namegroup_major_page_faults_total counter
    namedprocess_namegroup_major_page_faults_total{groupname="init"} 0
    namedprocess_namegroup_major_page_faults_total{groupname="15/main"} 0
    namedprocess_namegroup_major_page_faults_total{groupname="java"} 0
    # HELP namedprocess_namegroup_memory_bytes number of bytes of memory in use
    # TYPE namedprocess_namegroup_memory_bytes gauge
    namedprocess_namegroup_memory_bytes{groupname="init",memtype="resident"} 4182016
    namedprocess_namegroup_memory_bytes{groupname="init",memtype="virtual"} 17240064
    namedprocess_namegroup_memory_bytes{groupname="init",memtype="swapped"} 131072
    namedprocess_namegroup_memory_bytes{groupname="init",memtype="proportionalResident"} 2263040
    namedprocess_namegroup_memory_bytes{groupname="init",memtype="proportionalSwapped"} 131072
    namedprocess_namegroup_memory_bytes{groupname="15/main",memtype="resident"} 4182016
    namedprocess_namegroup_memory_bytes{groupname="15/main",memtype="virtual"} 17240064
    namedprocess_namegroup_memory_bytes{groupname="15/main",memtype="swapped"} 0
    namedprocess_namegroup_memory_bytes{groupname="java",memtype="resident"} 4182016
    namedprocess_namegroup_memory_bytes{groupname="java",memtype="virtual"} 17240064
    namedprocess_namegroup_memory_bytes{groupname="java",memtype="swapped"} 2097152
    # HELP namedprocess_namegroup_minor_page_faults_total Minor page faults
    # TYPE namedprocess_namegroup_minor_page_faults_total counter
    namedprocess_namegroup_minor_page_faults_total{groupname="init"} 0
    namedprocess_namegroup_minor_page_faults_total{groupname="15/main"} 0
    namedprocess_namegroup_minor_page_faults_total{groupname="java"} 0
    # HELP namedprocess_namegroup_num_procs number of processes in this group
    # TYPE namedprocess_namegroup_num_procs gauge
    namedprocess_namegroup_num_procs{groupname="init"} 1
    namedprocess_namegroup_num_procs{groupname="15/main"} 1
    namedprocess_namegroup_num_procs{groupname="java"} 1
    # HELP namedprocess_namegroup_num_threads Number of threads
    # TYPE namedprocess_namegroup_num_threads gauge
    namedprocess_namegroup_num_threads{groupname="init"} 1
    namedprocess_namegroup_num_threads{groupname="15/main"} 1
    namedprocess_namegroup_num_threads{groupname="java"} 4
    # HELP namedprocess_namegroup_oldest_start_time_seconds start time in seconds since 1970/01/01 of oldest process in group
    # TYPE namedprocess_namegroup_oldest_start_time_seconds gauge
    namedprocess_namegroup_oldest_start_time_seconds{groupname="init"} 1693526400
    namedprocess_namegroup_oldest_start_time_seconds{groupname="15/main"} 1693526400
    namedprocess_namegroup_oldest_start_time_seconds{groupname="java"} 1693526400
    # HELP namedprocess_namegroup_open_filedesc number of open file descriptors for this group
    # TYPE namedprocess_namegroup_open_filedesc gauge
    namedprocess_namegroup_open_filedesc{groupname="init"} 3
    namedprocess_namegroup_open_filedesc{groupname="15/main"} 2
    namedprocess_namegroup_open_filedesc{groupname="java"} 4
    # HELP namedprocess_namegroup_read_bytes_total number of bytes read by this group
    # TYPE namedprocess_namegroup_read_bytes_total counter
    namedprocess_namegroup_read_bytes_total{groupname="init"} 0
    namedprocess_namegroup_read_bytes_total{groupname="15/main"} 0
    namedprocess_namegroup_read_bytes_total{groupname="java"} 0
    # HELP namedprocess_namegroup_states Number of processes in states Running, Sleeping, Waiting, Zombie, or Other
    # TYPE namedprocess_namegroup_states gauge
    namedprocess_namegroup_states{groupname="init",state="Running"} 0
    namedprocess_namegroup_states{groupname="init",state="Sleeping"} 1
    namedprocess_namegroup_states{groupname="init",state="Waiting"} 0
    namedprocess_namegroup_states{groupname="init",state="Zombie"} 0
    namedprocess_namegroup_states{groupname="init",state="Other"} 0
    namedprocess_namegroup_states{groupname="15/main",state="Running"} 1
    namedprocess_namegroup_states{groupname="15/main",state="Sleeping"} 0
    namedprocess_namegroup_states{groupname="15/main",state="Waiting"} 0
    namedprocess_namegroup_states{groupname="15/main",state="Zombie"} 0
    namedprocess_namegroup_states{groupname="15/main",state="Other"} 0
    namedprocess_namegroup_states{groupname="java",state="Running"} 0
    namedprocess_namegroup_states{groupname="java",state="Sleeping"} 1
    namedprocess_namegroup_states{groupname="java",state="Waiting"} 0
    namedprocess_namegroup_states{groupname="java",state="Zombie"} 0
    namedprocess_namegroup_states{groupname="java",state="Other"} 0
    # HELP namedprocess_namegroup_worst_fd_ratio the worst (closest to 1) ratio between open fds and max fds among all procs in this group
    # TYPE namedprocess_namegroup_worst_fd_ratio gauge
    namedprocess_namegroup_worst_fd_ratio{groupname="init"} 2.7939677446631173e-9
    namedprocess_namegroup_worst_fd_ratio{groupname="15/main"} 0.001953125
    namedprocess_namegroup_worst_fd_ratio{groupname="java"} 0.0009765625
    # HELP namedprocess_namegroup_write_bytes_total number of bytes written by this group
    # TYPE namedprocess_namegroup_write_bytes_total counter
    namedprocess_namegroup_write_bytes_total{groupname="init"} 0
    namedprocess_namegroup_write_bytes_total{groupname="15/main"} 0
    namedprocess_namegroup_write_bytes_total{groupname="java"} 0
    # HELP namedprocess_scrape_errors general scrape errors: no proc metrics collected during a cycle
    # TYPE namedprocess_scrape_errors counter
    namedprocess_scrape_errors 0
    # HELP namedprocess_scrape_partial_errors incremented each time a tracked proc's metrics collection fails partially, e.g. unreadable I/O stats
    # TYPE namedprocess_scrape_partial_errors counter
    namedprocess_scrape_partial_errors 2
    # HELP namedprocess_scrape_procread_errors incremented each time a proc's metrics collection fails
    # TYPE namedprocess_scrape_procread_errors counter
    namedprocess_scrape_procread_errors 0
    # HELP vitald_process_merged_groups Groups that are summed up in the group "other".
    # TYPE vitald_process_merged_groups gauge
    vitald_process_merged_groups 0
    # HELP vitald_process_refused_files Processes in groups of which a file could not be read at the last run.
    # TYPE vitald_process_refused_files gauge
    vitald_process_refused_files{file="fd"} 0
    vitald_process_refused_files{file="io"} 0
    vitald_process_refused_files{file="smaps_rollup"} 2
  `);
});

test('counts from the first run on, and a process that starts later from its begin', async () => {
  const folder = hostOf(filesOf(10, { user: 500, read: 4096 }));
  const host = started(folder);

  expect(await series(host, 'app",mode="user"')).toEqual(['cpu_seconds_total{groupname="app",mode="user"} 0']);

  unpackTree(filesOf(10, { user: 750, read: 8192 }), folder);
  unpackTree(filesOf(11, { user: 30, read: 100, started: 900 }), folder);

  expect(await series(host, 'app",mode="user"')).toEqual(['cpu_seconds_total{groupname="app",mode="user"} 2.8']);
  expect(await series(host, 'read_bytes')).toEqual(['read_bytes_total{groupname="app"} 4196']);
});

test('keeps what a process has counted when it ends', async () => {
  const folder = hostOf(filesOf(1, { comm: 'init' }), filesOf(10, { user: 100 }));
  const host = started(folder);
  await host.scrape();
  unpackTree(filesOf(10, { user: 400 }), folder);
  await host.scrape();
  rmSync(join(folder, 'proc/10'), { recursive: true });

  expect(await series(host, '"app"')).toEqual([
    'context_switches_total{ctxswitchtype="voluntary",groupname="app"} 0',
    'context_switches_total{ctxswitchtype="nonvoluntary",groupname="app"} 0',
    'cpu_seconds_total{groupname="app",mode="user"} 3',
    'cpu_seconds_total{groupname="app",mode="system"} 0',
    'major_page_faults_total{groupname="app"} 0',
    'memory_bytes{groupname="app",memtype="resident"} 0',
    'memory_bytes{groupname="app",memtype="virtual"} 0',
    'minor_page_faults_total{groupname="app"} 0',
    'num_procs{groupname="app"} 0',
    'num_threads{groupname="app"} 0',
    'read_bytes_total{groupname="app"} 0',
    'states{groupname="app",state="Running"} 0',
    'states{groupname="app",state="Sleeping"} 0',
    'states{groupname="app",state="Waiting"} 0',
    'states{groupname="app",state="Zombie"} 0',
    'states{groupname="app",state="Other"} 0',
    'write_bytes_total{groupname="app"} 0',
  ]);
});

test('forgets a group without processes when it is told to', async () => {
  const folder = hostOf(filesOf(1, { comm: 'init' }), filesOf(10));
  const host = started(folder, { ...entries, remove_empty_groups: true });
  await host.scrape();
  rmSync(join(folder, 'proc/10'), { recursive: true });

  expect(await series(host, '"app"')).toEqual([]);
});

test('takes another process for what it is although it has the number of one that ended', async () => {
  const folder = hostOf(filesOf(1, { comm: 'init' }), filesOf(10, { user: 100 }));
  const host = started(folder);
  await host.scrape();
  unpackTree(filesOf(10, { comm: 'next', user: 40, started: 700 }), folder);

  expect(await series(host, 'num_procs')).toEqual([
    'num_procs{groupname="init"} 1',
    'num_procs{groupname="app"} 0',
    'num_procs{groupname="next"} 1',
  ]);
  expect(await series(host, 'mode="user"')).toContain('cpu_seconds_total{groupname="next",mode="user"} 0.4');
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

test('reads the limit of open files again after some minutes', async () => {
  const folder = hostOf(filesOf(10, { files: 5 }));
  const clock = fixedClock();
  const host = systemOf(folder, { clock });
  const scraped = started(host);
  await scraped.scrape();
  unpackTree('== proc/10/limits\nMax open files            10                   40                   files', folder);

  expect(await series(scraped, 'worst')).toEqual(['worst_fd_ratio{groupname="app"} 0.25']);
  clock.advance(300_000);
  expect(await series(scraped, 'worst')).toEqual(['worst_fd_ratio{groupname="app"} 0.5']);
  host.close();
});

test('loses only the field whose file it may not read, and counts that', async () => {
  const folder = hostOf(filesOf(10));
  unlinkSync(join(folder, 'proc/10/io'));
  rmSync(join(folder, 'proc/10/fd'), { recursive: true });
  const lines = await series(started(folder), '');

  expect(lines).toContain('num_procs{groupname="app"} 1');
  expect(lines).toContain('memory_bytes{groupname="app",memtype="swapped"} 4096');
  expect(lines.filter((line) => /read_bytes|write_bytes|open_filedesc|worst/.test(line))).toEqual([]);
  expect(lines).toContain('vitald_process_refused_files{file="fd"} 1');
  expect(lines).toContain('vitald_process_refused_files{file="io"} 1');
  expect(lines).toContain('namedprocess_scrape_partial_errors 1');
});

test('takes a process that vanishes while it is read for no refusal', async () => {
  const folder = hostOf(filesOf(10));
  for (const file of ['io', 'status', 'limits']) unlinkSync(join(folder, `proc/10/${file}`));
  const lines = await series(started(folder), '');

  expect(lines).toContain('num_procs{groupname="app"} 1');
  expect(lines).toContain('namedprocess_scrape_partial_errors 0');
});

test('counts a process whose stat cannot be understood', async () => {
  const host = started(hostOf(filesOf(10), '== proc/11/stat\n11 (x) S 1 1'));

  expect(await series(host, 'procread')).toEqual(['namedprocess_scrape_procread_errors 1']);
});

test('counts a zombie, and asks nothing more of it', async () => {
  const folder = hostOf(filesOf(10, { state: 'Z' }));
  for (const file of ['io', 'status', 'limits']) unlinkSync(join(folder, `proc/10/${file}`));
  const lines = await series(started(folder), '');

  expect(lines).toContain('states{groupname="app",state="Zombie"} 1');
  expect(lines).toContain('namedprocess_scrape_partial_errors 0');
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

test('adds up threads by their names', async () => {
  const thread = (tid: number, comm: string, user: number, started = 100): string =>
    [
      `== proc/10/task/${tid}/stat`,
      `${tid} (${comm}) S 1 1 1 0 -1 64 5 0 1 0 ${user} 10 0 0 20 0 3 0 ${started} 8192 1`,
      `== proc/10/task/${tid}/io\nread_bytes: ${user}\nwrite_bytes: 0`,
      `== proc/10/task/${tid}/status\nvoluntary_ctxt_switches:\t${user}\nnonvoluntary_ctxt_switches:\t1`,
      `=!= proc/10/task/${tid}/wchan\nep_poll`,
    ].join('\n');
  const folder = hostOf(filesOf(10, { threads: 3 }), thread(10, 'app', 50), thread(11, 'io', 10), thread(12, 'io', 20));
  const host = started(folder, { ...entries, threads: true });
  await host.scrape();
  unpackTree([thread(11, 'io', 110), thread(12, 'io', 20), thread(13, 'io', 30, 500)].join('\n'), folder);
  const lines = await series(host, 'thread');

  expect(lines.filter((line) => line.includes('"io"') || line.includes('wchan'))).toEqual([
    'thread_context_switches_total{ctxswitchtype="voluntary",groupname="app",threadname="io"} 130',
    'thread_context_switches_total{ctxswitchtype="nonvoluntary",groupname="app",threadname="io"} 1',
    'thread_count{groupname="app",threadname="io"} 3',
    'thread_cpu_seconds_total{groupname="app",mode="user",threadname="io"} 1.3',
    'thread_cpu_seconds_total{groupname="app",mode="system",threadname="io"} 0.1',
    'thread_io_bytes_total{groupname="app",iomode="read",threadname="io"} 130',
    'thread_io_bytes_total{groupname="app",iomode="write",threadname="io"} 0',
    'thread_major_page_faults_total{groupname="app",threadname="io"} 1',
    'thread_minor_page_faults_total{groupname="app",threadname="io"} 5',
    'threads_wchan{groupname="app",wchan="ep_poll"} 4',
  ]);
  // The states are those of processes all the same.
  expect(await series(host, 'Sleeping')).toEqual(['states{groupname="app",state="Sleeping"} 1']);
});

test('has no more than 50 names of threads in a group', async () => {
  const threads = Array.from(
    { length: 60 },
    (_, index) =>
      `== proc/10/task/${10 + index}/stat\n${10 + index} (t${index}) S 1 1 1 0 -1 64 5 0 1 0 1 1 0 0 20 0 60 0 1 8192 1`,
  );
  const host = started(hostOf(filesOf(10, { threads: 60 }), ...threads), { ...entries, threads: true });
  const lines = await series(host, 'thread_count');

  expect(lines).toHaveLength(51);
  expect(lines.at(-1)).toBe('thread_count{groupname="app",threadname="other"} 10');
});

test('has no data where no process can be seen', async () => {
  await expect(expose(processGroups, sceneOf(boot))).rejects.toThrow(NoDataError);
});

test('gives way to other work, stops when it is told to, and counts what happened meanwhile', async () => {
  const pids = Array.from({ length: 200 }, (_, index) => index + 1);
  const folder = hostOf(...pids.map((pid) => filesOf(pid, { user: 1 })));
  const host = systemOf(folder);
  const collector = processGroups.create(processGroups.config.parse(entries), contextOf(host));
  await collector.collect(new AbortController().signal);
  unpackTree(filesOf(1, { user: 101 }), folder);
  const stop = new AbortController();
  setImmediate(() => stop.abort(new Error('deadline')));

  await expect(collector.collect(stop.signal)).rejects.toThrow('deadline');
  const samples = [...(await collector.collect(new AbortController().signal))];
  const valueOf = (name: string): number | undefined => samples.find(({ family }) => family.name === name)?.value;
  expect(valueOf('namedprocess_namegroup_cpu_seconds_total')).toBe(1);
  expect(valueOf('namedprocess_scrape_errors')).toBe(1);
  host.close();
});

test('reports this process on this machine as its own files tell', async () => {
  const host = openSystem();
  const scraped = started(host, { process_names: [{ name: '{{.PID}}', cmdline: ['.'] }], max_groups: 10_000 });
  const lines = await series(scraped, `groupname="${process.pid}"`);
  const valueOf = (name: string): number =>
    Number(
      lines
        .find((line) => line.startsWith(name))
        ?.split(' ')
        .at(-1) ?? Number.NaN,
    );
  const startTicks = Number(readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ')[19]);
  const bootSeconds = Number(/^btime (\d+)/m.exec(readFileSync('/proc/stat', 'utf8'))![1]);

  expect(valueOf('num_procs')).toBe(1);
  expect(valueOf('memory_bytes')).toBeGreaterThan(10_000_000);
  expect(valueOf('num_threads')).toBeGreaterThan(1);
  expect(valueOf('open_filedesc')).toBeGreaterThan(2);
  expect(valueOf('worst_fd_ratio')).toBeGreaterThan(0);
  expect(Math.abs(valueOf('oldest_start') - Math.floor(bootSeconds + startTicks / 100))).toBeLessThan(3);
  expect(lines.some((line) => line.startsWith('read_bytes'))).toBe(true);
  host.close();
});
