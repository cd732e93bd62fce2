import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseExposition } from '../../src/exposition/parse.ts';
import { httpServer } from '../support/daemons.ts';
import { isAlive } from '../support/processes.ts';
import { fetchText, runCommand, startDaemon, temporaryFolder, until } from '../support/program.ts';

const plugins = '/usr/lib/nagios/plugins';

describe('the plugins of Debian', () => {
  test('run under exec and give their state and their performance data', async () => {
    if (!existsSync(plugins)) throw new Error('this test needs monitoring-plugins-basic; .ci/run installs it');
    const shop = await httpServer((_request, response) => response.end('x'.repeat(1_000)));
    const commands = {
      disk: ['check_disk', '-w', '1%', '-c', '0%', '-p', '/'],
      load: ['check_load', '-w', '1000,1000,1000', '-c', '2000,2000,2000'],
      procs: ['check_procs', '-w', '100000', '-c', '200000'],
      http: ['check_http', '-I', '127.0.0.1', '-p', String(shop.port), '-w', '5', '-c', '10'],
      closed: ['check_http', '-I', '127.0.0.1', '-p', '1'],
      dummy: ['check_dummy', '1', "text | 'a b'=5%;3;4"],
      misused: ['check_load'],
    };
    const entries = Object.entries(commands).map(([name, [plugin, ...args]]) => ({
      name,
      command: [`${plugins}/${plugin}`, ...args],
      format: 'nagios',
    }));
    const config = {
      collectors: { disable_defaults: true, exec: { schedule: '1h', timeout: '30s', commands: entries } },
    };
    const daemon = await startDaemon(JSON.stringify(config));
    await until(async () => (await fetch(`${daemon.url}/-/ready`)).ok, daemon.output, 60_000);

    const text = await fetchText(`${daemon.url}/metrics`);
    const samples = new Map(
      parseExposition(text).flatMap((family) =>
        family.samples.map(({ labels, value }) => {
          const { command, label = '', unit = '', bound = '' } = labels;
          return [`${family.family.name} ${command} ${label} ${unit} ${bound}`.trimEnd().replaceAll(/ +/g, ' '), value];
        }),
      ),
    );
    const status = (command: string): number | undefined => samples.get(`vitald_nagios_status ${command}`);
    expect(['disk', 'load', 'procs', 'http'].map(status)).toEqual([0, 0, 0, 0]);
    expect(['closed', 'dummy', 'misused'].map(status)).toEqual([2, 1, 3]);

    expect(samples.get('vitald_nagios_performance_data disk / bytes')).toBeGreaterThan(1e6);
    expect(samples.get('vitald_nagios_performance_data_max disk / bytes')).toBeGreaterThan(1e6);
    expect(samples.get('vitald_nagios_performance_data_warning disk / bytes upper')).toBeGreaterThan(1e6);
    expect(samples.get('vitald_nagios_performance_data load load1')).toBeGreaterThanOrEqual(0);
    expect(samples.get('vitald_nagios_performance_data_critical load load15 upper')).toBe(2_000);
    expect(samples.get('vitald_nagios_performance_data procs procs')).toBeGreaterThan(1);
    expect(samples.get('vitald_nagios_performance_data http time seconds')).toBeGreaterThan(0);
    expect(samples.get('vitald_nagios_performance_data http size bytes')).toBeGreaterThan(1_000);
    expect(samples.get('vitald_nagios_performance_data_warning http time seconds upper')).toBe(5);
    expect(samples.get('vitald_nagios_performance_data dummy a b ratio')).toBe(0.05);
    for (const name of Object.keys(commands)) {
      expect(samples.get(`vitald_nagios_performance_data_skipped ${name}`), name).toBe(0);
    }
    expect(text).toContain('node_scrape_collector_success{collector="exec:closed"} 1\n');
  });
});

test('a daemon that is told to end ends its commands with everything that they started, within a second', async () => {
  const folder = temporaryFolder();
  const script = join(folder, 'stubborn');
  writeFileSync(
    script,
    `trap '' TERM
sleep 300 & echo $! > ${folder}/child
setsid sh -c 'trap "" TERM; echo $$ > ${folder}/session; sleep 300' &
while :; do sleep 300; done
`,
  );
  const daemon = await startDaemon(`
collectors:
  disable_defaults: true
  exec: { commands: [{ name: stubborn, command: [/bin/sh, ${script}], timeout: 1h }] }
`);
  const written = (name: string): number =>
    existsSync(join(folder, name)) ? Number(readFileSync(join(folder, name), 'utf8')) : 0;
  const pids = await Promise.all(['child', 'session'].map((name) => until(() => written(name))));

  const { status, ms } = await daemon.end();

  expect(status).toBe(0);
  expect(ms).toBeLessThan(2_000);
  await until(() => !pids.some(isAlive));
});

test('the command line warns of a program that is not there, and tells what one says on its standard error', async () => {
  const file = join(temporaryFolder(), 'vitald.yml');
  writeFileSync(
    file,
    `collectors:
  exec:
    commands:
      - { name: gone, command: [/no/such/program] }
      - { name: sad, command: [/bin/sh, -c, 'echo "no database" >&2; exit 1'] }
`,
  );

  expect(await runCommand(['check-config', file])).toEqual({
    status: 0,
    output: expect.stringMatching(
      /: good, with \d+ collectors.*\nwarning: exec:gone: \/no\/such\/program is not found, or may not be executed\n$/,
    ) as string,
  });
  const { status, output } = await runCommand(['collect', 'exec:sad', `--config.file=${file}`]);
  expect(status).toBe(1);
  expect(output).toContain('"stderr":"no database"');
  expect(output).toContain('# exec:sad: error: /bin/sh exited with 1\n');
  expect(output).toContain('vitald_exec_failures_total{command="sad",reason="exit"} 1\n');
});
