/**
 * Reading a response body: counted, decoded where the module says so, kept only where something matches on it, and
 * never more than the limits, however much a target sends or however far it unpacks.
 */
import type { Transform } from 'node:stream';
import { ProbeFailure } from './failure.ts';
import type { BodySink, ResponseBody } from './http-message.ts';

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
  /** When its last byte came, or when it was given up, by `performance.now()`. */
  readonly endedAt: number;
}

/** Reads a body to its end or to a limit; never rejects. The caller closes the response. */
export async function readBody(body: ResponseBody, wish: BodyWish): Promise<ReadBody> {
  const encoded = wish.compression !== '' && wish.compression !== 'identity';
  const zlib = encoded ? await import('node:zlib') : undefined;
  return new Promise((resolve) => {
    const sink =
      zlib === undefined ? new BodyReading(wish, resolve) : new DecodedReading(wish, resolve, { body, zlib });
    body.deliverTo(sink);
  });
}

/** One body on its way. */
class BodyReading implements BodySink {
  protected readonly wish: BodyWish;
  readonly #resolve: (read: ReadBody) => void;
  readonly #kept: Buffer[] = [];
  #length = 0;
  protected settled = false;

  constructor(wish: BodyWish, resolve: (read: ReadBody) => void) {
    this.wish = wish;
    this.#resolve = resolve;
  }

  bytes(bytes: Buffer): void {
    this.count(bytes);
  }

  end(at: number): void {
    this.finish(undefined, at);
  }

  failed(failure: ProbeFailure): void {
    this.finish(failure);
  }

  protected count(bytes: Buffer): void {
    if (this.settled) return;
    const { limit, keep } = this.wish;
    this.#length += bytes.length;
    if (this.#length > limit) {
      // The last bytes may go beyond the limit.
      this.#length = limit;
      this.finish(new ProbeFailure('size', `the body is larger than ${shownSize(limit)}; see body_size_limit`));
    } else if (keep) this.#kept.push(Buffer.from(bytes));
  }

  protected finish(failure: ProbeFailure | undefined, endedAt = performance.now()): void {
    if (this.settled) return;
    this.settled = true;
    const bytes = this.wish.keep ? Buffer.concat(this.#kept) : undefined;
    this.#resolve({ length: this.#length, bytes, failure, endedAt });
  }
}

interface Source {
  readonly body: ResponseBody;
  readonly zlib: typeof import('node:zlib');
}

/** One body on its way through a decoder. */
class DecodedReading extends BodyReading {
  readonly #source: Source;
  #decoder: Transform | undefined;
  #wireLength = 0;
  #endedAt: number | undefined;

  constructor(wish: BodyWish, resolve: (read: ReadBody) => void, source: Source) {
    super(wish, resolve);
    this.#source = source;
    const { compression } = wish;
    // Which decoder deflate takes is told by its first byte.
    if (compression === 'br') this.#decoder = this.#listenTo(source.zlib.createBrotliDecompress());
    else if (compression === 'gzip') this.#decoder = this.#listenTo(source.zlib.createGunzip());
  }

  override bytes(bytes: Buffer): void {
    if (this.settled) return;
    const { wireLimit } = this.wish;
    this.#wireLength += bytes.length;
    if (this.#wireLength > wireLimit) {
      this.finish(new ProbeFailure('size', `the compressed body is larger than ${shownSize(wireLimit)}`));
      return;
    }
    this.#decoder ??= this.#listenTo(this.#inflaterOf(bytes[0]!));
    // The decoder keeps them beyond this call.
    if (!this.#decoder.write(Buffer.from(bytes))) this.#source.body.pause();
  }

  override end(at: number): void {
    if (this.settled) return;
    this.#endedAt = at;
    if (this.#decoder === undefined) {
      this.finish(new ProbeFailure('body', `the body is not ${this.wish.compression}, but empty`), at);
    } else this.#decoder.end();
  }

  protected override finish(failure: ProbeFailure | undefined, endedAt = this.#endedAt): void {
    super.finish(failure, endedAt);
    this.#decoder?.destroy();
  }

  #listenTo(decoder: Transform): Transform {
    decoder.on('data', (bytes: Buffer) => this.count(bytes));
    decoder.on('end', () => this.finish(undefined));
    decoder.on('error', () => this.finish(new ProbeFailure('body', `the body is not ${this.wish.compression}`)));
    decoder.on('drain', () => {
      if (!this.settled && this.#endedAt === undefined) this.#source.body.resume();
    });
    return decoder;
  }

  #inflaterOf(first: number): Transform {
    const { zlib } = this.#source;
    // What HTTP calls deflate is in zlib's wrapping (RFC 9110 section 8.4.1.2), but many servers send it without.
    return (first & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw();
  }
}

function shownSize(bytes: number): string {
  if (bytes % 1_048_576 === 0) return `${bytes / 1_048_576} MiB`;
  return bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} bytes`;
}
