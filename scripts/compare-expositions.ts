/** What two expositions of one host have and have not in common, family by family. */
import type { ParsedFamily, ParsedSample } from '../src/exposition/parse.ts';

/** In what way a family differs. */
export type DifferenceKind = 'missing' | 'type' | 'help' | 'labels' | 'series' | 'value';

/** One difference of a family. */
export interface Difference {
  readonly family: string;
  readonly kind: DifferenceKind;
  readonly detail: string;
}

/** A difference that is meant: for which families, in what way, and why. */
export interface Exception {
  readonly family: RegExp;
  readonly kinds: readonly DifferenceKind[];
  readonly why: string;
}

/** What came of a comparison. */
export interface Comparison {
  /** Families of the first that the second has, too. */
  readonly compared: number;
  readonly series: number;
  /** Series whose value did not move in the first and was compared. */
  readonly values: number;
  readonly differences: readonly Difference[];
  /** Differences that an exception explains. */
  readonly excused: readonly (Difference & { readonly why: string })[];
  /** Families that only the second has. */
  readonly extra: readonly string[];
}

/** What tells a series apart: suffix and labels. Prometheus takes an empty label for an absent one. */
function seriesKey({ labels, suffix = '' }: ParsedSample): string {
  const pairs = Object.entries(labels).filter(([, value]) => value !== '');
  return `${suffix}{${pairs
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}}`;
}

function valuesOf(family: ParsedFamily | undefined): Map<string, number> {
  return new Map(family?.samples.map((sample) => [seriesKey(sample), sample.value]));
}

function labelNames(family: ParsedFamily): string {
  const names = new Set<string>();
  for (const { labels } of family.samples) {
    for (const [name, value] of Object.entries(labels)) if (value !== '') names.add(name);
  }
  return [...names].toSorted().join(',');
}

function first(items: readonly string[]): string {
  return `${items.slice(0, 3).join(' ')}${items.length > 3 ? ` and ${items.length - 3} more` : ''}`;
}

/** One family at the first and the last scrape, and the values that no scrape found moved. */
interface Observed {
  readonly family: ParsedFamily;
  readonly last: ParsedFamily | undefined;
  readonly still: ReadonlyMap<string, number>;
}

function observe(scrapes: readonly (readonly ParsedFamily[])[]): Observed[] {
  const [first = [], ...rest] = scrapes;
  const later = rest.map((scrape) => new Map(scrape.map((parsed) => [parsed.family.name, parsed])));
  return first.map((parsed) => {
    const values = later.map((scrape) => valuesOf(scrape.get(parsed.family.name)));
    const still = [...valuesOf(parsed)].filter(([key, value]) => values.every((at) => Object.is(at.get(key), value)));
    return { family: parsed, last: later.at(-1)?.get(parsed.family.name), still: new Map(still) };
  });
}

function compareFamily({ family: a, last, still }: Observed, b: ParsedFamily): Omit<Difference, 'family'>[] {
  const found: Omit<Difference, 'family'>[] = [];
  if (a.family.type !== b.family.type) found.push({ kind: 'type', detail: `${a.family.type} and ${b.family.type}` });
  if (a.family.help !== b.family.help) {
    found.push({ kind: 'help', detail: `${JSON.stringify(a.family.help)} and ${JSON.stringify(b.family.help)}` });
  }
  if (labelNames(a) !== labelNames(b))
    found.push({ kind: 'labels', detail: `{${labelNames(a)}} and {${labelNames(b)}}` });
  const before = valuesOf(a);
  const after = valuesOf(last);
  const other = valuesOf(b);
  // A series that came or went in between is nobody's fault.
  const missing = [...before.keys()].filter((key) => !other.has(key) && after.has(key));
  const extra = [...other.keys()].filter((key) => !before.has(key) && !after.has(key));
  if (missing.length > 0) found.push({ kind: 'series', detail: `only in the first: ${first(missing)}` });
  if (extra.length > 0) found.push({ kind: 'series', detail: `only in the second: ${first(extra)}` });
  const moved = [...still].flatMap(([key, value]) => {
    const there = other.get(key);
    return there !== undefined && !Object.is(there, value) ? [`${key} ${value} and ${there}`] : [];
  });
  if (moved.length > 0) found.push({ kind: 'value', detail: first(moved) });
  return found;
}

/**
 * Compares families of a host as one program served them, scrape after scrape, with what another served before the last
 * of these. Values that stood still in the first must be the same in the second.
 */
export function compareExpositions(
  scrapes: readonly (readonly ParsedFamily[])[],
  other: readonly ParsedFamily[],
  exceptions: readonly Exception[] = [],
): Comparison {
  const there = new Map(other.map((parsed) => [parsed.family.name, parsed]));
  const observed = observe(scrapes);
  const here = new Set(observed.map(({ family }) => family.family.name));
  const differences: Difference[] = [];
  const excused: (Difference & { why: string })[] = [];
  let compared = 0;
  let series = 0;
  let values = 0;
  for (const one of observed) {
    const { name } = one.family.family;
    const match = there.get(name);
    if (match !== undefined) {
      compared += 1;
      series += one.family.samples.length;
      values += one.still.size;
    }
    const found: Omit<Difference, 'family'>[] =
      match === undefined ? [{ kind: 'missing', detail: 'only in the first' }] : compareFamily(one, match);
    for (const difference of found) {
      const exception = exceptions.find(({ family, kinds }) => family.test(name) && kinds.includes(difference.kind));
      if (exception === undefined) differences.push({ family: name, ...difference });
      else excused.push({ family: name, ...difference, why: exception.why });
    }
  }
  const extra = other.map(({ family }) => family.name).filter((name) => !here.has(name));
  return { compared, series, values, differences, excused, extra };
}
