/**
 * The Debian package in a Debian 13 that runs its own systemd and its own Node.js. The tests follow one installation from
 * its first start to its purge, so each builds on those before it.
 */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtIn } from '../../collectors/index.ts';
import { parseExposition } from '../../src/exposition/parse.ts';
import { buildPackages } from '../support/packages.ts';
import { until } from '../support/program.ts';
import { bootSystemd, type SystemdContainer } from '../support/systemd-container.ts';

const url = 'http://127.0.0.1:9100';
const config = '/etc/vitald/vitald.yml';

// With Debian's Node.js, whose libraries alone are 53 MB of it.
const residentLimitMb = 75;

let container: SystemdContainer;
let folder: string;
let filesBefore: string[];

// Scrapes a number of times with the compression that Prometheus asks for, and prints the last text.
const scraper = `
  const [url, count] = process.argv.slice(1);
  let text;
  for (let turn = 0; turn < Number(count); turn += 1) {
    const response = await fetch(url, { headers: { 'accept-encoding': 'gzip' } });
    if (response.status !== 200) throw new Error('status ' + response.status);
    text = await response.text();
    if (text === '') throw new Error('an empty scrape');
  }
  process.stdout.write(text);
`;

function scrape(count = 1): string {
  const program = ['--input-type=module', '-e', scraper, `${url}/metrics`, String(count)];
  return container.inItsNetwork(process.execPath, ...program);
}

/** Properties of the service, as systemd has them. */
function properties(...names: string[]): Record<string, string> {
  const text = container.output('systemctl', 'show', 'vitald', `--property=${names.join(',')}`);
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

function journal(): { PRIORITY: string; MESSAGE: string }[] {
  container.run('journalctl', '--sync');
  const text = container.output('journalctl', '-u', 'vitald', '-o', 'json', '--no-pager');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { PRIORITY: string; MESSAGE: string });
}

/** The priority of the last message that has these words; undefined where none has. */
function priorityOf(words: string): number | undefined {
  const found = journal().findLast(({ MESSAGE }) => typeof MESSAGE === 'string' && MESSAGE.includes(words));
  return found === undefined ? undefined : Number(found.PRIORITY);
}

/** Waits until the service runs; a start or a restart may be under way. */
function untilActive(): Promise<unknown> {
  const state = (): Record<string, string> => properties('ActiveState', 'SubState', 'Result');
  return until(
    () => state()['SubState'] === 'running',
    () => JSON.stringify(state()),
    20_000,
  );
}

function writeConfig(text: string): void {
  writeFileSync(join(container.root, config), text);
}

/** Every file that a package may leave behind. */
function filesOfSystem(): string[] {
  const passing = /^\/(?:proc|sys|dev|run|tmp)$|^\/var\/(?:log|cache|lib\/dpkg|lib\/systemd|tmp)$/;
  const files: string[] = [];
  const walk = (path: string): void => {
    for (const entry of readdirSync(join(container.root, path), { withFileTypes: true })) {
      const below = join(path, entry.name);
      if (passing.test(below)) continue;
      files.push(below);
      if (entry.isDirectory()) walk(below);
    }
  };
  walk('/');
  return files;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vitald-packages-'));
  const { deb } = buildPackages(folder);
  container = await bootSystemd();
  copyFileSync(deb, join(container.root, 'var/tmp/vitald.deb'));
  filesBefore = filesOfSystem();
}, 180_000);

afterAll(async () => {
  // There is none where the boot failed.
  await (container as SystemdContainer | undefined)?.end();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

test('dpkg installs the package on Debian 13, and the service is enabled, starts, and serves metrics', async () => {
  const { status, stdout, stderr } = container.run('dpkg', '-i', '/var/tmp/vitald.deb');
  expect(status, stdout + stderr).toBe(0);

  await untilActive();
  expect(container.output('systemctl', 'is-enabled', 'vitald').trim()).toBe('enabled');
  const families = new Set(parseExposition(scrape()).map(({ family }) => family.name));
  expect(families).toContain('node_cpu_seconds_total');
  expect(families).toContain('node_timex_sync_status');
  expect(container.output('vitald', '--version')).toMatch(/^vitald \d/);
});

test('the unit that was installed verifies without a word, and its sandbox is as tight as promised', () => {
  const { status, stdout, stderr } = container.run(
    'systemd-analyze',
    'verify',
    '--man=no',
    'vitald.service',
    'vitald.socket',
  );
  expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: '' });
  const security = container.run('systemd-analyze', 'security', '--no-pager', '--threshold=20', 'vitald.service');
  expect(security.status, security.stdout).toBe(0);
  figure(security.stdout.trim().split('\n').at(-1)!);
});

