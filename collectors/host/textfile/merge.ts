/**
 * The families of several text files as one exposition, in which a family has one type, one help text and no series
 * twice. The first file that speaks of a family decides; what a later one says otherwise is left out and reported.
 */
import { malformed, type FamilyHead, type Sample } from '../../../src/collector.ts';
import { parseValue, type ParsedFamily, type ParsedSample } from '../../../src/exposition/parse.ts';
import type { FaultyPath, TextFile } from './files.ts';

/** What the files say together. */
export interface Merged {
  readonly samples: readonly Sample[];
  readonly conflicts: readonly FaultyPath[];
}

/** A family as the files tell it so far. */
interface Whole {
  readonly type: FamilyHead['type'];
  help: string | undefined;
  readonly paths: string[];
  readonly labelNames: Set<string>;
  readonly samples: Omit<Sample, 'family'>[];
  readonly seen: Set<string>;
}

type Labels = Readonly<Record<string, string>>;

/** A number as Go writes it, as the bounds of buckets and quantiles are labels and so part of a series' name. */
export function goNumber(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  if (Number.isNaN(value)) return 'NaN';
  if (Object.is(value, -0)) return '-0';
  const [digits = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 6) return String(value);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function seriesKey(suffix: string | undefined, labels: Labels): string {
  const pairs = Object.entries(labels)
    .filter(([, value]) => value !== '')
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([suffix, pairs]);
}

/** The samples with every label that the family has in this file, empty where the sample lacks it. */
function filled({ family, samples }: ParsedFamily, own: string | undefined): ParsedSample[] {
  const names = family.labelNames.filter((name) => name !== own);
  return samples.map((sample) => {
    const labels: Record<string, string> = Object.fromEntries(names.map((name) => [name, sample.labels[name] ?? '']));
    const bound = own === undefined ? undefined : sample.labels[own];
    if (own !== undefined && bound !== undefined && sample.suffix !== '_sum' && sample.suffix !== '_count') {
      labels[own] = goNumber(parseValue(bound)!);
    }
    return { ...sample, labels };
  });
}

interface Parts {
  readonly labels: Labels;
  readonly bounds: ParsedSample[];
  sum: number | undefined;
  count: number | undefined;
}

/** Histograms or summaries made whole: bounds in order, then sum and count, with what the file left out. */
function completed(parsed: ParsedFamily, own: 'le' | 'quantile'): ParsedSample[] {
  const { family } = parsed;
  const groups = new Map<string, Parts>();
  const twice: ParsedSample[] = [];
  for (const sample of filled(parsed, own)) {
    const { [own]: bound, ...labels } = sample.labels;
    const key = seriesKey(undefined, labels);
    let parts = groups.get(key);
    if (parts === undefined) {
      parts = { labels, bounds: [], sum: undefined, count: undefined };
      groups.set(key, parts);
    }
    if (bound !== undefined) parts.bounds.push(sample);
    else if (sample.suffix === '_sum' && parts.sum === undefined) parts.sum = sample.value;
    else if (sample.suffix === '_count' && parts.count === undefined) parts.count = sample.value;
    else twice.push(sample);
  }
  return [...groups.values()]
    .flatMap(({ labels, bounds, sum = 0, count = 0 }) => {
      const sorted = bounds.toSorted((a, b) => parseValue(a.labels[own]!)! - parseValue(b.labels[own]!)!);
      if (own === 'le' && sorted.at(-1)?.labels[own] !== '+Inf') {
        sorted.push({ family, value: count, labels: { ...labels, le: '+Inf' }, suffix: '_bucket' });
      }
      return [
        ...sorted,
        { family, value: sum, labels, suffix: '_sum' },
        { family, value: count, labels, suffix: '_count' },
      ];
    })
    .concat(twice);
}

function samplesOf(parsed: ParsedFamily): ParsedSample[] {
  if (parsed.family.type === 'histogram') return completed(parsed, 'le');
  if (parsed.family.type === 'summary') return completed(parsed, 'quantile');
  return filled(parsed, undefined);
}

/** Merges files in the order given. */
export function mergeFiles(files: readonly Pick<TextFile, 'path' | 'families'>[]): Merged {
  const wholes = new Map<string, Whole>();
  const conflicts: FaultyPath[] = [];

  function add(path: string, parsed: ParsedFamily): void {
    const { name, type, help } = parsed.family;
    let whole = wholes.get(name);
    if (whole === undefined) {
      whole = { type, help: undefined, paths: [], labelNames: new Set(), samples: [], seen: new Set() };
      wholes.set(name, whole);
    }
    if (whole.type !== type)
      throw malformed(path, `${name} is a ${type} here and a ${whole.type} in ${whole.paths[0]}`);
    if (parsed.helpGiven && whole.help !== undefined && whole.help !== help) {
      throw malformed(path, `the help text of ${name} differs from that in ${whole.paths[0]}`);
    }
    if (parsed.helpGiven) whole.help = help;
    whole.paths.push(path);
    for (const { labels, suffix, value } of samplesOf(parsed)) {
      const key = seriesKey(suffix, labels);
      if (whole.seen.has(key)) {
        conflicts.push({ path, error: malformed(path, `${name} has the series ${key} again`) });
        continue;
      }
      whole.seen.add(key);
      for (const label of Object.keys(labels)) whole.labelNames.add(label);
      whole.samples.push({ labels, value, ...(suffix !== undefined && { suffix }) });
    }
  }

  for (const { path, families } of files) {
    for (const parsed of families) {
      try {
        add(path, parsed);
      } catch (error) {
        conflicts.push({ path, error });
      }
    }
  }
  return { samples: [...wholes].flatMap(([name, whole]) => finished(name, whole)), conflicts };
}

function finished(name: string, { type, help, paths, labelNames, samples }: Whole): Sample[] {
  const family: FamilyHead = {
    name,
    type,
    help: help ?? `Metric read from ${paths.join(', ')}`,
    labelNames: [...labelNames].toSorted(),
    mayBeNaN: true,
  };
  return samples.map((sample) => ({ ...sample, family }));
}
