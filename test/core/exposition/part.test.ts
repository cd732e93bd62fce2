import { execFileSync } from 'node:child_process';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import * as fc from '../../support/properties.ts';
import { describe, expect, test } from 'vitest';
import { joinGzip, joinText, Part, partsOf } from '../../../src/exposition/part.ts';
import { Stretch } from '../../../src/exposition/stretch.ts';

/** So many lines of samples, that do not repeat themselves. */
function samples(count: number, seed = 'x'): string {
  return Array.from({ length: count }, (_, index) => `node_${seed}{device="${index}"} ${index * 7919}\n`).join('');
}

const small = new Part(samples(10));
const large = new Part(samples(2_000, 'large'));
const larger = new Part(samples(20_000, 'larger'));

const gzipOf = (parts: readonly Part[]): Promise<Buffer> => joinGzip(parts, new Stretch());

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
  test.each(mixtures)('is their text: %s', async (_, parts) => {
    const text = joinText(parts);

    expect(text.toString()).toBe(parts.map((part) => part.text.toString()).join(''));
    expect(gunzipSync(await gzipOf(parts)).equals(text)).toBe(true);
  });

  test.runIf(hasGzip).each(mixtures)('is one that gzip finds whole: %s', async (_, parts) => {
    const input = await gzipOf(parts);

    expect(() => execFileSync('gzip', ['-t'], { input, stdio: ['pipe', 'ignore', 'pipe'] })).not.toThrow();
    expect(execFileSync('gzip', ['-dc'], { input, maxBuffer: 2 ** 26 }).equals(joinText(parts))).toBe(true);
  });

  test('is a single member, as some clients stop after the first', async () => {
    const stream = await gzipOf([large, small, larger]);
    const header = 10;
    const trailer = 8;

    const { buffer, engine } = inflateRawSync(stream.subarray(header), { info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };

    expect(buffer.equals(joinText([large, small, larger]))).toBe(true);
    expect(engine.bytesWritten).toBe(stream.length - header - trailer);
  });

  test('is much smaller than the text', async () => {
    expect((await gzipOf([large, small])).length).toBeLessThan(joinText([large, small]).length / 3);
  });

  test('is damaged when a part is cut off, and gunzip notices', async () => {
    const stream = await gzipOf([small, large]);

    expect(() => gunzipSync(stream.subarray(0, -9))).toThrow(/unexpected end of file/);
  });

  test('is the text, whatever the parts', async () => {
    const part = fc.oneof(
      fc.string({ unit: 'grapheme' }).map((text) => new Part(text)),
      fc.constantFrom(small, large, new Part('x'.repeat(16 * 1024)), new Part('y'.repeat(16 * 1024 - 1))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        expect(gunzipSync(await gzipOf(parts)).equals(joinText(parts))).toBe(true);
      }),
    );
  });
});

describe('a text as parts', () => {
  const most = 128 * 1024;

  test('is itself, whatever it is, and cut after line feeds only', () => {
    const line = fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 0, max: 300 }).map((length) => `${'日'.repeat(length)}\n`) },
      { weight: 1, arbitrary: fc.integer({ min: most - 2, max: 2 * most }).map((length) => `${'x'.repeat(length)}\n`) },
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 3000, size: 'max' }), fc.boolean(), (lines, isOpen) => {
        const whole = isOpen ? lines.join('').slice(0, -1) : lines.join('');
        const parts = partsOf(whole).map((part) => part.text.toString());

        expect(parts.join('') === whole).toBe(true);
        expect(parts.slice(0, -1).every((part) => part.endsWith('\n'))).toBe(true);
        expect(
          parts.every((part) => part.length <= most || part.indexOf('\n') >= part.length - 1 || !part.includes('\n')),
        ).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('is one where it is short, and none where there is nothing', () => {
    expect(partsOf('a 1\n').length).toBe(1);
    expect(partsOf('')).toEqual([]);
  });
});

test('a gzip stream of many parts pauses where it has taken long', async () => {
  const parts = Array.from({ length: 40 }, (_, index) => new Part(samples(1000, `seed${index}`)));
  let now = 0;
  let pauses = 0;
  const clock = { monotonic: () => (now += 1) };
  const pause = async (): Promise<void> => {
    pauses += 1;
  };

  const stream = await joinGzip(parts, new Stretch(clock, pause));

  expect(gunzipSync(stream).equals(joinText(parts))).toBe(true);
  expect(pauses).toBeGreaterThanOrEqual(8);
});

test('a part is deflated once', () => {
  const part = new Part(samples(3));

  expect(part.deflated).toBe(part.deflated);
});
