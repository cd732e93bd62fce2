/**
 * The definitions among what a plugin exports: an object with a `create` is one, of a prober where it has `phases`. Other
 * exports, such as a parser for a test, are left alone.
 *
 * A plugin is often plain JavaScript, so what the compiler would hold it to is checked here.
 */
import type { AnyCollector, FamilyHead, PluginOrigin } from '../collector.ts';
import { checkFileOptions, checkOptions, commonOptions, moduleOptions } from '../config/config.ts';
import { durationMs } from '../config/duration.ts';
import { z } from '../config/schema.ts';
import { apiVersion } from '../plugin-api.ts';
import { type AnyProber, failureReasons } from '../prober.ts';
import { parseSchedule } from '../schedule/expression.ts';
import { type Exports, PluginError } from './module.ts';

/** What a plugin adds. */
export interface Definitions {
  readonly plugin: PluginOrigin;
  readonly collectors: readonly AnyCollector[];
  readonly probers: readonly AnyProber[];
}

// How many series a collector or a check of a plugin may have that says nothing else: a mistake in it, such as a label that
// never comes twice, must not fill the memory of the daemon and of Prometheus.
const defaultMaxSeries = 10_000;

type Raw = Readonly<Record<string, unknown>>;

const pluginName = /^[a-z][a-z0-9_]*$/;
const familyName = /^[a-zA-Z_:][a-zA-Z0-9_:*<>]*$/;
const familyTypes = new Set(['counter', 'gauge', 'untyped', 'histogram', 'summary']);

// Names that mean something else where a collector's or a prober's stands.
const reservedForCollectors = new Set(['disable_defaults', 'vitald', 'runs', 'instruments']);
const reservedForProbers = new Set(
  [moduleOptions, checkOptions, checkFileOptions].flatMap(({ shape }) => Object.keys(shape)),
);

function isObject(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null;
}

function isDefinition(value: unknown): value is Raw {
  return isObject(value) && 'create' in value && 'name' in value;
}

/** Every definition that is exported, by itself or in an array, each once. */
function exported(exports: Exports): Raw[] {
  return [...new Set(Object.values(exports).flat().filter(isDefinition))];
}

function isFamily(value: unknown): value is FamilyHead {
  if (!isObject(value)) return false;
  const { name, type, help, labelNames } = value;
  const named = typeof name === 'string' && familyName.test(name);
  return named && familyTypes.has(String(type)) && typeof help === 'string' && Array.isArray(labelNames);
}

/** The mistakes that both kinds of definition can have. */
function* commonMistakes(definition: Raw): Generator<string> {
  const { name, summary, families, config, create, maxSeries = defaultMaxSeries } = definition;
  if (typeof name !== 'string' || !pluginName.test(name)) {
    yield '`name` must be lower-case letters, digits and underscores, beginning with a letter';
  }
  if (typeof summary !== 'string' || summary === '') yield '`summary` must be a sentence';
  if (typeof create !== 'function') yield '`create` must be a function';
  if (!(config instanceof z.ZodObject)) yield '`config` must be an object of options, such as z.strictObject({})';
  if (typeof maxSeries !== 'number' || !(maxSeries >= 1)) yield '`maxSeries` must be a number of at least 1';
  if (!Array.isArray(families)) yield '`families` must be a list of what counter(), gauge() and untyped() give';
  else {
    const strange = families.findIndex((family) => !isFamily(family));
    if (strange !== -1)
      yield `\`families\` must be a list of what counter(), gauge() and untyped() give; number ${strange + 1} is not`;
  }
}

function* collectorMistakes(definition: Raw): Generator<string> {
  yield* commonMistakes(definition);
  const { name, source, enabled, schedule, timeout, config } = definition;
  if (reservedForCollectors.has(String(name))) yield `a collector cannot be named "${String(name)}"`;
  if (typeof source !== 'string') yield '`source` must say where it reads';
  if (typeof enabled !== 'boolean') yield '`enabled` must be true or false';
  if (schedule !== undefined) {
    const parsed = typeof schedule === 'string' ? parseSchedule(schedule) : { problem: 'must be text, such as "30s"' };
    if ('problem' in parsed) yield `\`schedule\`: ${parsed.problem}`;
  }
  if (timeout !== undefined && (typeof timeout !== 'string' || durationMs(timeout) === undefined)) {
    yield '`timeout` must be a duration, such as "10s"';
  }
  const taken =
    config instanceof z.ZodObject ? Object.keys(commonOptions.shape).find((key) => key in config.shape) : undefined;
  if (taken !== undefined) yield `the option "${taken}" is one that every collector has already`;
}

function* proberMistakes(definition: Raw): Generator<string> {
  yield* commonMistakes(definition);
  const { name, phases, reasons = [], everyAddress } = definition;
  if (reservedForProbers.has(String(name))) yield `a prober cannot be named "${String(name)}"`;
  if (!Array.isArray(phases) || phases.length === 0 || phases.some((phase) => typeof phase !== 'string')) {
    yield '`phases` must be a list of names';
  }
  const isReason = (reason: unknown): boolean => (failureReasons as readonly unknown[]).includes(reason);
  if (!Array.isArray(reasons) || !reasons.every(isReason)) {
    yield `\`reasons\` must be some of ${failureReasons.join(', ')}`;
  }
  if (everyAddress !== undefined && typeof everyAddress !== 'function') yield '`everyAddress` must be a function';
}

/** The definition as the registry has it: from whom it comes, with a limit of its series, and refusing options that it does not know. */
function adopted(definition: Raw, plugin: PluginOrigin): object {
  return { maxSeries: defaultMaxSeries, ...definition, config: (definition['config'] as z.ZodObject).strict(), plugin };
}

function refuse(kind: string, definition: Raw, mistakes: readonly string[]): void {
  if (mistakes.length === 0) return;
  throw new PluginError(`the ${kind} ${JSON.stringify(definition['name'])} cannot be used: ${mistakes.join('; ')}`);
}

/** Reads what a plugin exports; throws `PluginError` where that cannot be used. */
export function definitionsOf(exports: Exports, plugin: PluginOrigin): Definitions {
  const { apiVersion: wanted = apiVersion } = exports;
  if (typeof wanted !== 'number' || wanted > apiVersion) {
    throw new PluginError(
      `is written for version ${String(wanted)} of the plugin contract, and this vitald knows version ${apiVersion}; use a later vitald`,
    );
  }
  const all = exported(exports);
  if (all.length === 0) {
    throw new PluginError(
      'exports neither a collector nor a prober; export what defineCollector or defineProber gives',
    );
  }
  const collectors: AnyCollector[] = [];
  const probers: AnyProber[] = [];
  for (const definition of all) {
    if ('phases' in definition) {
      refuse('prober', definition, [...proberMistakes(definition)]);
      probers.push(adopted(definition, plugin) as AnyProber);
    } else {
      refuse('collector', definition, [...collectorMistakes(definition)]);
      collectors.push(adopted(definition, plugin) as AnyCollector);
    }
  }
  for (const list of [collectors, probers]) {
    const names = list.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new PluginError(`exports two definitions named "${twice}"`);
  }
  return { plugin, collectors, probers };
}
