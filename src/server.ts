/** The routes, a scrape among them. A scrape only reads what is ready. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Clock } from './clock.ts';
import { collectorOf } from './config/instances.ts';
import type { Rendering } from './exposition/exposition.ts';
import type { Logger } from './log.ts';
import { bodyLimit } from './web/guard.ts';
import { serve, type ServeParts, type Serving } from './web/serve.ts';
import { takesGzip } from './web/takes-gzip.ts';
import type { Route, RouteAnswer, RouteStream } from './routes/route.ts';

/** What the routes show. */
export interface Served {
  /** The exposition, of those collectors and whatever else `only` lets pass. */
  render(only?: (slot: string) => boolean): Promise<Rendering>;
  /** The collectors that are on, and all that exist. */
  readonly enabledCollectors: () => ReadonlySet<string>;
  readonly knownCollectors: () => ReadonlySet<string>;
  /** Whether every slot has run once. */
  ready(): boolean;
  /** The path of the metrics, which a reload may change. */
  metricsPath(): string;
  /** What else there is. */
  readonly routes: readonly Route[];
}

/** A server that listens. */
export interface Server {
  /** The addresses in use, as `http://host:port`, `https://host:port` or `unix:/path`. */
  readonly addresses: readonly string[];
  /**
   * Listens where these options say and nowhere else; where it listens already, nothing is touched. Where one address
   * cannot be had it throws, and everything is as before.
   */
  readonly set: Serving['set'];
  close(): Promise<void>;
}

const contentType = 'text/plain; version=0.0.4; charset=utf-8';

function listOf(value: unknown): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** Whether a slot is named, or the collector that it is an instance of. */
function names(list: readonly string[], slot: string): boolean {
  return list.includes(slot) || list.includes(collectorOf(slot));
}

/** Which slots a filtered scrape shows, or why it cannot be: node_exporter's rules and words. */
export function scrapeFilter(
  query: Readonly<Record<string, unknown>>,
  collectors: Pick<Served, 'enabledCollectors' | 'knownCollectors'>,
): { only?: (slot: string) => boolean } | { refused: string } {
  const collect = listOf(query['collect[]']);
  const exclude = listOf(query['exclude[]']);
  if (collect.length === 0 && exclude.length === 0) return {};
  if (collect.length > 0 && exclude.length > 0) {
    return { refused: 'Combined collect and exclude queries are not allowed.\n' };
  }
  // What the daemon says of itself comes with every scrape, as node_exporter's own metrics do.
  if (exclude.length > 0) return { only: (slot) => !names(exclude, slot) };
  const enabled = collectors.enabledCollectors();
  const wrong = collect.find((name) => !enabled.has(name));
  if (wrong !== undefined) {
    const why = collectors.knownCollectors().has(wrong) ? 'disabled' : 'missing';
    return {
      refused: `Couldn't create filtered metrics handler: couldn't create collector: ${why} collector: ${wrong}`,
    };
  }
  return { only: (slot) => slot === 'vitald' || names(collect, slot) };
}

async function sendMetrics(request: FastifyRequest, reply: FastifyReply, served: Served): Promise<FastifyReply> {
  const filter = scrapeFilter(request.query as Record<string, unknown>, served);
  if ('refused' in filter) return reply.code(400).type('text/plain; charset=utf-8').send(filter.refused);
  const rendering = await served.render(filter.only);
  reply.type(contentType).header('vary', 'Accept-Encoding');
  if (!takesGzip(request.headers['accept-encoding'])) return reply.send(await rendering.text());
  return reply.header('content-encoding', 'gzip').send(await rendering.gzip());
}

function pathOf({ url }: FastifyRequest): string {
  return url.replace(/\?.*$/s, '');
}

const everyMethod = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

function addRoute(app: FastifyInstance, { path, methods = everyMethod, handle }: Route, served: Served): void {
  app.route({
    url: path,
    method: [...methods],
    handler: async (request, reply) => {
      if (path === served.metricsPath()) return sendMetrics(request, reply, served);
      const gone = new AbortController();
      reply.raw.once('close', () => {
        if (!reply.raw.writableEnded) gone.abort();
      });
      const { method, headers } = request;
      const query = request.query as Record<string, unknown>;
      const answer = await handle({ path: pathOf(request), method, headers, query, signal: gone.signal });
      return 'open' in answer ? openStream(request, reply, answer) : sendAnswer(request, reply, answer);
    },
  });
}

const compressAsync = promisify(gzip);
// Less than this is in one packet anyway.
const worthToCompress = 1_400;

async function sendAnswer(request: FastifyRequest, reply: FastifyReply, answer: RouteAnswer): Promise<FastifyReply> {
  const { status = 200, type = 'text/plain; charset=utf-8', headers = {}, compress = false, text } = answer;
  reply.code(status).type(type).headers(headers);
  if (!compress) return reply.send(text);
  reply.header('vary', 'Accept-Encoding');
  if (text.length < worthToCompress || !takesGzip(request.headers['accept-encoding'])) return reply.send(text);
  // In a thread of its own; a megabyte would hold up the loop for longer than a probe may wait.
  const compressed = await compressAsync(text, { level: 4 });
  return reply.header('content-encoding', 'gzip').send(compressed);
}

function openStream(request: FastifyRequest, reply: FastifyReply, stream: RouteStream): FastifyReply {
  const { raw } = reply;
  if (request.method === 'HEAD') {
    return reply
      .type(stream.type)
      .headers(stream.headers ?? {})
      .send('');
  }
  reply.hijack();
  // Who reads no more ends the stream; that is told by `signal`.
  raw.on('error', () => {});
  raw.writeHead(200, { 'content-type': stream.type, ...stream.headers });
  raw.flushHeaders();
  stream.open({
    write: (chunk) => void raw.write(chunk),
    get buffered() {
      return raw.writableLength;
    },
    destroy: () => void raw.destroy(),
  });
  return reply;
}

function register(app: FastifyInstance, served: Served): void {
  // What a POST carries is of no interest, whatever it is.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null));
  for (const route of served.routes) addRoute(app, route, served);
  // Routes cannot be changed while it listens, the path of the metrics can; it goes before any route of that path.
  app.get('/*', (request, reply) => {
    if (pathOf(request) === served.metricsPath()) return sendMetrics(request, reply, served);
    return reply.code(404).type('text/plain; charset=utf-8').send('There is nothing here.\n');
  });
  app.get('/-/healthy', (_request, reply) => reply.type('text/plain; charset=utf-8').send('vitald is healthy.\n'));
  app.get('/-/ready', (_request, reply) => {
    const ready = served.ready();
    const text = ready ? 'vitald is ready.\n' : 'vitald has not run everything once.\n';
    return reply
      .code(ready ? 200 : 503)
      .type('text/plain; charset=utf-8')
      .send(text);
  });
}

/** Serves on every address; throws when one of them cannot be had, and `ConfigError` over a bad web config. */
export async function startServer(
  served: Served,
  { web, clock, log }: { web: ServeParts['web']; clock: Clock; log: Logger },
): Promise<Server> {
  const app = fastify({ logger: false, bodyLimit, routerOptions: { maxParamLength: 200 } });
  register(app, served);
  let headers = (): Readonly<Record<string, string>> => ({});
  // What the web config says of a header goes over what a route says.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    reply.headers(headers());
    done();
  });
  await app.ready();
  const serving = await serve({ web, clock, log, handler: (request, response) => app.routing(request, response) });
  ({ headers } = serving);
  return {
    get addresses() {
      return serving.addresses;
    },
    set: serving.set,
    async close() {
      await serving.close();
      await app.close();
    },
  };
}
