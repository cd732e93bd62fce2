/** The `checks:` of a config: each names a target and a module, and may lay options over that module for itself. */
import { type CheckConfig, checkOptions, type ModuleConfig, timingOf } from './config.ts';

import { type Problems, type Source, suggestion } from './problems.ts';
import type { Schedule, z } from './schema.ts';

type Raw = Record<string, unknown>;

/** What is known when checks are read. */
export interface CheckContext {
  readonly source: Source;
  readonly problems: Problems;
  readonly modules: ReadonlyMap<string, ModuleConfig>;
  readonly rawModules: Raw;
  readonly defaults: { schedule: Schedule; timeoutMs: number };
}

function isMapValue(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A target as a label or a name may show it: without user, password and query. */
export function redactTarget(target: string): string {
  return target.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#@]*@/i, '$1').replace(/[?#].*$/s, '');
}

/** The checks of a config, in its order; mistakes are noted and the checks that have them left out. */
export function loadChecks(value: unknown, context: CheckContext): CheckConfig[] {
  const { problems, source } = context;
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    problems.add(source, ['checks'], 'expected a list of checks');
    return [];
  }
  const names = new Set<string>();
  return value.flatMap((entry, index) =>
    loadEntry(entry, ['checks', index], context).filter(({ name }) => {
      if (!names.has(name)) {
        names.add(name);
        return true;
      }
      problems.add(source, ['checks', index, 'name'], `another check is named ${JSON.stringify(name)}`);
      return false;
    }),
  );
}

function loadEntry(entry: unknown, base: (string | number)[], context: CheckContext): CheckConfig[] {
  const { problems, source, modules, defaults } = context;
  if (!isMapValue(entry)) {
    problems.add(source, base, 'expected a map of options');
    return [];
  }
  const moduleName = typeof entry['module'] === 'string' ? entry['module'] : 'http_2xx';
  const module = modules.get(moduleName);
  const own: Raw = {};
  let laidOver: unknown;
  for (const [key, option] of Object.entries(entry)) {
    if (key === module?.prober.name) laidOver = option;
    else own[key] = option;
  }
  const probers = [...new Set([...modules.values()].map(({ prober }) => prober.name))];
  const head = problems.check(checkOptions, own, source, base, probers);
  if (module === undefined && moduleName in context.rawModules === false) {
    const hint = suggestion(moduleName, [...modules.keys()]);
    problems.add(source, [...base, 'module'], `unknown module "${moduleName}"${hint}`);
  }
  if (head === undefined || module === undefined) return [];
  if ((head.target === undefined) === (head.targets === undefined)) {
    problems.add(source, base, 'needs either target or targets');
    return [];
  }
  const configured = laidOver === undefined ? module : overlayModule(module, laidOver, base, context);
  if (configured === undefined) return [];
  const timing = timingOf(head, { schedule: defaults.schedule, timeoutMs: module.timeoutMs });
  const check = (name: string, target: string): CheckConfig => ({
    name,
    target,
    module: configured,
    labels: head.labels,
    ...timing,
  });
  if (head.target !== undefined) return [check(head.name, head.target)];
  return (head.targets ?? []).map((target) => check(`${head.name}/${redactTarget(target)}`, target));
}

/** The module with a check's own options laid over it, key by key. */
function overlayModule(
  module: ModuleConfig,
  laidOver: unknown,
  base: readonly (string | number)[],
  { problems, source, rawModules }: CheckContext,
): ModuleConfig | undefined {
  const key = module.prober.name;
  if (!isMapValue(laidOver)) {
    problems.add(source, [...base, key], 'expected a map of options');
    return undefined;
  }
  const raw = rawModules[module.name];
  const below = isMapValue(raw) && isMapValue(raw[key]) ? raw[key] : {};
  const options = problems.check(module.prober.config, { ...below, ...laidOver }, source, [...base, key]);
  return options === undefined ? undefined : { ...module, options };
}
