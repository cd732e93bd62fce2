/**
 * What the daemon and the process of an isolated collector say to each other over a pipe: frames of a length, as four
 * bytes, and JSON. The length comes first, so that nobody has to take in more than he is willing to.
 */
import type { CollectErrorCode } from '../errors.ts';
import type { FamilyHead } from '../collector.ts';
import type { Paths } from '../system/index.ts';

/** Where the definition of a collector is found. */
export type Origin =
  | { readonly kind: 'plugin'; readonly file: string }
  | { readonly kind: 'built-in'; readonly list: 'collectors' | 'portable' };

/** What the process is to run; comes first, and once. */
export interface SetUp {
  readonly type: 'set-up';
  readonly collector: string;
  readonly origin: Origin;
  /** As the config has them, with secrets: a pipe is the one way that nobody else can read. */
  readonly options: unknown;
  readonly paths: Paths;
}

/** What the daemon says. One run at a time. */
export type ToProcess =
  | SetUp
  | { readonly type: 'run'; /** Absent where there is no limit. */ readonly maxSeries?: number }
  | { readonly type: 'abort' };

/** Why a run gave nothing. */
export type Failure =
  | { readonly kind: 'no_data'; readonly message: string }
  | { readonly kind: 'collect'; readonly message: string; readonly code: CollectErrorCode }
  | { readonly kind: 'sample'; readonly message: string; readonly result: 'malformed' | 'duplicate' }
  | { readonly kind: 'error'; readonly message: string; readonly name: string; readonly stack: string };

/** Family by its place in `heads`, value (a text where it is not finite), labels, suffix. */
export type Row = readonly [
  head: number,
  value: number | string,
  labels?: Readonly<Record<string, string>> | null,
  suffix?: string,
];

/** What the process says. */
export type FromProcess =
  /** The collector is made and can be run. */
  | { readonly type: 'ready' }
  | {
      readonly type: 'samples';
      readonly heads: readonly FamilyHead[];
      readonly rows: readonly Row[];
      readonly leftOut: number;
      /** Resident memory in bytes. */
      readonly rss: number;
    }
  | { readonly type: 'failed'; readonly failure: Failure; readonly rss: number }
  | { readonly type: 'log'; readonly level: LogLevel; readonly fields: object; readonly message: string }
  /** Its last words. */
  | { readonly type: 'died'; readonly reason: string };

/** The levels of a log. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** The most that a frame may have, in bytes. */
export const largestFrame = 32 * 1024 * 1024;

/** A frame of a text that is JSON already. */
export function frameOf(json: string): Buffer {
  const length = Buffer.byteLength(json);
  const frame = Buffer.allocUnsafe(4 + length);
  frame.writeUInt32LE(length, 0);
  frame.write(json, 4);
  return frame;
}

/** A frame of a message. */
export function frame(message: ToProcess | FromProcess): Buffer {
  return frameOf(JSON.stringify(message));
}

/** The other side said something that is no frame, or too large a one. */
export class BadFrame extends Error {}

/** Puts frames together from the pieces in which they come. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #size = 0;
  /** How many bytes the frame under way needs with its length; undefined before that is known. */
  #wanted: number | undefined;

  /** Takes a piece and gives the messages that it completes; throws `BadFrame`. */
  *read(piece: Buffer): Generator {
    this.#pieces.push(piece);
    this.#size += piece.length;
    for (;;) {
      if (this.#wanted === undefined) {
        if (this.#size < 4) return;
        this.#wanted = 4 + this.#joined().readUInt32LE(0);
        if (this.#wanted > largestFrame) throw new BadFrame(`a frame of ${this.#wanted} bytes`);
      }
      if (this.#size < this.#wanted) return;
      const bytes = this.#joined();
      const text = bytes.toString('utf8', 4, this.#wanted);
      this.#pieces = [bytes.subarray(this.#wanted)];
      this.#size -= this.#wanted;
      this.#wanted = undefined;
      let message: unknown;
      try {
        message = JSON.parse(text);
      } catch (error) {
        throw new BadFrame('a frame that is not JSON', { cause: error });
      }
      yield message;
    }
  }

  #joined(): Buffer {
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0]!;
  }
}
