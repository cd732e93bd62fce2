/** Which labels a check may not give to its series, because they have them already. */
import { checkFamilies } from '../checks/check.ts';
import type { AnyProber } from '../prober.ts';
import type { Problems, Source } from './problems.ts';
import type { Raw } from './raw.ts';

const ofProber = new WeakMap<AnyProber, ReadonlyMap<string, string>>();

/** The labels that series of a prober's checks have, each with one family that has it. */
function ownLabels(prober: AnyProber): ReadonlyMap<string, string> {
  let known = ofProber.get(prober);
  if (known === undefined) {
    const families = [...prober.families, ...checkFamilies];
    known = new Map(families.flatMap(({ name, labelNames }) => labelNames.map((label) => [label, name] as const)));
    ofProber.set(prober, known);
  }
  return known;
}

/** Why a label cannot be one of a check; undefined where it can. */
function clashOf(label: string, prober: AnyProber | undefined): string | undefined {
  if (label === 'check') return 'it is the name of the check';
  const family = prober === undefined ? undefined : ownLabels(prober).get(label);
  return family === undefined ? undefined : `${family} has it already`;
}

/**
 * Labels that others wrote, for programs that give series none of their own: one that clashes is renamed as Prometheus
 * renames those of a target that it scrapes. Labels with two underscores are for its relabelling, which drops them.
 */
export function labelsOfDiscovery(labels: Readonly<Raw>, prober: AnyProber | undefined): Raw {
  return Object.fromEntries(
    Object.entries(labels)
      .filter(([label]) => !label.startsWith('__'))
      .map(([label, value]) => [clashOf(label, prober) === undefined ? label : `exported_${label}`, value]),
  );
}

/** Notes labels that would be overridden, on all series of a check or on some. */
export function refuseOwnLabels(
  labels: Readonly<Record<string, string>>,
  prober: AnyProber | undefined,
  problems: Problems,
  at: { readonly source: Source; readonly path: readonly (string | number)[] },
): void {
  for (const label of Object.keys(labels)) {
    const why = clashOf(label, prober);
    if (why === undefined) continue;
    problems.add(at.source, [...at.path, 'labels', label], `"${label}" cannot be a label of a check: ${why}`, true);
  }
}
