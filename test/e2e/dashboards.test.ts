import { expect, test } from 'vitest';
import { type RuleFile, ruleFiles } from '../../scripts/prometheus-rules.ts';
import { dashboards } from '../../scripts/dashboards/index.ts';
import { testCertificates } from '../support/certificates.ts';
import { httpServer } from '../support/daemons.ts';
import { chosen, grafanaDashboard, panelQueries } from '../support/grafana-json.ts';
import { lacking } from '../support/host-lacks.ts';
import { freePort, programPath, startDaemon, startProgram, until } from '../support/program.ts';
import { hurriedRules, startPrometheus, type TestedPrometheus } from '../support/prometheus.ts';
import { familyOf, selectorsOf } from '../support/promql.ts';
import { answering, ok, tlsBeast } from '../support/zoo.ts';

/** Something that is asked, and by whom. */
interface Asked {
  readonly by: string;
  readonly expr: string;
  /** Labels of which each must be on some series of the answer. */
  readonly labels?: readonly string[];
}

/** What has no series while all is well, with the reason; each must be asked for. */
const emptyOnPurpose: readonly { readonly expr: RegExp; readonly because: string }[] = [
  { expr: /vitald_collector_runs_total\{.*result!~"success\|no_data"\}.* > 0$/, because: 'no collector fails' },
  { expr: /^vitald_check_runs_total\{result!="success"\}$/, because: 'no prober hangs; it starts with the first' },
  { expr: /reason="config"/, because: 'no check is misconfigured; it starts with the first failure' },
];

/** The values of a label that a variable offers, as an expression. */
function valuesOf(query: string): string {
  const [, series = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query)!;
  return `group by (${label}) (${series})`;
}

/** Everything that a dashboard asks for, as it stands in the file to import. */
function askedByDashboard(name: string): Asked[] {
  const dashboard = grafanaDashboard(name);
  const { title, annotations, templating } = dashboard;
  return [
    ...panelQueries(dashboard).map(({ panel, expr, labels }) => ({ by: `${title}, ${panel}`, expr, labels })),
    ...annotations.list.map((annotation) => ({ by: `${title}, ${annotation.name}`, expr: annotation.expr })),
    ...templating.list.flatMap(({ name: variable, query }) =>
      typeof query === 'string' ? [] : [{ by: `${title}, variable ${variable}`, expr: valuesOf(query.query) }],
    ),
  ].map((asked) => ({ ...asked, expr: chosen(asked.expr) }));
}

/** Everything that rules ask for: their selectors, as the expression of an alert is empty while all is well. */
function askedByRules(files: readonly RuleFile[]): Asked[] {
  return files.flatMap(({ alerts, records }) => [
    ...records.map(({ record }) => ({ by: `record ${record}`, expr: record })),
    ...[...alerts, ...records].flatMap((rule) =>
      selectorsOf(rule.expr).map((expr) => ({ by: 'alert' in rule ? rule.alert : rule.record, expr })),
    ),
  ]);
}

/** Why an answer may be empty here. */
function excuseFor(expr: string): string | undefined {
  const records = new Map(ruleFiles().flatMap((file) => file.records.map((each) => [each.record, each.expr] as const)));
  const names = selectorsOf(expr).flatMap((found) => {
    const name = familyOf(found);
    return [name, ...selectorsOf(records.get(name) ?? '').map(familyOf)];
  });
  const lack = lacking.find(({ names: pattern, has }) => names.some((name) => pattern.test(name)) && !has());
  return lack?.without ?? emptyOnPurpose.find((each) => each.expr.test(expr))?.because;
}

async function unanswered(prometheus: TestedPrometheus, asked: readonly Asked[]): Promise<Asked[]> {
  const answers = await Promise.all(asked.map(({ expr }) => prometheus.query(expr)));
  return asked.filter(({ labels = [] }, index) => {
    const answer = answers[index]!;
    return answer.length === 0 || !labels.every((label) => answer.some(({ metric }) => metric[label] !== undefined));
  });
}

/** Asks until only what may be empty has no answer, and gives that. */
async function leftOpen(
  prometheus: TestedPrometheus,
  asked: readonly Asked[],
  output: () => string,
  excused: (expr: string) => boolean = () => false,
): Promise<readonly Asked[]> {
  const mayBeEmpty = (expr: string): boolean => excuseFor(expr) !== undefined || excused(expr);
  let open = asked;
  const describe = (): string => {
    const missing = open.filter(({ expr }) => !mayBeEmpty(expr)).map(({ by, expr }) => `${by}: ${expr}`);
    return `without an answer:\n${missing.join('\n')}\n${output().slice(-2000)}`;
  };
  await until(
    async () => {
      open = await unanswered(prometheus, open);
      return open.every(({ expr }) => mayBeEmpty(expr));
    },
    describe,
    90_000,
  );
  return open;
}

interface RuleHealth {
  readonly name: string;
  readonly health: string;
  readonly alerts?: readonly { readonly annotations: Readonly<Record<string, string>> }[];
}

