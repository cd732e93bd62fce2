import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { renderManPage } from '../../../scripts/man-page.ts';
import { builtIn } from '../../../collectors/index.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { flagNames } from '../../../src/config/flags.ts';
import { missing } from '../../support/needs.ts';

test.skipIf(missing('groff'))(
  'the manual page has every command and every flag, and roff finds nothing to say of it',
  () => {
    const page = renderManPage();
    const { stdout, stderr } = spawnSync('groff', ['-man', '-Tascii', '-ww', '-rLL=200n', '-P-cbou'], {
      input: page,
      encoding: 'utf8',
    });

    expect(stderr).toBe('');
    const program = buildProgram(builtIn, [], () => {});
    const commands = program.commands.map((command) => command.name());
    expect(commands).toContain('check-config');
    for (const command of commands) expect(stdout).toContain(`vitald ${command}`);
    for (const { flag } of flagNames(builtIn)) expect(stdout).toContain(flag);
  },
);
