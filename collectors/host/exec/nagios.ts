/** What a plugin for Nagios or Icinga reports, as samples: its state, and its performance data in base units. */
import { counter, gauge, type Sample } from '../../../src/collector.ts';
import { inOneLine } from './output-tail.ts';
import { parsePerformanceData, type PerformanceDatum, type Range, splitOutput } from './performance-data.ts';
import { inBaseUnit, type Unit, unitOf } from './units.ts';

const datum = ['command', 'label', 'unit'] as const;
const threshold = [...datum, 'bound', 'alert'] as const;

/** The state is served whatever became of the run, all else after runs that gave it. */
export const status = gauge(
  'vitald_nagios_status',
  'The state that the plugin reported at its last run: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.',
  ['command'],
);
const value = gauge('vitald_nagios_performance_data', 'A value that the plugin measured, in the unit given.', datum);
const total = counter('vitald_nagios_performance_data_total', 'A count that the plugin reported.', [
  'command',
  'label',
]);
const warning = gauge(
  'vitald_nagios_performance_data_warning',
  'A bound of the range outside or inside of which the plugin warns.',
  threshold,
);
const critical = gauge(
  'vitald_nagios_performance_data_critical',
  'A bound of the range outside or inside of which the plugin reports a critical state.',
  threshold,
);
const min = gauge('vitald_nagios_performance_data_min', 'The least value that is possible.', datum);
const max = gauge('vitald_nagios_performance_data_max', 'The greatest value that is possible.', datum);
const skipped = gauge(
  'vitald_nagios_performance_data_skipped',
  'Items of performance data that are not served: malformed, named twice, too many, or with too long a label.',
  ['command'],
);

/** Every family, for the documentation. */
export const nagiosFamilies = [status, value, total, warning, critical, min, max, skipped] as const;

const mostItems = 500;
const longestLabel = 200;

function boundsOf({ lower, upper }: Range): ['lower' | 'upper', number][] {
  const bounds: ['lower' | 'upper', number][] = [
    ['lower', lower],
    ['upper', upper],
  ];
  return bounds.filter(([, bound]) => Number.isFinite(bound));
}

function samplesOf(command: string, item: PerformanceDatum): Sample[] {
  const { label, unit: name } = item;
  const unit: Unit = name === 'c' ? unitOf('') : unitOf(name);
  const labels = { command, label, unit: unit.base };
  const samples: Sample[] = [];
  if (item.value !== undefined) {
    if (name === 'c') samples.push(total.sample(item.value, { command, label }));
    else samples.push(value.sample(inBaseUnit(item.value, unit), labels));
  }
  for (const [family, range] of [
    [warning, item.warning],
    [critical, item.critical],
  ] as const) {
    if (range === undefined) continue;
    for (const [bound, at] of boundsOf(range)) {
      samples.push(family.sample(inBaseUnit(at, unit), { ...labels, bound, alert: range.alert }));
    }
  }
  if (item.min !== undefined) samples.push(min.sample(inBaseUnit(item.min, unit), labels));
  if (item.max !== undefined) samples.push(max.sample(inBaseUnit(item.max, unit), labels));
  return samples;
}

/** A report of a plugin. */
export interface Report {
  /** Its first line, fit for a log. */
  readonly text: string;
  readonly samples: readonly Sample[];
}

/** Reads what a plugin wrote. What cannot be served is counted; nothing is an error. */
export function readReport(command: string, output: string): Report {
  const { text, performanceData } = splitOutput(output);
  const { items, malformed } = parsePerformanceData(performanceData);
  const samples: Sample[] = [];
  const seen = new Set<string>();
  let left = malformed;
  for (const item of items) {
    if (seen.size >= mostItems || seen.has(item.label) || item.label.length > longestLabel) left += 1;
    else {
      seen.add(item.label);
      samples.push(...samplesOf(command, item));
    }
  }
  samples.push(skipped.sample(left, { command }));
  return { text: inOneLine(text, 300), samples };
}
