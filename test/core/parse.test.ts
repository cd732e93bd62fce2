import * as fc from '../support/properties.ts';
import { describe, expect, test } from 'vitest';
import { Family, type FamilyType, type Sample } from '../../src/collector.ts';
import { Encoder } from '../../src/exposition/encode.ts';
import { formatBlocks } from '../../src/exposition/format.ts';
import { ExpositionError, parseExposition, parseToServe, parseValue } from '../../src/exposition/parse.ts';

/** The samples of a text in few words: name with suffix, labels, value and timestamp. */
function samplesOf(text: string): unknown[] {
  return parseExposition(text).flatMap(({ family, samples }) =>
    samples.map(({ labels, value, suffix, timestampMs }) => [
      family.name + (suffix ?? ''),
      { ...labels },
      value,
      ...(timestampMs === undefined ? [] : [timestampMs]),
    ]),
  );
}

describe('families', () => {
  test('take type and help from their lines, in the order of the text', () => {
    const families = parseExposition(
      '# HELP jobs_total Jobs done.\n# TYPE jobs_total counter\njobs_total 3\n# TYPE depth gauge\ndepth 1.5\nfree 2\n',
    );

    expect(families.map(({ family, helpGiven }) => [family.name, family.type, family.help, helpGiven])).toEqual([
      ['jobs_total', 'counter', 'Jobs done.', true],
      ['depth', 'gauge', '', false],
      ['free', 'untyped', '', false],
    ]);
  });

  test('know the names of all their labels, sorted, and may be NaN', () => {
    const [parsed] = parseExposition('a{z="1"} 1\na{b="2",c="3"} NaN\n');

    expect(parsed?.family).toMatchObject({ labelNames: ['b', 'c', 'z'], mayBeNaN: true });
    expect(parsed?.samples.every(({ family }) => family === parsed.family)).toBe(true);
  });

  test('without samples are left out', () => {
    expect(parseExposition('# HELP a A.\n# TYPE a counter\n')).toEqual([]);
  });

  test('may have samples apart from one another', () => {
    expect(parseExposition('a{x="1"} 1\nb 2\na{x="2"} 3\n').map(({ samples }) => samples.length)).toEqual([2, 1]);
  });

  test.each(['COUNTER', 'Counter'])('take a type in any case: %s', (word) => {
    expect(parseExposition(`# TYPE a ${word}\na 1\n`)[0]?.family.type).toBe('counter');
  });

  test('read a help without text as none, and a type without a word as none', () => {
    const [parsed] = parseExposition('# HELP a\n# HELP a \n# TYPE a\n# HELP a Late.\na 1\n');

    expect(parsed).toMatchObject({ helpGiven: true, family: { type: 'untyped', help: 'Late.' } });
  });

  test('take a HELP line after their samples', () => {
    expect(parseExposition('a 1\n# HELP a Late.\n')[0]?.family.help).toBe('Late.');
  });
});

describe('histograms and summaries', () => {
  test('own the samples that carry a suffix', () => {
    const text = [
      '# TYPE latency histogram',
      'latency_bucket{le="0.1"} 1',
      'latency_bucket{le="+Inf"} 3',
      'latency_sum 0.9',
      'latency_count 3',
      '# TYPE size summary',
      'size{quantile="0.5"} 10',
      'size_sum 30',
      'size_count 3',
      '',
    ].join('\n');

    expect(
      parseExposition(text).map(({ family, samples }) => [family.name, samples.map(({ suffix }) => suffix)]),
    ).toEqual([
      ['latency', ['_bucket', '_bucket', '_sum', '_count']],
      ['size', [undefined, '_sum', '_count']],
    ]);
  });

  test('leave names alone that only look like a part', () => {
    expect(
      samplesOf('# TYPE open gauge\nopen 1\nopen_count 2\n# TYPE s summary\ns_count 1\ns_bucket 2\n_sum 3\n'),
    ).toEqual([
      ['open', {}, 1],
      ['open_count', {}, 2],
      ['s_count', {}, 1],
      ['s_bucket', {}, 2],
      ['_sum', {}, 3],
    ]);
  });

  test('do not take over a family that was there first', () => {
    const families = parseExposition('h_count 1\n# TYPE h histogram\nh_count 2\nh_sum 3\n');

    expect(families.map(({ family, samples }) => [family.name, family.type, samples.length])).toEqual([
      ['h_count', 'untyped', 2],
      ['h', 'histogram', 1],
    ]);
  });

  test.each([
    ['# TYPE h histogram\nh 1\n', 'line 2: histogram h needs _bucket, _sum or _count'],
    ['# TYPE h histogram\nh_bucket 1\n', 'line 2: histogram h needs the label le'],
    ['# TYPE h histogram\nh_bucket{le="low"} 1\n', 'line 2: expected a number as le, found "low"'],
    ['# TYPE s summary\ns 1\n', 'line 2: summary s needs the label quantile'],
    ['# TYPE s summary\ns{quantile=""} 1\n', 'line 2: expected a number as quantile, found ""'],
  ])('are refused in part: %j', (text, message) => {
    expect(() => parseExposition(text)).toThrow(message);
  });
});

