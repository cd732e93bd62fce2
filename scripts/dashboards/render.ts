/**
 * Renders a dashboard as the JSON that Grafana imports: panels flow from left to right in rows, every query goes to the
 * data source that the reader picks, and what all panels share is said once.
 */
import type {
  Column,
  Dashboard,
  Graph,
  Mapping,
  Panel,
  Query,
  Row,
  Stat,
  Table,
  Thresholds,
  Timeline,
  Value,
  Variable,
} from './dashboard.ts';

// What Grafana 10.4 writes; newer ones take it and bring it up to date by themselves.
const schemaVersion = 39;

const dataSource = { type: 'prometheus', uid: '${datasource}' };

const heights = { graph: 8, stat: 4, timeline: 9, table: 9 } as const;

function thresholdsOf(thresholds: Thresholds): object {
  const [base, ...steps] = thresholds;
  return {
    mode: 'absolute',
    steps: [{ color: base, value: null }, ...steps.map(([value, color]) => ({ color, value }))],
  };
}

function mappingsOf(mapping: Mapping): object[] {
  const options = Object.entries(mapping).map(([value, [text, color]], index) => [value, { text, color, index }]);
  return [{ type: 'value', options: Object.fromEntries(options) as object }];
}

function valueOf({ unit, thresholds = ['green'], mapping, decimals }: Value): object {
  return {
    unit,
    thresholds: thresholdsOf(thresholds),
    mappings: mapping === undefined ? [] : mappingsOf(mapping),
    ...(decimals === undefined ? {} : { decimals }),
  };
}

function refId(index: number): string {
  return String.fromCodePoint(65 + index);
}

function targets(queries: readonly Query[], options: object = {}): object[] {
  return queries.map(([legendFormat, expr], index) => ({
    refId: refId(index),
    datasource: dataSource,
    editorMode: 'code',
    expr,
    legendFormat,
    range: true,
    ...options,
  }));
}

function graphOptions(graph: Graph): object {
  const { queries, stacked = false, below, min, max, thresholds } = graph;
  return {
    type: 'timeseries',
    targets: targets(queries),
    fieldConfig: {
      defaults: {
        ...valueOf(graph),
        color: { mode: 'palette-classic' },
        custom: {
          drawStyle: 'line',
          lineWidth: 1,
          fillOpacity: stacked ? 40 : 10,
          showPoints: 'never',
          spanNulls: false,
          stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
          thresholdsStyle: { mode: thresholds === undefined ? 'off' : 'dashed' },
        },
        ...(min === undefined ? {} : { min }),
        ...(max === undefined ? {} : { max }),
      },
      overrides:
        below === undefined
          ? []
          : [
              {
                matcher: { id: 'byRegexp', options: `/${below.source}/` },
                properties: [{ id: 'custom.transform', value: 'negative-Y' }],
              },
            ],
    },
    options: {
      legend: { displayMode: 'table', placement: 'bottom', showLegend: true, calcs: ['mean', 'max', 'lastNotNull'] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  };
}

function statOptions(stat: Stat): object {
  return {
    type: 'stat',
    targets: targets(stat.queries, { range: false, instant: true }),
    fieldConfig: { defaults: { ...valueOf(stat), color: { mode: 'thresholds' } }, overrides: [] },
    options: {
      colorMode: 'value',
      graphMode: 'none',
      justifyMode: 'auto',
      orientation: 'auto',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      textMode: 'auto',
      wideLayout: true,
      showPercentChange: false,
      percentChangeColorMode: 'standard',
    },
  };
}

function timelineOptions(timeline: Timeline): object {
  return {
    type: 'state-timeline',
    targets: targets(timeline.queries),
    fieldConfig: {
      defaults: { ...valueOf(timeline), color: { mode: 'thresholds' }, custom: { fillOpacity: 80, lineWidth: 0 } },
      overrides: [],
    },
    options: {
      mergeValues: true,
      showValue: 'never',
      rowHeight: 0.8,
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
      tooltip: { mode: 'single', sort: 'none' },
    },
  };
}

function tableOptions({ columns }: Table): object {
  const valued = columns.filter((column) => 'expr' in column);
  const fieldOf = (column: Column): string =>
    'expr' in column ? `Value #${refId(valued.indexOf(column))}` : column.label;
  const overrides = columns.map((column) => ({
    matcher: { id: 'byName', options: column.name },
    properties:
      'expr' in column
        ? [
            ...Object.entries(valueOf(column)).map(([id, value]) => ({ id, value: value as unknown })),
            ...(column.thresholds === undefined && column.mapping === undefined
              ? []
              : [{ id: 'custom.cellOptions', value: { type: 'color-text' } }]),
          ]
        : column.link === undefined
          ? []
          : [{ id: 'links', value: [column.link] }],
  }));
  return {
    type: 'table',
    targets: targets(
      valued.map(({ expr }) => ['', expr] as const),
      { range: false, instant: true, format: 'table' },
    ),
    fieldConfig: { defaults: { custom: { align: 'auto', filterable: true } }, overrides },
    options: { showHeader: true, showTypeIcons: false, cellHeight: 'sm', frameIndex: 0 },
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          indexByName: Object.fromEntries(columns.map((column, index) => [fieldOf(column), index])),
          renameByName: Object.fromEntries(columns.map((column) => [fieldOf(column), column.name])),
        },
      },
    ],
  };
}

