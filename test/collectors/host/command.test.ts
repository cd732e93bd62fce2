import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CommandFailed, outputOf } from '../../../collectors/host/command.ts';
import { NoDataError } from '../../../src/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'vitald-command-'));
const pathBefore = process.env['PATH'];
process.env['PATH'] = `${folder}:${pathBefore}`;
afterAll(() => {
  process.env['PATH'] = pathBefore;
  rmSync(folder, { recursive: true });
});

/** A program that runs the given lines of shell. */
function program(name: string, script: string): string {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
  return name;
}

const unhurried = new AbortController().signal;

test('gives what the program writes, without its locale', async () => {
  const name = program('vitald-echo', 'printf "%s|%s|%s" "$1" "$2" "$LC_ALL"');

  expect(await outputOf(name, ['a b', '$(id)'], unhurried)).toBe('a b|$(id)|C');
});

test('a program that is not installed is no failure', async () => {
  await expect(outputOf('vitald-no-such-program', [], unhurried)).rejects.toThrow(NoDataError);
});

test('a program that fails says why', async () => {
  const name = program('vitald-fail', 'echo "device is gone" >&2; exit 3');
  const failure = outputOf(name, ['x'], unhurried);

  await expect(failure).rejects.toThrow(CommandFailed);
  await expect(failure).rejects.toMatchObject({
    code: 'SOURCE_UNREADABLE',
    message: 'vitald-fail x: device is gone',
    stderr: 'device is gone\n',
  });
});

test('the program ends at the deadline', async () => {
  const deadline = new AbortController();
  const answer = outputOf(program('vitald-hang', 'exec sleep 60'), [], deadline.signal);
  deadline.abort();

  await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
});
