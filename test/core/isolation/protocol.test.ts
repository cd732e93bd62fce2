import { describe, expect, test } from 'vitest';
import { BadFrame, frame, FrameReader, largestFrame, type ToProcess } from '../../../src/isolation/protocol.ts';
import * as fc from '../../support/properties.ts';

const messages: ToProcess[] = [
  { type: 'run', maxSeries: 10 },
  { type: 'abort' },
  {
    type: 'set-up',
    collector: 'queue',
    origin: { kind: 'plugin', file: '/x/ä€😀.js' },
    options: { password: 'x'.repeat(3_000) },
    paths: { procfs: '/proc', sysfs: '/sys', rootfs: '/', udev_data: '/run/udev/data' },
  },
  { type: 'run' },
];

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % bytes.length))].toSorted((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

describe('frames', () => {
  test('come out as they went in, in whatever pieces they arrive', () => {
    const bytes = Buffer.concat(messages.map(frame));
    fc.assert(
      fc.property(fc.array(fc.nat()), (cuts) => {
        const reader = new FrameReader();
        const read = pieces(bytes, cuts).flatMap((piece) => [...reader.read(piece)]);
        expect(read).toEqual(messages);
      }),
    );
  });

  test('that are too large are refused before they are taken in', () => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(largestFrame + 1);

    expect(() => [...new FrameReader().read(length)]).toThrow(BadFrame);
  });

  test('that are not JSON are refused', () => {
    expect(() => [...new FrameReader().read(Buffer.from([1, 0, 0, 0, 0x7b]))]).toThrow('a frame that is not JSON');
  });
});
