import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Commanded, commanded, failuresOf } from '../../support/exec-commands.ts';
import { text } from '../../support/expose.ts';
import { temporaryFolder } from '../../support/program.ts';

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
