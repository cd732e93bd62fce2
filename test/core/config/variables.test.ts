import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { expandVariables } from '../../../src/config/variables.ts';

const folder = mkdtempSync(join(tmpdir(), 'vitald-variables-'));
writeFileSync(join(folder, 'token'), 'hunter2\n');
writeFileSync(join(folder, 'two'), 'one\ntwo\n\n');
afterAll(() => rmSync(folder, { recursive: true }));

/** The value with its variables replaced, and what was complained of. */
function expand(value: unknown, environment: NodeJS.ProcessEnv = {}) {
  const complaints: string[] = [];
  const expanded = expandVariables(value, environment, (path, message) =>
    complaints.push(`${path.map(String).join('.')}: ${message}`),
  );
  return { expanded, complaints };
}

describe('${NAME}', () => {
  const environment = { HOST: 'shop.example', PORT_2: '443', EMPTY: '', _X: 'x' };

  test.each([
    ['https://${HOST}:${PORT_2}/', 'https://shop.example:443/'],
    ['${HOST}${HOST}', 'shop.exampleshop.example'],
    ['[${EMPTY}]', '[]'],
    ['${_X}', 'x'],
  ])('is replaced in a text: %s', (text, expanded) => {
    expect(expand(text, environment)).toEqual({ expanded, complaints: [] });
  });

  test.each(['${1}', '${host}', '${}', '$HOST', '${HOST', '$$', '${2HOST}', '${HO-ST}', '{HOST}'])(
    'is nothing else: %s stays as it is',
    (text) => {
      expect(expand(text, environment)).toEqual({ expanded: text, complaints: [] });
    },
  );

  test('is a text when written $${NAME}', () => {
    expect(expand('$${HOST} is ${HOST}', environment).expanded).toBe('${HOST} is shop.example');
    expect(expand('$${file:/x}').expanded).toBe('${file:/x}');
  });

  test('is replaced once: a value may look like a variable', () => {
    expect(expand('${A}', { A: '${B}', B: 'b' }).expanded).toBe('${B}');
    expect(expand('${A}', { A: '$&$1' }).expanded).toBe('$&$1');
  });

  test('is replaced at every depth, in values only, and other values stay as they are', () => {
    const value = { '${HOST}': ['${HOST}', { deep: '${PORT_2}', n: 5, yes: true, nothing: null }] };

    expect(expand(value, environment).expanded).toEqual({
      '${HOST}': ['shop.example', { deep: '443', n: 5, yes: true, nothing: null }],
    });
  });

  test('that the environment lacks is complained of, each at its place', () => {
    expect(expand({ checks: [{ target: 'https://${HOST}/${NOPE}' }, { target: '${NADA}' }] }, environment)).toEqual({
      expanded: { checks: [{ target: 'https://shop.example/' }, { target: '' }] },
      complaints: [
        'checks.0.target: the environment has no variable NOPE',
        'checks.1.target: the environment has no variable NADA',
      ],
    });
  });
});

describe('${file:PATH}', () => {
  test('is the text of the file, without the line feed at its end', () => {
    expect(expand(`Bearer \${file:${join(folder, 'token')}}`).expanded).toBe('Bearer hunter2');
    expect(expand(`\${file:${join(folder, 'two')}}`).expanded).toBe('one\ntwo\n');
  });

  test('with a bare name is a credential that systemd passed', () => {
    expect(expand('${file:token}', { CREDENTIALS_DIRECTORY: folder }).expanded).toBe('hunter2');
  });

  test('with a path is that file, also where systemd passed credentials', () => {
    expect(expand(`\${file:${join(folder, 'token')}}`, { CREDENTIALS_DIRECTORY: '/nowhere' }).expanded).toBe('hunter2');
  });

  test('that cannot be read is complained of', () => {
    expect(expand({ password: '${file:/nowhere/token}' })).toEqual({
      expanded: { password: '' },
      complaints: ["password: cannot read /nowhere/token: ENOENT: no such file or directory, open '/nowhere/token'"],
    });
  });
});
