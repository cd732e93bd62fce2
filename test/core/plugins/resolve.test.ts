import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolvePlugin } from '../../../src/plugins/resolve.ts';
import { configFolder } from '../../support/daemons.ts';

const manifest = (entry: object): string => JSON.stringify({ name: 'vitald-plugin-one', ...entry });

describe('a path', () => {
  test('is meant from the folder of the config, or stands by itself', () => {
    const { path: folder } = configFolder({ 'a/one.js': '', 'two.mjs': '' });

    expect(resolvePlugin('./a/one.js', { folder })).toEqual({ file: join(folder, 'a/one.js') });
    expect(resolvePlugin('../two.mjs', { folder: join(folder, 'a') })).toEqual({ file: join(folder, 'two.mjs') });
    expect(resolvePlugin(join(folder, 'two.mjs'), { folder: '/' })).toEqual({ file: join(folder, 'two.mjs') });
  });

  test.each([
    ['./none.js', 'there is no file'],
    ['./folder', 'there is no file'],
    ['./one.json', 'a plugin is a file that ends in .js, .mjs or .ts'],
    [
      'folder/one.js',
      'is neither a path that begins with ./, ../ or / nor a package named vitald-plugin-*; write ./folder/one.js',
    ],
    ['postgres', 'is neither a path'],
    ['@acme/postgres', 'is neither a path'],
  ])('%s is refused', (entry, problem) => {
    const { path: folder } = configFolder({ 'folder/one.js': '', 'one.json': '' });

    expect(resolvePlugin(entry, { folder, globalFolders: [] })).toEqual({
      problem: expect.stringContaining(problem) as string,
    });
  });

  test('to TypeScript is taken where this Node.js removes types, and refused with what would do where not', () => {
    const { path: folder } = configFolder({ 'one.ts': '' });

    expect(resolvePlugin('./one.ts', { folder, stripsTypes: true })).toEqual({ file: join(folder, 'one.ts') });
    expect(resolvePlugin('./one.ts', { folder, stripsTypes: false })).toEqual({
      problem: `this Node.js, ${process.version}, does not run TypeScript; name the compiled .js file, or use Node.js 22.18 or later`,
    });
  });
});

describe('a package', () => {
  test('is looked for beside the config and above it, then in the working directory, then among the global ones', () => {
    const { path } = configFolder({
      'etc/node_modules/vitald-plugin-one/package.json': manifest({}),
      'etc/node_modules/vitald-plugin-one/index.js': '',
      'work/node_modules/vitald-plugin-one/package.json': manifest({ main: 'main.js' }),
      'work/node_modules/vitald-plugin-one/main.js': '',
      'global/@acme/vitald-plugin-two/package.json': manifest({ exports: './two.js' }),
      'global/@acme/vitald-plugin-two/two.js': '',
      'global/vitald-plugin-one/package.json': manifest({ exports: './global.js' }),
      'global/vitald-plugin-one/global.js': '',
    });
    const found = (entry: string, folder: string, workingFolder: string) =>
      resolvePlugin(entry, {
        folder: join(path, folder),
        workingFolder: join(path, workingFolder),
        globalFolders: [join(path, 'global')],
      });

    expect(found('vitald-plugin-one', 'etc/vitald', 'work')).toEqual({
      file: join(path, 'etc/node_modules/vitald-plugin-one/index.js'),
    });
    expect(found('vitald-plugin-one', 'other', 'work/deep')).toEqual({
      file: join(path, 'work/node_modules/vitald-plugin-one/main.js'),
    });
    expect(found('vitald-plugin-one', 'other', 'elsewhere')).toEqual({
      file: join(path, 'global/vitald-plugin-one/global.js'),
    });
    expect(found('@acme/vitald-plugin-two', 'other', 'elsewhere')).toEqual({
      file: join(path, 'global/@acme/vitald-plugin-two/two.js'),
    });
    expect(found('vitald-plugin-none', 'etc', 'work')).toEqual({
      problem: expect.stringContaining('there is no package vitald-plugin-none') as string,
    });
  });

  test.each([
    [{ exports: { '.': { types: './one.d.ts', import: './one.js', require: './one.cjs' } } }, 'one.js'],
    [{ exports: { node: { default: './one.js' } } }, 'one.js'],
    [{ exports: [{ browser: './none.js' }, './one.js'] }, 'one.js'],
  ])('is entered as its manifest says: %j', (entry, file) => {
    const { path: folder } = configFolder({
      'node_modules/vitald-plugin-one/package.json': manifest(entry),
      'node_modules/vitald-plugin-one/one.js': '',
    });

    expect(resolvePlugin('vitald-plugin-one', { folder })).toEqual({
      file: join(folder, 'node_modules/vitald-plugin-one', file),
    });
  });

  test.each([
    [manifest({ exports: { require: './one.cjs' } }), 'exports nothing that can be imported'],
    ['{', 'package.json'],
    [manifest({ main: 'none.js' }), 'there is no file'],
  ])('is refused over its manifest: %s', (text, problem) => {
    const { path: folder } = configFolder({ 'node_modules/vitald-plugin-one/package.json': text });

    expect(resolvePlugin('vitald-plugin-one', { folder })).toEqual({
      problem: expect.stringContaining(problem) as string,
    });
  });
});
