/** The one buffer that kernel files are read into: what it holds is good until the next read of any of them. */
import { readSync } from 'node:fs';
import { utf8Text } from './utf8.ts';

// A larger read of a file below /proc/sys makes the kernel take that much memory, and fails from 4 MiB on.
const readAtMost = 64 * 1024;

let shared = Buffer.allocUnsafeSlow(readAtMost);

// Most kernel files are small, and of the same length at each read: a view of the buffer is made once for each length.
const viewAtMost = 512;
let views: (Buffer | undefined)[] = [];

function enlarge(): void {
  const larger = Buffer.allocUnsafeSlow(shared.length * 2);
  shared.copy(larger);
  shared = larger;
  views = [];
}

/**
 * Reads a descriptor from its start to its end; gives the number of bytes. What the kernel hands out in one piece is at its
 * end where a read gives less than was asked for.
 */
export function readToEnd(descriptor: number, inOnePiece: boolean): number {
  let length = 0;
  for (;;) {
    if (length === shared.length) enlarge();
    // A seq file ends a read at a record, not at the end of the file: only 0 means the end.
    const wanted = Math.min(shared.length - length, readAtMost);
    const count = readSync(descriptor, shared, length, wanted, length);
    length += count;
    if (count === 0 || (inOnePiece && count < wanted)) return length;
  }
}

/** The first bytes that were read. */
export function sharedBytes(length: number): Buffer {
  if (length > viewAtMost) return shared.subarray(0, length);
  return (views[length] ??= shared.subarray(0, length));
}

/** The same as text. */
export function sharedText(length: number): string {
  return utf8Text(shared, length);
}

const lineFeed = 0x0a;

/** Ends the last line of what was read, where it is not; gives the number of bytes then. */
export function endLastLine(length: number): number {
  if (length === 0 || shared[length - 1] === lineFeed) return length;
  if (length === shared.length) enlarge();
  shared[length] = lineFeed;
  return length + 1;
}

/** How many of the first bytes are whole lines. */
export function wholeLines(length: number): number {
  return length === 0 || shared[length - 1] === lineFeed ? length : shared.lastIndexOf(lineFeed, length - 1) + 1;
}
