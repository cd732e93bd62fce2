import { describe, expect, test } from 'vitest';
import {
  parsePerformanceData,
  type PerformanceDatum,
  parseRange,
  type Range,
  splitOutput,
} from '../../../../collectors/host/exec/performance-data.ts';
import * as fc from '../../../support/properties.ts';

const outside = (lower: number, upper: number): Range => ({ lower, upper, alert: 'outside' });
const inside = (lower: number, upper: number): Range => ({ lower, upper, alert: 'inside' });

describe('a range', () => {
  test.each([
    ['10', outside(0, 10)],
    ['10:', outside(10, Infinity)],
    [':10', outside(0, 10)],
    ['~:10', outside(-Infinity, 10)],
    ['10:20', outside(10, 20)],
    ['@10:20', inside(10, 20)],
    ['@5', inside(0, 5)],
    ['~:', outside(-Infinity, Infinity)],
    ['-5:-1.5', outside(-5, -1.5)],
    ['1e3:2e3', outside(1000, 2000)],
    ['5s', outside(0, 5)],
  ])('%s', (text, range) => {
    expect(parseRange(text)).toEqual(range);
  });

  test.each([undefined, '', 'x', '20:10', '1:2:3', '@', '-5', '10:~', '1e999'])('that is none: %s', (text) => {
    expect(parseRange(text)).toBeUndefined();
  });
});

describe('an item', () => {
  const read = (text: string): readonly PerformanceDatum[] => parsePerformanceData(text).items;

  test.each<[string, PerformanceDatum]>([
    ['a=1', { label: 'a', value: 1, unit: '' }],
    ["'a'=1", { label: 'a', value: 1, unit: '' }],
    ["'a b=c'=1", { label: 'a b=c', value: 1, unit: '' }],
    ["'it''s'=1", { label: "it's", value: 1, unit: '' }],
    ["''''=1", { label: "'", value: 1, unit: '' }],
    ['/var/log=5MB', { label: '/var/log', value: 5, unit: 'MB' }],
    ['C:\\=5%', { label: 'C:\\', value: 5, unit: '%' }],
    ['a::b::c=.5', { label: 'a::b::c', value: 0.5, unit: '' }],
    ['t=-1.5e-3ms', { label: 't', value: -0.0015, unit: 'ms' }],
    ['t=1E3', { label: 't', value: 1000, unit: '' }],
    ['t=1EB', { label: 't', value: 1, unit: 'EB' }],
    ['t=0,25s', { label: 't', value: 0.25, unit: 's' }],
    ['t=0,', { label: 't', value: 0, unit: '' }],
    ['t=2µs', { label: 't', value: 2, unit: 'µs' }],
    ['in=123c', { label: 'in', value: 123, unit: 'c' }],
    ['u=U', { label: 'u', value: undefined, unit: '' }],
    ['u=U;5;10', { label: 'u', value: undefined, unit: '', warning: outside(0, 5), critical: outside(0, 10) }],
    [
      'a=1s;2;@3:4;0;10',
      { label: 'a', value: 1, unit: 's', warning: outside(0, 2), critical: inside(3, 4), min: 0, max: 10 },
    ],
    ['a=1;;;;', { label: 'a', value: 1, unit: '' }],
    ['a=1;;;0', { label: 'a', value: 1, unit: '', min: 0 }],
    // What cannot be read of the rest does not cost the value.
    ['a=1;x;5;y;9', { label: 'a', value: 1, unit: '', critical: outside(0, 5), max: 9 }],
    [
      'a=1;2;3;4;5;6;7',
      { label: 'a', value: 1, unit: '', warning: outside(0, 2), critical: outside(0, 3), min: 4, max: 5 },
    ],
  ])('%s', (text, item) => {
    expect(parsePerformanceData(text)).toEqual({ items: [item], malformed: 0 });
  });

  test.each(['a', '=1', "''=1", 'a=', 'a=x', 'a=1.2.3', 'a=0x10', 'a=1e999', "'a=1", "'a'1", 'a=u', 'a=NaN', 'a=1$'])(
    'that is none costs itself only: %s',
    (text) => {
      expect(parsePerformanceData(`first=1 ${text} last=2`)).toEqual({
        items: [
          { label: 'first', value: 1, unit: '' },
          { label: 'last', value: 2, unit: '' },
        ],
        malformed: 1,
      });
    },
  );

  test('follows another behind any blanks', () => {
    expect(read(' a=1\t b=2 \n\n c=3\r\n').map(({ label }) => label)).toEqual(['a', 'b', 'c']);
  });
});

