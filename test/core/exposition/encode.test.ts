import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from '../../support/properties.ts';
import { describe, expect, test } from 'vitest';
import {
  counter,
  type FamilyHead,
  Family,
  type FamilyType,
  gauge,
  type Sample,
  untyped,
} from '../../../src/collector.ts';
import { Encoder } from '../../../src/exposition/encode.ts';
import { BadSample, formatBlocks, formatHead, formatValue } from '../../../src/exposition/format.ts';
import { parseExposition } from '../../../src/exposition/parse.ts';

function encode(samples: readonly Sample[], slotLabels?: Record<string, string>): string {
  return formatBlocks(new Encoder(slotLabels).encode(samples));
}

/** The sample lines of a text. */
function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

const load = gauge('node_load1', '1m load average.');
const bytes = counter('node_bytes_total', 'Bytes.', ['device']);

describe('a text', () => {
  test('has the families by name, and the samples of each in the order in which they came', () => {
    const text = encode([
      load.sample(0.21),
      bytes.sample(2, { device: 'eth1' }),
      untyped('a_first', 'First.').sample(3),
      bytes.sample(1, { device: 'eth0' }),
    ]);

    expect(text).toBe(
      [
        '# HELP a_first First.',
        '# TYPE a_first untyped',
        'a_first 3',
        '# HELP node_bytes_total Bytes.',
        '# TYPE node_bytes_total counter',
        'node_bytes_total{device="eth1"} 2',
        'node_bytes_total{device="eth0"} 1',
        '# HELP node_load1 1m load average.',
        '# TYPE node_load1 gauge',
        'node_load1 0.21',
        '',
      ].join('\n'),
    );
  });

  test('of nothing is empty', () => {
    expect(encode([])).toBe('');
  });

  test('has the labels by name', () => {
    const family = gauge('a', 'A.', ['zone', 'cpu', 'mode']);

    expect(lines(encode([family.sample(1, { mode: 'idle', zone: 'x', cpu: '0' })]))).toEqual([
      'a{cpu="0",mode="idle",zone="x"} 1',
    ]);
  });
});

describe('what must be escaped', () => {
  test('in a label value is backslash, quote and line feed', () => {
    expect(lines(encode([bytes.sample(1, { device: 'C:\\a "b"\nc' })]))).toEqual([
      String.raw`node_bytes_total{device="C:\\a \"b\"\nc"} 1`,
    ]);
  });

  test('in a label value is nothing else', () => {
    const device = "tab\t nul\u0000 \r '{},= 日本 \u{1f600}";

    expect(lines(encode([bytes.sample(1, { device })]))).toEqual([`node_bytes_total{device="${device}"} 1`]);
  });

  test('in a help text is backslash and line feed, but no quote', () => {
    expect(formatHead(gauge('a', 'One\ntwo \\ "three"'))).toBe('# HELP a One\\ntwo \\\\ "three"\n# TYPE a gauge\n');
  });

  test('does not show through the next line: a label cannot make a series of its own', () => {
    const text = encode([bytes.sample(1, { device: 'x"} 1\nnode_bytes_total{device="y' })]);

    expect(lines(text)).toHaveLength(1);
    expect(parseExposition(text)[0]?.samples).toHaveLength(1);
  });
});

