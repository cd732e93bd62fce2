import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type AlertRule, ruleFiles } from '../../scripts/prometheus-rules.ts';
import { programPath, temporaryFolder } from '../support/program.ts';
import { certificateCases } from '../support/rule-cases/certificates.ts';
import { checkCases } from '../support/rule-cases/checks.ts';
import { hostCases } from '../support/rule-cases/host.ts';
import { networkCases } from '../support/rule-cases/network.ts';
import { type RuleCase, type Series, target } from '../support/rule-cases/rule-case.ts';
import { storageCases } from '../support/rule-cases/storage.ts';
import { vitaldCases } from '../support/rule-cases/vitald.ts';

const files = ruleFiles();
const cases: Readonly<Record<string, readonly RuleCase[]>> = {
  'certificates.rules.yml': certificateCases,
  'checks.rules.yml': checkCases,
  'host.rules.yml': hostCases,
  'network.rules.yml': networkCases,
  'storage.rules.yml': storageCases,
  'vitald.rules.yml': vitaldCases,
};

function promtool(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(programPath('promtool'), args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

/** A series of a case with job and instance, unless it names its own. */
function onTarget(series: string, instance: string = target.instance): string {
  const [, name = '', own = ''] = /^([\w:]+)(?:\{(.*)\})?$/.exec(series) ?? [];
  const added = Object.entries({ ...target, instance })
    .filter(([label]) => !new RegExp(`\\b${label}="`).test(own))
    .map(([label, value]) => `${label}="${value}"`);
  return `${name}{${[...added, ...(own === '' ? [] : [own])].join(',')}}`;
}

function nameOf(series: string): string {
  return /^[\w:]+/.exec(series)![0];
}

interface InputSeries {
  readonly series: string;
  readonly values: string;
}

function inputs(series: Series, instance?: string): InputSeries[] {
  return Object.entries(series).map(([key, values]) => ({ series: onTarget(key, instance), values }));
}

/** The case as groups of promtool's unit tests: one that fires, though all is well on another host, and the others. */
function testGroups(
  { alert, fires, quiet, labels, summary, at = '40m', interval = '1m', bare }: RuleCase,
  rule: AlertRule,
) {
  const expected = {
    exp_labels: { ...rule.labels, ...(bare === true ? {} : target), ...labels },
    exp_annotations: {
      summary,
      action: rule.annotations.action.replaceAll(
        /\{\{ \$labels\.(\w+) \}\}/g,
        (_, label: string) => labels?.[label] ?? '',
      ),
    },
  };
  return [
    {
      name: `${alert} fires`,
      interval,
      input_series: [...inputs(fires), ...(bare === true ? [] : inputs(quiet[0], 'db-1:9100'))],
      alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: [expected] }],
    },
    ...quiet.map((series, at_) => ({
      name: `${alert} is quiet ${at_}`,
      interval,
      input_series: inputs(series),
      alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: [] }],
    })),
  ];
}

/** What promtool says of the cases of a rule file. */
function unitTest(path: string, groups: readonly object[]): { status: number | null; output: string } {
  const file = join(temporaryFolder(), 'rules.test.yml');
  writeFileSync(file, stringify({ rule_files: [path], evaluation_interval: '1m', tests: groups }));
  return promtool('test', 'rules', file);
}

test('there are cases for every file of rules, and none else', () => {
  expect(files.map(({ name }) => name)).toEqual(Object.keys(cases));
});

describe.each(files)('$name', ({ name, path, alerts }) => {
  const own = cases[name] ?? [];

  test('is taken by promtool without a warning', () => {
    const { status, output } = promtool('check', 'rules', '--lint-fatal', path);

    expect(output).toContain('SUCCESS');
    expect(status).toBe(0);
  });

  test('has a case, firing and not firing, for every alert', () => {
    expect([...new Set(own.map(({ alert }) => alert))]).toEqual(alerts.map(({ alert }) => alert));
    for (const { alert, fires, quiet } of own) {
      const names = new Set(Object.keys(fires).map(nameOf));
      for (const series of quiet) {
        const missing = [...names].filter((each) => !Object.keys(series).some((key) => nameOf(key) === each));
        expect(missing, `${alert} is quiet because a series is missing`).toEqual([]);
      }
    }
  });

  test('fires and is quiet where it should, and says what a person can read', () => {
    const groups = own.flatMap((each) =>
      testGroups(
        each,
        alerts.find(({ alert }) => alert === each.alert)!,
      ),
    );

    const { status, output } = unitTest(path, groups);

    expect(output).toContain('SUCCESS');
    expect(status).toBe(0);
  });

  test('has for every alert a severity, a summary and what to do', () => {
    for (const { alert, labels, annotations } of alerts) {
      expect(alert).toMatch(/^[A-Z]\w+$/);
      expect(['critical', 'warning', 'info', 'none'], alert).toContain(labels.severity);
      expect(Object.keys(annotations), alert).toEqual(['summary', 'action']);
      expect(annotations.action.length, alert).toBeGreaterThan(20);
    }
  });
});

test('no two alerts or records have one name', () => {
  const names = files.flatMap(({ alerts, records }) => [
    ...alerts.map((a) => a.alert),
    ...records.map((r) => r.record),
  ]);

  expect(new Set(names).size).toBe(names.length);
});

test('a case that is wrong would be found', () => {
  const { path, alerts } = files.find(({ name }) => name === 'host.rules.yml')!;
  const [first] = hostCases;
  const rule = alerts.find(({ alert }) => alert === first!.alert)!;
  const wrong = [
    { ...first!, fires: first!.quiet[0] },
    { ...first!, quiet: [first!.fires] as const },
    { ...first!, summary: 'something else' },
  ];

  expect(wrong.map((each) => unitTest(path, testGroups(each, rule)).status)).toEqual([1, 1, 1]);
});
