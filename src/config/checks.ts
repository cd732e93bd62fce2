/** The checks of a config: each names a target and a module, and may lay options over that module for itself. */
import { globFiles, groupName, isTargetGroup, namesOneFile, noCheckFiles, readCheckFile } from './check-files.ts';
import type { loadGlob } from './check-files.ts';
import { DependencyWords, isPattern, patternOf, type PlacedCheck, refuseCycles } from './check-dependencies.ts';
import {
  type CheckConfig,
  type CheckFiles,
  checkFileOptions,
  checkOptions,
  defaultProbeTimeoutMs,
  type ModuleConfig,
  type TimingFallback,
  timingOf,
} from './config.ts';
import { labelsOfDiscovery, refuseOwnLabels } from './check-labels.ts';
import { type Problems, type Source, suggestion } from './problems.ts';
import { isMapValue, type Raw } from './raw.ts';
import { redactTarget } from './redact.ts';

type Path = readonly (string | number)[];

/** What is known when checks are read. */
export interface CheckContext {
  readonly source: Source;
  readonly problems: Problems;
  readonly modules: ReadonlyMap<string, ModuleConfig>;
  readonly rawModules: Raw;
  readonly defaults: TimingFallback;
  readonly timezone: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** Where an entry stands, and what holds for it unless it says otherwise. */
interface Place {
  readonly source: Source;
  readonly path: Path;
  readonly defaults: Raw;
  /** What its checks are listed with unless a label says otherwise. */
  readonly group?: string;
}

/** Reads checks; mistakes are noted and the checks that have them left out. */
export class CheckLoader {
  readonly #context: CheckContext;
  readonly #found = new Map<string, PlacedCheck>();
  /** Names of checks that have a mistake, which is told where it is and not where they are named. */
  readonly #mistaken = new Set<string>();
  readonly #lists = new Set<string>();

  constructor(context: CheckContext) {
    this.#context = context;
  }

  /** Adds the value of `checks`. */
  add(value: unknown): void {
    const { problems, source } = this.#context;
    if (value === undefined || value === null) return;
    if (!Array.isArray(value)) {
      problems.add(source, ['checks'], 'expected a list of checks');
      return;
    }
    for (const [index, entry] of value.entries()) {
      this.#addEntry(entry, { source, path: ['checks', index], defaults: {} });
    }
  }

  /** Adds the checks of the files that the value of `check_files` names, relative to `folder`. */
  addFiles(value: unknown, folder: string, globSync: Awaited<ReturnType<typeof loadGlob>> | undefined): CheckFiles {
    const { problems, source } = this.#context;
    if (value === undefined || value === null || globSync === undefined) return noCheckFiles;
    if (!Array.isArray(value)) {
      problems.add(source, ['check_files'], 'expected a list of files');
      return noCheckFiles;
    }
    const all: CheckFiles[] = [];
    for (const [index, entry] of value.entries()) {
      const path = ['check_files', index];
      const before = problems.count;
      const given = typeof entry === 'string' ? { files: entry } : (entry as unknown);
      const defaults = this.#fileDefaults(given, path);
      if (defaults === undefined || problems.count > before) continue;
      const { files, ...rest } = defaults;
      if (typeof rest['name'] === 'string') this.#lists.add(rest['name']);
      for (const pattern of files) {
        const found = globFiles(globSync, [pattern], folder);
        all.push(found);
        const names = found.find();
        if (names.length === 0 && namesOneFile(pattern)) problems.add(source, path, `there is no file ${pattern}`);
        for (const file of names) this.#addFile(file, rest);
      }
    }
    return {
      folders: [...new Set(all.flatMap(({ folders }) => folders))],
      find: () => [...new Set(all.flatMap(({ find }) => find()))],
    };
  }

