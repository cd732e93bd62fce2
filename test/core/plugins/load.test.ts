import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Family } from '../../../src/collector.ts';
import type { Config } from '../../../src/config/config.ts';
import { jsonSchema } from '../../../src/config/json-schema.ts';
import { type ConfigInput, loadConfig, loadRegistry } from '../../../src/config/load.ts';
import { Secret } from '../../../src/config/secret.ts';
import { shownConfig } from '../../../src/config/shown.ts';
import { loadPlugin } from '../../../src/plugins/load.ts';
import { type ConfigFolder, configFolder } from '../../support/daemons.ts';
import { collectorSource, proberSource } from '../../support/plugins.ts';
import { smallRegistry } from '../../support/registry.ts';

function load(folder: ConfigFolder, input: Partial<ConfigInput> = {}): Promise<Config> {
  const file = join(folder.path, 'vitald.yml');
  return loadConfig({ file, platform: 'linux', environment: {}, ...input }, smallRegistry);
}

/** What is said of a plugin of this source, without the path in front. */
async function complaint(source: string, entry = './plugin.js', name = 'plugin.js'): Promise<string> {
  const folder = configFolder({ [name]: source, 'vitald.yml': `plugins:\n  - ${entry}\n` });
  const error = await load(folder).catch((thrown: unknown) => thrown as Error);
  const [first = ''] = (error as Error).message.split('\n');
  return first.replaceAll(`${folder.path}/`, '');
}

