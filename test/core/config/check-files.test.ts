import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { http } from '../../../collectors/probe/http.ts';
import { tcp } from '../../../collectors/probe/tcp.ts';
import { unix } from '../../../collectors/probe/unix.ts';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/errors.ts';
import { configFolder, httpServer, startTestedDaemon } from '../../support/daemons.ts';

const registry = { collectors: [], portable: [], probers: [http, tcp, unix] };

async function load(files: Record<string, string>): Promise<Config> {
  const folder = configFolder(files);
  return loadConfig({ file: join(folder.path, 'vitald.yml'), platform: 'linux' }, registry);
}

/** The mistakes of a config, each as `file:line:column: message` without the folder. */
async function mistakes(files: Record<string, string>): Promise<string[]> {
  try {
    await load(files);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ where, message }) => `${where.split('/').at(-1)}: ${message}`);
  }
}

const main = 'check_files: ["checks.d/*.yml"]\n';

describe('check files', () => {
  test('add their checks to those of the config, file by file in the order of their names', async () => {
    const { checks } = await load({
      'vitald.yml': `${main}checks: [{ name: own, target: a }]`,
      'checks.d/20-b.yml': 'checks:\n  - { name: b, target: b.example }',
      'checks.d/10-a.yml': '- { name: a, targets: [x, y], labels: { team: web } }',
      'checks.d/not-this.txt': '%%%',
      'checks.d/30-empty.yml': '',
    });

    expect(checks.map(({ name }) => name)).toEqual(['own', 'a/x', 'a/y', 'b']);
    expect(checks[1]!.labels).toEqual({ team: 'web' });
  });

  test('may be depended on as lists, also while they are empty', async () => {
    const { checks } = await load({
      'vitald.yml': `
check_files: [{ files: "sd/*.yml", name: routers }, "other/*.yml"]
checks:
  - { name: shop, target: s, depends_on: [routers, none, gone] }
  - { name: lists, targets: [x, y], depends_on: [shop] }
  - { name: cart, target: c, depends_on: [lists, "list*/x"] }
`,
      'sd/a.yml': '[]',
      'other/none.yml': '- targets: []',
      'other/gone.yml': '[]',
    });

    expect(checks.map(({ name, list, dependsOn }) => [name, list, dependsOn])).toEqual([
      ['shop', undefined, ['routers', 'none', 'gone']],
      ['lists/x', 'lists', ['shop']],
      ['lists/y', 'lists', ['shop']],
      ['cart', undefined, ['lists', 'list*/x']],
    ]);
  });

  test("of Prometheus' file_sd, in YAML and in JSON, take the module and the schedule from the entry that names them", async () => {
    const { checks } = await load({
      'vitald.yml': `
modules: { port: { prober: tcp, timeout: 2s } }
check_files:
  - { files: "sd/*.yml", name: ports, module: port, schedule: 30s, labels: { from: sd, team: all }, failing_after: 3 }
  - { files: ["sd/*.json"], http: { method: HEAD } }
`,
      'sd/a.yml': '- targets: ["a:1", "b:2"]\n  labels: { team: db, __meta_zone: x }\n- targets: []\n',
      'sd/web.json': '[{"targets": ["https://user:pw@c.example/x?token=1"], "labels": {"team": "web"}}]',
    });

    expect(checks.map(({ name, module, schedule }) => [name, module.name, schedule.source])).toEqual([
      ['ports/a:1', 'port', '30s'],
      ['ports/b:2', 'port', '30s'],
      ['web/https://c.example/x', 'http_2xx', '5s'],
    ]);
    expect(checks[0]!.labels).toEqual({ from: 'sd', team: 'db' });
    expect(checks[0]!.failingAfter).toBe(3);
    expect(checks[0]!.timeoutMs).toBe(2000);
    expect((checks[2]!.module.options as { method: string }).method).toBe('HEAD');
  });

  test("of Prometheus' file_sd may have labels that the series have already, which are renamed as it renames them", async () => {
    const { checks } = await load({
      'vitald.yml': 'check_files: [web.yml]',
      'web.yml': '- targets: [a.example]\n  labels: { module: http_2xx, check: x, phase: y, team: db }\n',
    });

    expect(checks[0]!.labels).toEqual({
      exported_module: 'http_2xx',
      exported_check: 'x',
      exported_phase: 'y',
      team: 'db',
    });
  });

  test('may say otherwise than the entry that names them', async () => {
    const { checks } = await load({
      'vitald.yml': `
modules: { port: { prober: tcp } }
check_files: [{ files: checks.yml, schedule: 1m, http: { method: HEAD } }]
`,
      'checks.yml': '- { name: a, target: a, schedule: 2m }\n- { name: b, target: "b:1", module: port }',
    });

    expect(checks.map(({ schedule }) => schedule.source)).toEqual(['2m', '1m']);
  });

  test('read variables as the config does', async () => {
    const folder = configFolder({ 'vitald.yml': main, 'checks.d/a.yml': '- { name: a, target: "${HOST}:80" }' });
    const { checks } = await loadConfig(
      { file: join(folder.path, 'vitald.yml'), environment: { HOST: 'shop' } },
      registry,
    );
    expect(checks[0]!.target).toBe('shop:80');
  });
});

