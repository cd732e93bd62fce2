import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const systemdVersion = Number(
  /^systemd (\d+)/.exec(execFileSync('systemctl', ['--version'], { encoding: 'utf8' }))?.[1],
);
let folder: string;

/** What the unit is on this host: the program is a file that exists, and what this systemd cannot know is left out. */
function unit(name: string): string {
  const text = readFileSync(`systemd/${name}`, 'utf8').replaceAll('/usr/bin/vitald', process.execPath);
  return systemdVersion < 253 ? text.replace(/^OpenFile=.*\n/m, '') : text;
}

/** All that systemd-analyze says of the units in the folder. */
function verify(): { status: number | null; output: string } {
  const units = ['vitald.service', 'vitald.socket'].map((name) => join(folder, name));
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], {
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitald-units-'));
  for (const name of ['vitald.service', 'vitald.socket']) writeFileSync(join(folder, name), unit(name));
});

afterAll(() => rmSync(folder, { recursive: true }));

test('systemd finds nothing to say of the units, and says so of one with a slip', () => {
  expect(verify()).toEqual({ status: 0, output: '' });

  writeFileSync(join(folder, 'vitald.service'), unit('vitald.service').replace('ProtectSystem=', 'ProtectSytem='));
  expect(verify().output).toContain("Unknown key 'ProtectSytem'");
  writeFileSync(join(folder, 'vitald.service'), unit('vitald.service'));
});

test('the exposure of the service is at most 2.0', () => {
  const args = ['security', '--offline=true', '--no-pager', '--threshold=20', join(folder, 'vitald.service')];
  const { status, stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });

  expect(status, stdout).toBe(0);
  process.stdout.write(`  ${stdout.trim().split('\n').at(-1)}\n`);
});

test.each(readdirSync('systemd/vitald.service.d'))('the drop-in %s adds nothing that systemd objects to', (name) => {
  const dropIns = join(folder, 'vitald.service.d');
  mkdirSync(dropIns);
  const text = readFileSync(`systemd/vitald.service.d/${name}`, 'utf8');
  writeFileSync(join(dropIns, name), text.replaceAll('/usr/bin/vitald', process.execPath));

  expect(verify()).toEqual({ status: 0, output: '' });

  rmSync(dropIns, { recursive: true });
});