describe('a plugin', () => {
  test('is found beside the config, and its collector is on where its definition says so or the config names it', async () => {
    const folder = configFolder({
      'plugins/one.js': collectorSource('one'),
      'plugins/two.mjs': collectorSource('two', { enabled: 'false' }),
      'plugins/three.js': collectorSource('three', { enabled: 'false' }),
      'vitald.yml':
        'plugins: [./plugins/one.js, ./plugins/two.mjs, ./plugins/three.js]\ncollectors: { three: { value: 7 } }\n',
    });

    const { collectors, registry } = await load(folder);

    expect(collectors.map(({ definition }) => definition.name)).toEqual(['disks', 'one', 'three']);
    expect(collectors.at(-1)).toMatchObject({ options: { value: 7 } });
    expect(registry.collectors.map(({ name }) => name)).toEqual(['disks', 'mail_queues', 'one', 'two', 'three']);
  });

  test('shares the classes of the program that loads it', async () => {
    const folder = configFolder({ 'one.js': collectorSource('one', { config: 'z.strictObject({ key: secret() })' }) });

    const { collectors } = await loadPlugin(join(folder.path, 'one.js'));

    expect(collectors[0]?.families[0]).toBeInstanceOf(Family);
    expect(collectors[0]?.config.parse({ key: 'x' })['key']).toBeInstanceOf(Secret);
  });

  test('may export several definitions, some of them in an array, beside what is none', async () => {
    const folder = configFolder({
      'many.js': `${collectorSource('one')}${proberSource('look').replace(/^import.*$/m, '')}
        export const list = [one, prober];
        export function parse() {}
        export const limits = { name: 'limits' };
        export default [{ ...one, name: 'two' }];`.replace('import {', 'import { defineProber,'),
    });

    const { collectors, probers } = await loadPlugin(join(folder.path, 'many.js'));

    expect(collectors.map(({ name }) => name).toSorted()).toEqual(['one', 'two']);
    expect(probers.map(({ name }) => name)).toEqual(['look']);
  });

  test('is an ES module, and so is what it imports, whatever the manifest beside it says', async () => {
    const folder = configFolder({
      'package.json': '{ "type": "commonjs" }',
      'one.js': collectorSource('one', { head: "import { family as other } from './other.js';" }),
      'other.js': "import { gauge } from 'vitald';\nexport const family = gauge('other', 'Other.');",
    });

    expect((await loadPlugin(join(folder.path, 'one.js'))).collectors).toHaveLength(1);
  });

  test('has options that are checked at their place, with suggestions and without secrets', async () => {
    const config = "z.strictObject({ depth: z.int().max(9).default(3), password: secret().optional() }).describe('x')";
    const folder = configFolder({
      'one.js': collectorSource('one', { config }),
      'vitald.yml': 'plugins: [./one.js]\ncollectors:\n  one:\n    dept: 4\n    depth: 12\n    password: [hunter2]\n',
    });

    const error = await load(folder).catch((thrown: unknown) => thrown as Error);

    const text = (error as Error).message.replaceAll(`${folder.path}/`, '');
    expect(text).toContain('vitald.yml:4:5: collectors.one.dept: unknown option; did you mean "depth"?');
    expect(text).toContain('vitald.yml:5:12: collectors.one.depth: must be at most 9, found 12');
    expect(text).toContain('vitald.yml:6:5: collectors.one.password: expected text, found <secret>');
    expect(text).not.toContain('hunter2');
  });

  test('has its unknown options refused even where its schema would drop them', async () => {
    const folder = configFolder({
      'one.js': collectorSource('one', { config: 'z.object({ value: z.number().default(1) })' }),
      'vitald.yml': 'plugins: [./one.js]\ncollectors: { one: { valu: 2 } }',
    });

    await expect(load(folder)).rejects.toThrow('collectors.one.valu: unknown option; did you mean "value"?');
  });

  test('whose schema throws is told at its options', async () => {
    const config = "z.strictObject({ value: z.number().default(1).refine(() => { throw new Error('oh') }) })";
    const folder = configFolder({
      'one.js': collectorSource('one', { config }),
      'vitald.yml': 'plugins: [./one.js]\ncollectors: { one: { value: 2 } }',
    });

    await expect(load(folder)).rejects.toThrow('vitald.yml:2:15: collectors.one: cannot be checked: oh');
  });

  test('takes flags as a built-in collector does', async () => {
    const folder = configFolder({
      'one.js': collectorSource('one', { enabled: 'false' }),
      'vitald.yml': 'plugins: [./one.js]',
    });

    const args = ['--collector.one', '--collector.one.value=5', '--collector.one.schedule=30s'];
    const { collectors } = await load(folder, { args });

    expect(collectors.at(-1)).toMatchObject({ options: { value: 5 }, schedule: { source: '30s' } });
    await expect(load(folder, { args: ['--collector.one.valeu=5'] })).rejects.toThrow(
      '--collector.one.valeu: unknown flag; did you mean "collector.one.value"?',
    );
  });

  test('appears in the schema for editors and in the config that is shown', async () => {
    const folder = configFolder({
      'one.js': collectorSource('one'),
      'look.js': proberSource('look'),
      'vitald.yml':
        'plugins: [./one.js, ./look.js]\nmodules: { eye: { prober: look, look: { factor: 2, password: hunter2 } } }',
    });
    const file = join(folder.path, 'vitald.yml');

    const schema = JSON.stringify(jsonSchema(await loadRegistry({ file }, smallRegistry)));
    const shown = shownConfig(await load(folder));

    expect(schema).toContain('"one":{"description":"Gives a value."');
    expect(schema).toContain('"look":{"type":"object"');
    expect(shown).toContain('plugins:\n  - ./one.js\n  - ./look.js\n');
    expect(shown).toMatch(
      / {2}one:\n {4}schedule: 5s\n {4}timeout: 4s\n {4}stale_after: 19s\n {4}max_series: 10000\n {4}value: 1\n/,
    );
    expect(shown).toContain('    look:\n      factor: 2\n      password: <secret>\n');
  });

  test('is also taken from the command line, from where the command was given', async () => {
    const folder = configFolder({ 'one.js': collectorSource('one'), 'vitald.yml': '' });

    const { collectors, plugins } = await load(folder, { plugins: [join(folder.path, 'one.js')] });

    expect(collectors.map(({ definition }) => definition.name)).toContain('one');
    expect(plugins).toEqual([join(folder.path, 'one.js')]);
    await expect(load(folder, { plugins: ['none.js'] })).rejects.toThrow(/^--plugin none\.js: there is no file/);
  });
});

