/** What the page knows of the daemon, and how an update changes it. Nothing here is changed in place. */
import type {
  CheckColumns,
  CheckDeltas,
  CheckLive,
  CheckStateName,
  CollectorStatus,
  HostAnswer,
  HostChart,
  HostSeries,
  ReasonName,
  Status,
  UpdateEvent,
} from '../api/types.ts';

/** A check as the list shows it. A check that did not change stays the same object. */
export interface Check {
  /** Its place in the config. */
  readonly index: number;
  readonly name: string;
  readonly group: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly target: string;
  readonly module: string;
  readonly prober: string;
  readonly schedule: string;
  readonly state: CheckStateName;
  readonly sinceAt: number | null;
  readonly reason: ReasonName | null;
  readonly detail: string | null;
  readonly lastRunAt: number | null;
  readonly durationSeconds: number | null;
  readonly nextRunAt: number | null;
  readonly certificateExpiresAt: number | null;
  readonly availabilityHour: number | null;
  readonly availabilityDay: number | null;
  readonly availabilityWeek: number | null;
  readonly runCount: number;
  /** A letter for each of the last runs, the newest at the end. */
  readonly strip: string;
}

/** Everything that the page knows; a part is undefined until its answer has come. */
export interface Model {
  readonly status?: Status;
  /** The time of the daemon at the last answer, less that of the browser, in milliseconds. */
  readonly skewMs: number;
  readonly checks?: readonly Check[];
  readonly runCodes: Readonly<Record<string, ReasonName | 'success'>>;
  readonly collectors?: readonly CollectorStatus[];
  readonly host?: HostAnswer;
}

/** What is known before anything is. */
export const nothing: Model = { skewMs: 0, runCodes: {} };

/** How many runs a strip shows. */
export const stripLength = 60;

/** How much of the past the charts of the host show. */
export const hostWindowMs = 3_600_000;

function liveAt(columns: CheckLive, at: number) {
  return {
    state: columns.state[at]!,
    sinceAt: columns.sinceAt[at]!,
    reason: columns.reason[at]!,
    detail: columns.detail[at]!,
    lastRunAt: columns.lastRunAt[at]!,
    durationSeconds: columns.durationSeconds[at]!,
    nextRunAt: columns.nextRunAt[at]!,
    certificateExpiresAt: columns.certificateExpiresAt[at]!,
    availabilityHour: columns.availabilityHour[at]!,
    availabilityDay: columns.availabilityDay[at]!,
    availabilityWeek: columns.availabilityWeek[at]!,
    runCount: columns.runCount[at]!,
  };
}

/** Columns as checks. */
export function checksOf(columns: CheckColumns, offset = 0): Check[] {
  return columns.name.map((name, at) => ({
    index: offset + at,
    name,
    group: columns.group[at]!,
    labels: columns.labels[at]!,
    target: columns.target[at]!,
    module: columns.module[at]!,
    prober: columns.prober[at]!,
    schedule: columns.schedule[at]!,
    ...liveAt(columns, at),
    strip: columns.strip[at]!,
  }));
}

function withDeltas(checks: readonly Check[], deltas: CheckDeltas): Check[] {
  const next = [...checks];
  deltas.index.forEach((index, at) => {
    const known = next[index];
    if (known === undefined) return;
    const live = liveAt(deltas, at);
    const fresh = Math.max(0, live.runCount - known.runCount);
    const runs = deltas.runs[at]!;
    // An answer may have known some of these runs; where runs were missed meanwhile, those that are told are all there is.
    const news = fresh === 0 ? '' : runs.slice(-fresh);
    next[index] = { ...known, ...live, strip: (known.strip + news).slice(-stripLength) };
  });
  return next;
}

function withCollectors(known: readonly CollectorStatus[], news: readonly CollectorStatus[]): CollectorStatus[] {
  const byName = new Map(known.map((each) => [each.name, each]));
  for (const each of news) byName.set(each.name, each);
  return [...byName.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

const keyOf = ({ name, device }: HostSeries): string => `${name} ${device ?? ''}`;

/** A chart with new points behind those that it has; what is older than the window goes. */
export function withPoints(known: HostChart | undefined, news: HostChart): HostChart {
  const before = known?.times ?? [];
  const newest = before.at(-1) ?? -Infinity;
  const firstNew = news.times.findIndex((time) => time > newest);
  const added = firstNew === -1 ? [] : news.times.slice(firstNew);
  const latest = added.at(-1) ?? newest;
  const firstKept = before.findIndex((time) => time > latest - hostWindowMs);
  const kept = firstKept === -1 ? before.length : firstKept;
  const old = new Map(known?.series.map((series) => [keyOf(series), series]));
  const fresh = new Map(news.series.map((series) => [keyOf(series), series]));
  const heads = new Map([...old, ...fresh]);
  const series = [...heads].map(([key, { name, device }]) => ({
    name,
    device,
    values: [
      ...(old.get(key)?.values.slice(kept) ?? before.slice(kept).map(() => null)),
      ...added.map((_, at) => fresh.get(key)?.values[firstNew + at] ?? null),
    ],
  }));
  const alive = series.filter(({ values }) => values.some((value) => value !== null));
  return { ...news, times: [...before.slice(kept), ...added], series: alive };
}

function withHost(host: HostAnswer, news: readonly HostChart[]): HostAnswer {
  const fresh = new Map(news.map((chart) => [chart.id, chart]));
  const known = new Set(host.charts.map(({ id }) => id));
  return {
    ...host,
    charts: [
      ...host.charts.map((chart) => {
        const more = fresh.get(chart.id);
        return more === undefined ? chart : withPoints(chart, more);
      }),
      ...news.filter(({ id }) => !known.has(id)),
    ],
  };
}

/** What is known once an update has come. `now` is the browser's time. */
export function updated(model: Model, update: UpdateEvent, now: number): Model {
  return {
    ...model,
    skewMs: update.at - now,
    ...(update.status === undefined ? {} : { status: update.status }),
    ...(update.checks === undefined || model.checks === undefined
      ? {}
      : { checks: withDeltas(model.checks, update.checks) }),
    ...(update.collectors === undefined || model.collectors === undefined
      ? {}
      : { collectors: withCollectors(model.collectors, update.collectors) }),
    ...(update.host === undefined || model.host === undefined ? {} : { host: withHost(model.host, update.host) }),
  };
}