async function rulesOf(prometheus: TestedPrometheus): Promise<RuleHealth[]> {
  const { groups } = await prometheus.ask<{ groups: { rules: RuleHealth[] }[] }>('rules');
  return groups.flatMap(({ rules }) => rules);
}

test('the selectors of an expression are found, and nothing else', () => {
  const expr =
    'sum without (reason) (increase(vitald_check_failures_total{reason="a{b"}[5m])) > on (instance, check) up unless instance:node_x:ratio offset 1h';

  expect(selectorsOf(expr)).toEqual(['vitald_check_failures_total{reason="a{b"}', 'up', 'instance:node_x:ratio']);
  expect(selectorsOf('absent(vitald_build_info)')).toEqual(['vitald_build_info']);
});

test('a real Prometheus that scrapes a real vitald has an answer to all that dashboards and rules ask', async () => {
  const { good, expired, root } = testCertificates();
  const page = await httpServer((_, response) => response.end('fine'));
  const secure = await tlsBeast(answering(ok()), good);
  const redirecting = await tlsBeast(
    answering(`HTTP/1.1 302 Found\r\nLocation: ${secure.url}/\r\nContent-Length: 0\r\n\r\n`),
    good,
  );
  const old = await tlsBeast(answering(ok()), expired);
  const daemon = await startDaemon(`
defaults: { schedule: 1s }
collectors: { filesystem: { schedule: 1s }, inventory: { schedule: 5s }, textfile: { max_age: 1h } }
modules:
  http_2xx: { prober: http, timeout: 2s, http: { tls_config: { ca_file: ${root.certFile} } } }
  tcp: { prober: tcp, timeout: 2s }
  icmp: { prober: icmp, timeout: 2s, icmp: { count: 3 } }
checks:
  - { name: up, target: "${page.url}", schedule: 1s }
  - { name: every, target: "http://localhost:${page.port}/", schedule: 1s, addresses: all }
  - { name: wrong, target: "${page.url}", schedule: 1s, http: { valid_status_codes: [500] } }
  - { name: down, target: "127.0.0.1:1", module: tcp, schedule: 1s }
  - { name: behind, target: "127.0.0.1:1", module: tcp, schedule: 1s, depends_on: down }
  - { name: sleeping, target: "127.0.0.1:1", module: tcp, schedule: 1s, maintenance: [{ schedule: "* * * * *", duration: 2m }] }
  - { name: redirecting, target: "${redirecting.url}", schedule: 1s }
  - { name: old, target: "${old.url}", schedule: 1s }
  - { name: near, target: "127.0.0.1", module: icmp, schedule: 1s }
`);
  const prometheus = await startPrometheus({
    job: 'node',
    target: daemon.url,
    rules: hurriedRules(),
  });
  const asked = [...Object.keys(dashboards).flatMap(askedByDashboard), ...askedByRules(ruleFiles())];

  const open = await leftOpen(prometheus, asked, daemon.output);
  const reasons = [...new Set(open.map(({ expr }) => excuseFor(expr)))];
  process.stdout.write(`of ${asked.length} questions ${open.length} have no answer here: ${reasons.join(', ')}\n`);
  // Nothing is excused that is not asked.
  for (const { expr } of emptyOnPurpose) expect(asked.some((each) => expr.test(each.expr))).toBe(true);
  // A virtual machine without any such hardware has an answer to nearly all.
  expect(open.length).toBeLessThan(asked.length / 5);
  const rules = await rulesOf(prometheus);
  expect(rules.length).toBeGreaterThan(90);
  expect(rules.filter(({ health }) => health === 'err').map(({ name }) => name)).toEqual([]);
  // The text of an alert asks too, which no expression shows.
  const saysWhy = async (): Promise<boolean> => {
    const alerts = (await rulesOf(prometheus)).flatMap((rule) => rule.alerts ?? []);
    return alerts.some(({ annotations }) => annotations['summary'] === 'down is down, mostly for the reason connect');
  };
  await until(saysWhy, () => 'CheckDown does not say why', 30_000);
});

test('the dashboard and the rules of a host get their answers from node_exporter too', async () => {
  const address = `127.0.0.1:${await freePort()}`;
  const { output } = startProgram(programPath('prometheus-node-exporter'), [
    `--web.listen-address=${address}`,
    '--collector.processes',
  ]);
  const prometheus = await startPrometheus({ job: 'node', target: `http://${address}`, rules: hurriedRules() });
  const files = ruleFiles().filter(({ name }) => /^(?:host|storage|network)\./.test(name));
  const asked = [...askedByDashboard('host'), ...askedByRules(files)];
  // What is vitald's own; what Debian's node_exporter is too old for; and alerts, as none need fire.
  const excused = (expr: string): boolean => /^(?:vitald_|node_kernel_hung_|ALERTS)/.test(expr);

  const open = await leftOpen(prometheus, asked, output, excused);

  expect(asked.length).toBeGreaterThan(150);
  expect(open.length).toBeLessThan(asked.length / 4);
});
