/** File and flags to typed config: every mistake is found, told at its place, and none is let through. */
import { dirname, resolve } from 'node:path';
import type { AnyCollector } from '../collector.ts';
import { loadGlob } from './check-files.ts';
import { CheckLoader } from './checks.ts';
import {
  type CollectorConfig,
  commonOptions,
  type Config,
  defaultMemoryLimit,
  type Isolation,
  type ModuleConfig,
  type Registry,
  sections,
  settings,
  type TimingFallback,
  timingOf,
} from './config.ts';
import { type FlagConfig, readFlags } from './flags.ts';
import { instanceEntries, instanceName } from './instances.ts';
import { type ConfigPath, credentialRanges } from './locate.ts';
import { EngineMissing } from './pattern.ts';
import { decodeModules, loadModule } from './modules.ts';
import { refuseUnknownModules } from './probe-modules.ts';
import { Problems, type Source, suggestion } from './problems.ts';
import { isMapValue, type Raw } from './raw.ts';
import { Secret, type z } from './schema.ts';
import { expandVariables } from './variables.ts';
import { readYaml, writtenValue, yamlValue } from './yaml-file.ts';

/** Where a config comes from. */
export interface ConfigInput {
  /** The path of the file; undefined for the flags alone. */
  readonly file?: string | undefined;
  /** The arguments that mean config keys. */
  readonly args?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
  /** Plugins beside those of the file, as the command line names them. */
  readonly plugins?: readonly string[];
}

const topLevel = [
  ...Object.keys(sections),
  ...Object.keys(settings.shape),
  'collectors',
  'modules',
  'checks',
  'check_files',
  'plugins',
];

/** The flags laid over the file, key by key. */
function overlay(below: unknown, above: unknown): unknown {
  if (!isMapValue(above)) return above;
  // `collectors.cpu: true` or nothing in the file, options by flags.
  const merged: Raw = isMapValue(below) ? { ...below } : {};
  for (const [key, value] of Object.entries(above)) {
    merged[key] = key in merged && !(value === true && isMapValue(merged[key])) ? overlay(merged[key], value) : value;
    if (value === true && isMapValue(below) && isMapValue(below[key])) merged[key] = below[key];
  }
  return merged;
}

class Loader {
  readonly problems = new Problems();
  readonly #flags = new Map<string, string>();
  readonly #input: ConfigInput;
  readonly #source: Source;
  #registry: Registry;
  #raw: Raw;
  readonly #file: string | undefined;
  readonly #platform: NodeJS.Platform;
  readonly #environment: NodeJS.ProcessEnv;
  #globSync: Awaited<ReturnType<typeof loadGlob>> | undefined;

  constructor(input: ConfigInput, registry: Registry) {
    this.#input = input;
    this.#registry = registry;
    this.#platform = input.platform ?? process.platform;
    this.#file = input.file;
    const file =
      input.file === undefined ? undefined : readYaml(input.file, this.problems, { secretsOf: credentialRanges });
    this.#source = { file, flags: this.#flags };
    const fromFile = ((file === undefined ? undefined : yamlValue(file)) ?? {}) as Raw;
    if (file !== undefined && isMapValue(fromFile['modules'])) fromFile['modules'] = writtenValue(file, 'modules');
    this.#environment = input.environment ?? process.env;
    this.#raw = expandVariables(fromFile, this.#environment, (path, message) =>
      this.problems.add(this.#source, path, message),
    ) as Raw;
  }

