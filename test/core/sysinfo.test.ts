import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CollectError } from '../../src/errors.ts';
import { openSysinfo, type Sysinfo } from '../../src/system/sysinfo.ts';

const patient = new AbortController().signal;
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitald-sysinfo-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A source whose library is the module given. */
function sourceOf(module: string): Sysinfo {
  const path = join(folder, 'library.cjs');
  writeFileSync(
    path,
    `const note = (text) => require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'note'))}, text);\n${module}`,
  );
  return openSysinfo('linux', () => path);
}

/** Waits until the library left a note, and reads it. */
async function note(): Promise<string> {
  const path = join(folder, 'note');
  const watcher = watch(folder);
  try {
    while (!existsSync(path) || readFileSync(path, 'utf8') === '') await once(watcher, 'change');
    return readFileSync(path, 'utf8');
  } finally {
    watcher.close();
  }
}

/** Waits until a process is gone. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      // A killed process is a zombie until its parent, or whoever adopted it, has looked.
      if (/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return;
    } catch {
      return;
    }
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

test('hands over an answer as it is, NaN included', async () => {
  const sysinfo = sourceOf('exports.mem = async () => ({ total: 7, free: NaN, dirty: null });');

  expect(await sysinfo.ask('mem', patient)).toEqual({ total: 7, free: Number.NaN, dirty: null });
});

test('asks for every network interface', async () => {
  const sysinfo = sourceOf('exports.networkStats = async (...values) => values;');

  expect(await sysinfo.ask('networkStats', patient)).toEqual(['*']);
});

test.each([
  ['rejects', "exports.graphics = async () => { throw new Error('spawn lspci ENOENT'); };", 'spawn lspci ENOENT'],
  ['throws', 'exports.graphics = () => { throw 7; };', '7'],
  ['is not there', '', 'is not a function'],
  ['ends the process', 'exports.graphics = () => process.exit(3);', 'its process ended with 3'],
])('names the question where the library %s', async (_, module, problem) => {
  await expect(sourceOf(module).ask('graphics', patient)).rejects.toMatchObject({
    code: 'SOURCE_UNREADABLE',
    message: expect.stringMatching(new RegExp(`^systeminformation graphics: .*${problem}$`)),
  });
});

test.runIf(process.platform === 'linux').each([
  [
    'waits for a command',
    "const child = require('node:child_process').spawn('sleep', ['60']); note(`${child.pid}`); return new Promise(() => {});",
  ],
  ['waits for a command synchronously', "require('node:child_process').execSync('echo $$ > NOTE; exec sleep 60');"],
])('ends at the deadline with all its commands where the library %s', async (_, body) => {
  const sysinfo = sourceOf(`exports.osInfo = () => { ${body.replace('NOTE', join(folder, 'note'))} };`);
  const controller = new AbortController();
  const late = new CollectError('TIMEOUT', 'did not answer within 10 ms');

  const answer = sysinfo.ask('osInfo', controller.signal);
  const sleeper = Number(await note());
  expect(existsSync(`/proc/${sleeper}`)).toBe(true);
  controller.abort(late);

  await expect(answer).rejects.toBe(late);
  await gone(sleeper);
  await expect(sysinfo.ask('osInfo', controller.signal)).rejects.toBe(late);
});

test('asks the library that was bundled where no package is installed', async () => {
  const memory = await openSysinfo(process.platform, () => undefined).ask('mem', patient);

  expect(memory.total).toBeGreaterThan(0);
});

test('asks the package that is installed', async () => {
  const memory = await openSysinfo().ask('mem', patient);

  expect(memory.total).toBeGreaterThan(memory.free);
});
