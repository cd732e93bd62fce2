/** What stands before every route: the size of a request, the rate limit, the users, and the headers of a response. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import { type Authentication, parseBasic, type Verdict } from './authentication.ts';
import { defaultHeaders } from './headers.ts';
import { RateLimit } from './rate-limit.ts';
import type { WebConfig } from './web-config.ts';

/** The most that the body of a request may hold, in bytes. */
export const bodyLimit = 64 * 1024;

// Whether the daemon lives may be asked by anybody, also by those who start it anew when it does not.
const openPaths = new Set(['/-/healthy', '/-/ready']);

/** A handler of requests, as a router has it. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What a guard works with. */
export interface GuardParts {
  /** The web config as it is now; undefined where there is none. */
  readonly config: () => WebConfig | undefined;
  readonly authentication: Authentication;
  readonly clock: Clock;
  readonly log: Logger;
  readonly next: Handler;
}

function isOpen({ method, url = '' }: IncomingMessage): boolean {
  return (method === 'GET' || method === 'HEAD') && openPaths.has(url.split('?', 1)[0]!);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  message: string,
  headers: OutgoingHttpHeaders = {},
): void {
  // What was sent with the request is not read, so the connection is of no further use. HTTP/2 has no such header.
  const last = hasBody(request) && request.httpVersionMajor === 1;
  const body = `${message}\n`;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...headers,
    ...(last ? { connection: 'close' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Lets requests pass to the routes, or answers them itself. */
export class Guard {
  readonly #parts: GuardParts;
  #limit: RateLimit | undefined;
  #limitOf: WebConfig['rateLimit'];

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  /** The headers of every response. */
  get headers(): Readonly<Record<string, string>> {
    return { ...defaultHeaders, ...this.#parts.config()?.headers };
  }

  /** Takes a request. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const config = this.#parts.config();
    for (const [name, value] of Object.entries(this.headers)) response.setHeader(name, value);
    // A body that only a GET carries is read by nobody.
    const unread = hasBody(request) && (request.method === 'GET' || request.method === 'HEAD');
    if (unread || Number(request.headers['content-length'] ?? 0) > bodyLimit) {
      refuse(request, response, 413, 'the request is too large');
      return;
    }
    if (config === undefined || isOpen(request)) {
      this.#parts.next(request, response);
      return;
    }
    if (!this.#mayPass(config)) {
      refuse(request, response, 429, 'too many requests', { 'retry-after': '1' });
      return;
    }
    if (config.users.size === 0) {
      this.#parts.next(request, response);
      return;
    }
    const verdict = this.#parts.authentication.judge(config.users, parseBasic(request.headers.authorization));
    if (typeof verdict === 'string') this.#act(verdict, request, response);
    else void this.#wait(verdict, request, response);
  }

  async #wait(judged: Promise<Verdict>, request: IncomingMessage, response: ServerResponse): Promise<void> {
    let verdict: Verdict;
    try {
      verdict = await judged;
    } catch (error) {
      this.#parts.log.error({ err: error }, 'a password could not be verified');
      verdict = 'busy';
    }
    if (!response.destroyed && !response.headersSent) this.#act(verdict, request, response);
  }

  #act(verdict: Verdict, request: IncomingMessage, response: ServerResponse): void {
    if (verdict === 'granted') this.#parts.next(request, response);
    else if (verdict === 'busy') {
      refuse(request, response, 503, 'too many passwords wait to be verified', { 'retry-after': '1' });
    } else {
      const challenge = { 'www-authenticate': 'Basic realm="vitald", charset="UTF-8"' };
      refuse(request, response, 401, 'unauthorized', challenge);
    }
  }

  #mayPass({ rateLimit }: WebConfig): boolean {
    if (rateLimit === undefined) return true;
    const now = this.#parts.clock.monotonic();
    const same = rateLimit.intervalMs === this.#limitOf?.intervalMs && rateLimit.burst === this.#limitOf.burst;
    if (this.#limit === undefined || !same) this.#limit = new RateLimit(rateLimit, now);
    this.#limitOf = rateLimit;
    return this.#limit.allow(now);
  }
}
