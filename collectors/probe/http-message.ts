/** A request and its response, whichever version of HTTP carries them. */
import { isUtf8 } from 'node:buffer';
import { errnoOf } from '../../src/errors.ts';
import { causeOf, ProbeFailure } from './failure.ts';

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

/** Whether headers ask for another protocol (RFC 9110 section 7.8), so that the status 101 may be the answer. */
export function asksForUpgrade(headers: readonly string[]): boolean {
  return (
    headerValues(headers, 'upgrade').length > 0 &&
    headerValues(headers, 'connection').some((value) => /(?:^|,)[\t ]*upgrade[\t ]*(?:,|$)/iu.test(value))
  );
}

/** Who takes a body. */
export interface BodySink {
  /** The next bytes, valid until this returns. */
  bytes(bytes: Buffer): void;
  /** The body is complete; its last byte came at `at` of `performance.now()`. */
  end(at: number): void;
  /** The body breaks off here. */
  failed(failure: ProbeFailure): void;
}

/** A body on its way: nothing is read, beyond what came with the head, until somebody takes it. */
export interface ResponseBody {
  /** Gives all of it to `sink`, from what came until now on; call it once. */
  deliverTo(sink: BodySink): void;
  /** Lets the bytes wait that have not come yet. */
  pause(): void;
  resume(): void;
}

/** A response whose body is still to be read. */
export interface ExchangeResponse {
  readonly status: number;
  /** As Go writes it: `HTTP/1.1`, `HTTP/2.0`. */
  readonly protocol: string;
  /** Names and values by turns, as they came. */
  readonly headers: readonly string[];
  /** The length of the body as the head has it; -1 where it does not say. */
  readonly contentLength: number;
  readonly body: ResponseBody;
  /** How long the peer took to begin to answer. */
  readonly processingSeconds: number;
  /** When that was, by `performance.now()`. */
  readonly firstByteAt: number;
  /** Ends the connection; call it in any case. */
  close(): void;
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

/** A value as text: what is valid UTF-8 decoded, anything else in one byte a character, as it came. */
export function headerText(value: string): string {
  if (!/[\x80-\xff]/u.test(value)) return value;
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : value;
}

/** A text as it goes out: in UTF-8, one byte a character. */
export function utf8Bytes(text: string): string {
  return /[^\0-\x7f]/u.test(text) ? Buffer.from(text).toString('latin1') : text;
}

/** Headers without those that the others have too. */
export function withoutNames(headers: readonly string[], others: readonly string[]): readonly string[] {
  if (others.length === 0) return headers;
  return headers.filter((_, at) => headerValues(others, headers[at - (at % 2)]!).length === 0);
}

/** The failure of an exchange that broke with this error. */
export function exchangeFailure(error: unknown): ProbeFailure {
  const code = errnoOf(error) ?? '';
  const detail = causeOf(error);
  // With TLS 1.3 a server refuses a client certificate only after the handshake.
  if (code.startsWith('ERR_SSL_')) return new ProbeFailure('tls', detail, { cause: error });
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new ProbeFailure('size', 'the headers of the response are too large', { cause: error });
  }
  if (code === 'ERR_INVALID_CHAR') return new ProbeFailure('config', 'a header holds what it cannot', { cause: error });
  return new ProbeFailure('protocol', detail, { cause: error });
}