describe('of any text', () => {
  const printed = (value: number): string => String(value);
  const numbers = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));
  const ranges: fc.Arbitrary<Range> = fc
    .tuple(fc.option(numbers), fc.option(numbers), fc.constantFrom('outside', 'inside'))
    .map(([a, b, alert]) => {
      const [lower, upper] = a !== null && b !== null && a > b ? [b, a] : [a, b];
      return { lower: lower ?? -Infinity, upper: upper ?? Infinity, alert };
    });
  const rangeText = ({ lower, upper, alert }: Range): string =>
    `${alert === 'inside' ? '@' : ''}${lower === -Infinity ? '~' : printed(lower)}:${upper === Infinity ? '' : printed(upper)}`;
  const labels = fc
    .string({ unit: fc.constantFrom('a', 'Z', '9', ' ', "'", '=', '/', ';', '|', '.', '-', 'é', '"'), minLength: 1 })
    .filter((label) => label.length < 20);
  const optional = (key: string, from: fc.Arbitrary<number | Range>): fc.Arbitrary<object> =>
    fc.option(from).map((value) => (value === null ? {} : { [key]: value }));
  const data: fc.Arbitrary<PerformanceDatum> = fc
    .tuple(
      fc.record({
        label: labels,
        value: fc.option(numbers, { nil: undefined, freq: 8 }),
        unit: fc.constantFrom('', 's', 'ms', 'us', '%', 'B', 'KB', 'MB', 'GB', 'TB', 'c', 'KiB', 'dBm'),
      }),
      optional('warning', ranges),
      optional('critical', ranges),
      optional('min', numbers),
      optional('max', numbers),
    )
    .map(([base, ...rest]) => {
      const item: PerformanceDatum = Object.assign({ ...base }, ...rest) as PerformanceDatum;
      return item.value === undefined ? { ...item, unit: '' } : item;
    });
  const itemText = ({ label, value, unit, warning, critical, min, max }: PerformanceDatum): string => {
    const plain = /^[^\s='][^\s=]*$/.test(label) && !label.includes("'");
    const name = plain ? label : `'${label.replaceAll("'", "''")}'`;
    const rest = [warning, critical].map((range) => (range === undefined ? '' : rangeText(range)));
    const limits = [min, max].map((limit) => (limit === undefined ? '' : printed(limit)));
    const first = value === undefined ? 'U' : `${printed(value)}${unit}`;
    return [`${name}=${first}`, ...rest, ...limits].join(';').replace(/;+$/, '');
  };
  // Words that are no items, and open no quote that could end in a later one.
  const rubbish = fc.string({
    unit: fc.constantFrom('a', '1', ';', ':', '.', '%', '|', '\\', '"'),
    minLength: 1,
    maxLength: 8,
  });

  test('nothing is thrown', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const { items, malformed } = parsePerformanceData(splitOutput(text).performanceData);
        expect(items.length + malformed).toBeLessThanOrEqual(text.length);
      }),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("'", '=', ' ', '1', ';', '|', '\n', 'a', '@', '~', ':'), maxLength: 60 }),
        (text) => {
          for (const { label, value } of parsePerformanceData(text).items) {
            expect(label).not.toBe('');
            expect(value === undefined || Number.isFinite(value)).toBe(true);
          }
        },
      ),
    );
  });

  test('every well-formed item is read as it was meant, whatever stands between', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(data, fc.array(rubbish, { maxLength: 2 })), { maxLength: 8 }), (parts) => {
        const text = parts.flatMap(([item, words]) => [itemText(item), ...words]).join(' ');
        const { items, malformed } = parsePerformanceData(text);

        expect(items).toEqual(parts.map(([item]) => item));
        expect(malformed).toBe(parts.reduce((count, [, words]) => count + words.length, 0));
      }),
    );
  });

  test('a hostile one takes time in proportion to its length', () => {
    const timeOf = (text: string): number => {
      const from = performance.now();
      parsePerformanceData(text);
      return performance.now() - from;
    };
    const hostile = ["'' ", "' ", "'''' ", "''' ", 'a=', "'a=' ", '1;', '9'];
    for (const piece of hostile) {
      const least = (times: number): number => Math.min(...[1, 2, 3].map(() => timeOf(piece.repeat(times))));
      // A hundred times the length; where time went with the square, it would be ten thousand times the time.
      const small = Math.max(0.5, least(1_000));
      expect(least(100_000) / small, piece).toBeLessThan(2_500);
    }
  });
});

describe('the output of a plugin', () => {
  test.each([
    ['OK', 'OK', []],
    ['OK | a=1', 'OK', ['a=1']],
    ['OK|a=1 b=2\n', 'OK', ['a=1', 'b=2']],
    ['OK | a=1\nmore\nand more | b=2\nc=3\nd=4', 'OK', ['a=1', 'b=2', 'c=3', 'd=4']],
    ['OK\nmore | b=2\nc=3', 'OK', ['b=2', 'c=3']],
    ["OK | 'a|b'=1", 'OK', ["'a|b'=1"]],
    ['OK\r\nmore\r\n', 'OK', []],
    ['', '', []],
    ['|a=1', '', ['a=1']],
  ])('%j', (output, text, items) => {
    const split = splitOutput(output);
    expect(split.text).toBe(text);
    expect(split.performanceData.split(/\s+/).filter((item) => item !== '')).toEqual(items);
  });
});
