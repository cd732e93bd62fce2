/**
 * One request and its response over a connection of our own: HTTP/1 here, HTTP/2 in the file beside, loaded when the
 * first target speaks it. The response is handed over as soon as its head is there; the body is still to be read.
 */
import { request as startRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { errnoOf } from '../../src/errors.ts';
import { causeOf, ProbeFailure, timedOut } from './failure.ts';
import type { Connection } from './http-connect.ts';

/** A request as it goes on the wire. */
export interface ExchangeRequest {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** The Host header, or `:authority`. */
  readonly authority: string;
  /** Path and query; the whole URL where a proxy wants it. */
  readonly path: string;
  /** All headers but Host and those that frame the body, names and values by turns. */
  readonly headers: readonly string[];
  readonly body: Buffer | undefined;
}

/** A response whose body is still to be read. */
export interface ExchangeResponse {
  readonly status: number;
  /** As Go writes it: `HTTP/1.1`, `HTTP/2.0`. */
  readonly protocol: string;
  /** Names and values by turns, as they came. */
  readonly headers: readonly string[];
  readonly body: Readable;
  /** How long the peer took to begin to answer. */
  readonly processingSeconds: number;
  /** When that was, by `performance.now()`. */
  readonly firstByteAt: number;
  /** Ends the connection; call it in any case. */
  close(): void;
}

// Go accepts a megabyte and more; targets with large policies and cookies exceed the 16 KiB of Node.js.
const maxHeaderSize = 128 * 1024;

/** Sends a request; fails with a `ProbeFailure`, leaving no socket behind. */
export async function exchange(
  connection: Connection,
  request: ExchangeRequest,
  signal: AbortSignal,
): Promise<ExchangeResponse> {
  if (!connection.http2) return exchangeHttp1(connection, request, signal);
  const { exchangeHttp2 } = await import('./http-exchange-h2.ts');
  return exchangeHttp2(connection.socket, request, signal);
}

/** All values of a header. */
export function headerValues(headers: readonly string[], name: string): string[] {
  const wanted = name.toLowerCase();
  const values: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const found = headers[at]!;
    if (found.length === wanted.length && found.toLowerCase() === wanted) values.push(headers[at + 1]!);
  }
  return values;
}

/** The failure of an exchange that broke with this error. */
export function exchangeFailure(error: unknown): ProbeFailure {
  const code = errnoOf(error) ?? '';
  const detail = causeOf(error);
  // With TLS 1.3 a server refuses a client certificate only after the handshake.
  if (code.startsWith('ERR_SSL_')) return new ProbeFailure('tls', detail, { cause: error });
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new ProbeFailure('size', `the headers of the response exceed ${maxHeaderSize / 1024} KiB`, { cause: error });
  }
  if (code === 'ERR_INVALID_CHAR') return new ProbeFailure('config', 'a header holds what it cannot', { cause: error });
  return new ProbeFailure('protocol', detail, { cause: error });
}

function exchangeHttp1(
  { socket, proxied }: Connection,
  request: ExchangeRequest,
  signal: AbortSignal,
): Promise<ExchangeResponse> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    let firstByteAt = 0;
    let outgoing: ClientRequest | undefined;
    let response: IncomingMessage | undefined;
    const close = () => {
      signal.removeEventListener('abort', onAbort);
      outgoing?.destroy();
      socket.destroy();
    };
    const fail = (failure: ProbeFailure) => {
      close();
      reject(failure);
    };
    const onAbort = () => {
      // A body that is being read ends with this error.
      response?.destroy(timedOut('transfer'));
      fail(timedOut('processing'));
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      outgoing = startRequest({
        // No `agent`: given false, Node.js would ignore createConnection and dial again.
        createConnection: () => socket,
        method: request.method,
        path: request.path,
        headers: wireHeaders(request, proxied?.authorization),
        maxHeaderSize,
      });
    } catch (error) {
      fail(exchangeFailure(error));
      return;
    }
    socket.once('data', () => {
      firstByteAt = performance.now();
    });
    outgoing.on('error', (error) => fail(exchangeFailure(error)));
    outgoing.on('upgrade', () =>
      fail(new ProbeFailure('protocol', 'the target switched protocols without being asked')),
    );
    outgoing.on('response', (incoming) => {
      response = incoming;
      // Before Node.js ends the connection in order, which takes one system call more.
      incoming.prependOnceListener('end', () => socket.destroy());
      resolve({
        status: incoming.statusCode ?? 0,
        protocol: `HTTP/${incoming.httpVersion}`,
        headers: incoming.rawHeaders,
        body: incoming,
        processingSeconds: (firstByteAt - start) / 1000,
        firstByteAt,
        close,
      });
    });
    outgoing.end(request.body);
  });
}

/** The headers in wire order; given as a list, Node.js adds none of its own but Connection. */
function wireHeaders({ authority, headers, body, method }: ExchangeRequest, proxyAuthorization: string | undefined) {
  const wire = ['Host', authority, ...headers];
  if (body !== undefined) wire.push('Content-Length', `${body.length}`);
  else if (method === 'POST' || method === 'PUT' || method === 'PATCH') wire.push('Content-Length', '0');
  if (proxyAuthorization !== undefined) wire.push('Proxy-Authorization', proxyAuthorization);
  return wire;
}
