/** Which labels a check may not give to its series, because they have them already. */
import { checkFamilies } from '../checks/check.ts';
import type { AnyProber } from '../prober.ts';
import type { Problems, Source } from './problems.ts';

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

/** Notes labels that would be overridden, on all series of a check or on some. */
export function refuseOwnLabels(
  labels: Readonly<Record<string, string>>,
  prober: AnyProber | undefined,
  problems: Problems,
  at: { readonly source: Source; readonly path: readonly (string | number)[] },
): void {
  for (const label of Object.keys(labels)) {
    const family = prober === undefined ? undefined : ownLabels(prober).get(label);
    if (label !== 'check' && family === undefined) continue;
    const why = label === 'check' ? 'it is the name of the check' : `${family} has it already`;
    problems.add(at.source, [...at.path, 'labels', label], `"${label}" cannot be a label of a check: ${why}`, true);
  }
}
