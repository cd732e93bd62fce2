/**
 * Flags to config keys, by one rule: `--collector.NAME.SOME-OPTION=X` is `collectors.NAME.some_option: X`, and
 * `--SECTION.SOME-OPTION=X` is `SECTION.some_option: X`. Separators after the section do not matter, so node_exporter's
 * `--collector.cpu.info.flags-include` reaches `info_flags_include`. A bare `--collector.NAME` turns one on,
 * `--no-collector.NAME` off; `--no-` before any other flag that is true or false makes it false. A repeated flag makes a
 * list.
 */
import type { Registry } from './config.ts';
import { commonOptions, sections } from './config.ts';
import { optionDocs } from './options.ts';
import { type Problems, suggestion } from './problems.ts';

/** A config as the flags give it, and the flag behind each path. */
export interface FlagConfig {
  readonly tree: Record<string, unknown>;
  readonly flags: Map<string, string>;
}

// Names on the command line whose key in the file is another.
const renamed: Record<string, string> = {
  'web.listen_address': 'web.listen_addresses',
};

// node_exporter's flags that name a collector otherwise than `--collector.NAME` does.
const renamedCollectors: Record<string, string> = {
  'collector.powersupply.': 'collector.powersupplyclass.',
  'collector.qdisk.': 'collector.qdisc.qdisk_',
  'collector.netclass_rtnl.': 'collector.netclass.rtnl_',
};

// node_exporter's flags that have nothing to set here.
const ignored = new Set(['runtime.gomaxprocs']);

const configFlag = new RegExp(`^--(?:no-)?(?:collector|runtime|${Object.keys(sections).join('|')})\\.`);

/** Whether an argument is a flag that means a config key. */
export function isConfigFlag(argument: string): boolean {
  return configFlag.test(argument);
}

interface Target {
  readonly path: readonly string[];
  readonly kind: string;
  readonly description: string;
}

const timingDocs = optionDocs(commonOptions);

function underscored(text: string): string {
  return text
    .replaceAll(/[.-]/g, '_')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** Every flag that this program knows, by its name without `--`, in the form that all spellings are brought to. */
function knownFlags(registry: Registry): Map<string, Target> {
  const known = new Map<string, Target>();
  for (const [section, schema] of Object.entries(sections)) {
    for (const { key, kind, description } of optionDocs(schema)) {
      known.set(`${section}.${key}`, { path: [section, key], kind, description });
    }
  }
  for (const [from, to] of Object.entries(renamed)) {
    const target = known.get(to);
    if (target !== undefined) known.set(from, target);
  }
  known.set('collector.disable_defaults', {
    path: ['collectors', 'disable_defaults'],
    kind: 'boolean',
    description: 'Turn off every collector that is not named.',
  });
  for (const { name, summary, config, instances } of [...registry.portable, ...registry.collectors]) {
    known.set(`collector.${name}`, { path: ['collectors', name], kind: 'collector', description: summary });
    // A list of entries is for the file; flags say when those run that say nothing.
    for (const { key, kind, description } of instances === undefined ? optionDocs(config) : []) {
      known.set(`collector.${name}.${key}`, { path: ['collectors', name, key], kind, description });
    }
    for (const { key, description } of timingDocs) {
      known.set(`collector.${name}.${key}`, { path: ['collectors', name, key], kind: 'string', description });
    }
  }
  return known;
}

/** The form of a flag's name that `knownFlags` has: the section, the collector if any, then the option. */
function normalized(written: string, known: ReadonlyMap<string, Target>): string {
  const prefix = Object.keys(renamedCollectors).find((candidate) => written.startsWith(candidate));
  const name = prefix === undefined ? written : renamedCollectors[prefix]! + written.slice(prefix.length);
  const [section = '', ...rest] = name.split('.');
  const plain = `${section}.${underscored(rest.join('.'))}`;
  if (section !== 'collector' || rest.length < 2) return plain;
  // A collector's own name may hold a separator, as `cpu_vulnerabilities` does: the longest that is known counts.
  for (let length = rest.length - 1; length > 0; length -= 1) {
    const collector = `collector.${underscored(rest.slice(0, length).join('.'))}`;
    if (known.get(collector)?.kind !== 'collector') continue;
    return `${collector}.${underscored(rest.slice(length).join('.'))}`;
  }
  return `collector.${underscored(rest[0]!)}.${underscored(rest.slice(1).join('.'))}`;
}

function valueFor(kind: string, text: string): unknown {
  if (kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if ((kind === 'number' || kind === 'int') && /^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  return text;
}

function assign(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let node = tree;
  for (const key of path.slice(0, -1)) {
    const below = node[key];
    if (typeof below === 'object' && below !== null && !Array.isArray(below)) node = below as Record<string, unknown>;
    else {
      const made: Record<string, unknown> = {};
      node[key] = made;
      node = made;
    }
  }
  const last = path.at(-1)!;
  const before = node[last];
  // A bare flag after an option of the same collector must not wipe it out.
  if (value === true && typeof before === 'object') return;
  node[last] = before === undefined || typeof before === 'boolean' ? value : [before, value].flat();
}

/** Reads the flags among `args` that mean config keys; what does not fit is noted in `problems`. */
export function readFlags(args: readonly string[], registry: Registry, problems: Problems): FlagConfig {
  const known = knownFlags(registry);
  const tree: Record<string, unknown> = {};
  const flags = new Map<string, string>();
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index]!;
    const [, negated, name = '', inline] = /^--(no-)?([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
    const key = normalized(name, known);
    if (ignored.has(key)) {
      if (inline === undefined && args[index + 1]?.startsWith('-') === false) index += 1;
      continue;
    }
    const target = known.get(key);
    if (target === undefined) {
      const spelled = [...known.keys()].map((flag) => flag.replaceAll('_', '-'));
      problems.addFlag(`--${negated ?? ''}${name}`, `unknown flag${suggestion(name, spelled)}`);
      continue;
    }
    const isSwitch = target.kind === 'boolean' || target.kind === 'collector';
    if (negated !== undefined && !isSwitch) {
      problems.addFlag(`--no-${name}`, 'takes a value, so it has no --no- form');
      continue;
    }
    let text = inline;
    if (text === undefined && !isSwitch) {
      index += 1;
      text = args[index];
      if (text === undefined) {
        problems.addFlag(argument, 'needs a value');
        continue;
      }
    }
    const value = text === undefined ? negated === undefined : valueFor(isSwitch ? 'boolean' : target.kind, text);
    assign(tree, target.path, value);
    flags.set(target.path.join('.'), `--${negated ?? ''}${name}`);
  }
  return { tree, flags };
}

/** A flag as a user writes it, `--[no-]` where it is a switch, and what it sets. */
export interface FlagName {
  readonly flag: string;
  readonly kind: string;
  readonly description: string;
}

/** The names of all flags, for the help. */
export function flagNames(registry: Registry): FlagName[] {
  return [...knownFlags(registry)].map(([name, { kind, description }]) => {
    const spelled = name.startsWith('collector.') ? spellCollector(name) : name.replaceAll('_', '-');
    return {
      flag: kind === 'boolean' || kind === 'collector' ? `--[no-]${spelled}` : `--${spelled}`,
      kind,
      description,
    };
  });
}

function spellCollector(name: string): string {
  const [section, collector = '', ...option] = name.split('.');
  if (option.length === 0) return collector === 'disable_defaults' ? `${section}.disable-defaults` : name;
  return `${section}.${collector}.${option.join('.').replaceAll('_', '-')}`;
}
