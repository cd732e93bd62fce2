/**
 * One call of grpc.health.v1.Health/Check over a connection of our own: HTTP/2 with length-prefixed messages and the
 * status in the trailers.
 *
 * Source  https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md and doc/health-checking.md; the two messages
 * of the call have one field each, so their protobuf is written and read by hand.
 */
import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import { lateHttp2 } from '../../src/late-modules.ts';
import { ProbeFailure, timedOut } from './failure.ts';
import { exchangeFailure } from './http-message.ts';

/** The status codes of gRPC that a probe gives itself. */
export const grpcCode = { ok: 0, unknown: 2, deadlineExceeded: 4, internal: 13, unavailable: 14 } as const;

const codeNames = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** What a service may say of itself, at the number that stands for it. */
export const servingStatuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;

/** The name of a status code. */
export function codeName(code: number): string {
  return codeNames[code] ?? String(code);
}

/** What a server answered. */
export interface HealthAnswer {
  readonly code: number;
  /** Words of the server to a status other than OK. */
  readonly message: string;
  /** The number of the serving status; undefined without one. */
  readonly serving: number | undefined;
}

/** What to ask. */
export interface HealthQuestion {
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  readonly service: string;
  /** In lower case. */
  readonly metadata: Readonly<Record<string, readonly string[]>>;
  readonly timeoutMs: number;
}

const answerLimit = 65_536;

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** A message with its prefix: not compressed, so many bytes. */
function encodeQuestion(service: string): Buffer {
  const name = Buffer.from(service);
  // Field 1, a string; left out when it is empty.
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function malformed(what: string): ProbeFailure {
  return new ProbeFailure('protocol', `malformed answer: ${what}`);
}

/** The number of the serving status: field 1, an enumeration; other fields are passed over. */
export function decodeAnswer(body: Buffer): number {
  if (body.length < 5) throw malformed('no message');
  if (body[0] !== 0) throw malformed('the message is compressed');
  const message = body.subarray(5, 5 + body.readUInt32BE(1));
  if (message.length !== body.readUInt32BE(1)) throw malformed('the message is cut');
  let position = 0;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = message[position++];
      if (byte === undefined) throw malformed('a number is cut');
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw malformed('a number is too long');
  };
  let status = 0;
  while (position < message.length) {
    const tag = number();
    const wireType = tag & 7;
    if (tag === 0x08) status = number();
    else if (wireType === 0) number();
    else if (wireType === 1 || wireType === 5) position += wireType === 1 ? 8 : 4;
    else if (wireType === 2) {
      const length = number();
      position += length;
    } else throw malformed('a field of an unknown kind');
  }
  return status;
}

/** The status that a proxy or another HTTP server stands for, which knows no gRPC. */
function codeOfHttp(status: number): number {
  const known: Readonly<Record<number, number>> = {
    400: 13,
    401: 16,
    403: 7,
    404: 12,
    429: 14,
    502: 14,
    503: 14,
    504: 14,
  };
  return known[status] ?? grpcCode.unknown;
}

function answerOf(headers: IncomingHttpHeaders, trailers: IncomingHttpHeaders, body: Buffer): HealthAnswer {
  // A call that fails at once has its status among the headers.
  const stated = trailers['grpc-status'] ?? headers['grpc-status'];
  const http = Number(headers[':status']);
  if (typeof stated !== 'string' || !/^\d{1,5}$/.test(stated)) {
    if (http === 200) throw malformed('no gRPC status');
    return { code: codeOfHttp(http), message: `HTTP status ${http}`, serving: undefined };
  }
  const code = Number(stated);
  if (code === grpcCode.ok) return { code, message: '', serving: decodeAnswer(body) };
  return { code, message: messageOf(trailers['grpc-message'] ?? headers['grpc-message']), serving: undefined };
}

function messageOf(text: string | readonly string[] | undefined): string {
  try {
    return decodeURIComponent(String(text ?? ''));
  } catch {
    return String(text);
  }
}

/** Asks; fails with a `ProbeFailure` where there is no gRPC answer. The socket is destroyed either way. */
export function checkHealth(socket: Socket, question: HealthQuestion, signal: AbortSignal): Promise<HealthAnswer> {
  return new Promise((resolve, reject) => {
    let session: ClientHttp2Session | undefined;
    const close = () => {
      signal.removeEventListener('abort', onAbort);
      session?.destroy();
      socket.destroy();
    };
    const fail = (failure: ProbeFailure) => {
      close();
      reject(failure);
    };
    const onAbort = () => fail(timedOut('check'));
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    const ended = () => fail(new ProbeFailure('protocol', 'the connection ended before an answer'));
    const { scheme, authority } = question;
    session = lateHttp2().connect(`${scheme}://localhost`, {
      createConnection: () => socket,
      settings: { enablePush: false },
    });
    session.on('error', (error) => fail(exchangeFailure(error)));
    session.on('close', ended);
    const stream = session.request({
      ':method': 'POST',
      ':scheme': scheme,
      ':authority': authority,
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      'user-agent': 'vitald',
      te: 'trailers',
      // Eight digits at most.
      'grpc-timeout': `${Math.min(99_999_999, Math.max(1, Math.ceil(question.timeoutMs)))}m`,
      ...(question.metadata as Record<string, string[]>),
    });
    let headers: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    let length = 0;
    stream.on('response', (received) => {
      headers = received;
    });
    stream.on('trailers', (received) => {
      trailers = received;
    });
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > answerLimit) fail(new ProbeFailure('size', `the answer has more than ${answerLimit} bytes`));
      else chunks.push(chunk);
    });
    stream.on('error', (error) => fail(exchangeFailure(error)));
    stream.on('close', () => {
      if (headers[':status'] === undefined) {
        const { NGHTTP2_NO_ERROR, NGHTTP2_CANCEL } = lateHttp2().constants;
        if (stream.rstCode === NGHTTP2_NO_ERROR || stream.rstCode === NGHTTP2_CANCEL) ended();
        else fail(new ProbeFailure('protocol', `the stream was reset with code ${stream.rstCode}`));
        return;
      }
      try {
        const answer = answerOf(headers, trailers, Buffer.concat(chunks));
        close();
        resolve(answer);
      } catch (error) {
        close();
        reject(error);
      }
    });
    stream.end(encodeQuestion(question.service));
  });
}
