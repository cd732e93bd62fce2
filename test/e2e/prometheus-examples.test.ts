import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testCertificates } from '../support/certificates.ts';
import { programPath } from '../support/program.ts';

const examples = 'config/examples/prometheus';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitald-prometheus-'));
  const { root, client } = testCertificates();
  copyFileSync(root.certFile, join(folder, 'vitald-ca.crt'));
  copyFileSync(client.certFile, join(folder, 'prometheus.crt'));
  copyFileSync(client.keyFile, join(folder, 'prometheus.key'));
  writeFileSync(join(folder, 'vitald-password'), 'secret');
  cpSync('config/prometheus', join(folder, 'rules'), { recursive: true });
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What promtool says of a config, whose files are looked for where the test put them. */
function check(text: string): { status: number | null; output: string } {
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, text.replaceAll('/etc/prometheus/', `${folder}/`));
  const { status, stdout, stderr } = spawnSync(programPath('promtool'), ['check', 'config', file], {
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

test.each(readdirSync(examples))('promtool takes the scrape config %s', (name) => {
  const { status, output } = check(readFileSync(join(examples, name), 'utf8'));

  expect(output).toContain('SUCCESS');
  expect(status).toBe(0);
});

test('promtool would not take one with a file that is not there', () => {
  const text = readFileSync(join(examples, 'client-certificate.yml'), 'utf8');

  expect(check(text.replace('prometheus.key', 'other.key')).status).not.toBe(0);
});

test('the example with the rules finds them where it says that they are', () => {
  const { output } = check(readFileSync(join(examples, 'rules.yml'), 'utf8'));

  expect(output.match(/SUCCESS: \d+ rules found/g)).toHaveLength(6);
});
