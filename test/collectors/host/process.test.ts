import { readFileSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processGroups } from '../../../collectors/host/process.ts';
import { NoDataError } from '../../../src/collector.ts';
import { openSystem } from '../../../src/system/index.ts';
import { contextOf, expose, fixedClock, systemOf, text } from '../../support/expose.ts';
import { boot, entries, filesOf, hostOf, series, started } from '../../support/process-scene.ts';
import { sceneFolder, sceneOf, unpackTree } from '../../support/scene.ts';

const server = sceneFolder('rich-server', ['processes', 'process', 'stat']);

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
