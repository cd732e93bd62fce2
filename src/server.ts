/** The routes, a scrape among them. A scrape only reads what is ready. */
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { parseListenAddress } from './config/listen-address.ts';
import type { Rendering } from './exposition/exposition.ts';

/** What the routes show. */
export interface Served {
  /** The exposition, of those collectors and whatever else `only` lets pass. */
  render(only?: (slot: string) => boolean): Rendering;
  /** The collectors that are on, and all that exist. */
  readonly enabledCollectors: () => ReadonlySet<string>;
  readonly knownCollectors: () => ReadonlySet<string>;
  /** Whether every slot has run once. */
  ready(): boolean;
  /** The page for people. */
  statusPage(): string;
}

/** A server that listens. */
export interface Server {
  /** The addresses in use, as `http://host:port`. */
  readonly addresses: readonly string[];
  close(): Promise<void>;
}

const contentType = 'text/plain; version=0.0.4; charset=utf-8';

function listOf(value: unknown): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

/** Whether a client takes gzip; `gzip;q=0` refuses it (RFC 9110 section 12.5.3). */
export function takesGzip(acceptEncoding: string | undefined): boolean {
  for (const part of acceptEncoding?.split(',') ?? []) {
    const [coding, ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    if (coding !== 'gzip' && coding !== '*') continue;
    return !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  }
  return false;
}

/** Which slots a filtered scrape shows, or why it cannot be: node_exporter's rules and words. */
export function scrapeFilter(
  query: Readonly<Record<string, unknown>>,
  enabled: ReadonlySet<string>,
  known: ReadonlySet<string>,
): { only?: (slot: string) => boolean } | { refused: string } {
  const collect = listOf(query['collect[]']);
  const exclude = listOf(query['exclude[]']);
  if (collect.length === 0 && exclude.length === 0) return {};
  if (collect.length > 0 && exclude.length > 0) {
    return { refused: 'Combined collect and exclude queries are not allowed.\n' };
  }
  // What the daemon says of itself comes with every scrape, as node_exporter's own metrics do.
  if (exclude.length > 0) return { only: (slot) => !exclude.includes(slot) };
  const wrong = collect.find((name) => !enabled.has(name));
  if (wrong !== undefined) {
    const why = known.has(wrong) ? 'disabled' : 'missing';
    return {
      refused: `Couldn't create filtered metrics handler: couldn't create collector: ${why} collector: ${wrong}`,
    };
  }
  return { only: (slot) => slot === 'vitald' || collect.includes(slot) };
}

function sendMetrics(request: FastifyRequest, reply: FastifyReply, served: Served): FastifyReply {
  const filter = scrapeFilter(
    request.query as Record<string, unknown>,
    served.enabledCollectors(),
    served.knownCollectors(),
  );
  if ('refused' in filter) return reply.code(400).type('text/plain; charset=utf-8').send(filter.refused);
  const rendering = served.render(filter.only);
  reply.type(contentType).header('vary', 'Accept-Encoding');
  if (!takesGzip(request.headers['accept-encoding'])) return reply.send(rendering.text);
  return reply.header('content-encoding', 'gzip').send(rendering.gzip);
}

function register(app: FastifyInstance, served: Served, metricsPath: string): void {
  app.get(metricsPath, (request, reply) => sendMetrics(request, reply, served));
  app.get('/-/healthy', (_request, reply) => reply.type('text/plain; charset=utf-8').send('vitald is healthy.\n'));
  app.get('/-/ready', (_request, reply) => {
    const ready = served.ready();
    const text = ready ? 'vitald is ready.\n' : 'vitald has not run everything once.\n';
    return reply
      .code(ready ? 200 : 503)
      .type('text/plain; charset=utf-8')
      .send(text);
  });
  app.get('/', (_request, reply) => {
    const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
    reply.header('content-security-policy', policy).header('x-content-type-options', 'nosniff');
    return reply.type('text/html; charset=utf-8').send(served.statusPage());
  });
}

function urlOf(address: string | AddressInfo): string {
  if (typeof address === 'string') return `unix:${address}`;
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

async function listen(
  served: Served,
  metricsPath: string,
  { host, port }: { host: string; port: number },
): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    // A connection that a client keeps open must not hold up the end.
    forceCloseConnections: true,
    bodyLimit: 64 * 1024,
    connectionTimeout: 60_000,
    requestTimeout: 10_000,
    keepAliveTimeout: 120_000,
    routerOptions: { maxParamLength: 200 },
  });
  register(app, served, metricsPath);
  try {
    await app.listen({ host, port });
  } catch (error) {
    // A host without IPv6 has no `::`.
    if (host !== '::' || (error as NodeJS.ErrnoException).code !== 'EAFNOSUPPORT') throw error;
    await app.listen({ host: '0.0.0.0', port });
  }
  return app;
}

/** Serves on every address; throws when one of them cannot be had. */
export async function startServer(
  served: Served,
  { addresses, metricsPath }: { addresses: readonly string[]; metricsPath: string },
): Promise<Server> {
  const apps: FastifyInstance[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(apps.map((app) => app.close()));
  };
  try {
    for (const address of addresses) {
      const parsed = parseListenAddress(address);
      if (parsed === undefined)
        throw new Error(`"${address}" is not an address to listen on; write it like "127.0.0.1:9100"`);
      apps.push(await listen(served, metricsPath, parsed));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const inUse = apps.flatMap((app) => app.addresses().map(urlOf));
  return { addresses: inUse, close };
}
