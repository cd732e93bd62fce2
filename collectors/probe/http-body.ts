/**
 * Reading a response body: counted, decoded where the module says so, kept only where something matches on it, and
 * never more than the limits, however much a target sends or however far it unpacks.
 */
import type { Readable, Transform } from 'node:stream';
import { ProbeFailure } from './failure.ts';
import { exchangeFailure } from './http-message.ts';

/** What to read. */
export interface BodyWish {
  readonly compression: string;
  /** Keep the decoded bytes. */
  readonly keep: boolean;
  /** Most bytes to take off the wire. */
  readonly wireLimit: number;
  /** Most bytes after decoding. */
  readonly limit: number;
}

/** What was read; `failure` where the body did not end well, with what came until then. */
export interface ReadBody {
  /** Bytes after decoding. */
  readonly length: number;
  readonly bytes: Buffer | undefined;
  readonly failure: ProbeFailure | undefined;
}

/** Reads a body to its end or to a limit; never rejects. The caller closes the response. */
export async function readBody(body: Readable, wish: BodyWish): Promise<ReadBody> {
  if (wish.compression === '' || wish.compression === 'identity') return new BodyReading(body, wish).plain();
  const reading = new BodyReading(body, wish);
  return reading.decoded(await decoderFor(wish.compression, body));
}

/** One body on its way. */
class BodyReading {
  readonly #body: Readable;
  readonly #wish: BodyWish;
  readonly #done: Promise<ReadBody>;
  readonly #resolve: (read: ReadBody) => void;
  readonly #kept: Buffer[] = [];
  #length = 0;
  #wireLength = 0;
  #settled = false;
  #decoder: Transform | undefined;

  constructor(body: Readable, wish: BodyWish) {
    this.#body = body;
    this.#wish = wish;
    let resolve!: (read: ReadBody) => void;
    this.#done = new Promise((settle) => (resolve = settle));
    this.#resolve = resolve;
    body.on('error', (error) => this.#finish(error instanceof ProbeFailure ? error : exchangeFailure(error)));
    body.on('close', () => {
      if (!this.#settled) this.#finish(endedWithin());
    });
    // What was over before anybody listened tells no more of it.
    if (body.readableAborted) this.#finish(endedWithin());
  }

  plain(): Promise<ReadBody> {
    this.#body.on('data', (chunk: Buffer) => this.#count(chunk));
    this.#body.on('end', () => this.#finish());
    return this.#done;
  }

  decoded(decoder: Transform | undefined): Promise<ReadBody> {
    const { compression, wireLimit } = this.#wish;
    if (decoder === undefined) {
      const empty = new ProbeFailure('body', `the body is not ${compression}, but empty`);
      this.#finish(this.#body.readableAborted ? endedWithin() : empty);
    }
    if (decoder === undefined || this.#settled) return this.#done;
    this.#decoder = decoder;
    decoder.on('data', (chunk: Buffer) => this.#count(chunk));
    decoder.on('end', () => this.#finish());
    decoder.on('error', () => this.#finish(new ProbeFailure('body', `the body is not ${compression}`)));
    decoder.on('drain', () => this.#body.resume());
    this.#body.on('data', (chunk: Buffer) => {
      this.#wireLength += chunk.length;
      if (this.#wireLength > wireLimit) {
        this.#finish(new ProbeFailure('size', `the compressed body is larger than ${shownSize(wireLimit)}`));
      } else if (!this.#settled && !decoder.write(chunk)) this.#body.pause();
    });
    this.#body.on('end', () => {
      // From here on the decoder has the word.
      this.#body.removeAllListeners('close');
      if (!this.#settled) decoder.end();
    });
    return this.#done;
  }

  #count(chunk: Buffer): void {
    if (this.#settled) return;
    const { limit, keep } = this.#wish;
    this.#length += chunk.length;
    if (this.#length > limit) {
      // The last chunk may go beyond the limit.
      this.#length = limit;
      this.#finish(new ProbeFailure('size', `the body is larger than ${shownSize(limit)}; see body_size_limit`));
    } else if (keep) this.#kept.push(chunk);
  }

  #finish(failure?: ProbeFailure): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#decoder?.destroy();
    const bytes = this.#wish.keep ? Buffer.concat(this.#kept) : undefined;
    this.#resolve({ length: this.#length, bytes, failure });
  }
}

/** A decoder for a body, of which the first bytes may have to tell which; undefined for an empty body. */
async function decoderFor(compression: string, body: Readable): Promise<Transform | undefined> {
  const zlib = await import('node:zlib');
  if (compression === 'br') return zlib.createBrotliDecompress();
  if (compression === 'gzip') return zlib.createGunzip();
  const first = await firstByte(body);
  if (first === undefined) return undefined;
  // What HTTP calls deflate is in zlib's wrapping (RFC 9110 section 8.4.1.2), but many servers send it without.
  return (first & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw();
}

function endedWithin(): ProbeFailure {
  return new ProbeFailure('protocol', 'the connection ended within the body');
}

function firstByte(body: Readable): Promise<number | undefined> {
  if (body.destroyed || body.readableEnded) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const done = (byte: number | undefined) => {
      body.off('readable', look).off('end', ended).off('close', ended);
      resolve(byte);
    };
    const ended = () => done(undefined);
    const look = () => {
      const chunk = body.read() as Buffer | null;
      if (chunk === null) return;
      body.unshift(chunk);
      done(chunk[0]);
    };
    body.on('readable', look).on('end', ended).on('close', ended);
  });
}

function shownSize(bytes: number): string {
  if (bytes % 1_048_576 === 0) return `${bytes / 1_048_576} MiB`;
  return bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} bytes`;
}
