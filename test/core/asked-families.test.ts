import { expect, test } from 'vitest';
import { builtIn } from '../../collectors/index.ts';
import { dashboards } from '../../scripts/dashboards/index.ts';
import { ruleFiles } from '../../scripts/prometheus-rules.ts';
import { checkFamilies } from '../../src/checks/check.ts';
import { runFamilies } from '../../src/runner.ts';
import { standsFor } from '../support/declared-names.ts';
import { grafanaDashboard, panelQueries } from '../support/grafana-json.ts';
import { familyOf, matchedLabels, selectorsOf } from '../support/promql.ts';

// What this host lacks no Prometheus here can answer; that it is declared can be seen of all.
const declared = [
  ...[...builtIn.collectors, ...builtIn.probers].flatMap(({ families }) => families),
  ...checkFamilies,
  ...runFamilies,
];

function labelsOf(name: string): string[] | undefined {
  const families = declared.filter((family) => standsFor(family.name, name));
  return families.length === 0 ? undefined : families.flatMap(({ labelNames }) => labelNames);
}

const queries = Object.keys(dashboards).flatMap((name) => panelQueries(grafanaDashboard(name)));
const rules = ruleFiles().flatMap(({ alerts, records }) => [...alerts, ...records]);
const ofHostOrProbe = /^(?:node|probe)_(?!exporter_build_info)/;
/** Of the scrape, of the check, and of a check of every address. */
const everywhere = ['job', 'instance', 'check', 'address', '__name__'];

test('dashboards and rules ask for families that a collector or a prober declares, by labels that they have', () => {
  const selectors = [...queries, ...rules]
    .flatMap(({ expr }) => selectorsOf(expr))
    .filter((each) => ofHostOrProbe.test(each));
  const strange = selectors.filter((found) => {
    const labels = labelsOf(familyOf(found));
    return labels === undefined || matchedLabels(found).some((label) => ![...labels, ...everywhere].includes(label));
  });

  expect(new Set(selectors.map(familyOf)).size).toBeGreaterThan(100);
  expect([...new Set(strange)]).toEqual([]);
});

test('panels name their series by labels that the families have', () => {
  const strange = queries.filter(({ expr, labels }) => {
    const families = selectorsOf(expr).map(familyOf);
    if (!families.every((name) => ofHostOrProbe.test(name))) return false;
    const known = new Set([...families.flatMap((name) => labelsOf(name) ?? []), ...everywhere, 'phase']);
    return labels.some((label) => !known.has(label));
  });

  expect(strange).toEqual([]);
});
