import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exec } from '../../../collectors/host/exec.ts';
import type { Collector, Sample } from '../../../src/collector.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { shownConfig } from '../../../src/config/shown.ts';
import { ConfigError } from '../../../src/errors.ts';
import { Encoder, formatBlocks } from '../../../src/exposition/encode.ts';
import { recordedLog, startTestedDaemon } from '../../support/daemons.ts';
import { contextOf, systemOf, text } from '../../support/expose.ts';
import { temporaryFolder, until } from '../../support/program.ts';
import { smallRegistry } from '../../support/registry.ts';

interface Commanded {
  readonly lines: readonly string[];
  /** What a run gives: the lines of its samples, or why it gives none. */
  run(signal?: AbortSignal): Promise<string>;
  /** What is told of the runs, by series. */
  about(): Record<string, number>;
  readonly collector: Collector;
}

const linesOf = (samples: Iterable<Sample>): string =>
  formatBlocks(new Encoder().encode([...samples])).replaceAll(/^#.*\n/gm, '');

function commanded(command: string[] | string, options: Record<string, unknown> = {}): Commanded {
  const log = recordedLog();
  const argv = typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
  const config = exec.config.parse({ name: 'job', command: argv, ...options });
  const collector = exec.create(config, contextOf(systemOf('test/fixtures'), log));
  return {
    collector,
    lines: log.lines,
    run: async (signal = new AbortController().signal) => {
      try {
        return linesOf(await collector.collect(signal));
      } catch (error) {
        return `failed: ${(error as Error).message}`;
      }
    },
    about: () =>
      Object.fromEntries(
        linesOf(collector.about!())
          .trim()
          .split('\n')
          .map((line) => [line.replace(/ \S+$/, ''), Number(line.split(' ').at(-1))]),
      ),
  };
}

const failuresOf = (about: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(about).flatMap(([series, count]) => {
      const [, reason] = /^vitald_exec_failures_total\{.*reason="(\w+)"/.exec(series) ?? [];
      return reason === undefined || count === 0 ? [] : [[reason, count]];
    }),
  );

const isAlive = (pid: number): boolean => {
  try {
    // A zombie waits for whoever started it; it runs no more.
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

describe('a command', () => {
  test('gives the metrics that it writes, with its labels', async () => {
    const job = commanded('echo "# TYPE jobs counter"; echo "jobs{q=\\"a\\"} 5"; echo "jobs{q=\\"b\\"} 6"', {
      labels: { team: 'infra' },
    });

    expect(await job.run()).toBe('jobs{q="a",team="infra"} 5\njobs{q="b",team="infra"} 6\n');
    const about = job.about();
    expect(about['vitald_exec_exit_code{command="job",team="infra"}']).toBe(0);
    expect(about['vitald_exec_duration_seconds{command="job",team="infra"}']).toBeGreaterThan(0);
    expect(about['vitald_exec_last_run_timestamp_seconds{command="job",team="infra"}']).toBeGreaterThan(1.7e9);
    expect(failuresOf(about)).toEqual({});
    expect(Object.keys(about).filter((series) => series.startsWith('vitald_exec_failures_total'))).toHaveLength(6);
  });

  test('gets arguments as they are written, and no shell between', async () => {
    const job = commanded(['/bin/echo', 'a{b="$(id) *"}', '1']);

    expect(await job.run()).toBe('a{b="$(id) *"} 1\n');
  });

  test('has its own folder, an empty standard input, and of the environment only what is allowed', async () => {
    process.env['VITALD_TEST_HIDDEN'] = 'x';
    process.env['VITALD_TEST_PASSED'] = 'y';
    const folder = temporaryFolder();
    const script =
      'printf "ok{pwd=\\"%s\\",in=\\"%s\\",hidden=\\"%s\\",passed=\\"%s\\",own=\\"%s\\"} 1\\n" "$PWD" "$(cat)" "$VITALD_TEST_HIDDEN" "$VITALD_TEST_PASSED" "$OWN"';
    const job = commanded(script, {
      working_directory: folder,
      environment: { OWN: 'z' },
      environment_allow: ['PATH', 'VITALD_TEST_PASSED'],
    });

    expect(await job.run()).toBe(`ok{hidden="",in="",own="z",passed="y",pwd="${folder}"} 1\n`);
  });

  test('reads what it is given, and need not', async () => {
    expect(await commanded('cat', { stdin: 'a 1\n' }).run()).toBe('a 1\n');
    expect(await commanded('echo a 1', { stdin: 'x'.repeat(1_000_000) }).run()).toBe('a 1\n');
  });

  test.runIf(process.getuid?.() === 0)('runs as the user that is named, without groups of the daemon', async () => {
    const script = 'echo "me{u=\\"$(id -u)\\",g=\\"$(id -G)\\",home=\\"$HOME\\"} 1"';

    expect(await commanded(script, { user: 'nobody' }).run()).toBe('me{g="65534",home="/nonexistent",u="65534"} 1\n');
    expect(await commanded(script, { user: 4711, group: 'daemon' }).run()).toMatch(
      /^me\{g="1",home=".*",u="4711"\} 1\n$/,
    );
    expect(await commanded(script, { user: 'nobodyknows' }).run()).toBe('failed: /etc/passwd has no user nobodyknows');
  });
});

describe('a run that fails', () => {
  test.each<[string, string[] | string, Record<string, unknown>, string, string, number]>([
    ['exit', 'echo a 1; exit 3', {}, '/bin/sh exited with 3', 'exit', 3],
    ['signal', 'kill -SEGV $$', {}, '/bin/sh was ended by SIGSEGV', 'signal', 139],
    ['missing program', ['/no/such'], {}, '/no/such does not exist', 'spawn', 127],
    [
      'missing folder',
      'true',
      { working_directory: '/no/such' },
      'the working directory /no/such does not exist',
      'spawn',
      127,
    ],
    ['file that is no program', ['/etc/passwd'], {}, '/etc/passwd may not be executed', 'spawn', 126],
    [
      'too much output',
      ['/usr/bin/yes'],
      { output_limit: 1_000 },
      '/usr/bin/yes wrote more than 1000 bytes',
      'output_limit',
      124,
    ],
    ['no metrics', 'echo a 1; echo hello world', {}, 'exec:job:2:7: expected a number as the value', 'format', 0],
  ])('by %s says why, and is counted', async (_, command, options, message, reason, status) => {
    const job = commanded(command, options);

    expect(await job.run()).toMatch(new RegExp(`^failed: ${message}`));
    expect(failuresOf(job.about())).toEqual({ [reason]: 1 });
    expect(job.about()['vitald_exec_exit_code{command="job"}']).toBe(status);
  });

  test('with another status than 0 may still be meant', async () => {
    expect(await commanded('echo a 1; exit 3', { success_codes: [0, 3] }).run()).toBe('a 1\n');
  });

  test('has what it said on its standard error in the log, once', async () => {
    const folder = temporaryFolder();
    const job = commanded(`echo "cannot reach $(cat ${folder}/what)" >&2; printf '\\033[1m' >&2; exit 1`);
    writeFileSync(join(folder, 'what'), 'db\u0001');
    await job.run();
    await job.run();

    const told = job.lines.filter((line) => line.includes('standard error'));
    expect(told).toEqual([
      'warn the command failed, and said on its standard error {"reason":"exit","stderr":"cannot reach db\\n[1m"}',
    ]);
    expect(JSON.stringify(job.about())).not.toContain('cannot reach');
  });
});

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

describe('a plugin', () => {
  const plugin = (output: string, status = 0, options = {}): Commanded =>
    commanded(`cat; exit ${status}`, { format: 'nagios', stdin: output, ...options });

  test('gives its state, and its performance data in base units', async () => {
    const disk = plugin(
      "DISK WARNING - 90%|'/'=90%;80;@95:;0;100 rta=1500ms;~:2000 in=77c used=5KiB;;;0\nmore\nlast | odd=1 x\n",
      1,
    );

    expect(await disk.run()).toBe(text`
      vitald_nagios_performance_data{command="job",label="/",unit="ratio"} 0.9
      vitald_nagios_performance_data{command="job",label="rta",unit="seconds"} 1.5
      vitald_nagios_performance_data{command="job",label="used",unit="bytes"} 5120
      vitald_nagios_performance_data{command="job",label="odd",unit=""} 1
      vitald_nagios_performance_data_critical{alert="inside",bound="lower",command="job",label="/",unit="ratio"} 0.95
      vitald_nagios_performance_data_max{command="job",label="/",unit="ratio"} 1
      vitald_nagios_performance_data_min{command="job",label="/",unit="ratio"} 0
      vitald_nagios_performance_data_min{command="job",label="used",unit="bytes"} 0
      vitald_nagios_performance_data_skipped{command="job"} 1
      vitald_nagios_performance_data_total{command="job",label="in"} 77
      vitald_nagios_performance_data_warning{alert="outside",bound="lower",command="job",label="/",unit="ratio"} 0
      vitald_nagios_performance_data_warning{alert="outside",bound="upper",command="job",label="/",unit="ratio"} 0.8
      vitald_nagios_performance_data_warning{alert="outside",bound="upper",command="job",label="rta",unit="seconds"} 2
    `);
    expect(disk.about()['vitald_nagios_status{command="job"}']).toBe(1);
    expect(failuresOf(disk.about())).toEqual({});
  });

  test.each([
    ['exit 0', 0, {}],
    ['exit 2', 2, {}],
    ['exit 3', 3, {}],
    ['exit 4', 3, { exit: 1 }],
    ['kill -KILL $$', 3, { signal: 1 }],
  ])('that does %s has the state %d', async (script, state, failures) => {
    const job = commanded(`echo text; ${script}`, { format: 'nagios' });
    await job.run();

    expect(job.about()['vitald_nagios_status{command="job"}']).toBe(state);
    expect(failuresOf(job.about())).toEqual(failures);
  });

  test('that does not end in time is in an unknown state', async () => {
    const job = commanded(['/bin/sleep', '300'], { format: 'nagios' });
    const deadline = new AbortController();
    const run = job.run(deadline.signal);
    deadline.abort();

    expect(job.about()['vitald_nagios_status{command="job"}']).toBe(3);
    await run;
  });

  test('has its text in the log when its state changes, and in no label', async () => {
    const folder = temporaryFolder();
    const job = commanded(`. ${folder}/now`, { format: 'nagios' });
    const now = (script: string): void => writeFileSync(join(folder, 'now'), script);
    let labels = '';
    for (const script of ['echo fine', 'echo "bad: hunter2|a=1"; exit 2', 'echo bad; exit 2', 'echo fine again']) {
      now(script);
      labels += (await job.run()) + JSON.stringify(job.about());
    }

    expect(job.lines).toEqual([
      'warn the plugin reports another state {"state":"CRITICAL","text":"bad: hunter2"}',
      'info the plugin reports another state {"state":"OK","text":"fine again"}',
    ]);
    expect(labels).not.toContain('hunter2');
  });

  test('cannot flood the exposition: labels are bounded in number and length, and none comes twice', async () => {
    const many = Array.from({ length: 2_000 }, (_, index) => `l${index}=1`).join(' ');
    const job = plugin(`text|a=1 a=2 ${'x'.repeat(300)}=1 ${many}`);
    const lines = (await job.run()).trim().split('\n');

    expect(lines).toHaveLength(501);
    expect(lines.at(-1)).toBe('vitald_nagios_performance_data_skipped{command="job"} 1503');
  });
});

describe('in a configuration', () => {
  const registry = { collectors: [exec], portable: [], probers: smallRegistry.probers };

  async function errorOf(command: string): Promise<unknown> {
    const file = join(temporaryFolder(), 'vitald.yml');
    writeFileSync(file, `collectors:\n  exec:\n    commands:\n      - ${command}\n`);
    return loadConfig({ file, environment: {}, platform: 'linux' }, registry).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  }

  async function mistake(command: string): Promise<string> {
    const error = await errorOf(command);
    return error instanceof ConfigError
      ? error.problems.map(({ where, message }) => `${where.replace(/^.*yml:/, '')}: ${message}`).join('\n')
      : '';
  }

  test.each([
    [
      '{ name: a, command: "backup --quiet" }',
      '4:29: collectors.exec.commands.0.command: expected a list, the program and its arguments, like ["/usr/bin/backup", "--quiet"]: there is no shell',
    ],
    ['{ name: a, command: [] }', '4:20: collectors.exec.commands.0.command: must not be empty'],
    [
      '{ name: a, command: [sleep, 5] }',
      '4:20: collectors.exec.commands.0.command: the word 2 is not text; numbers and the like are written in quotes',
    ],
    [
      '{ name: a, command: [./backup] }',
      '4:20: collectors.exec.commands.0.command: the program must be an absolute path, or a name without "/" that PATH finds',
    ],
    [
      '{ name: a b, command: [x] }',
      '4:17: collectors.exec.commands.0.name: must be letters, digits, "_", "-" and ".", at most 100',
    ],
    [
      '{ name: a, command: [x], labels: { command: y } }',
      '4:34: collectors.exec.commands.0.labels: must not be one of command, label, unit, bound, alert, reason, le, quantile',
    ],
    [
      '{ name: a, command: [x], format: json }',
      '4:42: collectors.exec.commands.0.format: expected one of "prometheus", "nagios", found "json"',
    ],
  ])('a mistake is told at its place: %s', async (command, expected) => {
    expect(await mistake(command)).toBe(expected);
  });

  test('arguments, variables and input are shown to nobody', async () => {
    const file = join(temporaryFolder(), 'vitald.yml');
    const options = 'command: [/bin/mysql, -phunter1], environment: { PGPASS: hunter2 }, stdin: hunter3';
    writeFileSync(file, `collectors: { exec: { commands: [{ name: a, ${options} }] } }`);
    const shown = shownConfig(await loadConfig({ file, environment: {}, platform: 'linux' }, registry));

    expect(shown).toContain('/bin/mysql');
    expect(shown).not.toContain('hunter');
  });

  test.each([
    '{ name: a, command: [x], environment: { PGPASS: [hunter2] } }',
    '{ name: a, command: [x], environment: { PGPASS: { a: hunter2 } } }',
    '{ name: a, command: [x], environment: hunter2 }',
    '{ name: a, command: [x], environment: [hunter2, hunter3] }',
    '{ name: a, command: [x], environment: { 1PG: hunter2 } }',
    '{ name: a, command: [x], stdin: [hunter2] }',
    '{ name: a, command: [x], stdin: { a: hunter2 } }',
    '{ nam: a, command: [x], stdin: hunter2 }',
    '{ name: 5, command: [x], environment: { PGPASS: hunter2 } }',
  ])('variables and input are in no mistake, nor in the line that it shows: %s', async (command) => {
    const error = await errorOf(command);

    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).message).not.toContain('hunter');
  });

  test('nor are those of another command in the same line', async () => {
    const file = join(temporaryFolder(), 'vitald.yml');
    const good = '{ name: a, command: [x], stdin: hunter1, environment: { A: hunter2 } }';
    writeFileSync(file, `collectors: { exec: { commands: [${good}, { name: b }] } }`);

    const loading = loadConfig({ file, environment: {}, platform: 'linux' }, registry);
    await expect(loading).rejects.toThrow(/commands\.1\.command: is missing/);
    await expect(loading).rejects.not.toThrow(/hunter/);
  });

  test('a program that everyone may write to is warned of', () => {
    const script = join(temporaryFolder(), 'script');
    writeFileSync(script, '#!/bin/sh\n');
    chmodSync(script, 0o777);

    expect(exec.warnings?.(exec.config.parse({ name: 'a', command: [script] }))).toEqual([
      `everyone may write to ${script}`,
    ]);
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