function panelOptions(panel: Panel): object {
  switch (panel.kind) {
    case 'graph':
      return graphOptions(panel);
    case 'stat':
      return statOptions(panel);
    case 'timeline':
      return timelineOptions(panel);
    case 'table':
      return tableOptions(panel);
  }
}

/** All rows as panels at their places. */
function layOut(rows: readonly Row[]): object[] {
  let id = 0;
  let y = 0;
  return rows.flatMap(({ title, panels, folded = false }) => {
    id += 1;
    const row = { id, type: 'row', title, collapsed: folded, gridPos: { x: 0, y, w: 24, h: 1 } };
    y += 1;
    let x = 0;
    let lineHeight = 0;
    const placed = panels.map((panel) => {
      const { width: w, description } = panel;
      const h = panel.kind === 'table' ? (panel.height ?? heights.table) : heights[panel.kind];
      if (x + w > 24) {
        x = 0;
        y += lineHeight;
        lineHeight = 0;
      }
      id += 1;
      const gridPos = { x, y, w, h };
      x += w;
      lineHeight = Math.max(lineHeight, h);
      return { id, title: panel.title, description, datasource: dataSource, gridPos, ...panelOptions(panel) };
    });
    y += lineHeight;
    // Grafana keeps the panels of a folded row inside it.
    const all: object[] = folded ? [{ ...row, panels: placed }] : [{ ...row, panels: [] }, ...placed];
    return all;
  });
}

function variable({ name, label, series, of = name, one = false }: Variable): object {
  const query = `label_values(${series}, ${of})`;
  return {
    name,
    label,
    type: 'query',
    datasource: dataSource,
    query: { query, refId: `variable-${name}` },
    definition: query,
    refresh: 2,
    sort: 1,
    multi: !one,
    includeAll: !one,
    ...(one ? {} : { allValue: '.*', current: { text: ['All'], value: ['$__all'] } }),
  };
}

const dataSourceVariable = { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' };

/** When alerts of `config/prometheus` fired, drawn into all graphs. */
const alertAnnotation = {
  name: 'Alerts',
  datasource: dataSource,
  enable: true,
  iconColor: 'red',
  expr: 'ALERTS{alertstate="firing",severity!="none",job=~"$job",instance=~"$instance"}',
  titleFormat: '{{alertname}}',
  textFormat: '{{instance}} {{check}}',
  step: '60s',
};

/** The JSON to import. */
export function renderDashboard({ uid, title, description, variables, rows }: Dashboard): string {
  const dashboard = {
    uid,
    title,
    description,
    tags: ['vitald'],
    schemaVersion,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    timezone: 'browser',
    templating: { list: [dataSourceVariable, ...variables.map(variable)] },
    annotations: { list: [alertAnnotation] },
    links: [
      {
        title: 'vitald',
        type: 'dashboards',
        tags: ['vitald'],
        asDropdown: true,
        includeVars: true,
        keepTime: true,
        targetBlank: false,
        tooltip: '',
        icon: 'external link',
      },
    ],
    panels: layOut(rows),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
