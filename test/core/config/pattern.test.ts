import { execFileSync } from 'node:child_process';
import * as fc from '../../support/properties.ts';
import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { compileCapturing, compilePattern, loadPatternEngine } from '../../../src/config/pattern.ts';

await loadPatternEngine();

/** Whether Go's own engine finds the pattern in the text; undefined where it refuses the pattern. */
function inGo(source: string): ((text: string) => boolean) | undefined {
  try {
    const compiled = RE2JS.compile(source);
    return (text) => compiled.matcher(text).find();
  } catch {
    return undefined;
  }
}

describe('a pattern', () => {
  test.each([
    ['eth', 'veth0', true],
    ['^eth', 'veth0', false],
    ['^(?:lo|eth\\d+)$', 'eth12', true],
    ['^(?:lo|eth\\d+)$', 'eth12x', false],
    ['^/(dev|proc|run/credentials/.+|sys)($|/)', '/run/credentials/x', true],
    ['^/(dev|proc|run/credentials/.+|sys)($|/)', '/devices', false],
    ['(?i)^ETH', 'eth0', true],
    ['', 'anything', true],
    ['^\\p{Lu}', 'Äpfel', true],
    ['[[:alpha:]]+', '12a', true],
    ['\\AEth\\z', 'Eth', true],
    ['(?P<name>a)b', 'ab', true],
    ['\\Qa.b\\E', 'axb', false],
    ['a{2,3}', 'aa', true],
    ['^.$', '\u{1f600}', true],
    ['a.b', 'a\nb', false],
    ['a.b', 'a\u2028b', true],
    ['^\\s$', '\u00a0', false],
    ['^\\s$', '\v', false],
    ['^b', 'a\nb', false],
    ['a$', 'a\n', false],
    ['(?i)\\b', 'ſ', false],
    ['(?i)^[a-z]$', 'ſ', true],
  ])('is read as Go reads it: %s in %j', (source, text, found) => {
    expect(compilePattern(source).test(text)).toBe(found);
    expect(inGo(source)?.(text)).toBe(found);
  });

  test('keeps its source', () => {
    expect(compilePattern('^a').source).toBe('^a');
    expect(compilePattern('\\pL').source).toBe('\\pL');
  });

  test.each(['(', 'a)', '[z-a]', '*a', 'a**', '(?=a)', '(?<!a)b', '\\1', 'a{1001}', '\\', '[', '(?z)a', '\\8', '[^]'])(
    'that Go refuses is refused: %s',
    (source) => {
      expect(() => compilePattern(source)).toThrow(SyntaxError);
      expect(inGo(source)).toBeUndefined();
    },
  );
});

describe('the engine for all of Go', () => {
  // A process of its own, as this one has loaded the engine.
  function inNewProcess(script: string): string {
    const url = new URL('../../../src/config/pattern.ts', import.meta.url).href;
    const code = `import { compilePattern, loadPatternEngine, PatternEngineMissing } from ${JSON.stringify(url)};\n${script}`;
    return execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], { encoding: 'utf8' });
  }

  test('is asked for only by a pattern that needs it', () => {
    const told = inNewProcess(`
      const needs = (source) => {
        try { compilePattern(source); return false; } catch (error) { return error instanceof PatternEngineMissing; }
      };
      const before = ['^(eth|lo)[0-9]+$', '(?i)x', '\\\\p{L}', '[[:alpha:]]', '('].map(needs);
      await loadPatternEngine();
      console.log(JSON.stringify([before, needs('\\\\p{L}')]));
    `);

    expect(JSON.parse(told)).toEqual([[false, false, true, true, true], false]);
  });
});

