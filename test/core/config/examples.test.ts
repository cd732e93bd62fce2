import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builtIn } from '../../../collectors/index.ts';
import { loadConfig } from '../../../src/config/load.ts';

const folder = new URL('../../../config/examples/', import.meta.url).pathname;

test.each(readdirSync(folder).filter((name) => name.endsWith('.yml')))('the example %s can be used', async (name) => {
  const input = { file: join(folder, name), environment: {}, platform: 'linux' } as const;

  await expect(loadConfig(input, builtIn)).resolves.toMatchObject({ source: 'kernel' });
});
