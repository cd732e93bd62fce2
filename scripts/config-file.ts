/** Renders `config/vitald.yml`: every option with its meaning, commented out at its default. */
import { stringify } from 'yaml';
import type { AnyCollector, Instances } from '../src/collector.ts';
import {
  checkFileOptions,
  checkOptions,
  commonOptions,
  type Registry,
  sections,
  settings,
} from '../src/config/config.ts';
import { type OptionDoc, optionDocs } from '../src/config/options.ts';

const width = 110;

/** A sentence as comment lines. */
function comment(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + word.length > width) {
      lines.push(`${indent}# ${line}`);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, `${indent}# ${line}`];
}

function yamlValue(value: unknown): string {
  return stringify(value, { flowCollectionPadding: false, collectionStyle: 'flow', lineWidth: 0 }).trim();
}

/** An option at its default; one without a default shows its kind, behind a second comment sign. */
function optionLines({ key, kind, default: value, description }: OptionDoc, indent: string): string[] {
  const setting = value === undefined ? `${indent}# ${key}: <${kind}>` : `${indent}${key}: ${yamlValue(value)}`;
  return [...comment(description, indent), setting];
}

function commented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `# ${line}`));
}

/** A list of entries at its default, which is none, below the options of an entry. */
function instanceLines({ key, description }: Instances, config: AnyCollector['config']): string[] {
  const options = optionDocs(config).flatMap((option) => optionLines(option, '      # '));
  return [
    ...comment(`${description} Each takes ${Object.keys(commonOptions.shape).join(', ')}, and:`, '    '),
    ...options.map((line) => line.replace(/^ {6}# # /, '    #   # ').replace(/^ {6}# /, '    #   ')),
    `    ${key}: []`,
  ];
}

function collectorLines({
  name,
  summary,
  enabled,
  schedule,
  timeout,
  maxSeries,
  config,
  instances,
}: AnyCollector): string[] {
  const common = Object.entries({ schedule, timeout, max_series: maxSeries }).flatMap(([key, value]) =>
    value === undefined ? [] : [`    ${key}: ${value}`],
  );
  const options =
    instances === undefined
      ? optionDocs(config).flatMap((option) => optionLines(option, '    '))
      : instanceLines(instances, config);
  // An option without a default leaves a mere comment: the map would be empty, and mean the collector's default state.
  const body = [...common, ...options];
  const isEmpty = body.every((line) => line.trim().startsWith('#'));
  if (isEmpty) return [...comment(summary, '  '), `  ${name}: ${enabled}`, ...body];
  const state = enabled ? [] : [`  # (off unless it is named)`];
  return [...comment(summary, '  '), ...state, `  ${name}:`, ...body];
}

/** The whole file. */
export function renderConfigFile({ collectors, probers }: Registry): string {
  const parts: string[] = [
    '# The configuration of vitald. Every option stands here at its default, commented out; what is not commented out',
    '# is the default configuration. A key that does not exist is refused, with its line and a suggestion.',
    '#',
    '# Durations are written 30s or 1h30m. A schedule is a duration that divides the minute, the hour or the day, or a',
    '# cron expression of five or six fields. ${NAME} reads the environment, ${file:PATH} a file or a credential of the unit.',
    '# Each option can be given as a flag: collectors.filesystem.mount_points_exclude is',
    '# --collector.filesystem.mount-points-exclude, web.listen_addresses is --web.listen-address.',
    '',
    ...commented(optionDocs(settings).flatMap((option) => optionLines(option, ''))),
  ];
  for (const [name, section] of Object.entries(sections)) {
    const lines = optionDocs(section).flatMap((option) => optionLines(option, '  '));
    parts.push('', ...commented([`${name}:`, ...lines]));
  }
  parts.push(
    '',
    '# Collectors, by the names that node_exporter gives them. true turns one on, false off; a map sets options and',
    '# turns it on. Each also takes:',
    ...commented(optionDocs(commonOptions).flatMap((option) => optionLines(option, '  # '))),
    ...commented(['collectors:', '  # Turn off every collector that is not named here.', '  disable_defaults: false']),
    ...collectors.flatMap((collector) => commented(collectorLines(collector))),
  );
  parts.push(
    '',
    "# How to probe, in blackbox_exporter's format. Without a module of its own a check uses http_2xx, a plain GET that",
    '# wants a status of 2xx. The options of each prober are listed in collectors/README.md.',
    ...commented(['modules:', '  http_2xx:', '    prober: http']),
    `# The probers are ${probers.map(({ name }) => name).join(', ')}.`,
    '',
    '# Collectors and probers from elsewhere: files relative to this one (.js, .mjs, and .ts where this Node.js runs it), and',
    '# npm packages named vitald-plugin-*. What they add is configured above, under its own name.',
    '# plugins: []',
    '',
    '# More checks, from files: globs, relative to this file. Such a file is a list of checks, as below, or a list of groups',
    '# of targets in YAML or JSON, as file_sd of Prometheus has them. An entry that is a map says what holds for all of its',
    '# files and takes:',
    ...commented(optionDocs(checkFileOptions).flatMap((option) => optionLines(option, '  # '))),
    '# and options under the name of its prober.',
    '# check_files: []',
    '',
    '# What to probe. Each check takes:',
    ...commented(optionDocs(checkOptions).flatMap((option) => optionLines(option, '  # '))),
    '# and, under the name of its prober, options that are laid over its module for this check alone.',
    'checks:',
    '  # The daemon itself, so that there is something to see.',
    '  - name: vitald',
    '    target: http://127.0.0.1:9100/-/healthy',
    '    schedule: 15s',
    '',
  );
  return parts.join('\n');
}
