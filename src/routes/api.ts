/** `/api/v1/`: what the page shows, as JSON and as events. `src/api/types.ts` says what each route answers. */
import { readFile } from 'node:fs/promises';
import type { Api } from '../api/api.ts';
import { packaged } from '../package-root.ts';
import { queryValue, type Route, type RouteAnswer, type RouteRequest, type RouteStream } from './route.ts';

/** What the routes ask of the daemon. */
export interface ApiRouteSource {
  readonly api: Api;
  /** `web.api` of the config in force. */
  readonly enabled: () => boolean;
}

const mostChecks = 5_000;
const noStore = { 'cache-control': 'no-store' };

function json(value: unknown, status = 200): RouteAnswer {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return { status, type: 'application/json; charset=utf-8', headers: noStore, compress: true, text };
}

function mistake(status: number, error: string): RouteAnswer {
  return json({ error }, status);
}

/** A whole number of a query; `fallback` where it is absent, undefined where it is something else. */
function wholeNumber({ query }: RouteRequest, name: string, fallback: number, most: number): number | undefined {
  const text = queryValue(query, name);
  if (text === '' && query[name] === undefined) return fallback;
  return /^\d{1,15}$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}

async function checks(request: RouteRequest, api: Api): Promise<RouteAnswer> {
  const offset = wholeNumber(request, 'offset', 0, Number.MAX_SAFE_INTEGER);
  const limit = wholeNumber(request, 'limit', mostChecks, mostChecks);
  if (offset === undefined) return mistake(400, 'offset is not a whole number');
  if (limit === undefined) return mistake(400, `limit is not a whole number of at most ${mostChecks}`);
  return json(await api.checks(offset, limit));
}

function check({ query }: RouteRequest, api: Api): RouteAnswer {
  const answer = api.check(queryValue(query, 'name'));
  return answer === undefined ? mistake(404, 'no check has this name') : json(answer);
}

function host(request: RouteRequest, api: Api): RouteAnswer {
  const since = wholeNumber(request, 'since', -Infinity, Number.MAX_SAFE_INTEGER);
  return since === undefined ? mistake(400, 'since is not a number of milliseconds') : json(api.host(since));
}

function events({ query, headers, signal }: RouteRequest, { feed }: Api): RouteAnswer | RouteStream {
  if (!feed.hasRoom) return mistake(503, 'there are too many streams');
  const header = headers['last-event-id'];
  const since = typeof header === 'string' ? header : queryValue(query, 'since');
  return {
    type: 'text/event-stream; charset=utf-8',
    // Proxies must neither keep it nor hold it back.
    headers: { ...noStore, 'x-accel-buffering': 'no' },
    open: (sink) => feed.open(sink, since, signal),
  };
}

/** The routes. */
export function apiRoutes({ api, enabled }: ApiRouteSource): Route[] {
  const route = (path: string, handle: (request: RouteRequest) => ReturnType<Route['handle']>): Route => ({
    path: `/api/v1/${path}`,
    methods: ['GET'],
    handle: (request) => (enabled() ? handle(request) : mistake(404, 'the API is off; web.api turns it on')),
  });
  let description: Promise<string> | undefined;
  return [
    route('status', () => json(api.status())),
    route('collectors', () => json(api.collectors())),
    route('checks', (request) => checks(request, api)),
    route('check', (request) => check(request, api)),
    route('host', (request) => host(request, api)),
    route('events', (request) => events(request, api)),
    route('openapi.json', async () => json(await (description ??= readFile(packaged('config/openapi.json'), 'utf8')))),
  ];
}
