/**
 * What is to be bettered in an exposition that can be served as it is: names, units, suffixes, help, labels, and how many
 * series there are. The conventions are those of Prometheus, https://prometheus.io/docs/practices/naming/ .
 */
import type { FamilyHead } from '../collector.ts';
import type { ParsedFamily } from './parse.ts';

/** One thing to better. */
export interface LintFinding {
  readonly family: string;
  readonly message: string;
}

// Units by the base unit that a name should end in, whole words between underscores.
const baseUnits: readonly (readonly [base: string, others: readonly string[]])[] = [
  [
    'seconds',
    ['ms', 'us', 'ns', 'msec', 'usec', 'nsec', 'sec', 'secs', 'second', 'millis', 'milliseconds', 'microseconds'],
  ],
  ['seconds', ['nanoseconds', 'minutes', 'hours', 'days', 'weeks']],
  [
    'bytes',
    [
      'byte',
      'kb',
      'mb',
      'gb',
      'tb',
      'kib',
      'mib',
      'gib',
      'tib',
      'kilobytes',
      'megabytes',
      'gigabytes',
      'bits',
      'kbit',
      'mbit',
    ],
  ],
  ['ratio', ['percent', 'percentage', 'pct']],
  ['celsius', ['kelvin', 'fahrenheit', 'millidegrees']],
  ['meters', ['kilometers', 'millimeters', 'miles', 'feet']],
  ['volts', ['millivolts', 'mv']],
  ['amperes', ['milliamperes', 'ma']],
  ['joules', ['kwh', 'kilowatthours']],
  ['grams', ['kilograms', 'kg', 'pounds']],
];

const unitOf = new Map(baseUnits.flatMap(([base, others]) => others.map((other) => [other, base] as const)));

// Prometheus sets these on every series of a target; those that come with a scrape are renamed to exported_*.
const setByPrometheus = new Set(['instance', 'job']);

/** More series than this in one family is more than a host has of most things. */
const manySeries = 1_000;
/** Text that stands for one moment or one request, so that each run would make new series. */
const oneTimeValue =
  /^(?:\d{10,13}(?:\.\d+)?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$/i;

function* nameFindings({ name, type }: FamilyHead): Generator<string> {
  const isTotal = name.endsWith('_total');
  if (type === 'counter' && !isTotal) yield 'a counter should have a name that ends in _total';
  if (type !== 'counter' && type !== 'untyped' && isTotal)
    yield `only a counter should end in _total, and this is a ${type}`;
  if (name.includes(':')) yield 'a colon in a name is for recording rules';
  if (/[a-z][A-Z]/.test(name)) yield 'a name should be in snake_case, not in camelCase';
  const structured = type === 'histogram' || type === 'summary';
  const [suffix] = structured ? [] : (/_(?:bucket|sum|count)$/.exec(name) ?? []);
  if (suffix !== undefined && type !== 'untyped')
    yield `a name that ends in ${suffix} is for parts of a histogram or a summary`;
  const words = name.split('_');
  const typeWord = words.find((word) => ['counter', 'gauge', 'histogram', 'summary', 'metric'].includes(word));
  if (typeWord !== undefined) yield `a name should not contain the word ${typeWord}; the TYPE line says it`;
  const last = words.findLast((word) => word !== 'total' && word !== 'info') ?? '';
  const base = words.length > 1 ? unitOf.get(last.toLowerCase()) : undefined;
  if (base !== undefined) yield `the unit ${last} should be ${base}`;
}

function* labelFindings({ family, samples }: ParsedFamily): Generator<string> {
  const names = new Set(samples.flatMap(({ labels }) => Object.keys(labels)));
  for (const label of names) {
    if (label.startsWith('__')) yield `the label ${label} is reserved: two underscores are for Prometheus itself`;
    if (setByPrometheus.has(label)) yield `the label ${label} is one that Prometheus sets`;
    if (/[a-z][A-Z]/.test(label)) yield `the label ${label} should be in snake_case`;
    if (label === 'le' && family.type !== 'histogram') yield 'the label le is for the buckets of a histogram';
    if (label === 'quantile' && family.type !== 'summary') yield 'the label quantile is for a summary';
    const oneTime = samples.find(({ labels }) => oneTimeValue.test(labels[label] ?? ''));
    if (oneTime !== undefined) {
      yield `the label ${label} has values like ${JSON.stringify(oneTime.labels[label])}, so that ever more series come`;
    }
  }
}

function* valueFindings({ family, samples }: ParsedFamily): Generator<string> {
  const { name, type } = family;
  if (samples.length > manySeries)
    yield `has ${samples.length} series; more than ${manySeries} of one family are costly`;
  const values = samples.map(({ value }) => value);
  if (type === 'counter' && values.some((value) => value < 0)) yield 'a counter should not be negative';
  if (name.endsWith('_info') && values.some((value) => value !== 1))
    yield 'a name that ends in _info is for values of 1';
  if (name.endsWith('_timestamp_seconds') && values.some((value) => value > 1e11)) {
    yield 'a timestamp should be in seconds since 1970; this looks like milliseconds';
  }
  if (name.endsWith('_ratio') && values.some((value) => value > 10)) {
    yield 'a ratio should be from 0 to 1; this looks like percent';
  }
}

/** Everything that is to be bettered, family by family. */
export function lint(families: readonly ParsedFamily[]): LintFinding[] {
  return families.flatMap((parsed) => {
    const { family, helpGiven } = parsed;
    const help = helpGiven && family.help.trim() !== '' ? [] : ['has no help text'];
    const messages = [...help, ...nameFindings(family), ...labelFindings(parsed), ...valueFindings(parsed)];
    return messages.map((message) => ({ family: family.name, message }));
  });
}

/** A pattern of a declared name: a `*` or a `<word>` stands for the part that varies. */
function declaredAs(pattern: string): RegExp {
  return new RegExp(`^${pattern.replaceAll(/\*|<[^>]*>/g, '.+')}$`);
}

/** The families that are served though no definition declares them, so that no documentation tells of them. */
export function lintUndeclared(families: readonly ParsedFamily[], declared: readonly FamilyHead[]): LintFinding[] {
  const known = declared.map(({ name }) => declaredAs(name));
  return families
    .filter(({ family }) => !known.some((pattern) => pattern.test(family.name)))
    .map(({ family }) => ({ family: family.name, message: 'is not among the `families` of its definition' }));
}
