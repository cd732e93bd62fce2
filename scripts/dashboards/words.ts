/** What the dashboards have in common: selectors, colours for common meanings, panels of common shapes. */
import type { Graph, Mapping, Query, Stat, Thresholds, Unit } from './dashboard.ts';

/** The series of a family on the chosen hosts, with further matchers. */
export function at(family: string, matchers = ''): string {
  return `${family}{job=~"$job",instance=~"$instance"${matchers === '' ? '' : `,${matchers}`}}`;
}

/** How fast a counter of the chosen hosts grows, a second. */
export function rate(family: string, matchers = ''): string {
  return `rate(${at(family, matchers)}[$__rate_interval])`;
}

/** How much a counter of the chosen hosts grew in the time that is shown. */
export function grownInRange(family: string, matchers = ''): string {
  return `increase(${at(family, matchers)}[$__range])`;
}

/** The series of a family on the chosen hosts where it is the daemon's: other programs have process_* and nodejs_* too. */
export function ofVitald(family: string): string {
  return `${at(family)} and on (job, instance) vitald_build_info`;
}

/** Of a share that should not come near 1. */
export const fullness: Thresholds = ['green', [0.8, 'yellow'], [0.9, 'red']];

/** Of a number that should be 0. */
export const noneIsGood: Thresholds = ['green', [1, 'red']];

/** Of 0 and 1. */
export const upOrDown: Mapping = { 0: ['down', 'red'], 1: ['up', 'green'] };

/** Of 0 and 1, where 1 is worth a look. */
export const noOrYes: Mapping = { 0: ['no', 'text'], 1: ['yes', 'blue'] };

type Rest<Panel> = Partial<Omit<Panel, 'kind' | 'title' | 'description' | 'unit' | 'queries'>>;

/** A graph, half as wide as the dashboard unless told. */
export function graph(
  title: string,
  description: string,
  unit: Unit,
  queries: readonly Query[],
  rest: Rest<Graph> = {},
): Graph {
  return { kind: 'graph', title, description, unit, queries, width: 12, ...rest };
}

/** One number, six of which stand side by side unless told. */
export function stat(title: string, description: string, unit: Unit, expr: string, rest: Rest<Stat> = {}): Stat {
  return { kind: 'stat', title, description, unit, queries: [['', expr]], width: 4, ...rest };
}
