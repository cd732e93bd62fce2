/** The plugins of a config: found, imported, checked, and put beside what this program has by itself. */
import { resolve } from 'node:path';
import type { PluginOrigin } from '../collector.ts';
import type { Registry } from '../config/config.ts';
import type { Problems, Source } from '../config/problems.ts';
import { type Definitions, definitionsOf } from './definitions.ts';
import { type Exports, importPlugin, PluginError } from './module.ts';
import { isPackage, resolvePlugin } from './resolve.ts';

/** How long a module may take at its top level. */
const loadDeadlineMs = 10_000;

/** What was made of a module; kept as long as the module is, so that an unchanged plugin gives the same definitions. */
const known = new WeakMap<Exports, Definitions>();

/** Loads one file; throws `PluginError`. */
export async function loadPlugin(file: string, deadlineMs: number = loadDeadlineMs): Promise<Definitions> {
  const { exports, files, url } = await importPlugin(file, deadlineMs);
  let definitions = known.get(exports);
  if (definitions === undefined) {
    definitions = definitionsOf(exports, { file, files, url });
    known.set(exports, definitions);
  }
  return definitions;
}

/** An entry of `plugins:`, or the value of a flag that names one. */
export interface PluginEntry {
  readonly entry: unknown;
  /** What a relative path is meant from. */
  readonly folder: string;
  /** Notes a mistake at the entry. */
  readonly complain: (message: string) => void;
}

/** What a definition shares its name with, in words; undefined where the name is free. */
function holderOf(
  name: string,
  among: readonly { readonly name: string; readonly plugin?: PluginOrigin }[],
): string | undefined {
  const holder = among.find((each) => each.name === name);
  if (holder === undefined) return undefined;
  return holder.plugin === undefined ? 'is built in' : `comes from ${holder.plugin.file}`;
}

/** Why definitions cannot stand beside those that there are. */
function clashes({ collectors, probers }: Definitions, registry: Registry): string[] {
  const found: string[] = [];
  const add = (kind: string, name: string, holder: string | undefined): void => {
    if (holder !== undefined) found.push(`has a ${kind} named "${name}", and one of that name ${holder}`);
  };
  for (const { name } of collectors) {
    add('collector', name, holderOf(name, [...registry.collectors, ...registry.portable]));
  }
  for (const { name } of probers) add('prober', name, holderOf(name, registry.probers));
  const families = new Map(
    [...registry.collectors, ...registry.portable, ...registry.probers].flatMap(({ families, name: owner }) =>
      families.map((family) => [family.name, { type: family.type, owner }] as const),
    ),
  );
  for (const { name, type } of [...collectors, ...probers].flatMap((definition) => definition.families)) {
    const other = families.get(name);
    if (other === undefined || other.type === type) continue;
    found.push(
      `has a family ${name} that is a ${type}, and ${other.owner} has one of that name that is a ${other.type}`,
    );
  }
  return found;
}

/** Loads the plugin of one entry; what is wrong with it is given as texts. */
async function loadEntry(
  { entry, folder }: PluginEntry,
  before: ReadonlySet<string>,
): Promise<Definitions | readonly string[]> {
  if (typeof entry !== 'string' || entry === '') return ['expected the path of a file, or the name of a package'];
  const resolved = resolvePlugin(entry, { folder });
  if ('problem' in resolved) return [resolved.problem];
  if (before.has(resolved.file)) return ['is named twice'];
  try {
    return await loadPlugin(resolved.file);
  } catch (error) {
    if (error instanceof PluginError) return [error.message];
    throw error;
  }
}

/** The registry with what the plugins add; their mistakes are told at their entries, and they are then left out. */
export async function withPlugins(entries: readonly PluginEntry[], registry: Registry): Promise<Registry> {
  const collectors = [...registry.collectors];
  const probers = [...registry.probers];
  const files = new Set<string>();
  for (const entry of entries) {
    const loaded = await loadEntry(entry, files);
    const mistakes = 'collectors' in loaded ? clashes(loaded, { ...registry, collectors, probers }) : loaded;
    for (const mistake of mistakes) entry.complain(mistake);
    if (mistakes.length > 0 || !('collectors' in loaded)) continue;
    files.add(loaded.plugin.file);
    collectors.push(...loaded.collectors);
    probers.push(...loaded.probers);
  }
  return { ...registry, collectors, probers };
}

/** The entries of `plugins:` in a config. */
export function entriesOfConfig(value: unknown, folder: string, source: Source, problems: Problems): PluginEntry[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    problems.add(source, ['plugins'], 'expected a list of files and packages');
    return [];
  }
  return value.map((entry: unknown, index) => ({
    entry,
    folder,
    complain: (message) => problems.add(source, ['plugins', index], message),
  }));
}

/** Plugins that the command line names: packages, and paths from where the command was given. */
export function entriesOfFlags(named: readonly string[], problems: Problems): PluginEntry[] {
  return named.map((name) => ({
    entry: isPackage(name) ? name : resolve(name),
    folder: process.cwd(),
    complain: (message) => problems.addFlag(`--plugin ${name}`, message),
  }));
}