describe('what runs natively', () => {
  // What both languages have, and after the empty line what only Go has or means otherwise.
  const written = String.raw`
    a b Z 0 _ - / , é ß . ^ $ | \d \D \w \W \s \S \b \B \n \t \v \f \r \. \- \/ \^ \$ \| \? \* \+ \( \) \[ \] \{ \} \\
    [ab] [^ab] [a-z] [^a-z0-9] [\d_] [\s] [^\s] [\w-] [a\-z] [.] [\]] [é-ü] [^\n]

    [[:alpha:]] \pL \A \z (?s). [a&&b] [a--b]
  `;
  const atoms = fc.constantFrom(' ', '\n', '\u{1f600}', ...written.split(/\s+/).filter((atom) => atom !== ''));
  const repeat = fc.constantFrom('', '', '', '*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{0,}', '{3}?', '{,2}');
  const piece = fc.tuple(atoms, repeat).map(([atom, times]) => atom + times);
  const group = fc
    .tuple(fc.constantFrom('(', '(?:', '(?P<n>'), fc.array(piece, { maxLength: 3 }), repeat)
    .map(([open, pieces, times]) => `${open}${pieces.join('')})${times}`);
  const pattern = fc
    .tuple(
      fc.constantFrom('', '', '^', '(?i)'),
      fc.array(fc.oneof(piece, group), { maxLength: 5 }),
      fc.constantFrom('', '$'),
    )
    .map(([start, pieces, end]) => start + pieces.join('') + end);
  const text = fc
    .array(
      fc.constantFrom(
        'a',
        'b',
        'Z',
        'z',
        '0',
        '9',
        '_',
        '-',
        '/',
        '.',
        ' ',
        '\t',
        '\n',
        '\v',
        '\r',
        'é',
        'É',
        'ß',
        'ẞ',
        'ſ',
        'K',
        '\u{1f600}',
        '\u00a0',
        '\u2028',
        '',
        '[',
        '\\',
        '{',
      ),
      { maxLength: 6 },
    )
    .map((characters) => characters.join(''));

  test('finds what ends the text where characters take two code units', () => {
    expect(compilePattern('\\S{3}$').test('\u{1f600}aa')).toBe(true);
    expect(compilePattern('\\S{3}$').test('\u{1f600}a ')).toBe(false);
    expect(compilePattern('\\B$').test('\u{1f600}a')).toBe(false);
  });

  test('finds what the engine finds, whatever pattern and text', () => {
    let accepted = 0;
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 1, maxLength: 8 }), (source, texts) => {
        const found = inGo(source);
        if (found === undefined) return;
        accepted += 1;
        const compiled = compilePattern(source);

        for (const each of texts) expect([source, each, compiled.test(each)]).toEqual([source, each, found(each)]);
      }),
      { numRuns: 3_000 },
    );
    expect(accepted).toBeGreaterThan(1_000);
  });

  test('accepts nothing that the engine refuses', () => {
    const source = fc.stringMatching(/^[ab019(){}[\]|^$.*+?\\,:=!<>&PsSdwipQE/ \n-]{0,12}$/);
    fc.assert(
      fc.property(source, (source) => {
        const compile = (): unknown => {
          try {
            return compilePattern(source) && 'accepted';
          } catch (error) {
            return error instanceof SyntaxError ? 'refused' : error;
          }
        };

        expect([source, compile()]).toEqual([source, inGo(source) === undefined ? 'refused' : 'accepted']);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('a capturing pattern', () => {
  test('tells what its named groups captured, and is silent on the others', () => {
    const pattern = compileCapturing('-c (?P<file>\\S+)( -p (?P<port>\\d+))?');

    expect(pattern.captures('app -c a.yml -p 80')).toEqual(
      new Map([
        ['file', 'a.yml'],
        ['port', '80'],
      ]),
    );
    expect(pattern.captures('app -c a.yml')).toEqual(
      new Map([
        ['file', 'a.yml'],
        ['port', ''],
      ]),
    );
    expect(pattern.captures('app')).toBeUndefined();
  });

  test('says what is wrong with it', () => {
    expect(() => compileCapturing('(')).toThrow(SyntaxError);
  });

  test('takes no longer for a text that is made to be hard', () => {
    const pattern = compileCapturing('^(?P<all>(a+)+)$');

    // Some engines would take years for this one.
    expect(pattern.captures(`${'a'.repeat(5_000)}b`)).toBeUndefined();
  });
});
