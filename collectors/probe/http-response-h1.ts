/**
 * The response of an HTTP/1 server, from bytes to a head and a body (RFC 9112), whatever the pieces in which it comes.
 */
import { ProbeFailure } from './failure.ts';
import { beginsAsHttp, endOfHead, headOf, noHttp, type ParsedHead } from './http-head-h1.ts';
import { Pieces } from './http-pieces.ts';

/** The first part of a response. */
export interface ResponseHead extends ParsedHead {
  /** The length of the body as its head has it; -1 where it does not say. */
  readonly length: number;
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

// Go takes ten times as much, and a thousand targets may be at it at once.
/** How large the head of a response may be, in bytes. */
const maxHeadSize = 1_048_576;
const maxTrailerSize = 128 * 1024;
// Go reads as many before it gives up.
const maxInterim = 5;
const maxLine = 4096;

/** Reads one response; throws a `ProbeFailure` where the bytes are none. */
export class ResponseParser {
  readonly #listener: ResponseListener;
  readonly #toHead: boolean;
  readonly #mayUpgrade: boolean;
  #place: Place = 'head';
  /** What came of a head or a line that is not complete. */
  readonly #held = new Pieces();
  /** How much of a head was searched for its end. */
  #searched = 0;
  #left = 0;
  #interim = 0;
  #trailerBytes = 0;

  /** To a HEAD a response has no body whatever its head says, and to a request for an upgrade it may have the status 101. */
  constructor({ method, upgrade = false }: { method: string; upgrade?: boolean }, listener: ResponseListener) {
    this.#toHead = method === 'HEAD';
    this.#mayUpgrade = upgrade;
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
    let rest = this.#held.length > 0 ? this.#held.add(bytes) : bytes;
    while (rest.length > 0 && !this.over) {
      const next = this.#step(rest);
      if (next === undefined) {
        // Unless it is held already, in front of what just came.
        if (this.#held.length !== rest.length) this.#held.add(rest);
        return;
      }
      this.#held.clear();
      rest = next;
    }
  }

  /** The connection ended: which ends a body without a length, and breaks everything else. */
  finish(): void {
    if (this.#place === 'open') this.#end();
    else if (!this.answered) throw new ProbeFailure('protocol', 'the connection ended before the response');
    else if (!this.over) throw endedWithin();
  }

  /** Takes what it can and gives the rest; undefined where it can take nothing before more comes. */
  #step(bytes: Buffer): Buffer | undefined {
    if (this.#place === 'head') return this.#head(bytes);
    if (this.#place === 'counted' || this.#place === 'chunk') return this.#counted(bytes);
    if (this.#place !== 'open') return this.#line(bytes);
    this.#listener.body(bytes);
    return empty;
  }

  #head(bytes: Buffer): Buffer | undefined {
    if (!beginsAsHttp(bytes)) throw noHttp();
    // The end has up to three bytes of what was searched before.
    const end = endOfHead(bytes, Math.max(this.#searched - 3, 0));
    if ((end === -1 ? bytes.length : end) > maxHeadSize) {
      throw new ProbeFailure('size', 'the headers of the response exceed 1 MiB');
    }
    this.#searched = end === -1 ? bytes.length : 0;
    if (end === -1) return undefined;
    this.#take(headOf(bytes.toString('latin1', 0, end)));
    return bytes.subarray(end);
  }

  #take(head: ParsedHead): void {
    const { status } = head;
    if (status === 101 && !this.#mayUpgrade) {
      throw new ProbeFailure('protocol', 'the target switched protocols without being asked');
    }
    if (status < 200 && status !== 101) {
      this.#interim += 1;
      if (this.#interim > maxInterim) throw new ProbeFailure('protocol', 'too many responses with a status below 200');
      return;
    }
    const length = this.#frame(head);
    const place = this.#place;
    this.#listener.head({ ...head, length });
    if (place === 'over') this.#listener.end();
  }

  /** Finds out how the body ends (RFC 9112 section 6.3), and gives its length; -1 where the head does not say. */
  #frame({ status, protocol, headers }: ParsedHead): number {
    const lengths: string[] = [];
    let coding: string | undefined;
    for (let at = 0; at < headers.length; at += 2) {
      const name = headers[at]!;
      const value = headers[at + 1]!;
      // By its length first, as most headers are neither.
      if (name.length === 14 && name.toLowerCase() === 'content-length') lengths.push(value);
      else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
        coding = coding === undefined ? value : `${coding}, ${value}`;
      }
    }
    // HTTP/1.0 does not know it.
    if (protocol < 'HTTP/1.1') coding = undefined;
    if (!this.#toHead && (status === 101 || status === 204 || status === 304)) {
      this.#place = 'over';
      return 0;
    }
    // Chunks count before a length beside them, by which others could be made to take part of a response for the next
    // one: here none comes after it.
    const length = coding === undefined ? lengthOf(lengths) : -1;
    if (this.#toHead) this.#place = 'over';
    else if (coding !== undefined) {
      if (coding.trim().toLowerCase() !== 'chunked') {
        throw new ProbeFailure('protocol', 'the response has a transfer encoding other than chunked');
      }
      this.#place = 'size';
    } else if (length === -1) this.#place = 'open';
    else {
      this.#place = length === 0 ? 'over' : 'counted';
      this.#left = length;
    }
    return length;
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
  #line(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf(lineFeed);
    if (end === -1) {
      if (bytes.length > maxLine) throw new ProbeFailure('protocol', 'a line between chunks is too long');
      return undefined;
    }
    const line = bytes.toString('latin1', 0, end > 0 && bytes[end - 1] === carriageReturn ? end - 1 : end);
    if (this.#place === 'gap') {
      if (line !== '') throw new ProbeFailure('protocol', 'a chunk is longer than it says');
      this.#place = 'size';
    } else if (this.#place === 'trailer') {
      this.#trailerBytes += end;
      if (line === '') this.#end();
      else if (this.#trailerBytes > maxTrailerSize) throw new ProbeFailure('size', 'the trailer is too long');
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

/** The one length that they all name; -1 where there is none. */
function lengthOf(values: readonly string[]): number {
  const lengths = values.map((value) => (/^\d+$/u.test(value) ? Number(value) : NaN));
  if (!lengths.every(Number.isSafeInteger)) {
    throw new ProbeFailure('protocol', 'the response has a length that is no number');
  }
  const [length = -1] = lengths;
  if (lengths.some((other) => other !== length)) {
    throw new ProbeFailure('protocol', 'the response has two lengths');
  }
  return length;
}

function chunkSizeOf(line: string): number {
  const digits = /^([\dA-Fa-f]{1,13})[ \t]*(?:;.*)?$/su.exec(line)?.[1];
  if (digits === undefined) throw new ProbeFailure('protocol', 'a chunk has no size');
  return Number.parseInt(digits, 16);
}