test('systemctl status says how many run, how many fail, and how long the last round took', async () => {
  const status = (): string => container.run('systemctl', 'status', 'vitald').stdout;
  const line = /Status: "\d+ collectors, 1 check, 0 failing; last round \d+ ms"/;

  await until(() => line.test(status()), status);

  expect(status()).toMatch(line);
});

test('every collector that succeeds for root outside the sandbox succeeds inside, but those that the kernel keeps for root', async () => {
  // dbus-daemon takes calls from users that it knows only; systemd takes a user of this name in place of a dynamic one.
  container.output('systemctl', 'stop', 'vitald');
  container.run('useradd', '--system', '--user-group', '--no-create-home', 'vitald');
  // One that runs what the config lists has nothing to run here.
  const names = builtIn.collectors.filter(({ instances }) => instances === undefined).map(({ name }) => name);
  const before = readFileSync(join(container.root, config), 'utf8');
  writeConfig(`collectors:\n${names.map((name) => `  ${name}: { schedule: 5s }`).join('\n')}\n`);
  const { stderr } = container.run('vitald', 'collect', `--config.file=${config}`);
  const outside = names.filter((name) => !stderr.includes(`# ${name}: `));
  container.output('systemctl', 'restart', 'vitald');
  await untilActive();
  const lacking = (): string[] => {
    const text = scrape();
    return outside.filter((name) => !text.includes(`node_scrape_collector_success{collector="${name}"} 1`));
  };
  const rootOnly = ['rapl', 'slabinfo'].filter((name) => outside.includes(name));

  await until(
    () => lacking().length === rootOnly.length,
    () => `${lacking().join(', ')} lack success`,
    30_000,
  );

  expect(outside.length).toBeGreaterThan(25);
  expect(lacking().toSorted()).toEqual(rootOnly);
  writeConfig(before);
  container.output('systemctl', 'stop', 'vitald');
  container.output('userdel', 'vitald');
  container.output('systemctl', 'start', 'vitald');
  await untilActive();
});

test('a reload takes the new file, and refuses a bad one with an error in the journal while it goes on serving', async () => {
  const pid = properties('MainPID')['MainPID'];
  const before = readFileSync(join(container.root, config), 'utf8');
  const reloaded = (value: number): boolean => scrape().includes(`vitald_config_last_reload_successful ${value}`);

  writeConfig('collectors: { loadavg: false }\n');
  container.output('systemctl', 'reload', 'vitald');
  await until(() => !scrape().includes('node_load1 '));
  writeConfig('collectors: { nonsense: true }\n');
  container.output('systemctl', 'reload', 'vitald');
  await until(() => reloaded(0));
  expect(scrape()).toContain('node_memory_MemTotal_bytes');
  writeConfig(before);
  container.output('systemctl', 'reload', 'vitald');
  await until(() => reloaded(1) && scrape().includes('node_load1 '));

  await untilActive();
  expect(properties('MainPID')['MainPID']).toBe(pid);
  expect(priorityOf('the configuration cannot be loaded')).toBe(3);
  expect(priorityOf('the configuration was loaded anew')).toBe(6);
});

test('the journal has each message at its level', async () => {
  writeConfig('checks:\n  - { name: nobody, target: "http://127.0.0.1:1/", schedule: 1s }\n');
  container.output('systemctl', 'restart', 'vitald');
  await until(() => priorityOf('the target is down') !== undefined);

  expect(priorityOf('the target is down')).toBe(4);
  expect(priorityOf('vitald is serving')).toBe(6);
});

test('a hang is ended by the watchdog, and the service is restarted', async () => {
  expect(properties('WatchdogUSec')['WatchdogUSec']).toBe('30s');
  container.output('mkdir', '-p', '/run/systemd/system/vitald.service.d');
  container.output(
    'sh',
    '-c',
    'printf "[Service]\\nWatchdogSec=3\\nTimeoutAbortSec=1\\n" > /run/systemd/system/vitald.service.d/test.conf',
  );
  container.output('systemctl', 'daemon-reload');
  container.output('systemctl', 'restart', 'vitald');
  await untilActive();
  const { MainPID } = properties('MainPID');
  // It lives longer than the watchdog would let it without food.
  await until(() => priorityOf('Watchdog timeout') === undefined && activeFor() > 5, undefined, 10_000);
  expect(properties('MainPID', 'NRestarts')).toEqual({ MainPID, NRestarts: '0' });

  container.output('systemctl', 'kill', '--kill-whom=main', '--signal=STOP', 'vitald');

  await until(() => properties('NRestarts')['NRestarts'] === '1', undefined, 20_000);
  await untilActive();
  expect(priorityOf('Watchdog timeout')).toBeDefined();
  expect(properties('MainPID')['MainPID']).not.toBe(MainPID);
  expect(scrape()).toContain('node_load1 ');
  container.output('rm', '-r', '/run/systemd/system/vitald.service.d');
  container.output('systemctl', 'daemon-reload');
});

