import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ruleFiles } from '../../scripts/prometheus-rules.ts';
import { httpServer } from '../support/daemons.ts';
import {
  fetchText,
  freePort,
  programPath,
  startDaemon,
  startProgram,
  temporaryFolder,
  until,
} from '../support/program.ts';
import { hurriedRules, startPrometheus } from '../support/prometheus.ts';

const example = 'config/examples/alertmanager/alertmanager.yml';
const text = readFileSync(example, 'utf8');

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: string; readonly inhibitedBy: readonly string[] };
}

/** Alerts as `name of check`, without those about anything else. */
function aboutChecks(alerts: readonly { labels: Readonly<Record<string, string>> }[]): string[] {
  const names = alerts
    .filter(({ labels }) => labels['check'] !== undefined)
    .map(({ labels }) => `${labels['alertname']} of ${labels['check']}`);
  return [...new Set(names)].toSorted();
}

test('amtool takes the example, and would not take one with an unknown receiver', () => {
  expect(execFileSync(programPath('amtool'), ['check-config', example], { encoding: 'utf8' })).toContain('SUCCESS');

  const wrong = join(temporaryFolder(), 'alertmanager.yml');
  writeFileSync(wrong, text.replace('receiver: pager', 'receiver: pagr'));
  expect(spawnSync(programPath('amtool'), ['check-config', wrong]).status).not.toBe(0);
});

test('the example names no alert that the rules do not have', () => {
  const known = new Set(ruleFiles().flatMap(({ alerts }) => alerts.map(({ alert }) => alert)));
  const named = [...text.matchAll(/alertname[!=~]+"([^"]+)"/g)].flatMap(([, names = '']) => names.split('|'));

  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test.each([
  ['CheckDown', 'critical', 'pager'],
  ['CheckSlow', 'warning', 'team'],
  ['CheckRemoved', 'info', 'journal'],
  ['CheckInMaintenance', 'none', 'nobody'],
])('%s goes, being %s, to %s', (alert, severity, receiver) => {
  const labels = [`alertname=${alert}`, `severity=${severity}`];
  const output = execFileSync(programPath('amtool'), [
    'config',
    'routes',
    'test',
    `--config.file=${example}`,
    ...labels,
  ]);

  expect(output.toString().trim()).toBe(receiver);
  const rule = ruleFiles()
    .flatMap(({ alerts }) => alerts)
    .find((each) => each.alert === alert);
  expect(rule?.labels.severity).toBe(severity);
});

test('of a router that is down and the checks behind it, only the router is told to a person', async () => {
  const told: { path: string; alerts: readonly Alert[] }[] = [];
  const receiver = await httpServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      told.push({ path: request.url!, alerts: (JSON.parse(body) as { alerts: Alert[] }).alerts });
      response.end();
    });
  });
  const folder = temporaryFolder();
  const file = join(folder, 'alertmanager.yml');
  // As it is shipped, but for where it sends to and how long it waits.
  writeFileSync(
    file,
    text.replaceAll('http://alerts.example/', receiver.url).replace('group_wait: 30s', 'group_wait: 10s'),
  );
  const port = await freePort();
  const { output } = startProgram(programPath('prometheus-alertmanager'), [
    `--config.file=${file}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
  ]);
  const ready = () => fetchText(`http://127.0.0.1:${port}/-/ready`).catch(() => '');
  await until(async () => (await ready()) !== '', output);

  const daemon = await startDaemon(`
defaults: { schedule: 1s }
modules: { tcp: { prober: tcp, timeout: 2s } }
checks:
  - { name: router, target: "127.0.0.1:1", module: tcp, schedule: 1s }
  - { name: proxy, target: "127.0.0.1:1", module: tcp, schedule: 1s, depends_on: router }
  - { name: shop, target: "127.0.0.1:1", module: tcp, schedule: 1s, depends_on: proxy }
  - { name: sleeping, target: "127.0.0.1:1", module: tcp, schedule: 1s, maintenance: [{ schedule: "* * * * *", duration: 2m }] }
  - { name: alone, target: "127.0.0.1:1", module: tcp, schedule: 1s }
`);
  await startPrometheus({ job: 'node', target: daemon.url, rules: hurriedRules(), alertmanager: `127.0.0.1:${port}` });

  const down = ['alone', 'proxy', 'router', 'shop', 'sleeping'].map((name) => `CheckDown of ${name}`);
  const paged = () => aboutChecks(told.filter(({ path }) => path === '/pager').flatMap(({ alerts }) => alerts));
  await until(() => paged().length >= 2, output, 60_000);
  const alerts = JSON.parse(await fetchText(`http://127.0.0.1:${port}/api/v2/alerts`)) as Alert[];
  const downs = alerts.filter(({ labels }) => labels['alertname'] === 'CheckDown');

  expect(aboutChecks(downs)).toEqual(down);
  expect(aboutChecks(downs.filter(({ status }) => status.state === 'suppressed'))).toEqual(
    ['proxy', 'shop', 'sleeping'].map((name) => `CheckDown of ${name}`),
  );
  expect(paged()).toEqual(['CheckDown of alone', 'CheckDown of router']);
  expect(
    aboutChecks(told.flatMap((message) => message.alerts)).filter((each) => /proxy|shop|sleeping/.test(each)),
  ).toEqual([]);
});