  /** The checks in their order, when all are there: those that they depend on must be among them. */
  finish(): CheckConfig[] {
    const { problems } = this.#context;
    const placed = [...this.#found.values()];
    const words = new DependencyWords(
      placed.map(({ check }) => check),
      this.#lists,
    );
    // The checks of a list have their words from the same place.
    const told = new Set<readonly string[]>();
    for (const { check, source, path } of placed) {
      const { dependsOn = [] } = check;
      if (told.has(dependsOn)) continue;
      told.add(dependsOn);
      for (const word of dependsOn) {
        if (words.of(word) !== undefined || this.#isMistaken(word)) continue;
        const message = isPattern(word) ? `no check is named like "${word}"` : `unknown check "${word}"`;
        problems.add(source, [...path, 'depends_on'], `${message}${suggestion(word, words.all)}`);
      }
    }
    refuseCycles(this.#found, words, problems);
    return placed.map(({ check }) => check);
  }

  /** Whether a word may well stand for checks that have a mistake. */
  #isMistaken(word: string): boolean {
    if (!isPattern(word)) return this.#mistaken.has(word);
    const matches = patternOf(word);
    return [...this.#mistaken].some((name) => matches(name) || word.startsWith(`${name}/`));
  }

  /** The options of an entry of `check_files`, checked once here so that no check of its files repeats a mistake. */
  #fileDefaults(entry: unknown, path: Path): (Raw & { files: readonly string[] }) | undefined {
    const { problems, source } = this.#context;
    if (!isMapValue(entry)) {
      problems.add(source, path, 'expected a file, or a map of options');
      return undefined;
    }
    const { own, laidOver, module } = this.#split(entry);
    const head = problems.check(checkFileOptions, own, source, path, this.#probers());
    this.#noteUnknownModule(own, source, path);
    if (head !== undefined) refuseOwnLabels(head.labels, module?.prober, problems, { source, path });
    if (module !== undefined && laidOver !== undefined) this.#overlay(module, laidOver, { source, path, defaults: {} });
    return head === undefined ? undefined : { ...entry, files: head.files };
  }

  #addFile(file: string, { name, ...defaults }: Raw): void {
    const { environment, problems } = this.#context;
    const entries = readCheckFile(file, environment, problems);
    const list = typeof name === 'string' ? name : groupName(file);
    // A list of discovery that is empty at present is one all the same.
    if (entries.every(({ entry }) => isTargetGroup(entry))) this.#lists.add(list);
    for (const { source, path, entry } of entries) {
      const place: Place = { source, path, defaults, group: list };
      if (!isTargetGroup(entry)) {
        this.#addEntry(entry, place);
        continue;
      }
      const { targets, labels = {}, ...unknown } = entry;
      for (const key of Object.keys(unknown)) {
        problems.add(source, [...path, key], 'unknown option; a group of targets has "targets" and "labels"', true);
      }
      if (Array.isArray(targets) && targets.length === 0) continue;
      const { prober } = this.#split(this.#withDefaults({ name: list }, defaults)).module ?? {};
      const kept = isMapValue(labels) ? labelsOfDiscovery(labels, prober) : labels;
      this.#addEntry({ name: list, targets, labels: kept }, place);
    }
  }

  #addEntry(entry: unknown, place: Place): void {
    const { problems } = this.#context;
    const { source, path } = place;
    if (!isMapValue(entry)) {
      problems.add(source, path, 'expected a map of options');
      return;
    }
    const before = problems.count;
    for (const [check, key] of this.#checksOf(entry, place)) {
      if (this.#found.has(check.name)) {
        problems.add(source, [...path, ...key], `another check is named ${JSON.stringify(check.name)}`);
      } else this.#found.set(check.name, { check, source, path });
    }
    if (problems.count > before && typeof entry['name'] === 'string') this.#mistaken.add(entry['name']);
  }

  /** The checks of an entry, each with the key that gave it its name. */
  #checksOf(entry: Raw, place: Place): [CheckConfig, Path][] {
    const { problems, defaults, timezone } = this.#context;
    const { source, path } = place;
    const merged = this.#withDefaults(entry, place.defaults);
    const { own, laidOver, module } = this.#split(merged);
    const head = problems.check(checkOptions, own, source, path, this.#probers());
    this.#noteUnknownModule(own, source, path);
    if (head === undefined || module === undefined) return [];
    // Those of its file were looked at there.
    const { labels: ofFile } = place.defaults;
    const ownLabels = isMapValue(ofFile)
      ? Object.fromEntries(Object.entries(head.labels).filter(([label]) => !(label in ofFile)))
      : head.labels;
    refuseOwnLabels(ownLabels, module.prober, problems, place);
    if ((head.target === undefined) === (head.targets === undefined)) {
      problems.add(source, path, 'needs either target or targets');
      return [];
    }
    if (head.addresses === 'all' && module.prober.everyAddress === undefined) {
      problems.add(source, [...path, 'addresses'], `the targets of the ${module.prober.name} prober have no addresses`);
      return [];
    }
    const configured = laidOver === undefined ? module : this.#overlay(module, laidOver, place);
    if (configured === undefined) return [];
    const timing = timingOf(head, {
      ...defaults,
      timeoutMs: module.timeoutMs ?? defaultProbeTimeoutMs,
      maxSeries: defaults.maxSeries ?? module.prober.maxSeries,
    });
    const check = (name: string, target: string, list?: string): CheckConfig => ({
      name,
      target,
      ...(list === undefined ? {} : { list }),
      module: configured,
      labels: head.labels,
      group: head.labels['group'] ?? place.group,
      failingAfter: head.failing_after,
      passingAfter: head.passing_after,
      dependsOn: head.depends_on,
      maintenance: head.maintenance.map((window) => ({
        schedule: window.schedule,
        durationMs: window.duration,
        timezone: window.timezone ?? timezone,
      })),
      everyAddress: head.addresses === 'all',
      ...timing,
    });
    if (head.target !== undefined) return [[check(head.name, head.target), ['name']]];
    return (head.targets ?? []).map((target, index) => [
      check(`${head.name}/${redactTarget(target)}`, target, head.name),
      ['targets', index],
    ]);
  }

  /** An entry with what holds for its whole file below it; labels and options of a prober are joined key by key. */
  #withDefaults(entry: Raw, defaults: Raw): Raw {
    const merged: Raw = { ...defaults, ...entry };
    const { module } = this.#split(merged);
    for (const [key, below] of Object.entries(defaults)) {
      const above = entry[key];
      if (isMapValue(below) && isMapValue(above)) merged[key] = { ...below, ...above };
      // Options for the prober of another module.
      if (above === undefined && key !== module?.prober.name && this.#probers().includes(key)) delete merged[key];
    }
    return merged;
  }

  /** An entry's own options, and those that it lays over its module. */
  #split(entry: Raw): { own: Raw; laidOver: unknown; module: ModuleConfig | undefined } {
    const name = typeof entry['module'] === 'string' ? entry['module'] : 'http_2xx';
    const module = this.#context.modules.get(name);
    const own: Raw = {};
    let laidOver: unknown;
    for (const [key, option] of Object.entries(entry)) {
      if (key === module?.prober.name) laidOver = option;
      else own[key] = option;
    }
    return { own, laidOver, module };
  }

  #probers(): string[] {
    return [...new Set([...this.#context.modules.values()].map(({ prober }) => prober.name))];
  }

  #noteUnknownModule(own: Raw, source: Source, path: Path): void {
    const { modules, rawModules, problems } = this.#context;
    const { module: name = 'http_2xx' } = own;
    if (typeof name !== 'string' || modules.has(name) || name in rawModules) return;
    problems.add(source, [...path, 'module'], `unknown module "${name}"${suggestion(name, [...modules.keys()])}`);
  }

  /** The module with an entry's own options laid over it, key by key. */
  #overlay(module: ModuleConfig, laidOver: unknown, { source, path }: Place): ModuleConfig | undefined {
    const { problems, rawModules } = this.#context;
    const key = module.prober.name;
    if (!isMapValue(laidOver)) {
      problems.add(source, [...path, key], 'expected a map of options');
      return undefined;
    }
    const raw = rawModules[module.name];
    const below = isMapValue(raw) && isMapValue(raw[key]) ? raw[key] : {};
    const options = problems.check(module.prober.config, { ...below, ...laidOver }, source, [...path, key]);
    return options === undefined ? undefined : { ...module, options };
  }
}
