/** Which checks are shown and in what order: searched, filtered, grouped; those that need a look come first. */
import type { CheckStateName } from '../api/types.ts';
import type { Check } from './model.ts';
import type { ListView } from './views.ts';

/** A line of the list. */
export type Line =
  | { readonly kind: 'check'; readonly check: Check }
  | { readonly kind: 'group'; readonly name: string; readonly total: number; readonly down: number };

/** States from the one that needs a look most to the one that needs none. */
export const statesByNeed: readonly CheckStateName[] = ['down', 'suppressed', 'maintenance', 'waiting', 'up'];

/** How many checks are in each state. */
export type StateCounts = Readonly<Record<CheckStateName, number>>;

/** Counts states. */
export function countStates(checks: readonly Check[]): StateCounts {
  const counts: Record<CheckStateName, number> = { up: 0, down: 0, waiting: 0, suppressed: 0, maintenance: 0 };
  for (const { state } of checks) counts[state] += 1;
  return counts;
}

/** Checks that contain every word of the search in their name, target, group, labels or reason. */
export function searched(checks: readonly Check[], search: string): readonly Check[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return checks;
  return checks.filter((check) => {
    const text = textOf(check);
    return words.every((word) => text.includes(word));
  });
}

function textOf({ name, target, group, labels, module, reason, detail }: Check): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return [name, target, group, module, reason, detail, ...pairs].join('\n').toLowerCase();
}

/** Labels that some check has, by which a list can be grouped. */
export function groupings(checks: readonly Check[]): string[] {
  const labels = new Set<string>();
  for (const check of checks) for (const label of Object.keys(check.labels)) labels.add(label);
  labels.delete('group');
  const some = checks.some(({ group }) => group !== null) ? ['group'] : [];
  return [...some, ...[...labels].toSorted()];
}

function byNeed(checks: readonly Check[]): Check[] {
  return statesByNeed.flatMap((wanted) => checks.filter(({ state }) => state === wanted));
}

/** The lines of the list. Groups with something down come first, then the order of the config. */
export function linesOf(checks: readonly Check[], groupBy: string): Line[] {
  const asLines = (some: readonly Check[]): Line[] => byNeed(some).map((check) => ({ kind: 'check', check }));
  if (groupBy === '') return asLines(checks);
  const groups = new Map<string, Check[]>();
  for (const check of checks) {
    const name = (groupBy === 'group' ? check.group : check.labels[groupBy]) ?? '';
    const members = groups.get(name);
    if (members === undefined) groups.set(name, [check]);
    else members.push(check);
  }
  const counted = [...groups].map(([name, members]) => ({ name, members, down: countStates(members).down }));
  return [...counted.filter(({ down }) => down > 0), ...counted.filter(({ down }) => down === 0)].flatMap(
    ({ name, members, down }): Line[] => [{ kind: 'group', name, total: members.length, down }, ...asLines(members)],
  );
}

/** The label that a list is grouped by: the one chosen, or `group` where any check has one. */
export function groupByOf(checks: readonly Check[], { groupBy }: ListView): string {
  return groupBy ?? (checks.some(({ group }) => group !== null) ? 'group' : '');
}
