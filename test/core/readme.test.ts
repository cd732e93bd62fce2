import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { builtIn } from '../../collectors/index.ts';
import type { CollectorDefinition } from '../../src/collector.ts';
import { loadConfig } from '../../src/config/load.ts';
import { expose, text } from '../support/expose.ts';
import { sceneOf } from '../support/scene.ts';

const root = new URL('../../', import.meta.url).pathname;
const readme = readFileSync(join(root, 'README.md'), 'utf8');

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, code = '']) => code);
}

/** A folder in the tree, as the example imports what stands there by relative paths. */
function folderInTree(): string {
  const folder = join(root, 'node_modules/.cache/vitald-readme');
  mkdirSync(folder, { recursive: true });
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('the collector of the README collects', async () => {
  const [code = ''] = blocks('ts');
  const file = join(folderInTree(), `entropy-${process.pid}.ts`);
  writeFileSync(file, code.replaceAll("'../../src/", `'${root}src/`));

  const { entropy } = (await import(file)) as { entropy: CollectorDefinition };
  const scrape = await expose(entropy, sceneOf('== proc/sys/kernel/random/entropy_avail\n256'));

  expect(scrape).toBe(text`
    # HELP node_entropy_available_bits Bits of available entropy.
    # TYPE node_entropy_available_bits gauge
    node_entropy_available_bits 256
  `);
});

test('the configuration of the README is good', async () => {
  const [code = ''] = blocks('yaml');
  const file = join(folderInTree(), `config-${process.pid}.yml`);
  writeFileSync(file, code);

  const { checks, collectors } = await loadConfig({ file, platform: 'linux' }, builtIn);

  expect(checks.map(({ name }) => name)).toEqual(['shop']);
  expect(collectors.map(({ definition }) => definition.name)).toContain('slabinfo');
  expect(collectors.map(({ definition }) => definition.name)).not.toContain('zfs');
});
