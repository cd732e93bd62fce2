/** The dashboards as they stand in the files to import: what their panels ask, and which labels they show. */
import { readFileSync } from 'node:fs';

/** A panel or a row. */
export interface GrafanaPanel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { expr: string; legendFormat: string }[];
  readonly transformations?: readonly { id: string; options: { renameByName?: Record<string, string> } }[];
  readonly panels?: readonly GrafanaPanel[];
}

/** A dashboard. */
export interface GrafanaDashboard {
  readonly title: string;
  readonly panels: readonly GrafanaPanel[];
  readonly annotations: { readonly list: readonly { name: string; expr: string }[] };
  readonly templating: { readonly list: readonly { name: string; query: string | { query: string } }[] };
}

/** The dashboard in a file of `config/grafana`. */
export function grafanaDashboard(name: string): GrafanaDashboard {
  return JSON.parse(readFileSync(`config/grafana/${name}.json`, 'utf8')) as GrafanaDashboard;
}

/** A query of a panel, and the labels that its answer must have for the panel to show what it should. */
export interface PanelQuery {
  readonly panel: string;
  readonly expr: string;
  readonly labels: readonly string[];
}

function columnsOf({ transformations = [] }: GrafanaPanel): string[] {
  const renamed = transformations.flatMap(({ options }) => Object.keys(options.renameByName ?? {}));
  return renamed.filter((field) => !field.startsWith('Value #'));
}

/** Every query of every panel, those in folded rows included. */
export function panelQueries({ panels }: GrafanaDashboard): PanelQuery[] {
  const all = panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
  return all.flatMap((panel) =>
    (panel.targets ?? []).map(({ expr, legendFormat }) => {
      const inLegend = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      return { panel: panel.title, expr, labels: [...inLegend, ...columnsOf(panel)] };
    }),
  );
}

/** An expression as Grafana would send it with everything chosen. */
export function chosen(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', '10s')
    .replaceAll('$__range', '30s')
    .replaceAll(/"\$[a-z]\w*"/g, '".*"');
}
