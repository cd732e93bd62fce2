/** Renders `config/prometheus/README.md`: every alert with what it means and what to do. */
import { cell, code, table } from './markdown.ts';
import { type RuleFile, ruleFiles } from './prometheus-rules.ts';

/** A summary as a person reads it, with the labels in place of templates. */
function readable(summary: string): string {
  return summary
    .replaceAll(/\{\{ (?:with|if) .*?\}\}.*?\{\{ end \}\}/g, '')
    .replaceAll(/\{\{ ?\$labels\.(\w+) ?\}\}/g, '<$1>')
    .replaceAll(/\{\{[^}]*\$value[^}]*\}\}/g, 'N');
}

function section({ name, about, alerts, records }: RuleFile): string {
  const rows = alerts.map(({ alert, for: duration = '', labels, annotations }) => [
    code(alert),
    labels.severity,
    duration,
    cell(readable(annotations.summary)),
    cell(readable(annotations.action)),
  ]);
  const recorded = records.length === 0 ? '' : `Records ${records.map(({ record }) => code(record)).join(', ')}.\n\n`;
  return `## ${name}\n\n${about}\n\n${table(['alert', 'severity', 'after', 'says', 'what to do'], rows)}${recorded}`;
}

/** The whole file. */
export function renderAlertsReadme(): string {
  const files = ruleFiles();
  const count = files.reduce((sum, { alerts }) => sum + alerts.length, 0);
  return (
    `# Rules for Prometheus

The tables are made by \`npm run docs\` from the rules; do not edit.

${count} alerts in ${files.length} files. Take the files that you need: each stands alone, but for \`certificates.rules.yml\`, which
expects Alertmanager to hold back what \`checks.rules.yml\` says is in maintenance or behind something that is down.

\`\`\`yaml
rule_files: [/etc/prometheus/rules/*.rules.yml]
\`\`\`

Only \`HostDown\` knows a job: \`node\` or \`vitald\`. All others go by the series, so they also fit node_exporter where the
series are its own. \`critical\` wants somebody now, \`warning\` today, \`info\` when there is time; \`none\` is for
[Alertmanager](../examples/alertmanager/alertmanager.yml) only, which holds back other alerts of the same check.

${files.map(section).join('')}`.trimEnd() + '\n'
  );
}