test('a crash is followed by a restart', async () => {
  container.output('systemctl', 'restart', 'vitald');
  await untilActive();
  const { MainPID } = properties('MainPID');

  container.output('systemctl', 'kill', '--kill-whom=main', '--signal=SEGV', 'vitald');

  await until(() => properties('NRestarts')['NRestarts'] === '1', undefined, 10_000);
  await untilActive();
  expect(properties('MainPID')['MainPID']).not.toBe(MainPID);
});

test('a mistake in the config ends with 78, is in the journal as an error, and is not restarted', async () => {
  const before = readFileSync(join(container.root, config), 'utf8');
  writeConfig('collectors: { nonsense: true }\n');

  expect(container.run('systemctl', 'restart', 'vitald').status).not.toBe(0);

  const state = properties('ActiveState', 'ExecMainStatus', 'NRestarts');
  expect(state).toEqual({ ActiveState: 'failed', ExecMainStatus: '78', NRestarts: '0' });
  expect(priorityOf('vitald.yml:1:15')).toBe(3);
  writeConfig(before);
  container.output('systemctl', 'restart', 'vitald');
  await untilActive();
});

test('a stop takes less than a second, and is a success', () => {
  const from = performance.now();
  container.output('systemctl', 'stop', 'vitald');
  const ms = performance.now() - from;

  figure(`stop: ${Math.round(ms)} ms`);
  expect(ms).toBeLessThan(1000);
  expect(properties('ActiveState', 'Result')).toEqual({ ActiveState: 'inactive', Result: 'success' });
});

test('systemd’s socket is served on, and a connection waits through a restart', async () => {
  container.output('mkdir', '-p', '/etc/systemd/system/vitald.service.d');
  const example = '/usr/share/doc/vitald/examples/vitald.service.d/socket-activation.conf';
  container.output('cp', example, '/etc/systemd/system/vitald.service.d/');
  container.output('systemctl', 'daemon-reload');
  container.output('systemctl', 'start', 'vitald.socket');
  expect(properties('ActiveState')['ActiveState']).toBe('inactive');

  expect(scrape()).toContain('node_load1 ');

  await untilActive();
  container.output('systemctl', 'restart', '--no-block', 'vitald');
  for (let turn = 0; turn < 10; turn += 1) expect(scrape()).toContain('vitald_build_info');
  container.output('systemctl', 'stop', 'vitald.socket', 'vitald.service');
  container.output('rm', '-r', '/etc/systemd/system/vitald.service.d');
  container.output('systemctl', 'daemon-reload');
});

test('with the default config, 600 scrapes leave its resident memory within the limit', async () => {
  writeConfig(readFileSync('config/vitald.yml', 'utf8'));
  container.output('systemctl', 'start', 'vitald');
  await untilActive();
  const resident = (): number => {
    const status = container.output('cat', `/proc/${properties('MainPID')['MainPID']}/status`);
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
  };
  const before = resident();

  scrape(600);

  const after = resident();
  figure(`resident: ${before.toFixed(1)} MB at the start, ${after.toFixed(1)} MB after 600 scrapes`);
  expect(after).toBeLessThanOrEqual(residentLimitMb);
});

test('a purge ends the service and leaves nothing behind', () => {
  expect(container.run('dpkg', '--purge', 'vitald').status).toBe(0);

  expect(container.run('systemctl', 'is-active', 'vitald').stdout.trim()).toBe('inactive');
  container.output('rm', '/var/tmp/vitald.deb');
  const known = new Set(filesBefore);
  expect(filesOfSystem().filter((file) => !known.has(file))).toEqual([]);
});

/** For how many seconds the service has been active. */
function activeFor(): number {
  const { ActiveEnterTimestampMonotonic } = properties('ActiveEnterTimestampMonotonic');
  const uptime = Number(container.output('cat', '/proc/uptime').split(' ')[0]);
  return uptime - Number(ActiveEnterTimestampMonotonic) / 1e6;
}

/** Figures belong in the output of the tests. */
function figure(text: string): void {
  process.stdout.write(`  ${text}\n`);
}
