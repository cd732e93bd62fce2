/**
 * Pieces of an exposition that are ready to be sent, plain and deflated, and what joins them.
 *
 * Each piece is deflated by itself and ended with a full flush, so pieces that did not change since the last scrape are
 * joined into one gzip stream as they are (RFC 1951 section 3.2.4, RFC 1952). Concatenated gzip members would do for
 * Prometheus, but curl stops after the first.
 */
import { constants, crc32, deflateRawSync } from 'node:zlib';
import { joinChecksums, shiftOf } from './checksum.ts';
import type { Stretch } from './stretch.ts';

function deflate(text: Buffer): Buffer {
  // Level 1: text format shrinks seven times already; level 6 costs twice as much for a tenth less.
  return deflateRawSync(text, { level: 1, finishFlush: constants.Z_FULL_FLUSH });
}

/** A piece of text, encoded once. */
export class Part {
  readonly text: Buffer;
  #deflated: Buffer | undefined;
  #checksum: { readonly value: number; readonly shift: number } | undefined;

  constructor(text: string) {
    this.text = Buffer.from(text);
  }

  /** The text as a run of deflate blocks that neither looks back before its start nor is final. */
  get deflated(): Buffer {
    this.#deflated ??= deflate(this.text);
    return this.#deflated;
  }

  /** The checksum of what stands before with this part after it. */
  checksumAfter(before: number): number {
    this.#checksum ??= { value: crc32(this.text), shift: shiftOf(this.text.length) };
    return joinChecksums(before, this.#checksum.value, this.#checksum.shift);
  }
}

const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
// An empty final block with fixed codes.
const lastBlock = Buffer.from([0x03, 0x00]);

// So long at most that a part is encoded, deflated and summed well within a millisecond or two.
const mostCharacters = 128 * 1024;

/** A text as parts, cut at ends of lines where it is long. */
export function partsOf(text: string): readonly Part[] {
  if (text.length <= mostCharacters) return text === '' ? [] : [new Part(text)];
  const parts: Part[] = [];
  for (let from = 0; from < text.length;) {
    let to = from + mostCharacters;
    if (to >= text.length) to = text.length;
    else {
      const cut = text.lastIndexOf('\n', to - 1) + 1;
      // A line as long as that stays whole.
      to = cut > from ? cut : text.indexOf('\n', to) + 1 || text.length;
    }
    parts.push(new Part(text.slice(from, to)));
    from = to;
  }
  return parts;
}

/** The text of all parts. */
export function joinText(parts: readonly Part[]): Buffer {
  return Buffer.concat(parts.map(({ text }) => text));
}

// To start a deflate stream costs as much as to deflate some kilobytes: small parts are deflated together, at each scrape.
const smallBytes = 16 * 1024;

// So many of them at once at most, as a pause can only come after them.
const smallTogether = 8 * smallBytes;

/** The text of all parts as one gzip stream. */
export async function joinGzip(parts: readonly Part[], stretch: Stretch): Promise<Buffer> {
  let checksum = 0;
  let length = 0;
  const pieces: Buffer[] = [gzipHeader];
  let small: Buffer[] = [];
  let smallLength = 0;
  const flushSmall = (): void => {
    if (small.length > 0) pieces.push(deflate(Buffer.concat(small)));
    small = [];
    smallLength = 0;
  };
  for (const part of parts) {
    const { text } = part;
    length += text.length;
    if (text.length < smallBytes) {
      checksum = crc32(text, checksum);
      small.push(text);
      smallLength += text.length;
      if (smallLength < smallTogether) continue;
      flushSmall();
    } else {
      flushSmall();
      checksum = part.checksumAfter(checksum);
      pieces.push(part.deflated);
    }
    if (stretch.isOver) await stretch.pause();
  }
  flushSmall();
  const trailer = Buffer.allocUnsafe(8);
  trailer.writeUInt32LE(checksum >>> 0, 0);
  trailer.writeUInt32LE(length % 2 ** 32, 4);
  pieces.push(lastBlock, trailer);
  return Buffer.concat(pieces);
}
