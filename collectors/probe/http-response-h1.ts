/**
 * The response of an HTTP/1 server, from bytes to a head and a body (RFC 9112), whatever the pieces in which it comes.
 * Where servers and the RFC part, it takes what blackbox_exporter takes: lines that end with a line feed alone, headers
 * that go on in the next line.
 */
import { ProbeFailure } from './failure.ts';
import { maxHeaderSize } from './http-message.ts';

/** The first part of a response. */
export interface ResponseHead {
  readonly status: number;
  /** As it came: `HTTP/1.1`. */
  readonly protocol: string;
  /** Names and values by turns, as they came. */
  readonly headers: readonly string[];
}

/** Who is told of a response. */
export interface ResponseListener {
  head(head: ResponseHead): void;
  /** Bytes of the body, valid until this returns. */
  body(bytes: Buffer): void;
  end(): void;
}

/** What the next bytes are; of a body, how it ends. */
type Place = 'head' | 'counted' | 'size' | 'chunk' | 'gap' | 'trailer' | 'open' | 'over';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const empty = Buffer.alloc(0);

// Go reads as many before it gives up.
const maxInterim = 5;
const maxLine = 4096;

const beginning = 'HTTP/';
const statusLine = /^(HTTP\/\d\.\d) (\d{3})(?: (.*))?$/su;
const token = /^[!#$%&'*+.^_`|~\w-]+$/u;
const badInValue = /[\0\r]/u;

/** Reads one response; throws a `ProbeFailure` where the bytes are none. */
export class ResponseParser {
  readonly #listener: ResponseListener;
  readonly #bodyless: boolean;
  #place: Place = 'head';
  /** What came of a head or a line that is not complete. */
  #held: Buffer = empty;
  #left = 0;
  #interim = 0;
  #trailerBytes = 0;

  /** `method` is that of the request: the response to a HEAD has no body whatever its head says. */
  constructor(method: string, listener: ResponseListener) {
    this.#bodyless = method === 'HEAD';
    this.#listener = listener;
  }

  /** Whether the head is complete. */
  get answered(): boolean {
    return this.#place !== 'head';
  }

  /** Whether the whole response is. */
  get over(): boolean {
    return this.#place === 'over';
  }

  /** The next bytes. What stands behind the end of the response is left unread. */
  push(bytes: Buffer): void {
    let rest = bytes;
    if (this.#held.length > 0) {
      rest = Buffer.concat([this.#held, bytes]);
      this.#held = empty;
    }
    while (rest.length > 0 && !this.over) rest = this.#step(rest);
  }

  /** The connection ended: which ends a body without a length, and breaks everything else. */
  finish(): void {
    if (this.#place === 'open') this.#end();
    else if (!this.answered) throw new ProbeFailure('protocol', 'the connection ended before the response');
    else if (!this.over) throw endedWithin();
  }

  #step(bytes: Buffer): Buffer {
    if (this.#place === 'head') return this.#head(bytes);
    if (this.#place === 'counted' || this.#place === 'chunk') return this.#counted(bytes);
    if (this.#place !== 'open') return this.#line(bytes);
    this.#listener.body(bytes);
    return empty;
  }

  #head(bytes: Buffer): Buffer {
    // Told from its first bytes, as what does not speak HTTP may never end a line.
    const known = Math.min(bytes.length, beginning.length);
    if (bytes.toString('latin1', 0, known) !== beginning.slice(0, known)) {
      throw new ProbeFailure('protocol', 'the answer does not begin as HTTP/1 does');
    }
    const end = endOfHead(bytes);
    if ((end === -1 ? bytes.length : end) > maxHeaderSize) {
      throw new ProbeFailure('size', `the headers of the response exceed ${maxHeaderSize / 1024} KiB`);
    }
    if (end === -1) {
      this.#held = Buffer.from(bytes);
      return empty;
    }
    this.#take(headOf(bytes.toString('latin1', 0, end)));
    return bytes.subarray(end);
  }

  #take(head: ResponseHead): void {
    const { status, headers } = head;
    if (status === 101) throw new ProbeFailure('protocol', 'the target switched protocols without being asked');
    if (status < 200) {
      this.#interim += 1;
      if (this.#interim > maxInterim) throw new ProbeFailure('protocol', 'too many responses with a status below 200');
      return;
    }
    this.#frame(status, headers);
    const place = this.#place;
    this.#listener.head(head);
    if (place === 'over') this.#listener.end();
  }

  /** How the body ends (RFC 9112 section 6.3). */
  #frame(status: number, headers: readonly string[]): void {
    let length: number | undefined;
    let coding: string | undefined;
    for (let at = 0; at < headers.length; at += 2) {
      const name = headers[at]!;
      const value = headers[at + 1]!;
      // By its length first, as most headers are neither.
      if (name.length === 14 && name.toLowerCase() === 'content-length') {
        const found = lengthOf(value);
        if (length !== undefined && length !== found) {
          throw new ProbeFailure('protocol', 'the response has two lengths');
        }
        length = found;
      } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
        coding = coding === undefined ? value : `${coding}, ${value}`;
      }
    }
    // Who disagrees about where a response ends can be made to take part of it for the next one.
    if (length !== undefined && coding !== undefined) {
      throw new ProbeFailure('protocol', 'the response has both a length and a transfer encoding');
    }
    if (this.#bodyless || status === 204 || status === 304) this.#place = 'over';
    else if (coding !== undefined) {
      if (coding.trim().toLowerCase() !== 'chunked') {
        throw new ProbeFailure('protocol', 'the response has a transfer encoding other than chunked');
      }
      this.#place = 'size';
    } else if (length === undefined) this.#place = 'open';
    else {
      this.#place = length === 0 ? 'over' : 'counted';
      this.#left = length;
    }
  }

  #counted(bytes: Buffer): Buffer {
    const part = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes;
    this.#left -= part.length;
    const last = this.#left === 0;
    const inChunk = this.#place === 'chunk';
    if (last && inChunk) this.#place = 'gap';
    this.#listener.body(part);
    if (last && !inChunk) this.#end();
    return bytes.subarray(part.length);
  }

  /** A line of the framing of chunks (RFC 9112 section 7.1). */
  #line(bytes: Buffer): Buffer {
    const end = bytes.indexOf(lineFeed);
    if (end === -1) {
      if (bytes.length > maxLine) throw new ProbeFailure('protocol', 'a line between chunks is too long');
      this.#held = Buffer.from(bytes);
      return empty;
    }
    const line = bytes.toString('latin1', 0, end > 0 && bytes[end - 1] === carriageReturn ? end - 1 : end);
    if (this.#place === 'gap') {
      if (line !== '') throw new ProbeFailure('protocol', 'a chunk is longer than it says');
      this.#place = 'size';
    } else if (this.#place === 'trailer') {
      this.#trailerBytes += end;
      if (line === '') this.#end();
      else if (this.#trailerBytes > maxHeaderSize) throw new ProbeFailure('size', 'the trailer is too long');
    } else {
      this.#left = chunkSizeOf(line);
      this.#place = this.#left === 0 ? 'trailer' : 'chunk';
    }
    return bytes.subarray(end + 1);
  }

  #end(): void {
    this.#place = 'over';
    this.#listener.end();
  }
}

/** The failure of a body that was not whole. */
export function endedWithin(): ProbeFailure {
  return new ProbeFailure('protocol', 'the connection ended within the body');
}

/** Where the first byte behind a head stands, behind its empty line; -1 where that has not come. */
function endOfHead(bytes: Buffer): number {
  let at = bytes.indexOf(lineFeed);
  while (at !== -1) {
    const next = bytes[at + 1];
    if (next === lineFeed) return at + 2;
    if (next === carriageReturn && bytes[at + 2] === lineFeed) return at + 3;
    at = bytes.indexOf(lineFeed, at + 1);
  }
  return -1;
}

function headOf(text: string): ResponseHead {
  const lines = text.split('\n');
  const [, protocol, status] = statusLine.exec(withoutReturn(lines[0]!)) ?? [];
  if (protocol === undefined) throw new ProbeFailure('protocol', 'the answer does not begin as HTTP/1 does');
  const headers: string[] = [];
  // The last two are the empty line and what stands behind its end.
  for (let at = 1; at < lines.length - 2; at += 1) addHeader(headers, withoutReturn(lines[at]!));
  return { status: Number(status), protocol, headers };
}

function addHeader(headers: string[], line: string): void {
  if (badInValue.test(line)) throw malformedHeader();
  const first = line[0];
  if (first === ' ' || first === '\t') {
    // A header that goes on in the next line (RFC 9112 section 5.2).
    if (headers.length === 0) throw malformedHeader();
    headers.push(`${headers.pop()!} ${trimmed(line)}`.trimEnd());
    return;
  }
  const colon = line.indexOf(':');
  const name = line.slice(0, colon);
  if (colon < 1 || !token.test(name)) throw malformedHeader();
  headers.push(name, trimmed(line.slice(colon + 1)));
}

function malformedHeader(): ProbeFailure {
  return new ProbeFailure('protocol', 'the response has a malformed header');
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** Without the blanks around it that are not part of a value; those of Unicode may be. */
function trimmed(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start += 1;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end -= 1;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function lengthOf(value: string): number {
  const length = /^\d+$/u.test(value) ? Number(value) : NaN;
  if (Number.isSafeInteger(length)) return length;
  throw new ProbeFailure('protocol', 'the response has a length that is no number');
}

function chunkSizeOf(line: string): number {
  const digits = /^([\dA-Fa-f]{1,13})[ \t]*(?:;.*)?$/su.exec(line)?.[1];
  if (digits === undefined) throw new ProbeFailure('protocol', 'a chunk has no size');
  return Number.parseInt(digits, 16);
}
