import { LineCounter, parseDocument } from 'yaml';
import { describe, expect, test } from 'vitest';
import {
  type ConfigPath,
  credentialRanges,
  hideValue,
  isCredential,
  locate,
  type Located,
} from '../../../src/config/locate.ts';

function located(text: string): Located {
  const lines = new LineCounter();
  const file: Located = {
    file: 'c.yml',
    text,
    document: parseDocument(text, { lineCounter: lines, merge: true }),
    lines,
  };
  return { ...file, secrets: credentialRanges(file) };
}

/** Where a path stands, and the frame, one line below the other. */
function at(text: string, path: ConfigPath, atKey = false): string[] {
  const { where, frame } = locate(located(text), path, atKey);
  return [where, ...frame.split('\n')];
}

const text = `# a comment
web:
  listen_addresses: ["127.0.0.1:9100", ":x"]
collectors:
  cpu: { schedule: 90s }
  "odd key": 1
checks:
  - name: shop
    target: https://shop.example
    http:
      method: GTE
  - name: mail
`;

describe('a path', () => {
  test('is found at its value', () => {
    expect(at(text, ['collectors', 'cpu', 'schedule'])).toEqual([
      'c.yml:5:20',
      '  5 |   cpu: { schedule: 90s }',
      '    |                    ^^^',
    ]);
  });

  test('is found at its key where that is asked for', () => {
    expect(at(text, ['collectors', 'cpu', 'schedule'], true)).toEqual([
      'c.yml:5:10',
      '  5 |   cpu: { schedule: 90s }',
      '    |          ^^^^^^^^',
    ]);
  });

  test.each<[ConfigPath, string]>([
    [['web', 'listen_addresses', 1], 'c.yml:3:40'],
    [['collectors', 'odd key'], 'c.yml:6:14'],
    [['checks', 0, 'http', 'method'], 'c.yml:11:15'],
    [['checks', 1, 'name'], 'c.yml:12:11'],
  ])('goes through lists and maps: %j', (path, where) => {
    expect(at(text, path)[0]).toBe(where);
  });

  test('of a map or a list is found at its key, as it is long itself', () => {
    expect(at(text, ['checks', 0, 'http'])).toEqual(['c.yml:10:5', '  10 |     http:', '     |     ^^^^']);
    expect(at(text, ['web', 'listen_addresses'])[0]).toBe('c.yml:3:3');
  });

  test('that is missing is found at what is nearest above it', () => {
    expect(at(text, ['collectors', 'cpu', 'timeout'])[0]).toBe('c.yml:5:8');
    expect(at(text, ['checks', 1, 'target'])[0]).toBe('c.yml:12:5');
    expect(at(text, ['nothing', 'at', 'all'])[0]).toBe('c.yml:2:1');
  });

  test('of nothing is the whole document, of which the first line is shown', () => {
    expect(at(text, [])).toEqual(['c.yml:2:1', '  2 | web:', '    | ^^^^']);
    expect(at('', [])).toEqual(['c.yml:1:1', '  1 | ', '    | ^']);
  });

  test('is found where its anchor is, or what is merged', () => {
    const merged = 'a: &a { b: { c: 1 } }\nd: *a\ne: { <<: *a, f: 2 }\ng: { <<: [{ h: 3 }, *a], b: 4 }\n';

    expect(at(merged, ['d', 'b', 'c'])[0]).toBe('c.yml:1:17');
    expect(at(merged, ['d'])[0]).toBe('c.yml:2:4');
    expect(at(merged, ['e', 'b', 'c'])[0]).toBe('c.yml:1:17');
    expect(at(merged, ['e', 'f'])[0]).toBe('c.yml:3:17');
    expect(at(merged, ['g', 'h'])[0]).toBe('c.yml:4:16');
    expect(at(merged, ['g', 'b'])[0]).toBe('c.yml:4:29');
    expect(at(merged, ['e', 'x'])[0]).toBe('c.yml:3:4');
  });

  test('is found in text beyond ASCII by characters, as editors count', () => {
    expect(at('näme: { größe: 90s }\n', ['näme', 'größe'])).toEqual([
      'c.yml:1:16',
      '  1 | näme: { größe: 90s }',
      '    |                ^^^',
    ]);
  });

  test('of a text over several lines is marked in the first', () => {
    expect(at('a: |\n  one\n  two\n', ['a'])).toEqual(['c.yml:1:4', '  1 | a: |', '    |    ^']);
  });
});

