/** Puts a router behind the guard and on every address. */
import type { Server as NetServer } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { Authentication } from './authentication.ts';
import { Connections } from './connections.ts';
import { Guard, type Handler } from './guard.ts';
import { createProtocolServer, type ProtocolServer } from './http-server.ts';
import { type ListenOptions, type Listening, listeningOf, listenOn, urlOf } from './listeners.ts';
import { openPasswordHasher } from './password-hash.ts';
import type { WebConfigFile } from './web-config-file.ts';

/** The options of the server. */
export interface WebOptions extends ListenOptions {
  readonly max_connections: number;
  readonly config_file?: string | undefined;
}

/** What is needed to serve. */
export interface ServeParts {
  readonly web: WebOptions;
  readonly clock: Clock;
  readonly log: Logger;
  readonly handler: Handler;
}

/** A router that is served. */
export interface Serving {
  readonly addresses: readonly string[];
  /** The headers of every response, which those of a route must not undo. */
  headers(): Readonly<Record<string, string>>;
  /**
   * Listens where these options say and nowhere else; where it listens already, nothing is touched. Where one address
   * cannot be had it throws, and everything is as before.
   */
  set(web: WebOptions): Promise<void>;
  close(): Promise<void>;
}

async function openWebConfig({ web, clock, log }: ServeParts): Promise<WebConfigFile | undefined> {
  if (web.config_file === undefined) return undefined;
  const { WebConfigFile } = await import('./web-config-file.ts');
  return new WebConfigFile(web.config_file, clock, log);
}

function closeServer(server: NetServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** Serves on every address; throws where one cannot be had, and `ConfigError` where the web config cannot be used. */
export async function serve(parts: ServeParts): Promise<Serving> {
  const { web, clock, log } = parts;
  const file = await openWebConfig(parts);
  const config = file?.current();
  const authentication = new Authentication(openPasswordHasher());
  const guard = new Guard({ config: () => file?.current(), authentication, clock, log, next: parts.handler });
  const connections = new Connections(web.max_connections);
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    response.once('close', connections.busy(request.socket));
    guard.handle(request, response);
  };
  const listeners = new Map<string, ProtocolServer>();
  const scheme = config?.tls === undefined ? 'http' : 'https';

  async function open(at: Listening): Promise<ProtocolServer> {
    const now = file?.current();
    const made = await createProtocolServer(now?.tls, now?.http2 ?? false, handler);
    // Before its handshake, a connection gets the certificate that is there by then.
    made.server.prependListener('connection', () => void file?.current());
    connections.watch(made.server);
    await listenOn(made.server, at);
    made.server.on('error', (error) => log.error({ err: error }, 'a listener failed'));
    return made;
  }

  async function set(wanted: WebOptions): Promise<void> {
    // The content of the file is followed all the time; another file might turn TLS on or off below the connections.
    if (wanted.config_file !== web.config_file)
      throw new Error('web.config_file cannot be changed before the next start');
    const places = new Map(listeningOf(wanted).map((at) => [JSON.stringify(at), at]));
    const opened = new Map<string, ProtocolServer>();
    try {
      for (const [name, at] of places) if (!listeners.has(name)) opened.set(name, await open(at));
    } catch (error) {
      await Promise.all([...opened.values()].map(({ server }) => closeServer(server)));
      throw error;
    }
    for (const [name, { server }] of listeners) {
      if (places.has(name)) continue;
      listeners.delete(name);
      // Connections that were made there may end what they are at; no new ones come.
      void closeServer(server);
    }
    for (const [name, made] of opened) listeners.set(name, made);
    connections.limit = wanted.max_connections;
  }

  file?.onChange(({ tls }) => {
    if (tls !== undefined) for (const listener of listeners.values()) listener.setTls(tls);
  });
  try {
    await set(web);
  } catch (error) {
    authentication.close();
    throw error;
  }
  return {
    get addresses() {
      return [...listeners.values()].map(({ server }) => urlOf(server, scheme));
    },
    headers: () => guard.headers,
    set,
    async close() {
      const closed = [...listeners.values()].map(({ server }) => closeServer(server));
      connections.close();
      authentication.close();
      await Promise.all(closed);
    },
  };
}
