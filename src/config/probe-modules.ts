/** The modules that `/probe` may be asked for have to exist. */
import type { ModuleConfig } from './config.ts';
import { type Problems, type Source, suggestion } from './problems.ts';

/** Notes the names that no module has; a module with a mistake of its own, in `raw` alone, is told there. */
export function refuseUnknownModules(
  names: readonly string[],
  modules: ReadonlyMap<string, ModuleConfig>,
  raw: Readonly<Record<string, unknown>>,
  source: Source,
  problems: Problems,
): void {
  for (const [index, name] of names.entries()) {
    if (modules.has(name) || name in raw) continue;
    const hint = suggestion(name, [...modules.keys()]);
    problems.add(source, ['probe', 'modules', index], `unknown module "${name}"${hint}`);
  }
}
