import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newPlugin } from '../../../src/cli/new.ts';
import { loadPlugin } from '../../../src/plugins/load.ts';
import { configFolder } from '../../support/daemons.ts';

function write(kind: 'collector' | 'prober', name: string, folder: string) {
  let out = '';
  let err = '';
  const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const status = newPlugin(streams, kind, name, folder);
  return { status, out, err };
}

describe('vitald new', () => {
  test('writes a collector that loads, under the name in each of its spellings', async () => {
    const { path } = configFolder();
    const folder = join(path, 'a/b');

    const { status, out } = write('collector', 'queue_depth', folder);

    expect(status).toBe(0);
    expect(readdirSync(folder).toSorted()).toEqual(['queue-depth.js', 'queue-depth.test.mjs']);
    expect(out).toContain(`node --test ${join(folder, 'queue-depth.test.mjs')}`);
    expect(out).toContain(`plugins: [${join(folder, 'queue-depth.js')}]`);
    const source = readFileSync(join(folder, 'queue-depth.js'), 'utf8');
    expect(source).toContain('export const queueDepth = defineCollector({');
    expect(source).not.toMatch(/template.?name/i);
    const { collectors } = await loadPlugin(join(folder, 'queue-depth.js'));
    expect(collectors.map(({ name, families }) => [name, families.length])).toEqual([['queue_depth', 2]]);
  });

  test('writes a prober that loads', async () => {
    const { path } = configFolder();

    expect(write('prober', 'smtp', path).status).toBe(0);

    expect((await loadPlugin(join(path, 'smtp.js'))).probers.map(({ name }) => name)).toEqual(['smtp']);
  });

  test.each(['queue-depth.js', 'queue-depth.test.mjs'])(
    'overwrites nothing, and writes nothing, where %s is',
    (file) => {
      const folder = configFolder({ [file]: 'mine' });

      const { status, err } = write('collector', 'queue_depth', folder.path);

      expect(status).toBe(1);
      expect(err).toBe(`vitald new: ${join(folder.path, file)} is there already\n`);
      expect(readdirSync(folder.path)).toEqual([file]);
      expect(readFileSync(join(folder.path, file), 'utf8')).toBe('mine');
    },
  );

  test.each(['Queue', '9lives', 'a b', '../a', 'a__b', ''])('refuses the name %j', (name) => {
    const { path } = configFolder();

    expect(write('collector', name, join(path, 'new')).status).toBe(1);
    expect(existsSync(join(path, 'new'))).toBe(false);
  });
});
