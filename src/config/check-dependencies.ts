/** Checks that depend on each other must not do so in a circle. */
import type { CheckConfig } from './config.ts';
import type { Problems, Source } from './problems.ts';

/** A check and where it stands. */
export interface PlacedCheck {
  readonly check: CheckConfig;
  readonly source: Source;
  readonly path: readonly (string | number)[];
}

/** Notes every circle, once, at the first check that is found to be in it. */
export function refuseCycles(checks: ReadonlyMap<string, PlacedCheck>, problems: Problems): void {
  const done = new Set<string>();
  const follow = (name: string, way: readonly string[]): void => {
    const placed = checks.get(name);
    if (placed === undefined || done.has(name)) return;
    const at = way.indexOf(name);
    if (at >= 0) {
      const circle = [...way.slice(at), name].join(' -> ');
      for (const each of way.slice(at)) done.add(each);
      problems.add(placed.source, [...placed.path, 'depends_on'], `depends on itself: ${circle}`);
      return;
    }
    for (const next of placed.check.dependsOn ?? []) follow(next, [...way, name]);
    done.add(name);
  };
  for (const name of checks.keys()) follow(name, []);
}
