/**
 * `/badge/CHECK/state.svg`, `latency.svg` and `availability.svg?window=hour|day|week`. Who may not see the page may not see
 * these: a page elsewhere that is to show them needs a way past the users, such as a proxy that adds credentials.
 */
import { badge, badgeColors, type BadgeText, stateColors } from '../api/badge.ts';
import type { Api } from '../api/api.ts';
import type { CheckColumns } from '../api/types.ts';
import { queryValue, type Route, type RouteAnswer, type RouteRequest } from './route.ts';

/** What the route asks of the daemon. */
export interface BadgeSource {
  readonly api: Pick<Api, 'oneCheck'>;
  /** `web.badges` of the config in force. */
  readonly enabled: () => boolean;
}

type Message = Omit<BadgeText, 'label'>;
const unknown: Message = { message: 'unknown', color: badgeColors.quiet };

function state({ state: [name = 'waiting'] }: CheckColumns): Message {
  return { message: name, color: stateColors[name] };
}

function latency({ durationSeconds: [seconds], reason: [reason] }: CheckColumns): Message {
  if (seconds === null || seconds === undefined) return unknown;
  const message = seconds < 1 ? `${Number((seconds * 1000).toPrecision(3))} ms` : `${Number(seconds.toPrecision(3))} s`;
  return { message, color: reason === null ? badgeColors.good : badgeColors.bad };
}

function availability(check: CheckColumns, window: string): Message | undefined {
  const columns = { hour: check.availabilityHour, day: check.availabilityDay, week: check.availabilityWeek };
  if (!(window in columns)) return undefined;
  const [ratio] = columns[window as keyof typeof columns];
  if (ratio === null || ratio === undefined) return unknown;
  const color = ratio >= 0.999 ? badgeColors.good : ratio >= 0.95 ? badgeColors.middling : badgeColors.bad;
  // Down: 99.996 % is not 100 %.
  return { message: `${ratio === 1 ? 100 : (Math.floor(ratio * 1e4) / 100).toFixed(2)} %`, color };
}

function missing(text: string): RouteAnswer {
  return { status: 404, text: `${text}\n` };
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

function answer({ path, query }: RouteRequest, api: BadgeSource['api']): RouteAnswer {
  // The name of a check may hold a slash, written as it is or as %2F.
  const [, encoded = '', kind] = /^\/badge\/(.+)\/(state|latency|availability)\.svg$/s.exec(path) ?? [];
  const name = decoded(encoded);
  const check = name === undefined ? undefined : api.oneCheck(name);
  if (check === undefined) return missing('There is no such badge.');
  const window = queryValue(query, 'window') || 'day';
  const message = kind === 'state' ? state(check) : kind === 'latency' ? latency(check) : availability(check, window);
  if (message === undefined) return { status: 400, text: 'window is neither hour nor day nor week\n' };
  return {
    type: 'image/svg+xml; charset=utf-8',
    headers: { 'cache-control': 'no-cache', 'content-security-policy': "default-src 'none'; sandbox" },
    text: badge({ label: check.name[0]!, ...message }),
  };
}

/** The route. */
export function badgeRoute({ api, enabled }: BadgeSource): Route {
  return {
    path: '/badge/*',
    methods: ['GET'],
    handle: (request) => (enabled() ? answer(request, api) : missing('Badges are off; web.badges turns them on.')),
  };
}
