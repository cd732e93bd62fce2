/** Options of the http prober as the config loader meets them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { builtIn } from '../../../collectors/index.ts';
import { loadConfig } from '../../../src/config/load.ts';

function load(http: string) {
  const folder = mkdtempSync(join(tmpdir(), 'vitald-http-options-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'vitald.yml');
  writeFileSync(file, `modules:\n  m:\n    prober: http\n    http:\n      ${http}\n`);
  return loadConfig({ file }, builtIn);
}

test('a mistake in a CEL expression is found when the config is loaded, at its place', async () => {
  await expect(load("fail_if_body_json_matches_cel: 'body.n >'")).rejects.toThrow(
    /vitald\.yml:5:\d+: modules\.m\.http\.fail_if_body_json_matches_cel: not a CEL expression/u,
  );
});

test('CEL and a regexp beside it load together', async () => {
  const { modules } = await load(
    "{ fail_if_body_json_matches_cel: 'body.n > 1', fail_if_body_matches_regexp: ['\\pL'] }",
  );

  expect(modules.get('m')?.prober.name).toBe('http');
});

test('headers with nothing below are no headers', async () => {
  const { modules } = await load('headers:');

  expect(modules.get('m')?.options).toMatchObject({ headers: {} });
});
