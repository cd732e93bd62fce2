/** The rules for Prometheus in `config/prometheus`, as data: for the table of alerts and for tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

const folder = new URL('../config/prometheus/', import.meta.url);

/** An alert rule. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly action: string };
}

/** A recording rule. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** A file of rules. */
export interface RuleFile {
  /** Such as `host.rules.yml`. */
  readonly name: string;
  readonly path: string;
  /** What stands in its first comment. */
  readonly about: string;
  readonly alerts: readonly AlertRule[];
  readonly records: readonly RecordingRule[];
}

function load(name: string): RuleFile {
  const path = new URL(name, folder).pathname;
  const text = readFileSync(path, 'utf8');
  const [comment = ''] = /^(?:# .*\n)+/.exec(text) ?? [];
  const { groups } = parse(text) as { groups: { rules: (AlertRule | RecordingRule)[] }[] };
  const rules = groups.flatMap((group) => group.rules);
  return {
    name,
    path,
    about: comment.replaceAll(/^# |\n# |\n$/g, ' ').trim(),
    alerts: rules.filter((rule) => 'alert' in rule),
    records: rules.filter((rule) => 'record' in rule),
  };
}

/** All files, by name. */
export function ruleFiles(): RuleFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.rules.yml'))
    .toSorted()
    .map(load);
}
