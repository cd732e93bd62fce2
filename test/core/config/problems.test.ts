import { describe, expect, test } from 'vitest';
import { LineCounter, parseDocument } from 'yaml';
import type { Located } from '../../../src/config/locate.ts';
import { Problems, suggestion } from '../../../src/config/problems.ts';
import { ConfigError } from '../../../src/errors.ts';

function located(file: string, text: string): Located {
  const lines = new LineCounter();
  return { file, text, document: parseDocument(text, { lineCounter: lines }), lines };
}

/** Where each mistake is that is thrown, in order. */
function places(problems: Problems): string[] {
  try {
    problems.throwIfAny();
    return [];
  } catch (error) {
    return (error as ConfigError).problems.map(({ where }) => where);
  }
}

describe('mistakes', () => {
  test('come flags first, then file by file, each in its own order', () => {
    const problems = new Problems();
    const flags = new Map([['a', '--a']]);
    const main = { file: located('main.yml', 'x: 1\na: 2\nb: 3\n'), flags };
    const other = { file: located('other.yml', 'x: 1\n'), flags: new Map<string, string>() };
    problems.add(main, ['b'], 'm');
    problems.add(other, ['x'], 'm');
    problems.add(main, ['x'], 'm');
    problems.add(main, ['a'], 'm');
    problems.addFlag('--b', 'm');

    expect(places(problems)).toEqual(['--a', '--b', 'main.yml:1:4', 'main.yml:3:4', 'other.yml:1:4']);
  });

  test('are thrown only where there are any', () => {
    const problems = new Problems();

    expect(problems.any).toBe(false);
    expect(places(problems)).toEqual([]);
  });

  test('show in no frame what any of them hides', () => {
    const problems = new Problems();
    const source = { file: located('main.yml', 'a: { b: 1, c: hunter2 }\n'), flags: new Map<string, string>() };
    problems.add(source, ['a', 'b'], 'm');
    problems.add(source, ['a', 'c'], 'm', true, true);

    expect(() => problems.throwIfAny()).toThrow(
      new ConfigError([
        { where: 'main.yml:1:9', message: 'a.b: m', frame: '  1 | a: { b: 1, c: <secret> }\n    |         ^' },
        { where: 'main.yml:1:12', message: 'a.c: m', frame: '  1 | a: { b: 1, c: <secret> }\n    |            ^' },
      ]),
    );
  });
});

test.each([
  ['timeuot', 'timeout'],
  ['staleAfter', 'stale_after'],
  ['schedul', 'schedule'],
])('a suggestion is what was most likely meant: %s', (word, meant) => {
  expect(suggestion(word, ['schedule', 'timeout', 'stale_after'])).toBe(`; did you mean "${meant}"?`);
});

test.each(['zzz', 'interval', ''])('nothing is suggested that is far off: %j', (word) => {
  expect(suggestion(word, ['schedule', 'timeout', 'stale_after'])).toBe('');
});
