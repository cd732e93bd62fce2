import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { pageSize, pageSizeOf } from '../../../collectors/host/page-size.ts';

/** A vector of 64-bit words, little end first. */
function vector(...words: number[]): Buffer {
  const buffer = Buffer.alloc(words.length * 8);
  words.forEach((word, index) => buffer.writeBigUInt64LE(BigInt(word), index * 8));
  return buffer;
}

test('finds the size of a page among the other keys', () => {
  expect(pageSizeOf(vector(33, 6, 6, 65536, 17, 100, 0, 0), 8, true)).toBe(65536);
});

test('reads 32-bit words with the big end first', () => {
  const buffer = Buffer.alloc(16);
  buffer.writeUInt32BE(6, 8);
  buffer.writeUInt32BE(4096, 12);

  expect(pageSizeOf(buffer, 4, false)).toBe(4096);
});

test.each([
  ['empty', Buffer.alloc(0)],
  ['without the key', vector(33, 4096, 0, 0)],
  ['cut within the pair', vector(6, 4096).subarray(0, 12)],
])('does not know the size where the vector is %s', (_, auxv) => {
  expect(pageSizeOf(auxv, 8, true)).toBeUndefined();
});

test('agrees with what the C library says of this machine', () => {
  expect(pageSize()).toBe(Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' })));
});
