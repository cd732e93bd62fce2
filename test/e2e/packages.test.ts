import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { fetchText, freePort, startProgram, until } from '../support/program.ts';
import { buildPackages } from '../support/packages.ts';

let folder: string;
let built: { deb: string; tarball: string };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitald-packages-'));
  built = buildPackages(folder);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function field(name: string): string {
  return execFileSync('dpkg-deb', ['--field', built.deb, name], { encoding: 'utf8' }).trim();
}

test('the Debian package says what it needs, and belongs to root as a whole', () => {
  expect(field('Version')).toBe(manifest.version);
  expect(field('Depends')).toContain('nodejs (>= 20.19)');
  const rows = execFileSync('dpkg-deb', ['--contents', built.deb], { encoding: 'utf8' }).trim().split('\n');
  expect(rows.filter((row) => row.split(/\s+/)[1] !== 'root/root')).toEqual([]);
  expect(rows.filter((row) => /^[-d].{4}w|^[-d].{7}w|^[-d].{2}s/.test(row))).toEqual([]);
});

test('the same tree gives the same Debian package, byte for byte', () => {
  const again = buildPackages(mkdtempSync(join(folder, 'again-')));

  expect(readFileSync(again.deb).equals(readFileSync(built.deb))).toBe(true);
});

test('the npm tarball installs globally and serves', async () => {
  const prefix = join(folder, 'global');
  // What it depends on is in the bundle, but for systeminformation; without a registry it is found in npm's cache.
  const args = ['install', '--global', '--prefix', prefix, '--prefer-offline', '--omit=optional', '--no-audit'];
  execFileSync('npm', [...args, '--ignore-scripts', built.tarball], { stdio: ['ignore', 'pipe', 'pipe'] });
  const program = join(prefix, 'bin/vitald');

  expect(execFileSync(program, ['--version'], { encoding: 'utf8' })).toBe(`vitald ${manifest.version}\n`);
  const port = await freePort();
  const config = join(folder, 'vitald.yml');
  writeFileSync(config, '');
  const daemon = startProgram(program, ['run', `--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`]);
  await until(() => daemon.output().includes('vitald is serving') || daemon.process.exitCode !== null, daemon.output);
  expect(await fetchText(`http://127.0.0.1:${port}/metrics`)).toContain('node_cpu_seconds_total');
  expect((await daemon.end()).status).toBe(0);

  const plugins = join(folder, 'plugins');
  execFileSync(program, ['new', 'collector', 'mine', plugins]);
  const plugin = join(plugins, 'mine.js');
  const collect = ['collect', '--plugin', plugin, `--config.file=${config}`];
  expect(execFileSync(program, collect, { encoding: 'utf8' })).toContain('mine_files{folder="/tmp"}');
});

test('the Debian package has what plugins import, and what new ones are made of', () => {
  const files = execFileSync('dpkg-deb', ['--contents', built.deb], { encoding: 'utf8' });

  for (const file of ['dist/api.js', 'dist/types/src/plugin-api.d.ts', 'config/templates/collector.test.mjs']) {
    expect(files).toContain(`./usr/lib/vitald/${file}\n`);
  }
  expect(files).toContain('./usr/share/doc/vitald/examples/config/plugins/redis-queues.js\n');
});
