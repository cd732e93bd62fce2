import { crc32 } from 'node:zlib';
import * as fc from '../../support/properties.ts';
import { expect, test } from 'vitest';
import { joinChecksums, shiftOf } from '../../../src/exposition/checksum.ts';

test('the checksum of two texts is that of both together', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (first, second) => {
      const joined = joinChecksums(crc32(first), crc32(second), shiftOf(second.length));

      expect(joined).toBe(crc32(Buffer.concat([first, second])));
    }),
  );
});

test('a text of megabytes after another one is no different', () => {
  const first = Buffer.alloc(1_000_003, 'abc');
  const second = Buffer.alloc(5_000_011, 'node_load1 0.25');

  expect(joinChecksums(crc32(first), crc32(second), shiftOf(second.length))).toBe(
    crc32(Buffer.concat([first, second])),
  );
});
