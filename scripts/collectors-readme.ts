/** Renders `collectors/README.md`: every collector and prober with its source, options and families. */
import type { AnyCollector, FamilyHead } from '../src/collector.ts';
import { checkFamilies } from '../src/checks/check.ts';
import { commonOptions, type Registry } from '../src/config/config.ts';
import { optionDocs } from '../src/config/options.ts';
import type { AnyProber } from '../src/prober.ts';
import { runFamilies } from '../src/runner.ts';
import type { z } from '../src/config/schema.ts';
import { cell, code, table } from './markdown.ts';

function familyTable(families: readonly FamilyHead[]): string {
  const byName = families.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const rows = byName.map(({ name, type, labelNames, help }) => [
    code(name),
    type,
    code(labelNames.join(', ')),
    cell(help),
  ]);
  return table(['family', 'type', 'labels', 'help'], rows);
}

function optionTable(config: z.ZodObject): string {
  const rows = optionDocs(config).map(({ key, kind, default: value, description }) => [
    code(key),
    cell(kind),
    value === undefined ? '' : code(JSON.stringify(value)),
    cell(description),
  ]);
  return table(['option', 'kind', 'default', 'meaning'], rows);
}

function collectorSection({
  name,
  summary,
  source,
  schedule,
  enabled,
  config,
  families,
  instances,
  differences = [],
}: AnyCollector): string {
  const facts = [
    `Source: ${source}.`,
    `Schedule: ${schedule ?? "the config's default"}.`,
    enabled ? 'On by default.' : 'Off by default.',
  ].join(' ');
  const notes =
    differences.length === 0
      ? ''
      : `Differs from node_exporter on purpose:\n\n${differences.map((text) => `- ${text}\n`).join('')}\n`;
  const list =
    instances === undefined
      ? ''
      : `${instances.description} Each entry of \`${instances.key}\` is a collector of its own, called \`${name}:NAME\`, with a schedule, a deadline and limits of its own, and:\n\n`;
  return `### ${name}\n\n${summary}\n\n${facts}\n\n${notes}${list}${optionTable(config)}${familyTable(families)}`;
}

function proberSection({ name, summary, phases, config, families }: AnyProber): string {
  return `### ${name}\n\n${summary}\n\nPhases: ${phases.join(', ')}.\n\n${optionTable(config)}${familyTable(families)}`;
}

/** The whole file. */
export function renderCollectorsReadme({ collectors, portable, probers }: Registry): string {
  const overview = collectors.map(({ name, enabled, schedule, summary }) => [
    `[${name}](#${name})`,
    enabled ? 'on' : 'off',
    schedule ?? 'default',
    cell(summary),
  ]);
  const common = optionDocs(commonOptions).map(({ key, kind, description }) => [`\`${key}\``, kind, cell(description)]);
  return `# Collectors and probers

Made by \`npm run docs\` from the code; do not edit.

Every collector also takes:

${table(['option', 'kind', 'meaning'], common)}
Every collector also serves:

${familyTable(runFamilies)}
A file or folder that \`/proc\` or \`/sys\` lacks is looked for again after 30 seconds: what comes with a module or a device
is served by then.

## Collectors

${table(['collector', 'default', 'schedule', 'what it reports'], overview)}
${collectors.map(collectorSection).join('\n')}
## Portable collectors

On macOS and Windows, and where \`source: portable\` is set, these stand for the collectors of the same name.

${portable.map(collectorSection).join('\n')}
## Probers

Every check serves:

${familyTable(checkFamilies)}
${probers.map(proberSection).join('\n')}`;
}
