import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseStat, processes } from '../../../collectors/host/processes.ts';
import { contextOf, expose, start, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';
import { openSystem, type System } from '../../../src/system/index.ts';

const server = sceneFolder('rich-server', ['processes']);

/** The server, where some files cannot be read. */
function refusing(paths: RegExp): System {
  const host = systemOf(server);
  const proc = {
    ...host.proc,
    keep: (path: string) => {
      const file = host.proc.keep(path);
      return { bytes: () => (paths.test(path) ? undefined : file.bytes()), close: () => file.close() };
    },
  };
  return { ...host, proc };
}

/** The series of a scrape, without the lines on families. */
function series(scrape: string): string[] {
  return scrape.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('counts processes and threads by state', async () => {
  expect(await expose(processes, server)).toBe(text`
    # HELP node_processes_max_processes Number of max PIDs limit
    # TYPE node_processes_max_processes gauge
    node_processes_max_processes 4194304
    # HELP node_processes_max_threads Limit of threads in the system
    # TYPE node_processes_max_threads gauge
    node_processes_max_threads 1030560
    # HELP node_processes_pids Number of PIDs
    # TYPE node_processes_pids gauge
    node_processes_pids 7
    # HELP node_processes_state Number of processes in each state.
    # TYPE node_processes_state gauge
    node_processes_state{state="S"} 3
    node_processes_state{state="R"} 1
    node_processes_state{state="Z"} 1
    node_processes_state{state="I"} 1
    node_processes_state{state="D"} 1
    # HELP node_processes_threads Allocated threads in system
    # TYPE node_processes_threads gauge
    node_processes_threads 10
    # HELP node_processes_threads_state Number of threads in each state.
    # TYPE node_processes_threads_state gauge
    node_processes_threads_state{thread_state="S"} 4
    node_processes_threads_state{thread_state="R"} 2
    node_processes_threads_state{thread_state="Z"} 1
    node_processes_threads_state{thread_state="D"} 2
    node_processes_threads_state{thread_state="I"} 1
  `);
});

test('leaves out processes and threads that vanish while they are counted', async () => {
  const scrape = await expose(processes, refusing(/^2031\/|\/3003\//));

  expect(series(scrape)).toEqual([
    'node_processes_max_processes 4194304',
    'node_processes_max_threads 1030560',
    'node_processes_pids 6',
    'node_processes_state{state="S"} 3',
    'node_processes_state{state="Z"} 1',
    'node_processes_state{state="I"} 1',
    'node_processes_state{state="D"} 1',
    'node_processes_threads 9',
    'node_processes_threads_state{thread_state="S"} 4',
    'node_processes_threads_state{thread_state="Z"} 1',
    'node_processes_threads_state{thread_state="R"} 1',
    'node_processes_threads_state{thread_state="I"} 1',
    'node_processes_threads_state{thread_state="D"} 1',
  ]);
});

test('counts what may be read where hidepid hides the rest', async () => {
  const scrape = await expose(processes, refusing(/^(?!2031\/)/));

  expect(series(scrape)).toContain('node_processes_pids 1');
});

test('gives way to other work, and stops when it is told to', async () => {
  const folder = sceneOf(
    Array.from(
      { length: 600 },
      (_, pid) => `== proc/${pid + 1}/stat\n${pid + 1} (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1`,
    ).join('\n'),
  );
  const host = systemOf(folder);
  const stop = new AbortController();
  let reads = 0;
  const proc = {
    ...host.proc,
    keep(path: string) {
      const file = host.proc.keep(path);
      const bytes = () => {
        reads += 1;
        if (reads === 1) setImmediate(() => stop.abort(new Error('deadline')));
        return file.bytes();
      };
      return { bytes, close: () => file.close() };
    },
  };
  const collector = processes.create({}, contextOf({ ...host, proc }));

  await expect(collector.collect(stop.signal)).rejects.toThrow('deadline');
  expect(reads).toBeLessThan(600);
});

const statOf = (pid: number, state: string, threads: number) =>
  `${pid} (x) ${state} 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 ${threads} 0 1\n`;

test('follows processes and threads that come, go and take the place of others', async () => {
  const folder = sceneOf(`
== proc/7/stat
${statOf(7, 'S', 3)}
== proc/7/task/7/stat
${statOf(7, 'S', 3)}
== proc/7/task/8/stat
${statOf(8, 'R', 3)}
== proc/7/task/9/stat
${statOf(9, 'D', 3)}
== proc/20/stat
${statOf(20, 'Z', 1)}
=/ proc/20/task/20`);
  const file = (path: string) => join(folder, 'proc', path);
  const collector = start(processes, folder);
  const threadStates = async () =>
    series(await collector.scrape()).filter((line) => line.startsWith('node_processes_threads_state'));
  const first = await threadStates();
  // As many threads as before, one of them another; one process in place of another.
  rmSync(file('7/task/9'), { recursive: true });
  mkdirSync(file('7/task/12'));
  writeFileSync(file('7/task/12/stat'), statOf(12, 'I', 3));
  rmSync(file('20'), { recursive: true });
  mkdirSync(file('21/task/21'), { recursive: true });
  writeFileSync(file('21/stat'), statOf(21, 'T', 1));
  const second = await threadStates();
  // A thread fewer.
  rmSync(file('7/task/8'), { recursive: true });
  writeFileSync(file('7/stat'), statOf(7, 'S', 2));
  const third = await threadStates();

  const line = (state: string) => `node_processes_threads_state{thread_state="${state}"} 1`;
  expect(first.toSorted()).toEqual(['D', 'R', 'S', 'Z'].map(line));
  expect(second.toSorted()).toEqual(['I', 'R', 'S', 'T'].map(line));
  expect(third.toSorted()).toEqual(['I', 'S', 'T'].map(line));
});

test.runIf(process.platform === 'linux')(
  'keeps a descriptor for each process and none of those that ended',
  async () => {
    const system = openSystem();
    const kept = () =>
      readdirSync('/proc/self/fd')
        .map((descriptor) => system.proc.link(`self/fd/${descriptor}`) ?? '')
        .filter((path) => /^\/proc\/\d+\/(?:task\/\d+\/)?stat$/.test(path));
    const collector = start(processes, system);
    await collector.scrape();
    const child = spawn('sleep', ['60']);
    await collector.scrape();
    const during = kept();
    child.kill('SIGKILL');
    await once(child, 'close');
    await collector.scrape();
    const after = kept();
    collector.close();

    expect(during).toContain(`/proc/${child.pid}/stat`);
    expect(during).toContain(`/proc/${process.pid}/stat`);
    expect(after).not.toContain(`/proc/${child.pid}/stat`);
    expect(after).toContain(`/proc/${process.pid}/stat`);
    expect(kept()).toEqual([]);
  },
);

test('a recorded process without its threads tells no state of them', async () => {
  const scrape = await expose(processes, sceneOf(`== proc/7/stat\n${statOf(7, 'S', 1)}\n`));

  expect(series(scrape)).toEqual([
    'node_processes_pids 1',
    'node_processes_state{state="S"} 1',
    'node_processes_threads 1',
  ]);
});

test('leaves out a limit that cannot be read', async () => {
  const scrape = await expose(processes, sceneOf('== proc/sys/kernel/pid_max\n4194304\n'));

  expect(series(scrape)).toEqual([
    'node_processes_max_processes 4194304',
    'node_processes_pids 0',
    'node_processes_threads 0',
  ]);
});

const rest = '1 7 7 0 -1 64 0 0 0 0 5 6 0 0 20 0';

test.each([
  '',
  '12',
  '12 (sh) S 1 2 3\n',
  '12 (sh\n',
  `12 (sh) S ${rest} 1`,
  `12 (sh) S ${rest} x 0\n`,
  `12 (sh) S ${rest}  0\n`,
  `12 (sh) 5 ${rest} 1 0\n`,
])('takes a torn stat for none: %j', (torn) => {
  expect(parseStat(Buffer.from(torn))).toBeUndefined();
});

test('counts fields from the last parenthesis of the name', () => {
  const stat = '7 (a) R 1 (b) D 1 7 7 0 -1 64 0 0 0 0 5 6 0 0 20 0 12 0 43\n';

  expect(parseStat(Buffer.from(stat))).toEqual({ state: 'D', threads: 12 });
});
