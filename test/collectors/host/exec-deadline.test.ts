/** What becomes of the processes of a command at its deadline, when it exits, and when the daemon ends. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exec } from '../../../collectors/host/exec.ts';
import { startTestedDaemon } from '../../support/daemons.ts';
import { commanded, failuresOf } from '../../support/exec-commands.ts';
import { isAlive } from '../../support/processes.ts';
import { temporaryFolder, until } from '../../support/program.ts';

/**
 * Processes that ignore SIGTERM: a script, a child, one with job control, some in a session of their own, of which one has
 * lost its parent and one its environment.
 */
const stubborn = (folder: string): string => `
trap '' TERM
sleep 300 & echo $! > ${folder}/child
setsid sh -c 'trap "" TERM; echo $$ > ${folder}/session; sleep 300' &
setsid sh -c 'trap "" TERM; (sleep 300 & echo $! > ${folder}/orphan) & exit' &
env -i setsid sh -c 'trap "" TERM; echo $$ > ${folder}/cleared; while :; do sleep 300; done' &
sh -c 'set -m; sleep 300 & echo $! > ${folder}/job; wait' &
echo $$ > ${folder}/script
while :; do sleep 300; done
`;
const names = ['script', 'child', 'session', 'orphan', 'cleared', 'job'];

async function pidsIn(folder: string): Promise<number[]> {
  const written = (name: string): boolean =>
    existsSync(join(folder, name)) && readFileSync(join(folder, name), 'utf8').endsWith('\n');
  await until(() => names.every(written));
  return names.map((name) => Number(readFileSync(join(folder, name), 'utf8')));
}

describe.runIf(process.platform === 'linux')('at its deadline', () => {
  test('a command is gone with everything that it started, although all of it ignores SIGTERM', async () => {
    const folder = temporaryFolder();
    const job = commanded(stubborn(folder));
    const deadline = new AbortController();
    const run = job.run(deadline.signal);
    const pids = await pidsIn(folder);
    expect(pids.filter(isAlive)).toEqual(pids);

    const from = performance.now();
    deadline.abort();
    // Known at once, and served while the processes have their moment.
    expect(failuresOf(job.about())).toEqual({ timeout: 1 });
    expect(job.about()['vitald_exec_exit_code{command="job"}']).toBe(124);
    expect(await run).toBe('failed: /bin/sh did not end in time');
    const took = performance.now() - from;

    await until(() => pids.filter(isAlive).length === 0);
    expect(took).toBeGreaterThan(400);
    expect(took).toBeLessThan(5_000);
    expect(failuresOf(job.about())).toEqual({ timeout: 1 });
  });

  test('one that went into a session of its own, lost its parent and cleared its environment is not found', async () => {
    const folder = temporaryFolder();
    const pidFile = join(folder, 'pid');
    const escape = `env -i setsid sh -c 'echo $$ > ${pidFile}; exec sleep 300 >/dev/null 2>&1' &`;
    const job = commanded(
      `sh -c "${escape.replaceAll('$$', String.raw`\$\$`)}"; while ! [ -s ${pidFile} ]; do sleep 0.01; done; sleep 300`,
    );
    const deadline = new AbortController();
    const run = job.run(deadline.signal);
    const pid = await until(() => (existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0));
    try {
      deadline.abort();
      await run;

      expect(isAlive(pid)).toBe(true);
    } finally {
      process.kill(pid, 'SIGKILL');
    }
  });

  test('one that heeds SIGTERM may still clean up', async () => {
    const folder = temporaryFolder();
    const script = `trap 'echo done > ${folder}/cleaned; exit 0' TERM; echo > ${folder}/ready; while :; do sleep 0.05; done`;
    const job = commanded(script, { kill_after: '60s' });
    const deadline = new AbortController();
    const run = job.run(deadline.signal);
    await until(() => existsSync(join(folder, 'ready')));

    deadline.abort();
    await run;

    expect(readFileSync(join(folder, 'cleaned'), 'utf8')).toBe('done\n');
  });

  test('one whose parent has gone, but not its children, is waited for and then killed', async () => {
    const folder = temporaryFolder();
    const script = `sh -c 'trap "" TERM; echo $$ > ${folder}/child; while :; do sleep 300; done' & wait`;
    const job = commanded(script);
    const deadline = new AbortController();
    const run = job.run(deadline.signal);
    const pidFile = join(folder, 'child');
    const pid = await until(() => (existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0));

    deadline.abort();
    expect(isAlive(pid)).toBe(true);
    expect(await run).toBe('failed: /bin/sh did not end in time');

    await until(() => !isAlive(pid));
  });

  test('close kills at once, without waiting for the moment after SIGTERM', async () => {
    const folder = temporaryFolder();
    const job = commanded(stubborn(folder), { kill_after: '60s' });
    const stop = new AbortController();
    const run = job.run(stop.signal);
    const pids = await pidsIn(folder);

    stop.abort();
    job.collector.close?.();
    expect(await run).toBe('failed: /bin/sh did not end in time');

    await until(() => pids.filter(isAlive).length === 0);
  });
});

describe.runIf(process.platform === 'linux')('what a command leaves behind', () => {
  test('is ended when it exits, and its metrics count', async () => {
    const folder = temporaryFolder();
    const job = commanded(`echo a 1; sleep 300 & echo $! > ${folder}/pid`);

    expect(await job.run()).toBe('a 1\n');
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    await until(() => !isAlive(pid));
  });

  test('is found where it holds the output open from a session of its own', async () => {
    const folder = temporaryFolder();
    const job = commanded(
      `echo a 1; setsid sh -c 'echo $$ > ${folder}/pid; exec sleep 300' & while ! [ -s ${folder}/pid ]; do sleep 0.01; done`,
    );

    expect(await job.run()).toBe('a 1\n');
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    await until(() => !isAlive(pid));
  });
});

test('in the daemon a command that hangs costs itself only, never runs twice, and ends with the daemon', async () => {
  const folder = temporaryFolder();
  const tested = await startTestedDaemon(
    JSON.stringify({
      collectors: {
        exec: {
          schedule: '1s',
          timeout: '500ms',
          commands: [
            { name: 'good', command: ['/bin/echo', 'good', '1'] },
            {
              name: 'stuck',
              command: ['/bin/sh', '-c', `trap '' TERM; echo $$ >> ${folder}/pids; while :; do sleep 300; done`],
              timeout: '30s',
            },
          ],
        },
      },
    }),
    { collectors: [exec] },
  );
  await tested.eventually('good', 1);
  await until(
    async () => ((await tested.value('vitald_collector_skipped_runs_total{collector="exec:stuck"}')) ?? 0) > 1,
  );
  await tested.daemon.stop();

  const pids = readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n').map(Number);
  expect(pids).toHaveLength(1);
  await until(() => !isAlive(pids[0]!));
});
