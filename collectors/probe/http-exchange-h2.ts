/**
 * One request and its response over HTTP/2 (RFC 9113), as the only stream of a connection of our own.
 */
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { OutgoingHttpHeaders } from 'node:http';
import { causeOf, ProbeFailure, timedOut } from './failure.ts';
import { exchangeFailure, type ExchangeRequest, type ExchangeResponse, headerValues } from './http-message.ts';
import { StreamBody } from './http-stream-body.ts';

/** Sends a request; fails with a `ProbeFailure`, leaving no socket behind. */
export function exchangeHttp2(
  socket: Socket,
  request: ExchangeRequest,
  signal: AbortSignal,
): Promise<ExchangeResponse> {
  return new Promise((resolve, reject) => {
    let start = performance.now();
    let session: ClientHttp2Session | undefined;
    let stream: ClientHttp2Stream | undefined;
    let goaway: number | undefined;
    let open = true;
    let answered = false;
    const close = () => {
      open = false;
      signal.removeEventListener('abort', onAbort);
      // First, or farewells would be written to it; and the stream before the session, which would make an error for a
      // stream that it finds open.
      socket.destroy();
      stream?.destroy();
      session?.destroy();
    };
    const fail = (failure: ProbeFailure) => {
      close();
      reject(failure);
    };
    const onAbort = () => {
      stream?.destroy(timedOut('transfer'));
      fail(timedOut('processing'));
    };
    const onError = (error: unknown) => {
      // Once answered, it is for the reader of the body to tell.
      if (!open || answered) return;
      if (error === undefined && goaway === undefined)
        fail(new ProbeFailure('protocol', 'the stream ended before a response'));
      else if (goaway === undefined) fail(exchangeFailure(error));
      else fail(new ProbeFailure('protocol', `the target ended the HTTP/2 connection with code ${goaway}`));
    };
    const send = (opened: ClientHttp2Session) => {
      start = performance.now();
      try {
        stream = opened.request(streamHeaders(request), { endStream: request.body === undefined });
      } catch (error) {
        fail(exchangeFailure(error));
        return;
      }
      const body = stream;
      body.on('error', onError);
      body.on('close', () => onError(undefined));
      body.on('response', (headers, flags, raw?: readonly string[]) => {
        answered = true;
        const firstByteAt = performance.now();
        const status = Number(headers[':status']);
        const fields = (raw ?? []).slice();
        const over = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
        resolve({
          status,
          protocol: 'HTTP/2.0',
          headers: fields,
          contentLength: lengthOf(fields, status, { over, method: request.method }),
          body: new StreamBody(body),
          processingSeconds: (firstByteAt - start) / 1000,
          firstByteAt,
          close,
        });
      });
      if (request.body !== undefined) body.end(request.body);
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      session = connect(origins[request.scheme], { ...options, createConnection: () => socket });
      session.on('error', onError);
      session.on('goaway', (code) => {
        goaway = code;
        // Without an error code, streams that were begun may still end well.
        if (code !== constants.NGHTTP2_NO_ERROR) onError(undefined);
      });
      session.on('close', () => onError(undefined));
      // A request that has to wait for the session to be set up costs a tenth of the exchange more.
      session.once('connect', send);
    } catch (error) {
      fail(new ProbeFailure('protocol', causeOf(error), { cause: error }));
    }
  });
}

/** The length of the body, which may be `over` with the headers; -1 where they do not say. */
function lengthOf(headers: readonly string[], status: number, { over, method }: { over: boolean; method: string }) {
  const toHead = method === 'HEAD';
  if (!toHead && (status === 204 || status === 304)) return 0;
  const [length = over && !toHead ? '0' : ''] = headerValues(headers, 'content-length');
  return /^\d+$/u.test(length) ? Number(length) : -1;
}

// Parsed once; who is asked stands in `:authority`.
const origins = { http: new URL('http://localhost'), https: new URL('https://localhost') };
// Node.js takes 64 KiB and 128 headers of a response. Beyond some 140 KiB it is nghttp2 that takes no more frames of them.
const options = { settings: { enablePush: false, maxHeaderListSize: 1_048_576 }, maxHeaderListPairs: 10_000 };

const connectionHeaders = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

function streamHeaders({ method, scheme, authority, path, headers, body }: ExchangeRequest): OutgoingHttpHeaders {
  const fields: Record<string, string | string[]> = {
    ':method': method,
    ':scheme': scheme,
    ':authority': authority,
    ':path': path,
  };
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!.toLowerCase();
    if (connectionHeaders.has(name)) continue;
    const known = fields[name];
    const value = headers[at + 1]!;
    fields[name] = known === undefined ? value : [...(typeof known === 'string' ? [known] : known), value];
  }
  if (body !== undefined) fields['content-length'] = `${body.length}`;
  return fields;
}
