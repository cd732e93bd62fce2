/**
 * One request and its response over a connection of our own: HTTP/1 here, HTTP/2 in the file beside, loaded when the
 * first target speaks it. The response is handed over as soon as its head is there; the body is still to be read.
 */
import { request as startRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { ProbeFailure, timedOut } from './failure.ts';
import type { Connection } from './http-connect.ts';
import { exchangeFailure, type ExchangeRequest, type ExchangeResponse, maxHeaderSize } from './http-message.ts';

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
