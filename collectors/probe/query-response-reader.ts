/**
 * Reads what a peer sends in lines or in a fixed number of bytes, with a limit on both a line and the whole, as a peer
 * may send anything.
 */
import type { Duplex } from 'node:stream';
import type { Clock } from '../../src/clock.ts';
import { causeOf, ProbeFailure, timedOut } from './failure.ts';

const lineLimit = 65_536;
const totalLimit = 1_048_576;
/** How long a peer must be silent before a line without an end counts as complete, such as a prompt. */
const quietMs = 100;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** A reader of one stream; `detach` leaves the stream to whoever comes next. */
export class StreamReader {
  readonly #stream: Duplex;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  #held: Buffer = Buffer.alloc(0);
  #received = 0;
  #ended = false;
  #failure: ProbeFailure | undefined;
  #wake: (() => void) | undefined;

  constructor(stream: Duplex, signal: AbortSignal, clock: Clock) {
    this.#stream = stream;
    this.#signal = signal;
    this.#clock = clock;
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('close', this.#onEnd);
    stream.on('error', this.#onError);
    signal.addEventListener('abort', this.#onAbort);
    if (signal.aborted) this.#onAbort();
  }

  /** Stops reading; what was read and not asked for is forgotten. */
  detach(): void {
    this.#stream.pause();
    this.#stream.removeListener('data', this.#onData);
    this.#stream.removeListener('end', this.#onEnd);
    this.#stream.removeListener('close', this.#onEnd);
    this.#stream.removeListener('error', this.#onError);
    this.#signal.removeEventListener('abort', this.#onAbort);
  }

  /**
   * Reads lines until `accepts` returns something for one and gives that; undefined where the peer ended first. A line
   * that has no end yet is offered too once the peer has been silent for a while, and goes if it is accepted.
   */
  async findLine<T>(accepts: (line: string) => T | undefined): Promise<T | undefined> {
    let scanned = 0;
    for (;;) {
      const end = this.#held.indexOf(lineFeed, scanned);
      if (end >= 0) {
        const found = accepts(this.#take(end, 1));
        if (found !== undefined) return found;
        scanned = 0;
        continue;
      }
      scanned = this.#held.length;
      if (scanned > lineLimit) throw new ProbeFailure('size', `the peer sent a line of more than ${lineLimit} bytes`);
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended) return scanned === 0 ? undefined : accepts(this.#take(scanned, 0));
      if ((await this.#more(scanned === 0 ? undefined : quietMs)) === 'quiet') {
        const found = accepts(text(this.#held));
        if (found !== undefined) {
          this.#held = Buffer.alloc(0);
          return found;
        }
        await this.#more(undefined);
      }
    }
  }

  /** Reads exactly so many bytes, or what there was until the peer ended. Stops early where `hopeless` says so. */
  async bytes(count: number, hopeless: (read: Buffer) => boolean): Promise<Buffer> {
    for (;;) {
      if (this.#held.length >= count || (this.#held.length > 0 && hopeless(this.#held)) || this.#ended) {
        const taken = this.#held.subarray(0, count);
        this.#held = this.#held.subarray(taken.length);
        return taken;
      }
      if (this.#failure !== undefined) throw this.#failure;
      await this.#more(undefined);
    }
  }

  #take(length: number, delimiter: number): string {
    const line = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length + delimiter);
    return text(line);
  }

  /** Waits until something happens, or for so long. */
  async #more(patienceMs: number | undefined): Promise<'quiet' | 'news'> {
    return await new Promise((resolve) => {
      if (this.#failure !== undefined || this.#ended) {
        resolve('news');
        return;
      }
      const timer = patienceMs === undefined ? undefined : this.#clock.after(patienceMs, () => done('quiet'));
      const done = (what: 'quiet' | 'news') => {
        timer?.cancel();
        this.#wake = undefined;
        resolve(what);
      };
      this.#wake = () => done('news');
    });
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#received += chunk.length;
    if (this.#received > totalLimit) {
      this.#stream.pause();
      this.#failure ??= new ProbeFailure('size', `the peer sent more than ${totalLimit} bytes`);
    }
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#wake?.();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wake?.();
  };

  readonly #onError = (error: Error): void => {
    this.#failure ??= new ProbeFailure('protocol', `the connection broke: ${causeOf(error)}`, { cause: error });
    this.#wake?.();
  };

  readonly #onAbort = (): void => {
    this.#failure = timedOut('query_response');
    this.#wake?.();
  };
}

function text(line: Buffer): string {
  const end = line.at(-1) === carriageReturn ? line.length - 1 : line.length;
  return line.toString('utf8', 0, end);
}