describe('lines', () => {
  test.each([
    ['', []],
    ['\n\n  \t\n', []],
    ['# only a comment\n#\n#HELP a\n# TYPE\n', []],
    ['a 1\n \t', [['a', {}, 1]]],
    ['\t a  \t 1  \n', [['a', {}, 1]]],
    ['a{}1\n', [['a', {}, 1]]],
    ['a {b="c"}\t1 -7 \n', [['a', { b: 'c' }, 1, -7]]],
    ['a{ b = "c" , d="e" , } 1\n', [['a', { b: 'c', d: 'e' }, 1]]],
    ['a{b="}, # \\" x"} 1\n', [['a', { b: '}, # " x' }, 1]]],
    ['a{b="one\\ntwo\\\\n"} 1\n', [['a', { b: 'one\ntwo\\n' }, 1]]],
    ['a{b="日本 \u{1f600}"} 1\n', [['a', { b: '日本 \u{1f600}' }, 1]]],
    ['a{__proto__="x"} 1\n', [['a', { ['__proto__']: 'x' }, 1]]],
    [':a:b_9 1\n', [[':a:b_9', {}, 1]]],
    [
      '__proto__ 1\nconstructor 2\n',
      [
        ['__proto__', {}, 1],
        ['constructor', {}, 2],
      ],
    ],
    ['a 1 9223372036854775807\n', [['a', {}, 1, 2 ** 63]]],
  ])('are read as the format says: %j', (text, samples) => {
    expect(samplesOf(text)).toEqual(samples);
  });

  test('undo the escapes of a help text', () => {
    expect(parseExposition('# HELP a One\\ntwo \\\\n "three" \\"four\\"\na 1\n')[0]?.family.help).toBe(
      'One\ntwo \\n "three" "four"',
    );
  });

  test.each([
    ['a 1', 1, 'the text ends without a line feed, so it may have been cut off'],
    ['a 1\n# HELP b', 2, 'the text ends without a line feed, so it may have been cut off'],
    ['1a 1\n', 1, 'invalid metric name'],
    ['{a="b"} 1\n', 1, 'invalid metric name'],
    ['ä 1\n', 1, 'invalid metric name'],
    ['\n\na\n', 3, 'expected a number as the value, found ""'],
    ['a x\n', 1, 'expected a number as the value, found "x"'],
    ['a 1\r\n', 1, 'expected a number as the value, found "1\\r"'],
    ['a 1 2 3\n', 1, 'unexpected text at the end: "3"'],
    ['a 1 2.5\n', 1, 'expected an integer as the timestamp, found "2.5"'],
    ['a 1 9223372036854775808\n', 1, 'expected an integer as the timestamp, found "9223372036854775808"'],
    ['a 1 # note\n', 1, 'expected an integer as the timestamp, found "#"'],
    ['a{b="c" 1\n', 1, 'expected "," or "}" after label b, found "1"'],
    ['a{b="c"\n', 1, 'expected "," or "}" after label b, found ""'],
    ['a{b="c\n', 1, 'the value of label b does not end'],
    ['a{b=c} 1\n', 1, 'expected "\\"" before the value of label b, found "c"'],
    ['a{b} 1\n', 1, 'expected "=" after label b, found "}"'],
    ['a{,} 1\n', 1, 'invalid label name for a'],
    ['a{b="c",,} 1\n', 1, 'invalid label name for a'],
    ['a{"b"="c"} 1\n', 1, 'invalid label name for a'],
    ['a{b:c="d"} 1\n', 1, 'expected "=" after label b, found ":"'],
    ['a{b="1",b="2"} 1\n', 1, 'label b of a is given twice'],
    ['a{__name__="b"} 1\n', 1, 'the label name "__name__" is reserved'],
    ['a{b="\\t"} 1\n', 1, 'invalid escape sequence "\\\\t"'],
    ['# HELP a tab \\t\n', 1, 'invalid escape sequence "\\\\t"'],
    ['# HELP a end \\\n', 1, 'invalid escape sequence "\\\\"'],
    ['# HELP 1a x\n', 1, 'invalid metric name after HELP'],
    ['# TYPE a-b gauge\n', 1, 'invalid metric name after TYPE'],
    ['# TYPE a info\n', 1, 'unknown metric type "info"'],
    ['# HELP a A.\n# HELP a A.\n', 2, 'second HELP line for a'],
    ['# TYPE a gauge\n# TYPE a gauge\n', 2, 'second TYPE line for a, or TYPE after its samples'],
    ['a 1\n# TYPE a gauge\n', 2, 'second TYPE line for a, or TYPE after its samples'],
  ])('are refused with their number: %j', (text, line, problem) => {
    expect(() => parseExposition(text)).toThrow(expect.objectContaining({ line, problem }));
  });
});

