import { createPrivateKey } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { loadWebConfig } from '../../../src/web/web-config.ts';
import { testCertificates } from '../../support/certificates.ts';
import { temporaryFolder } from '../../support/program.ts';

const folder = new URL('../../web-config/', import.meta.url).pathname;

/** A folder with certificates and one file of the table, whose `"@good.pem@"` is the text of that file. */
function prepare(name: string): string {
  const here = temporaryFolder();
  const { directory } = testCertificates();
  for (const stem of ['good', 'chained', 'client', 'root']) {
    for (const end of ['.pem', '.key']) cpSync(join(directory, stem + end), join(here, stem + end));
  }
  const key = createPrivateKey(readFileSync(join(here, 'good.key')));
  const encrypted = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'hunter2' });
  writeFileSync(join(here, 'encrypted.key'), encrypted);
  const text = readFileSync(join(folder, name), 'utf8');
  const filled = text.replaceAll(/"@([\w.-]+)@"/g, (_, file: string) =>
    JSON.stringify(readFileSync(join(here, file), 'utf8')),
  );
  const path = join(here, name);
  writeFileSync(path, filled);
  return path;
}

/** What is said of a file: where, and in which words; nothing of one that can be used. */
function mistakes(path: string): { told: string[]; shown: string } {
  try {
    loadWebConfig(path);
    return { told: [], shown: '' };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const told = error.problems.map(({ where, message }) => `${where.replace(`${path}:`, '')}: ${message}`);
    return { told, shown: error.message };
  }
}

const files = readdirSync(folder).filter((name) => name.endsWith('.yml'));
const firstLine = (name: string): string => readFileSync(join(folder, name), 'utf8').split('\n', 1)[0]!;
const accepted = files.filter((name) => firstLine(name) === '# accepted');
const refused = files.filter((name) => firstLine(name).startsWith('# refused '));

test.each(accepted)('takes %s', (name) => {
  expect(mistakes(prepare(name)).told).toEqual([]);
});

test.each(refused)('refuses %s at the place of its mistake, and shows no secret', (name) => {
  const expected = firstLine(name).replace('# refused ', '');

  const { told, shown } = mistakes(prepare(name));

  expect(told.map((line) => line.slice(0, expected.length))).toEqual([expected]);
  expect(shown).not.toContain('hunter2');
});

test('every file of the table says what is expected, and they are many', () => {
  expect(accepted.length + refused.length).toBe(files.length);
  expect(accepted.length).toBeGreaterThan(20);
  expect(refused.length).toBeGreaterThan(40);
});
