import { array, assert, constantFrom, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { FieldLines } from '../../../src/system/field-lines.ts';

const pattern = /^(\w+):?\s+(\d+)( kB)?$/;

/** Reads texts one after the other with the same reader. */
function reads(...texts: string[]): { told: [string, number][]; lines: number }[] {
  const fields = new FieldLines(pattern, (name, unit) => (name.startsWith('no') ? undefined : `${name}${unit}`));
  return texts.map((text) => {
    const told: [string, number][] = [];
    const lines = fields.read(text, (field, value) => told.push([field, value]));
    return { told, lines };
  });
}

test('tells the wanted fields, whatever stands between name and number', () => {
  const text = 'a 1\nnone 2\nb:      300 kB\nc\t\t4\n';

  expect(reads(text)).toEqual([
    {
      told: [
        ['a', 1],
        ['b kB', 300],
        ['c', 4],
      ],
      lines: 4,
    },
  ]);
});

test('follows numbers that grow and lose digits, and fields that come, go and change places', () => {
  const told = reads('a 1\nb:   20 kB\n', 'a 100\nb: 3 kB\n', 'new 5\na 7\n', 'b: 1\na 7 kB\n').map((one) => one.told);

  expect(told).toEqual([
    [
      ['a', 1],
      ['b kB', 20],
    ],
    [
      ['a', 100],
      ['b kB', 3],
    ],
    [
      ['new', 5],
      ['a', 7],
    ],
    [
      ['b', 1],
      ['a kB', 7],
    ],
  ]);
});

test('takes no number from a line that is torn or is none, also where a good one stood before', () => {
  const good = 'a 1\nb 2 kB\nc 3\n';

  for (const bad of ['a x\nb -2 kB\nc\n', 'a 1x\nb 2 MB\nc 3', 'a\nb  kB\nc 1 2\n', '\n\n\n', '']) {
    const [, { told, lines }] = reads(good, bad) as [unknown, { told: unknown[]; lines: number }];
    expect({ bad, told, lines }).toEqual({ bad, told: [], lines: 0 });
  }
});

test('rounds large numbers as the language does', () => {
  const text = 'a 18446744073709551615\nb 9007199254740993\nc 999999999999999\n';

  const [first, second] = reads(text, text);

  expect(second).toEqual(first);
  expect(first!.told).toEqual([
    ['a', Number('18446744073709551615')],
    ['b', 2 ** 53],
    ['c', 999999999999999],
  ]);
});

test('a reader that knows other texts reads as a new one does', () => {
  const line = tuple(
    constantFrom('a', 'b', 'no', 'longer_name'),
    constantFrom(' ', ': ', '\t', ':    ', ''),
    constantFrom('1', '22', '0', '123456789012345678', 'x', ''),
    constantFrom('', ' kB', 'kB', ' '),
  ).map((parts) => parts.join(''));
  const text = array(line, { maxLength: 6 }).map((lines) => lines.map((one) => `${one}\n`).join(''));

  assert(
    property(text, text, (before, after) => {
      const [, known] = reads(before, after);
      expect(known!.told).toEqual(reads(after)[0]!.told);
    }),
    { numRuns: 500 },
  );
});
