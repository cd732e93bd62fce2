import { describe, expect, test } from 'vitest';
import { builtIn } from '../../collectors/index.ts';
import { dashboards } from '../../scripts/dashboards/index.ts';
import { renderDashboard } from '../../scripts/dashboards/render.ts';

interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: Place;
  readonly collapsed?: boolean;
  readonly datasource?: { readonly uid: string };
  readonly panels?: readonly Panel[];
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
  readonly fieldConfig?: {
    readonly defaults: { readonly unit?: string; readonly thresholds?: object };
    readonly overrides: readonly { readonly properties: readonly { readonly id: string }[] }[];
  };
}

interface Rendered {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
}

const rendered = Object.entries(dashboards).map(
  ([name, dashboard]) => [name, JSON.parse(renderDashboard(dashboard)) as Rendered] as const,
);

function overlap(a: Place, b: Place): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

test('the dashboards keep their uids, by which links and updates go', () => {
  expect(rendered.map(([name, { uid, title }]) => [name, uid, title])).toEqual([
    ['host', 'vitald-host', 'vitald / Host'],
    ['checks', 'vitald-checks', 'vitald / Checks'],
    ['vitald', 'vitald-daemon', 'vitald / Daemon'],
  ]);
});

describe.each(rendered)('the dashboard %s', (_, { panels, templating }) => {
  const all = panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
  const shown = all.filter(({ type }) => type !== 'row');
  const exprs = shown.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

  test('places every panel within 24 columns, and none over another', () => {
    for (const [index, panel] of all.entries()) {
      const { x, y, w, h } = panel.gridPos;
      expect([x >= 0, y >= 0, w > 0, h > 0, x + w <= 24], panel.title).toEqual(Array(5).fill(true));
      for (const other of all.slice(index + 1)) {
        expect(overlap(panel.gridPos, other.gridPos), `${panel.title} and ${other.title}`).toBe(false);
      }
    }
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  test('says of every panel what it shows, and in which unit', () => {
    for (const { title, description = '', fieldConfig, targets = [], datasource } of shown) {
      expect(description, title).toMatch(/^[A-Za-z].{10,}\.$/);
      const inTable = fieldConfig!.overrides.flatMap(({ properties }) => properties.map(({ id }) => id));
      expect(fieldConfig!.defaults.unit !== undefined || inTable.includes('unit'), title).toBe(true);
      expect(targets.length, title).toBeGreaterThan(0);
      expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length);
      expect(datasource?.uid, title).toBe('${datasource}');
    }
    expect(new Set(shown.map(({ title }) => title)).size).toBeGreaterThan(shown.length / 2);
  });

  test('names every series of a graph, each by another name', () => {
    for (const { title, type, targets = [] } of shown) {
      if (type !== 'timeseries') continue;
      const legends = targets.map(({ legendFormat }) => legendFormat);
      expect(legends, title).not.toContain('');
      expect(new Set(legends).size, title).toBe(legends.length);
    }
  });

  test('takes rates over what fits the scrape interval and the zoom, never over a fixed time', () => {
    for (const expr of exprs) expect(expr).not.toMatch(/\[\d/);
    expect(exprs.some((expr) => expr.includes('[$__rate_interval]'))).toBe(true);
  });

  test('uses every variable that it has, and no other', () => {
    const declared = templating.list.map(({ name }) => name).filter((name) => name !== 'datasource');
    const used = new Set(exprs.flatMap((expr) => [...expr.matchAll(/"\$([a-z]\w*)"/g)].map(([, name = '']) => name)));

    expect([...used].toSorted()).toEqual(declared.toSorted());
  });

  test('keeps the panels of a folded row inside it', () => {
    const rows = panels.filter(({ type }) => type === 'row');

    expect(rows.length).toBeGreaterThan(2);
    expect(rows.map(({ panels: inside = [] }) => inside.length > 0)).toEqual(rows.map(({ collapsed }) => collapsed));
  });
});

test('the dashboard of the checks knows the phases of every prober that has them', () => {
  const families = builtIn.probers.flatMap(({ families }) => families);
  const phased = families.filter(({ labelNames }) => labelNames.some((name) => name.startsWith('phase')));
  const [, { panels }] = rendered.find(([name]) => name === 'checks')!;
  const expr = panels.find(({ title }) => title === 'Duration by phase')!.targets![0]!.expr;
  const [, pattern = ''] = /__name__=~"([^"]+)"/.exec(expr) ?? [];

  const names = [...new Set(phased.map(({ name }) => name))];
  expect(names.length).toBeGreaterThan(3);
  expect(names.filter((name) => !new RegExp(`^(?:${pattern})$`).test(name))).toEqual([]);
});
