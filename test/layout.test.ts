import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { builtIn } from '../collectors/index.ts';
import { documents } from '../scripts/docs.ts';

const root = new URL('..', import.meta.url).pathname;

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name));
}

interface Import {
  readonly from: string;
  readonly to: string;
  /** Whether it is imported only when it is needed. */
  readonly late: boolean;
}

const importStatement = /(?:^|\n)\s*(?:import|export)\s(?:[^'";]*?\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/g;

function importsOf(file: string): Import[] {
  const source = readFileSync(join(root, file), 'utf8');
  return [...source.matchAll(importStatement)].map(([, fixed, dynamic]) => {
    const target = fixed ?? dynamic ?? '';
    const to = target.startsWith('.') ? relative(root, resolve(root, dirname(file), target)) : target;
    return { from: file, to, late: fixed === undefined };
  });
}

const sources = [...filesBelow('src'), ...filesBelow('collectors')];
const imports = sources.flatMap(importsOf);

function importersOf(name: string): string[] {
  const files = imports.filter(({ to }) => to === name || to.startsWith(`${name}/`)).map(({ from }) => from);
  return [...new Set(files)].toSorted();
}

test('finds imports to check', () => {
  expect(imports.length).toBeGreaterThan(300);
  expect(importersOf('node:fs').length).toBeGreaterThan(1);
});

test.each([
  ['node-cron', ['src/schedule/cron.ts']],
  ['prom-client', ['src/instrument-set.ts', 'src/instruments.ts', 'src/sampled-registry.ts']],
  ['systeminformation', ['src/system/sysinfo.ts']],
  ['zod', ['src/config/schema.ts']],
  ['commander', ['src/cli/offer.ts', 'src/cli/program.ts']],
  ['pino', ['src/log.ts']],
  ['pino-pretty', ['src/log.ts']],
  ['leven', ['src/config/problems.ts']],
  ['parse-duration', ['src/config/duration.ts']],
  ['@jellybrick/dbus-next', ['collectors/host/system-bus.ts']],
  ['@marcbachmann/cel-js', ['collectors/probe/http-cel.ts']],
  ['uplot', ['src/page/chart.tsx']],
])('%s has the one importer that the map of the code names', (name, importers) => {
  expect(importersOf(name)).toEqual(importers);
});

test('only the two programs know the built-in collectors, and what plugins import has the sockets of the probers', () => {
  const outside = imports.filter(({ from, to }) => from.startsWith('src/') && to.startsWith('collectors/'));

  expect(outside.map(({ from, to }) => [from, to])).toEqual([
    ['src/isolated.ts', 'collectors/index.ts'],
    ['src/main.ts', 'collectors/index.ts'],
    ['src/plugin-api.ts', 'collectors/probe/toolkit.ts'],
  ]);
});

test('plugins cost nothing before a config names one: what loads them is imported where it is needed', () => {
  const always = imports.filter(
    ({ from, to, late }) =>
      !late && !from.startsWith('src/plugins/') && (to.startsWith('src/plugins/') || to === 'src/plugin-api.ts'),
  );

  expect(always).toEqual([]);
  expect(importersOf('src/plugins/load.ts')).toEqual(['src/config/load.ts', 'src/isolated.ts']);
});

test('collectors import the contract, the schema words, the system and what lies beside them', () => {
  const allowed = [
    /^node:/,
    /^src\/(?:collector|prober|errors|clock|log|abort|ip-address|late-modules|turns)\.ts$/,
    /^src\/config\/(?:schema|secret|pattern|config)\.ts$/,
    /^src\/system\//,
    /^src\/exposition\/parse\.ts$/,
    /^collectors\//,
  ];
  const packages = new Set([
    're2js',
    'dns-packet',
    'ws',
    'koffi',
    '@jellybrick/dbus-next',
    '@marcbachmann/cel-js',
    'socks-proxy-agent',
  ]);
  const strange = imports.filter(
    ({ from, to }) =>
      from.startsWith('collectors/') && !packages.has(to) && !allowed.some((pattern) => pattern.test(to)),
  );

  expect(strange).toEqual([]);
});

test('the page and the daemon share the types of the API and nothing else', () => {
  const across = imports.filter(
    ({ from, to }) => to.startsWith('src/') && from.startsWith('src/page/') !== to.startsWith('src/page/'),
  );

  expect(across.length).toBeGreaterThan(0);
  expect(across.filter(({ to }) => to !== 'src/api/types.ts')).toEqual([]);
  expect(['preact', 'uplot'].flatMap(importersOf).filter((from) => !from.startsWith('src/page/'))).toEqual([]);
});

test('no file imports itself in a circle', () => {
  const graph = new Map<string, string[]>();
  for (const { from, to } of imports) {
    if (/\.tsx?$/.test(to)) graph.set(from, [...(graph.get(from) ?? []), to]);
  }
  const state = new Map<string, 'open' | 'done'>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      circles.push([...path.slice(path.indexOf(file)), file].join(' > '));
      return;
    }
    state.set(file, 'open');
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of graph.keys()) visit(file, []);

  expect(circles).toEqual([]);
});

test('every file that declares a collector or a prober is listed', () => {
  const declared = (folder: string, word: RegExp): number =>
    filesBelow(folder).reduce(
      (count, file) => count + readFileSync(join(root, file), 'utf8').split(word).length - 1,
      0,
    );

  expect(builtIn.collectors.length).toBe(declared('collectors/host', /(?:= |return )defineCollector\(/));
  expect(builtIn.portable.length).toBe(declared('collectors/portable', /(?:= |return )defineCollector\(/));
  expect(builtIn.probers.length).toBe(declared('collectors/probe', /= defineProber\(/));
  for (const list of [builtIn.collectors, builtIn.portable, builtIn.probers]) {
    const names = list.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  }
});

test.each(documents.map(({ path, render }) => [path, render] as const))('%s is what the code says', (path, render) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(render());
});

test('no two families of one name have different types', () => {
  const types = new Map<string, string>();
  const conflicts: string[] = [];
  for (const { families } of [...builtIn.collectors, ...builtIn.probers]) {
    for (const { name, type } of families) {
      if ((types.get(name) ?? type) !== type) conflicts.push(name);
      types.set(name, type);
    }
  }

  expect(conflicts).toEqual([]);
});
