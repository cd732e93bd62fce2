import { execFileSync } from 'node:child_process';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import * as fc from '../../support/properties.ts';
import { describe, expect, test } from 'vitest';
import { joinGzip, joinText, Part } from '../../../src/exposition/part.ts';

/** So many lines of samples, that do not repeat themselves. */
function samples(count: number, seed = 'x'): string {
  return Array.from({ length: count }, (_, index) => `node_${seed}{device="${index}"} ${index * 7919}\n`).join('');
}

const small = new Part(samples(10));
const large = new Part(samples(2_000, 'large'));
const larger = new Part(samples(20_000, 'larger'));

const mixtures: [string, Part[]][] = [
  ['nothing', []],
  ['an empty part', [new Part('')]],
  ['one small part', [small]],
  ['small parts', [small, new Part(samples(5, 'y')), small]],
  ['one large part', [large]],
  ['large parts', [large, larger, large]],
  ['small and large parts in turn', [small, large, small, small, larger, small]],
  ['large parts at both ends', [large, small, large]],
  ['text beyond ASCII', [new Part('a{b="日本 \u{1f600} é"} 1\n'), large]],
];

const hasGzip = (() => {
  try {
    execFileSync('gzip', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe('the gzip stream of parts', () => {
  test.each(mixtures)('is their text: %s', (_, parts) => {
    const text = joinText(parts);

    expect(text.toString()).toBe(parts.map((part) => part.text.toString()).join(''));
    expect(gunzipSync(joinGzip(parts)).equals(text)).toBe(true);
  });

  test.runIf(hasGzip).each(mixtures)('is one that gzip finds whole: %s', (_, parts) => {
    const input = joinGzip(parts);

    expect(() => execFileSync('gzip', ['-t'], { input, stdio: ['pipe', 'ignore', 'pipe'] })).not.toThrow();
    expect(execFileSync('gzip', ['-dc'], { input, maxBuffer: 2 ** 26 }).equals(joinText(parts))).toBe(true);
  });

  test('is a single member, as some clients stop after the first', () => {
    const stream = joinGzip([large, small, larger]);
    const header = 10;
    const trailer = 8;

    const { buffer, engine } = inflateRawSync(stream.subarray(header), { info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };

    expect(buffer.equals(joinText([large, small, larger]))).toBe(true);
    expect(engine.bytesWritten).toBe(stream.length - header - trailer);
  });

  test('is much smaller than the text', () => {
    expect(joinGzip([large, small]).length).toBeLessThan(joinText([large, small]).length / 3);
  });

  test('is damaged when a part is cut off, and gunzip notices', () => {
    const stream = joinGzip([small, large]);

    expect(() => gunzipSync(stream.subarray(0, -9))).toThrow(/unexpected end of file/);
  });

  test('is the text, whatever the parts', () => {
    const part = fc.oneof(
      fc.string({ unit: 'grapheme' }).map((text) => new Part(text)),
      fc.constantFrom(small, large, new Part('x'.repeat(16 * 1024)), new Part('y'.repeat(16 * 1024 - 1))),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        expect(gunzipSync(joinGzip(parts)).equals(joinText(parts))).toBe(true);
      }),
    );
  });
});

test('a part is deflated once', () => {
  const part = new Part(samples(3));

  expect(part.deflated).toBe(part.deflated);
});