test.each([
  [0, '0'],
  [-0, '0'],
  [1.5, '1.5'],
  [-3, '-3'],
  [1e21, '1e+21'],
  [5e-324, '5e-324'],
  [2 ** 64, '18446744073709552000'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
  [Number.NaN, 'NaN'],
])('the value %d is written as Go reads it', (value, text) => {
  expect(formatValue(value)).toBe(text);
});

test('NaN is a value only of a family that may be NaN', () => {
  const family: FamilyHead = { name: 'a', type: 'gauge', help: '', labelNames: [], mayBeNaN: true };

  expect(lines(encode([{ family, value: Number.NaN, labels: undefined }]))).toEqual(['a NaN']);
  expect(() => encode([load.sample(Number.NaN)])).toThrow(new BadSample('malformed', 'node_load1 is NaN'));
});

describe('an optional label', () => {
  const family = gauge('a', 'A.', ['device', 'fstype?']);

  test('may be left out', () => {
    expect(
      lines(
        encode([
          family.sample(1, { device: 'x' }),
          family.sample(2, { device: 'y', fstype: undefined }),
          family.sample(3, { device: 'z', fstype: 'ext4' }),
        ]),
      ),
    ).toEqual(['a{device="x"} 1', 'a{device="y"} 2', 'a{device="z",fstype="ext4"} 3']);
  });

  test.each([
    ['of two', family.sample(1, { device: 'x' }), family.sample(2, { device: 'x', fstype: '' })],
    ['of one', gauge('b', 'B.', ['c?']).sample(1, {}), gauge('b', 'B.', ['c?']).sample(2, { c: '' })],
    [
      'of none given',
      { family: gauge('b', 'B.', ['c?']), value: 1, labels: undefined },
      gauge('b', 'B.', ['c?']).sample(2, {}),
    ],
  ])('that is empty names the same series as one that is absent: %s', (_, one, other) => {
    expect(() => encode([one, other])).toThrow(BadSample);
    expect(() => encode([other, one])).toThrow(/is given twice/);
  });

  test('that is empty is written as such', () => {
    expect(lines(encode([family.sample(1, { device: 'x', fstype: '' })]))).toEqual(['a{device="x",fstype=""} 1']);
  });
});

describe('the labels of a slot', () => {
  test('are laid on every series', () => {
    expect(lines(encode([load.sample(1), bytes.sample(2, { device: 'x' })], { check: 'shop', team: 'we"b' }))).toEqual([
      String.raw`node_bytes_total{check="shop",device="x",team="we\"b"} 2`,
      String.raw`node_load1{check="shop",team="we\"b"} 1`,
    ]);
  });

  test('yield to a label of the sample itself, as a name may not come twice', () => {
    expect(lines(encode([bytes.sample(2, { device: 'x' })], { device: 'mine' }))).toEqual([
      'node_bytes_total{device="x"} 2',
    ]);
  });
});

describe('a histogram', () => {
  const family = new Family('latency_seconds', 'histogram', 'Latency.', ['le?', 'method']);
  const part = (suffix: string, value: number, le?: string): Sample => ({
    ...family.sample(value, { method: 'GET', le }),
    suffix,
  });

  test('has its parts under one head, in the order in which they came', () => {
    expect(encode([part('_bucket', 1, '0.1'), part('_bucket', 3, '+Inf'), part('_sum', 0.9), part('_count', 3)])).toBe(
      [
        '# HELP latency_seconds Latency.',
        '# TYPE latency_seconds histogram',
        'latency_seconds_bucket{le="0.1",method="GET"} 1',
        'latency_seconds_bucket{le="+Inf",method="GET"} 3',
        'latency_seconds_sum{method="GET"} 0.9',
        'latency_seconds_count{method="GET"} 3',
        '',
      ].join('\n'),
    );
  });

  test('may not have a part twice', () => {
    expect(() => encode([part('_sum', 1), part('_count', 1), part('_sum', 1)])).toThrow(
      new BadSample('duplicate', 'latency_seconds_sum{method="GET"} is given twice'),
    );
  });
});

/** The size of what can still be reached, in bytes. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

describe('from run to run', () => {
  test('series that vanish are left out, and those that come are put in', () => {
    const encoder = new Encoder();
    const run = (...devices: string[]): string[] =>
      lines(formatBlocks(encoder.encode(devices.map((device, index) => bytes.sample(index, { device })))));

    expect(run('a', 'b')).toEqual(['node_bytes_total{device="a"} 0', 'node_bytes_total{device="b"} 1']);
    expect(run('b')).toEqual(['node_bytes_total{device="b"} 0']);
    expect(run('c', 'a')).toEqual(['node_bytes_total{device="c"} 0', 'node_bytes_total{device="a"} 1']);
    expect(run()).toEqual([]);
    expect(run('a')).toEqual(['node_bytes_total{device="a"} 0']);
  });

  test('series keep their labels in whatever order they come', () => {
    const encoder = new Encoder();
    const run = (...devices: string[]): string[] =>
      lines(formatBlocks(encoder.encode(devices.map((device) => bytes.sample(Number(device), { device })))));

    for (const order of ['123', '321', '132', '1', '21', '3123'.slice(1), '213', '4123', '1234']) {
      expect(run(...order.split(''))).toEqual(
        order.split('').map((device) => `node_bytes_total{device="${device}"} ${device}`),
      );
    }
  });

  test('a series that comes twice is found, also after it was forgotten and where the order changed', () => {
    const encoder = new Encoder();
    const run = (...devices: string[]): unknown =>
      encoder.encode(devices.map((device, index) => bytes.sample(index, { device })));
    const many = Array.from({ length: 60 }, (_, index) => `many${index}`);

    run('a', 'b', 'c');
    expect(() => run('a', 'b', 'a')).toThrow(BadSample);
    expect(() => run('b', 'b')).toThrow(BadSample);
    run('a', 'b', 'c');
    run(...many);
    run('a');
    expect(() => run('a', 'many1', 'many1')).toThrow(BadSample);
    expect(() => run('many1', 'many2', 'a', 'many2')).toThrow(BadSample);
  });

  test('series that vanished for good do not pile up', () => {
    const encoder = new Encoder();
    const before = heapInUse();
    for (let run = 0; run < 300; run += 1) {
      encoder.encode(
        Array.from({ length: 200 }, (_, index) =>
          bytes.sample(1, { device: `${'x'.repeat(500)}${run * 1000 + index}` }),
        ),
      );
    }

    // All of them would be more than 60 MB.
    expect(heapInUse() - before).toBeLessThan(10 * 2 ** 20);
    expect(encoder.encode([])).toEqual([]);
  });

  test('series of runs that fail do not pile up', () => {
    const encoder = new Encoder();
    const before = heapInUse();
    for (let run = 0; run < 300; run += 1) {
      const samples = Array.from({ length: 200 }, (_, index) =>
        bytes.sample(1, { device: `${'x'.repeat(500)}${run * 1000 + index}` }),
      );
      expect(() => encoder.encode([...samples, samples[0]!])).toThrow(BadSample);
    }

    expect(heapInUse() - before).toBeLessThan(10 * 2 ** 20);
  });

  test('a family that vanished may come back with another type', () => {
    const encoder = new Encoder();
    encoder.encode([gauge('a', 'A.').sample(1)]);
    encoder.encode([]);

    expect(formatBlocks(encoder.encode([counter('a', 'A.').sample(1)]))).toContain('# TYPE a counter\n');
  });

  test('tells how many series each family has', () => {
    const blocks = new Encoder().encode([
      bytes.sample(1, { device: 'a' }),
      bytes.sample(1, { device: 'b' }),
      load.sample(1),
    ]);

    expect(blocks.map(({ family, series }) => [family.name, series])).toEqual([
      ['node_bytes_total', 2],
      ['node_load1', 1],
    ]);
  });
});

const labelNames = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/), { maxLength: 3 });
const texts = fc.array(
  fc.oneof(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.constantFrom('', '\n', '\\', '"', '\\n', '"} 1\n#', ' ')),
  { minLength: 3, maxLength: 3 },
);
const values = fc.oneof(
  fc.double({ noNaN: true }),
  fc.constantFrom(0, 1, Infinity, -Infinity, Number.MAX_SAFE_INTEGER),
);
const drawnFamily = fc.record({
  name: fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9:]{0,8}$/),
  type: fc.constantFrom<FamilyType>('counter', 'gauge', 'untyped'),
  // Blanks before a help text are lost on those who read it.
  help: fc.string({ unit: 'grapheme', maxLength: 20 }).map((help) => help.replace(/^[ \t]+/, '')),
  labels: labelNames,
  rows: fc.array(fc.tuple(texts, values), { minLength: 1, maxLength: 5 }),
});

/** Labels in the order of their names. */
function pairsOf(labels: Sample['labels']): unknown[] {
  return Object.entries(labels ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

test('whatever the samples, the text parses back to them', () => {
  const families = fc.uniqueArray(drawnFamily, { selector: ({ name }) => name, minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(families, (drawn) => {
      const given = drawn.flatMap(({ name, type, help, labels, rows }) => {
        const family = new Family<string>(name, type, help, labels);
        const byLabels = new Map(
          rows.map(([row, value]) => {
            const pairs = Object.fromEntries(labels.map((label, index) => [label, row[index]!]));
            return [JSON.stringify(pairsOf(pairs)), { family, value, labels: pairs }];
          }),
        );
        return [...byLabels.values()];
      });

      const parsed = parseExposition(encode(given)).flatMap(({ samples }) => samples);

      const plain = ({ family, labels, value }: Sample) =>
        JSON.stringify([family.name, family.type, family.help, pairsOf(labels), String(value)]);
      expect(parsed.map(plain).toSorted()).toEqual(given.map(plain).toSorted());
    }),
    { numRuns: 300 },
  );
});

describe('a limit', () => {
  const samples = (count: number): Sample[] =>
    Array.from({ length: count }, (_, index) => bytes.sample(index, { device: `d${index}` }));

  test('keeps the first samples, whatever their families, and counts the others', () => {
    const encoder = new Encoder({}, 3);

    const text = formatBlocks(encoder.encode([...samples(2), load.sample(7), ...samples(9)]));

    expect(lines(text)).toEqual(['node_bytes_total{device="d0"} 0', 'node_bytes_total{device="d1"} 1', 'node_load1 7']);
    expect(encoder.dropped).toBe(9);
  });

  test('does not touch what keeps to it', () => {
    const encoder = new Encoder({}, 3);
    encoder.encode(samples(4));

    expect(lines(formatBlocks(encoder.encode(samples(3)))).length).toBe(3);
    expect(encoder.dropped).toBe(0);
  });

  test('of nothing leaves nothing', () => {
    expect(new Encoder({}, 0).encode(samples(2))).toEqual([]);
  });
});
