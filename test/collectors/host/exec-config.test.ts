/** Commands of the exec collector as the config loader meets them. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exec } from '../../../collectors/host/exec.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { shownConfig } from '../../../src/config/shown.ts';
import { ConfigError } from '../../../src/errors.ts';
import { temporaryFolder } from '../../support/program.ts';
import { smallRegistry } from '../../support/registry.ts';

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
