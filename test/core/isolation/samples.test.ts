import { describe, expect, test } from 'vitest';
import { counter, type FamilyHead, gauge, type Sample, type Samples } from '../../../src/collector.ts';
import { Encoder } from '../../../src/exposition/encode.ts';
import { BadSample, formatBlocks } from '../../../src/exposition/format.ts';
import { BadFrame, type FromProcess } from '../../../src/isolation/protocol.ts';
import { CutSamples, packSamples, unpackSamples } from '../../../src/isolation/samples.ts';

type Answer = FromProcess & { type: 'samples' };

const load = gauge('node_load1', 'Load.');
const bytes = counter('node_bytes_total', 'Bytes.', ['device', 'zone?']);
const script: FamilyHead = { name: 'script_value', type: 'gauge', help: 'V.', labelNames: [], mayBeNaN: true };

function through(samples: unknown, maxSeries = Infinity, counted: readonly Sample[] = []): Samples {
  return unpackSamples(JSON.parse(packSamples(samples, counted, maxSeries, () => 5)) as Answer);
}

function textOf(samples: Samples): string {
  return formatBlocks(new Encoder().encode([...samples]));
}

function* endless(): Samples {
  for (let number = 0; ; number += 1) yield bytes.sample(1, { device: String(number) });
}

describe('samples', () => {
  test('are served as if they came from this process', () => {
    const samples: Sample[] = [
      load.sample(0.25),
      bytes.sample(1e21, { device: 'a"\\\n', zone: 'ä' }),
      bytes.sample(Infinity, { device: 'b', zone: undefined }),
      bytes.sample(-Infinity, { device: 'c' }),
      { family: script, value: Number.NaN, labels: undefined },
      ...['1', '+Inf'].map((le) => ({
        family: { name: 'h', type: 'histogram' as const, help: 'H.', labelNames: ['le'] },
        value: 1,
        labels: { le },
        suffix: '_bucket',
      })),
    ];

    expect(textOf(through(samples))).toBe(textOf(samples));
    expect(textOf(through(new Set(samples)))).toBe(textOf(samples));
  });

  test('that a collector counts itself come after those that it gives', () => {
    expect(
      [...through([load.sample(1)], Infinity, [bytes.sample(2, { device: 'a' })])].map(({ value }) => value),
    ).toEqual([1, 2]);
  });

  test.each<[string, unknown, string]>([
    ['NaN', [load.sample(Number.NaN)], 'node_load1 is NaN'],
    ['a label that is not declared', [{ family: load, value: 1, labels: { cpu: '0' } }], 'label cpu is not declared'],
    ['a label that is no text', [{ family: bytes, value: 1, labels: { device: 0 } }], 'is not a string but a number'],
    ['a family without a type', [{ family: { name: 'a', labelNames: [] }, value: 1 }], 'a'],
    ['two of one series', [load.sample(1), load.sample(2)], 'node_load1 is given twice'],
    ['a value that is a text', [{ family: load, value: '1' }], 'node_load1 is not a number: string'],
    ['nothing to iterate', 7, 'collect returned no samples to iterate'],
    [
      'more text than a frame may have',
      [bytes.sample(1, { device: 'x'.repeat(9 * 2 ** 20) })],
      'more than 8 MB of text',
    ],
  ])('are refused like those of this process: %s', (_, samples, message) => {
    expect(() => textOf(through(samples))).toThrow(BadSample);
    expect(() => textOf(through(samples))).toThrow(message);
  });

  test('beyond the limit stay behind and are counted', () => {
    const array = through(
      [...Array(10).keys()].map((index) => bytes.sample(index, { device: String(index) })),
      4,
      [load.sample(1)],
    ) as CutSamples;
    const generator = through(endless(), 4) as CutSamples;

    expect([...array].map(({ value }) => value)).toEqual([0, 1, 2, 3]);
    expect(array.leftOut).toBe(7);
    expect([...generator].length).toBe(4);
    expect(generator.leftOut).toBe(10_000);
  });
});

test.each([{ heads: [], rows: [[0, 1]] }, { heads: [] }, { heads: 1, rows: 1 }])(
  'an answer that makes no sense is refused: %j',
  (answer) => {
    expect(() => unpackSamples({ type: 'samples', leftOut: 0, rss: 0, ...answer } as unknown as Answer)).toThrow(
      BadFrame,
    );
  },
);
