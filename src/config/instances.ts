/** Collectors of which a config has several: a list of entries, each a collector of its own. */
import type { AnyCollector } from '../collector.ts';
import { commonOptions } from './config.ts';
import type { ConfigPath } from './locate.ts';
import type { Problems, Source } from './problems.ts';
import { isMapValue, type Raw } from './raw.ts';

/** An entry with what holds for the whole list, and where it stands. */
interface InstanceEntry {
  readonly options: Raw;
  readonly path: ConfigPath;
}

/** The name of an instance among all collectors. */
export function instanceName(collector: string, options: object): string {
  return `${collector}:${String((options as { name?: unknown }).name)}`;
}

/** The collector that a name stands for: `exec` of `exec:backup`, any other name itself. */
export function collectorOf(name: string): string {
  return name.replace(/:.*$/s, '');
}

/** The entries of a collector that has instances; what is wrong with the list is noted, with an entry not yet. */
export function instanceEntries(
  given: Raw,
  { instances }: AnyCollector,
  { base, source, problems }: { base: ConfigPath; source: Source; problems: Problems },
): InstanceEntry[] {
  const key = instances?.key ?? '';
  const { [key]: list, ...shared } = given;
  const valid = problems.check(commonOptions, shared, source, base, [key]) !== undefined;
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) {
    problems.add(source, [...base, key], 'expected a list');
    return [];
  }
  const names = new Set<unknown>();
  return list.flatMap((entry: unknown, index) => {
    const path = [...base, key, index];
    if (!isMapValue(entry)) {
      problems.add(source, path, 'expected a map of options');
      return [];
    }
    const { name } = entry;
    if (name !== undefined && names.has(name)) {
      problems.add(source, [...path, 'name'], `another of the ${key} is named ${JSON.stringify(name)}`);
    }
    names.add(name);
    return [{ options: valid ? { ...shared, ...entry } : entry, path }];
  });
}