test.each([
  ['0', 0],
  ['-1', -1],
  ['+1.5e3', 1500],
  ['.5', 0.5],
  ['5.', 5],
  ['1E-2', 0.01],
  ['1e-400', 0],
  ['18446744073709551615', 18_446_744_073_709_552_000],
  ['+Inf', Infinity],
  ['-inf', -Infinity],
  ['INFINITY', Infinity],
  ['NaN', Number.NaN],
  ['nan', Number.NaN],
  ['', undefined],
  ['.', undefined],
  ['1e', undefined],
  ['1e400', undefined],
  ['0x10', undefined],
  ['0x1p4', undefined],
  ['1_000', undefined],
  ['+NaN', undefined],
  ['--1', undefined],
  ['1,5', undefined],
  ['true', undefined],
])('reads a value as Go does: %j', (text, value) => {
  expect(parseValue(text)).toEqual(value);
});

const metricName = fc.stringMatching(/^[a-zA-Z:][a-zA-Z0-9:]{0,8}$/);
const labelName = fc
  .stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{0,6}$/)
  .filter((name) => name !== 'le' && name !== 'quantile');
const labelText = fc.string({ unit: 'grapheme', maxLength: 12 });
// The format skips blanks before a help text.
const helpText = labelText.map((text) => text.replace(/^[ \t]+/, ''));
const number = fc.double();

const plainFamily = fc.record({
  name: metricName,
  type: fc.constantFrom<FamilyType>('counter', 'gauge', 'untyped'),
  help: helpText,
  labels: fc.uniqueArray(labelName, { maxLength: 3 }),
  rows: fc.array(fc.tuple(fc.array(labelText, { minLength: 3, maxLength: 3 }), number), { minLength: 1, maxLength: 4 }),
});

const histogramFamily = fc.record({
  name: metricName,
  type: fc.constant<FamilyType>('histogram'),
  help: helpText,
  labels: fc.uniqueArray(labelName, { maxLength: 2 }),
  rows: fc.array(fc.tuple(fc.array(labelText, { minLength: 2, maxLength: 2 }), number), { minLength: 1, maxLength: 3 }),
});

type Drawn = typeof plainFamily extends fc.Arbitrary<infer T> ? T : never;