  /** What can be configured, plugins included; those with a mistake are left out. */
  async registry(): Promise<Registry> {
    const { plugins: named = [] } = this.#input;
    const value = this.#raw['plugins'];
    if (value === undefined && named.length === 0) return this.#registry;
    const { entriesOfConfig, entriesOfFlags, withPlugins } = await import('../plugins/load.ts');
    const ofConfig = entriesOfConfig(value, this.#folder, this.#source, this.problems);
    return withPlugins([...ofConfig, ...entriesOfFlags(named, this.problems)], this.#registry);
  }

  async load(): Promise<Config> {
    this.#registry = await this.registry();
    const flags: FlagConfig = readFlags(this.#input.args ?? [], this.#registry, this.problems);
    for (const [path, flag] of flags.flags) this.#flags.set(path, flag);
    this.#raw = overlay(this.#raw, flags.tree) as Raw;
    if (isMapValue(this.#raw['modules'])) this.#raw['modules'] = decodeModules(this.#raw['modules'], this.#registry);
    if (this.#raw['check_files'] !== undefined) this.#globSync = await loadGlob();
    for (const key of Object.keys(this.#raw)) {
      if (!topLevel.includes(key)) {
        this.problems.add(this.#source, [key], `unknown option${suggestion(key, topLevel)}`, true);
      }
    }
    const web = this.#web();
    const path = this.#section('path');
    const log = this.#section('log');
    const defaults = this.#section('defaults');
    const scheduling = this.#section('scheduling');
    const probe = this.#section('probe');
    const history = this.#history();
    const { source = 'auto', watch = false } =
      this.problems.check(settings, this.#pick(Object.keys(settings.shape)), this.#source, []) ?? {};
    const portable = source === 'portable' || (source === 'auto' && this.#platform !== 'linux');
    const timing = { schedule: defaults.schedule, timeoutMs: defaults.timeout, maxSeries: defaults.max_series };
    const collectors = this.#collectors(portable, timing);
    const modules = this.#modules();
    refuseUnknownModules(probe.modules, modules, this.#rawMap('modules'), this.#source, this.problems);
    const checks = new CheckLoader({
      source: this.#source,
      problems: this.problems,
      modules,
      rawModules: this.#rawMap('modules'),
      defaults: timing,
      timezone: scheduling.timezone,
      environment: this.#environment,
    });
    checks.add(this.#raw['checks']);
    const checkFiles = checks.addFiles(this.#raw['check_files'], this.#folder, this.#globSync);
    const loaded = checks.finish();
    this.problems.throwIfAny();
    return {
      file: this.#file,
      web,
      path,
      log,
      defaults,
      scheduling,
      probe,
      history,
      source: portable ? 'portable' : 'kernel',
      collectors,
      modules,
      checks: loaded,
      watch,
      checkFiles,
      plugins: [...((this.#raw['plugins'] ?? []) as string[]), ...(this.#input.plugins ?? [])],
      registry: this.#registry,
    };
  }

  #pick(keys: readonly string[]): Raw {
    return Object.fromEntries(keys.filter((key) => key in this.#raw).map((key) => [key, this.#raw[key]]));
  }

  #section<Name extends keyof typeof sections>(name: Name): z.output<(typeof sections)[Name]> {
    const schema: z.ZodType = sections[name];
    const value = this.#raw[name] ?? {};
    // With a mistake in it the defaults stand in, so that the search for others can go on.
    return (this.problems.check(schema, value, this.#source, [name]) ?? schema.parse({})) as z.output<
      (typeof sections)[Name]
    >;
  }

  #web(): Config['web'] {
    const web = this.#section('web');
    if (web.config_file === undefined) return web;
    // What the file names stands beside it; what a flag names is meant from where the command was given.
    const byFlag = this.#source.flags.has('web.config_file');
    const folder = this.#file === undefined || byFlag ? '.' : dirname(this.#file);
    return { ...web, config_file: resolve(folder, web.config_file) };
  }

  #history(): Config['history'] {
    const history = this.#section('history');
    // systemd gives absolute paths, several with a colon between them.
    const directory = history.directory ?? this.#environment['STATE_DIRECTORY']?.split(':')[0];
    if (directory === undefined || directory === '') return { budget: history.budget };
    return { ...history, directory: resolve(this.#folder, directory) };
  }

  /** What relative paths in the file are meant from. */
  get #folder(): string {
    return this.#file === undefined ? process.cwd() : dirname(resolve(this.#file));
  }

  #rawMap(name: string): Raw {
    const value = this.#raw[name] ?? {};
    if (isMapValue(value)) return value;
    this.problems.add(this.#source, [name], 'expected a map');
    return {};
  }

  #collectors(portable: boolean, fallback: TimingFallback): CollectorConfig[] {
    const raw = this.#rawMap('collectors');
    const { disable_defaults: disableDefaults = false, ...entries } = raw;
    if (typeof disableDefaults !== 'boolean') {
      this.problems.add(this.#source, ['collectors', 'disable_defaults'], 'expected true or false');
    }
    const known = this.#definitions(portable);
    const anywhere = [...this.#definitions(true).keys(), ...this.#definitions(false).keys()];
    for (const name of Object.keys(entries)) {
      if (anywhere.includes(name)) continue;
      const hint = suggestion(name, anywhere);
      this.problems.add(this.#source, ['collectors', name], `unknown collector${hint}`, true);
    }
    return [...known.values()].flatMap((definition) => {
      const named = definition.name in entries;
      const value = named ? entries[definition.name] : definition.enabled && disableDefaults !== true;
      if (value === false) return [];
      const base = ['collectors', definition.name];
      const given = value === true || value === null || value === undefined ? {} : value;
      if (!isMapValue(given)) {
        this.problems.add(this.#source, base, 'expected true, false or a map of options');
        return [];
      }
      if (definition.instances === undefined) return this.#collector(definition, given, { base, fallback });
      const place = { base, source: this.#source, problems: this.problems };
      const instances = instanceEntries(given, definition, place);
      // Several may stand in one line.
      for (const { options, path } of instances)
        this.problems.hideSecrets(definition.config, options, this.#source, path);
      return instances.flatMap(({ options, path }) => this.#collector(definition, options, { base: path, fallback }));
    });
  }

  /** The collectors that can run here: in portable mode those that read kernel files are left out. */
  #definitions(portable: boolean): Map<string, AnyCollector> {
    const definitions = portable
      ? [
          ...this.#registry.portable,
          ...this.#registry.collectors.filter(({ source }) => !/^\/(?:proc|sys)/.test(source)),
        ]
      : this.#registry.collectors;
    const byName = new Map<string, AnyCollector>();
    for (const definition of definitions) {
      if (!byName.has(definition.name)) byName.set(definition.name, definition);
    }
    return new Map([...byName].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #collector(
    definition: AnyCollector,
    given: Raw,
    { base, fallback }: { base: ConfigPath; fallback: TimingFallback },
  ): CollectorConfig[] {
    const common: Raw = { schedule: definition.schedule, timeout: definition.timeout };
    const own: Raw = {};
    for (const [key, option] of Object.entries(given)) {
      if (key in commonOptions.shape) common[key] = option;
      else own[key] = option;
    }
    for (const key of Object.keys(common)) if (common[key] === undefined) delete common[key];
    this.#refuseRivals(definition, own, base);
    const timing = this.problems.check(commonOptions, common, this.#source, base);
    const options = this.problems.check(definition.config, own, this.#source, base, Object.keys(commonOptions.shape));
    if (timing === undefined || options === undefined) return [];
    if (timing.memory_limit !== undefined && timing.isolate === undefined) {
      this.problems.add(
        this.#source,
        [...base, 'memory_limit'],
        'needs "isolate: process"; else the memory is the daemon\'s',
        true,
      );
    }
    const maxSeries = fallback.maxSeries ?? definition.maxSeries;
    const isolation = this.#isolation(definition, timing, own, base);
    const name = definition.instances === undefined ? definition.name : instanceName(definition.name, options);
    return [
      {
        name,
        definition,
        options,
        ...timingOf(timing, { ...fallback, maxSeries }),
        ...(isolation === undefined ? {} : { isolation }),
      },
    ];
  }

  #isolation(
    definition: AnyCollector,
    { isolate, memory_limit: memoryLimit = defaultMemoryLimit }: z.output<typeof commonOptions>,
    own: Raw,
    base: ConfigPath,
  ): Isolation | undefined {
    if (isolate === undefined) return undefined;
    const { plugin } = definition;
    const { collectors, portable } = this.#registry;
    const given = new Secret(JSON.stringify(own));
    if (plugin !== undefined) return { origin: { kind: 'plugin', file: plugin.file }, memoryLimit, given };
    const list = portable.includes(definition) ? 'portable' : 'collectors';
    if (definition.instances === undefined && [...collectors, ...portable].includes(definition))
      return { origin: { kind: 'built-in', list }, memoryLimit, given };
    this.problems.add(this.#source, [...base, 'isolate'], 'this collector cannot be given a process of its own');
    return undefined;
  }

  /** Refuses an option beside its old name, and an include beside an exclude, under whatever name. */
  #refuseRivals({ aliases = {}, combinable = [] }: AnyCollector, options: Raw, base: ConfigPath): void {
    const given = new Map<string, string>();
    const refuse = (key: string, rival: string): void =>
      this.problems.add(this.#source, [...base, key], `cannot be given together with ${rival}`, true);
    for (const key of Object.keys(options)) {
      // An empty pattern is none.
      if (!options[key]) continue;
      const name = aliases[key] ?? key;
      const rival = given.get(name);
      if (rival === undefined) given.set(name, key);
      else if (key in aliases) refuse(key, rival);
      else refuse(rival, key);
    }
    for (const [name, include] of given) {
      const filter = /^(.+)_include$/.exec(name)?.[1];
      const exclude = filter === undefined || combinable.includes(filter) ? undefined : given.get(`${filter}_exclude`);
      if (exclude !== undefined) refuse(exclude, include);
    }
  }

  #modules(): Map<string, ModuleConfig> {
    const modules = new Map<string, ModuleConfig>();
    const raw = { http_2xx: { prober: 'http' }, ...this.#rawMap('modules') };
    for (const [name, value] of Object.entries(raw)) {
      const module = loadModule(name, value, ['modules', name], this.#registry.probers, this.#source, this.problems);
      if (module !== undefined) modules.set(name, module);
    }
    return modules;
  }
}

/** What a config may say, its plugins included; of the mistakes in it only those of plugins are thrown. */
export async function loadRegistry(input: ConfigInput, registry: Registry): Promise<Registry> {
  const loader = new Loader(input, registry);
  const before = loader.problems.count;
  const extended = await loader.registry();
  if (loader.problems.count > before) loader.problems.throwIfAny();
  return extended;
}

/**
 * Loads the config of a daemon. Throws `ConfigError` with every mistake in it.
 */
export async function loadConfig(input: ConfigInput, registry: Registry): Promise<Config> {
  for (;;) {
    try {
      return await new Loader(input, registry).load();
    } catch (error) {
      // One for regular expressions, one for CEL; a config without either loads none.
      if (!(error instanceof EngineMissing)) throw error;
      await error.load();
    }
  }
}