describe('a credential', () => {
  test.each([
    'password',
    'bearer_token',
    'client_secret',
    'Authorization',
    'X-Api-Key',
    'api_key',
    'apikey',
    'credentials',
    'Cookie',
    'Set-Cookie',
    'key',
    'community_secret',
  ])('is known by its key: %s', (key) => {
    expect(isCredential(key)).toBe(true);
  });

  test.each(['password_file', 'username', 'schedule', 'keyboard', 'token_url', 'secrets_path', 'target', 'insecure'])(
    'is not what only looks so: %s',
    (key) => {
      expect(isCredential(key)).toBe(false);
    },
  );

  test.each<[string, string, ConfigPath, string]>([
    ['in a line of its own', 'a:\n  password: hunter2\n', ['a', 'password'], '  2 |   password: <secret>'],
    ['in a list', 'a:\n  - token: hunter2\n', ['a', 0, 'token'], '  2 |   - token: <secret>'],
    ['in quotes', 'a:\n  "password": "hunter2"\n', ['a', 'password'], '  2 |   "password": <secret>'],
    [
      'in a map on one line',
      'auth: { username: u, password: hunter2, port: x }\n',
      ['auth', 'port'],
      '  1 | auth: { username: u, password: <secret>, port: x }',
    ],
    ['below its key', 'password:\n  hunter2\n', ['password'], '  2 |   <secret>'],
    ['in several lines', 'password: "hun\n  ter2"\nport: x\n', ['password'], '  1 | password: <secret>'],
    [
      'in a map below it',
      'authorization:\n  credentials_x: hunter2\n',
      ['authorization', 'credentials_x'],
      '  2 |   <secret>',
    ],
    [
      'in a URL',
      'target: https://user:hunter2@shop.example/x\n',
      ['target'],
      '  1 | target: https://<secret>@shop.example/x',
    ],
    [
      'in a comment',
      '# postgres://u:hunter2@db\nport: x # mysql://u:hunter2@db\n',
      ['port'],
      '  2 | port: x # mysql://<secret>@db',
    ],
  ])('is not shown: %s', (_, source, path, line) => {
    const [, first, second] = at(source, path);

    expect(first).toBe(line);
    expect(second).toMatch(/^ +\| +\^+$/);
    expect(`${first}\n${second}`).not.toMatch(/hunter2|hun$|ter2/);
  });

  test('before the place of a mistake does not put the marker out of place', () => {
    expect(at('auth: { password: hunter2-and-more, port: x }\n', ['auth', 'port'])).toEqual([
      'c.yml:1:43',
      '  1 | auth: { password: <secret>, port: x }',
      '    |                                   ^',
    ]);
  });

  test('behind an alias or a merged map is hidden where it stands', () => {
    const file = located('a: &a { x: { y: hunter2 } }\nb: { <<: *a }\nc: *a\n');

    for (const path of [
      ['b', 'x', 'y'],
      ['c', 'x', 'y'],
    ]) {
      expect(locate(hideValue(file, path), ['a', 'x'], true).frame).toContain('a: &a { x: { y: <secret> } }');
    }
  });

  test('gives away its length by no marker', () => {
    const short = at('auth: { password: x }\n', ['auth', 'password']);
    const long = at('auth: { password: xxxxxxxxxxxxxxxx }\n', ['auth', 'password']);

    expect(long).toEqual(short);
  });
});