describe('a mistake', () => {
  test('in a check file is told at its place in that file, all files at once', async () => {
    expect(
      await mistakes({
        'vitald.yml': `${main}chekcs: []`,
        'checks.d/a.yml': '- { name: a, target: a, timeuot: 5s }\n- name: b\n  target: b\n  module: http_3xx',
        'checks.d/b.yml': 'checks: 7',
        'checks.d/c.yml': 'checks:\n  - { name: a, target: again }\nmore: 1',
        'checks.d/d.yml': '- targets: [x]\n  label: {}\n',
        'checks.d/e.yml': '- [',
      }),
    ).toEqual([
      'vitald.yml:2:1: chekcs: unknown option; did you mean "checks"?',
      'a.yml:1:25: 0.timeuot: unknown option; did you mean "timeout"?',
      'a.yml:4:11: 1.module: unknown module "http_3xx"; did you mean "http_2xx"?',
      'b.yml:1:9: checks: expected a list of checks, or of groups of targets',
      'c.yml:3:1: more: unknown option; a file of checks has only "checks"',
      'd.yml:2:3: 0.label: unknown option; a group of targets has "targets" and "labels"',
      expect.stringMatching(/^e\.yml:1:\d+: /) as string,
    ]);
  });

  test('in an entry of check_files is told once, and not for each check of its files', async () => {
    const files = { 'checks.d/a.yml': '- { name: a, target: a }\n- { name: b, target: b }' };
    expect(
      await mistakes({
        ...files,
        'vitald.yml': `check_files:
  - { files: "checks.d/*.yml", module: nope }
  - { files: "checks.d/*.yml", schedule: 90s }
  - { files: "checks.d/*.yml", http: { methd: GET } }
  - { file: x }
  - missing.yml
  - 7
`,
      }),
    ).toEqual([
      'vitald.yml:2:40: check_files.0.module: unknown module "nope"',
      expect.stringContaining('vitald.yml:3:42: check_files.1.schedule: "90s" is not a period') as string,
      'vitald.yml:4:40: check_files.2.http.methd: unknown option; did you mean "method"?',
      expect.stringContaining('check_files.3') as string,
      expect.stringContaining('check_files.3.file: unknown option; did you mean "files"?') as string,
      'vitald.yml:6:5: check_files.4: there is no file missing.yml',
      'vitald.yml:7:5: check_files.5: expected a file, or a map of options',
    ]);
  });

  test('of two checks with one name is told where the second stands', async () => {
    expect(
      await mistakes({
        'vitald.yml': `${main}checks: [{ name: a, target: x }]`,
        'checks.d/a.yml': '- { name: a, target: y }',
        'checks.d/b.yml': '- { name: list, targets: [p, q, p] }',
      }),
    ).toEqual([
      'a.yml:1:11: 0.name: another check is named "a"',
      'b.yml:1:33: 0.targets.2: another check is named "list/p"',
    ]);
  });

  test('in what a check depends on: an unknown name, a pattern that nothing fits, itself, a circle', async () => {
    expect(
      await mistakes({
        'vitald.yml': `
checks:
  - { name: router, target: r }
  - { name: list, targets: [a, b] }
  - { name: shop, target: s, depends_on: [ruoter] }
  - { name: cart, target: c, depends_on: lists/* }
  - { name: self, target: c, depends_on: self }
  - { name: one, target: c, depends_on: [two, router] }
  - { name: two, target: c, depends_on: [three] }
  - { name: three, target: c, depends_on: [one] }
`,
      }),
    ).toEqual([
      'vitald.yml:5:30: checks.2.depends_on: unknown check "ruoter"; did you mean "router"?',
      'vitald.yml:6:42: checks.3.depends_on: no check is named like "lists/*"; did you mean "list/a"?',
      'vitald.yml:7:42: checks.4.depends_on: depends on itself: self -> self',
      'vitald.yml:8:29: checks.5.depends_on: depends on itself: one -> two -> three -> one',
    ]);
  });

  test('in what a list depends on is told once, with the way around', async () => {
    expect(
      await mistakes({
        'vitald.yml': `
checks:
  - { name: core, targets: [a, b, c], depends_on: core }
  - { name: edge, targets: [a, b], depends_on: inner }
  - { name: inner, targets: [a, b], depends_on: "edge/*" }
`,
      }),
    ).toEqual([
      'vitald.yml:3:51: checks.0.depends_on: depends on itself: core/a -> core -> core/a',
      'vitald.yml:4:48: checks.1.depends_on: depends on itself: edge/a -> inner -> inner/a -> edge/* -> edge/a',
    ]);
  });

  test('in a label that the series of a check have already is told at the label', async () => {
    expect(
      await mistakes({
        'vitald.yml': `
check_files:
  - { files: "sd/*.yml", labels: { reason: x } }
  - { files: "more/*.yml", labels: { team: x } }
`,
        'sd/a.yml': '- targets: [a, b]',
        'more/b.yml': '- name: b\n  target: b\n  labels: { check: y }',
      }),
    ).toEqual([
      'vitald.yml:3:36: check_files.0.labels.reason: "reason" cannot be a label of a check: vitald_check_failures_total has it already',
      'b.yml:3:13: 0.labels.check: "check" cannot be a label of a check: it is the name of the check',
    ]);
  });

  test('in a check that others depend on is not told at each of them', async () => {
    expect(
      await mistakes({
        'vitald.yml': 'checks:\n  - { name: a, target: x, nope: 1 }\n  - { name: b, target: x, depends_on: a }',
      }),
    ).toEqual(['vitald.yml:2:27: checks.0.nope: unknown option']);
  });

  test('in thresholds, windows and addresses is told at its place', async () => {
    expect(
      await mistakes({
        'vitald.yml': `
modules: { sock: { prober: unix } }
checks:
  - { name: a, target: x, failing_after: 0 }
  - { name: b, target: x, maintenance: [{ schedule: "0 3 * * 0", duration: 0s }] }
  - { name: c, target: x, maintenance: [{ schedule: "0 3 L * *", duration: 1h }] }
  - { name: d, target: x, maintenance: [{ schedule: "0 3 * * *", duration: 1h, timezone: Vienna }] }
  - { name: e, target: /run/x, module: sock, addresses: all }
`,
      }),
    ).toEqual([
      'vitald.yml:4:42: checks.0.failing_after: must be at least 1, found 0',
      'vitald.yml:5:76: checks.1.maintenance.0.duration: must be between 1s and 31d',
      'vitald.yml:6:53: checks.2.maintenance.0.schedule: a maintenance window cannot be given by L, W or #; name the days',
      'vitald.yml:7:90: checks.3.maintenance.0.timezone: is not a time zone; write it like "Europe/Vienna"',
      'vitald.yml:8:57: checks.4.addresses: the targets of the unix prober have no addresses',
    ]);
  });
});

describe('a daemon that watches', () => {
  test('takes up a check file that comes, that changes and that goes', async () => {
    const { url } = await httpServer((_request, response) => response.end('ok'));
    const tested = await startTestedDaemon(
      'watch: true\ncollectors: { disable_defaults: true }\ncheck_files: [{ files: "sd/*.json", name: web, schedule: 1h }]',
      { files: { 'sd/none.txt': '' } },
    );
    const group = (path: string) => JSON.stringify([{ targets: [`${url}${path}`], labels: { team: 'web' } }]);

    tested.folder.write('sd/a.json', group('one'));
    await tested.eventually(`probe_success{check="web/${url}one",team="web"}`, 1);

    tested.folder.write('sd/a.json', group('two'));
    await tested.eventually(`probe_success{check="web/${url}two",team="web"}`, 1);
    expect(await tested.value(`probe_success{check="web/${url}one",team="web"}`)).toBeUndefined();

    tested.folder.write('sd/a.json', '[]');
    await tested.eventually(`probe_success{check="web/${url}two",team="web"}`, undefined);
  });
});