describe('a plugin that cannot be used is told at its entry', () => {
  const refused: [string, string, string][] = [
    [
      'a mistake in its syntax',
      'export const a = 1;\nexport const = 2;',
      "cannot be loaded: Unexpected token '=', at line 2",
    ],
    ['an error at its top level', "\nthrow new Error('oh no');", 'cannot be loaded: oh no, at line 2'],
    ['a rejection at its top level', "await Promise.reject(new Error('oh no'));", 'cannot be loaded: oh no, at line 1'],
    ['a thrown text', "throw 'oh no';", 'cannot be loaded: oh no'],
    [
      'a package that is not there',
      "import 'no-such-package';",
      "cannot be loaded: Cannot find package 'no-such-package'",
    ],
    ['a file that is not there', "import './no-such-file.js';", 'cannot be loaded: Cannot find module'],
    [
      'a name that vitald has not',
      "import { nothing } from 'vitald';",
      "'vitald' does not provide an export named 'nothing'",
    ],
    ['no definition', 'export const a = 1;', 'exports neither a collector nor a prober'],
    ['no exports', '', 'exports neither a collector nor a prober'],
    [
      'a later contract',
      'export const apiVersion = 2;',
      'is written for version 2 of the plugin contract, and this vitald knows version 1',
    ],
    ['an odd contract', "export const apiVersion = 'x';", 'is written for version x of the plugin contract'],
    ['a bad name', collectorSource('Bad'), 'the collector "Bad" cannot be used: `name` must be lower-case letters'],
    ['a reserved name', collectorSource('runs'), 'a collector cannot be named "runs"'],
    ['a schedule that is none', collectorSource('one', { more: "schedule: '90s'," }), '`schedule`: '],
    ['a timeout that is none', collectorSource('one', { more: 'timeout: 5,' }), '`timeout` must be a duration'],
    ['options that are none', collectorSource('one', { config: '{}' }), '`config` must be an object of options'],
    [
      'an option that all have',
      collectorSource('one', { config: 'z.strictObject({ timeout: z.number() })' }),
      'the option "timeout"',
    ],
    ['no create', collectorSource('one', { create: '3' }), '`create` must be a function'],
    ['families that are none', collectorSource('one', { more: "families: [family, 'x']," }), 'number 2 is not'],
    [
      'the name of a built-in collector',
      collectorSource('disks'),
      'has a collector named "disks", and one of that name is built in',
    ],
    [
      'two of one name',
      `${collectorSource('one')}export const two = { ...one };`,
      'exports two definitions named "one"',
    ],
    [
      'the name of a built-in prober',
      proberSource('http'),
      'has a prober named "http", and one of that name is built in',
    ],
    ['a prober named as an option of modules', proberSource('timeout'), 'a prober cannot be named "timeout"'],
    [
      'a reason that is none',
      proberSource('look').replace("['protocol']", "['bored']"),
      '`reasons` must be some of dns, connect',
    ],
  ];

  test.each(refused)('%s', async (_what, source, message) => {
    const text = await complaint(source);

    expect(text).toMatch(/^vitald\.yml:2:5: plugins\.0: /);
    expect(text).toContain(message);
  });

  test('one that never comes to its end, when its time is over', async () => {
    const folder = configFolder({ 'hangs.js': 'await new Promise(() => {});' });

    await expect(loadPlugin(join(folder.path, 'hangs.js'), 20)).rejects.toThrow(
      'did not load within 20 ms; what it awaits at its top level does not settle',
    );
  });

  test('one whose family is of another type than that of another', async () => {
    const folder = configFolder({
      'one.js': collectorSource('one', { family: 'shared_total', type: 'counter' }),
      'two.js': collectorSource('two', { family: 'shared_total' }),
      'vitald.yml': 'plugins: [./one.js, ./two.js]',
    });

    await expect(load(folder)).rejects.toThrow(
      'vitald.yml:1:21: plugins.1: has a family shared_total that is a gauge, and one has one of that name that is a counter',
    );
  });

  test('one whose name another plugin has, and one that is named twice', async () => {
    const folder = configFolder({
      'one.js': collectorSource('one'),
      'again.js': collectorSource('one'),
      'vitald.yml': 'plugins:\n  - ./one.js\n  - ./again.js\n  - ./one.js\n  - 3\n',
    });

    const error = await load(folder).catch((thrown: unknown) => thrown as Error);

    const text = (error as Error).message.replaceAll(`${folder.path}/`, '');
    expect(text).toContain(
      'vitald.yml:3:5: plugins.1: has a collector named "one", and one of that name comes from one.js',
    );
    expect(text).toContain('vitald.yml:4:5: plugins.2: is named twice');
    expect(text).toContain('vitald.yml:5:5: plugins.3: expected the path of a file, or the name of a package');
    await expect(load(configFolder({ 'vitald.yml': 'plugins: ./one.js' }))).rejects.toThrow(
      'plugins: expected a list of files and packages',
    );
  });

  test('and every other mistake of the config is told with it', async () => {
    const folder = configFolder({ 'vitald.yml': 'plugins: [./none.js]\ncollectors: { nothing: {} }' });

    const error = await load(folder).catch((thrown: unknown) => thrown as Error);

    expect((error as Error).message).toContain('plugins.0: there is no file');
    expect((error as Error).message).toContain('collectors.nothing: unknown collector');
  });
});