function samplesFrom({ name, type, help, labels, rows }: Drawn): Sample[] {
  const family = Object.assign(
    new Family<string>(name, type, help, type === 'histogram' ? [...labels, 'le'] : labels),
    {
      mayBeNaN: true,
    },
  );
  const seen = new Set<string>();
  return rows.flatMap(([texts, value]): Sample[] => {
    const pairs = Object.fromEntries(labels.map((label, index) => [label, texts[index]!]));
    const key = JSON.stringify(Object.values(pairs));
    if (seen.has(key)) return [];
    seen.add(key);
    if (type !== 'histogram') return [{ family, value, labels: pairs }];
    return [
      { family, value: 1, labels: { ...pairs, le: '0.5' }, suffix: '_bucket' },
      { family, value: 2, labels: { ...pairs, le: '+Inf' }, suffix: '_bucket' },
      { family, value, labels: pairs, suffix: '_sum' },
      { family, value: 2, labels: pairs, suffix: '_count' },
    ];
  });
}

// As texts, since NaN has no place in an order of numbers.
const ascending = (samples: readonly Sample[]) => samples.map(({ value }) => String(value + 0)).toSorted();
const byName = ([a]: unknown[], [b]: unknown[]): number => (String(a) < String(b) ? -1 : 1);

test('reads back what the encoder writes, whatever the texts and numbers', () => {
  const families = fc.uniqueArray(fc.oneof(plainFamily, histogramFamily), {
    selector: ({ name }) => name,
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(families, (drawn) => {
      const written = formatBlocks(new Encoder().encode(drawn.flatMap(samplesFrom)));
      const parsed = parseExposition(written);

      expect(formatBlocks(new Encoder().encode(parsed.flatMap(({ samples }) => samples)))).toBe(written);
      const expected = drawn.map(({ name, type, help }) => [name, type, help]);
      expect(parsed.map(({ family }) => [family.name, family.type, family.help]).toSorted(byName)).toEqual(
        expected.toSorted(byName),
      );
      expect(ascending(parsed.flatMap(({ samples }) => samples))).toEqual(ascending(drawn.flatMap(samplesFrom)));
    }),
  );
});

/** What reading a text throws, if it throws. */
function failureOf(text: string): unknown {
  try {
    parseExposition(text);
    return undefined;
  } catch (error) {
    return error;
  }
}

test('fails only with its own error, whatever the text', () => {
  const piece = fc.constantFrom(
    'a',
    '_sum',
    '{',
    '}',
    '"',
    '\\',
    '\n',
    ' ',
    '=',
    ',',
    '#',
    ' HELP ',
    ' TYPE ',
    '1',
    'e',
    'le',
    'histogram',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      expect(failureOf(pieces.join(''))).toSatisfy(
        (failure) => failure === undefined || failure instanceof ExpositionError,
      );
    }),
    { numRuns: 500 },
  );
});

describe('a mistake', () => {
  test.each([
    ['good 1\nbad x\n', 2, 5],
    ['a{b="c",d=e} 1\n', 1, 11],
    ['a{9="c"} 1\n', 1, 3],
    ['a{b="c",b="d"} 1\n', 1, 9],
    ['a 1 2 3\n', 1, 7],
    ['  # TYPE a guage\n', 1, 12],
    ['a 12', 1, 5],
    ['a{b="open} 1\n', 1, 6],
  ])('has a column, where the word starts that is wrong: %j', (text, line, column) => {
    expect(() => parseExposition(text)).toThrow(expect.objectContaining({ line, column }));
  });
});

describe('a text that is to be served', () => {
  test.each([
    ['a 1\nb 2 1395066363000\n', 2, 5, 'b has a timestamp, which would make its samples old ones'],
    ['a{__address__="b"} 1\n', 1, 3, 'the label __address__ of a is reserved'],
  ])('must not have what Prometheus would take amiss: %j', (text, line, column, problem) => {
    expect(() => parseToServe(text)).toThrow(expect.objectContaining({ line, column, problem }));
    expect(parseExposition(text)).not.toHaveLength(0);
  });
});