describe('a plugin that is loaded again', () => {
  test('gives the same definitions while its file is the same, and others when it has changed', async () => {
    const folder = configFolder({ 'one.js': collectorSource('one'), 'two.js': collectorSource('two') });
    folder.write('vitald.yml', 'plugins: [./one.js, ./two.js]');
    const definitions = async () => (await load(folder)).registry.collectors.slice(-2);
    const [one, two] = await definitions();

    expect((await definitions())[0]).toBe(one);
    folder.write('one.js', collectorSource('one', { config: 'z.strictObject({ more: z.number().default(1) })' }));
    const [changed, same] = await definitions();

    expect(changed).not.toBe(one);
    expect(Object.keys(changed!.config.shape)).toEqual(['more']);
    expect(same).toBe(two);
  });

  test('is loaded anew where only a file has changed that it imports, through others too', async () => {
    const head = "import { help } from './lib/help.js';";
    const folder = configFolder({
      'one.js': collectorSource('one', { head, more: 'summary: help,' }),
      'lib/help.js': "export { text as help } from '../text.js';",
      'text.js': "import './lib/help.js';\nexport const text = 'Before.';",
    });
    const load = () => loadPlugin(join(folder.path, 'one.js'));
    expect((await load()).collectors[0]?.summary).toBe('Before.');

    folder.write('text.js', "import './lib/help.js';\nexport const text = 'After it has changed.';");
    const { collectors, plugin } = await load();

    expect(collectors[0]?.summary).toBe('After it has changed.');
    expect(plugin.files).toEqual(['one.js', 'lib/help.js', 'text.js'].map((name) => join(folder.path, name)));
  });

  test('is looked at again where what it lacked may have come', async () => {
    const folder = configFolder({ 'one.js': collectorSource('one', { head: "import './late.js';" }) });
    await expect(loadPlugin(join(folder.path, 'one.js'))).rejects.toThrow('Cannot find module');

    folder.write('late.js', '');

    expect((await loadPlugin(join(folder.path, 'one.js'))).collectors).toHaveLength(1);
  });
});

test('a package is found in node_modules beside the config', async () => {
  const folder = configFolder({ 'vitald.yml': 'plugins: [vitald-plugin-one]' });
  const home = join(folder.path, 'node_modules/vitald-plugin-one');
  mkdirSync(home, { recursive: true });
  writeFileSync(
    join(home, 'package.json'),
    '{ "name": "vitald-plugin-one", "type": "module", "exports": "./main.js" }',
  );
  writeFileSync(join(home, 'main.js'), collectorSource('one'));

  expect((await load(folder)).collectors.map(({ definition }) => definition.name)).toContain('one');
});
