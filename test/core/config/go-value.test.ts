import { describe, expect, test } from 'vitest';
import { goValue } from '../../../src/config/go-value.ts';
import { Written } from '../../../src/config/raw.ts';
import { duration, pattern, secret, z } from '../../../src/config/schema.ts';

const ten = new Written(1.1, '1.10');
const yes = new Written(true, 'TRUE');

/** What a value comes to for an option of a kind. */
function given(schema: z.ZodType, value: unknown): unknown {
  return goValue(schema, value);
}

describe('a text', () => {
  test.each<[string, z.ZodType]>([
    ['plain', z.string()],
    ['optional', z.string().optional()],
    ['with a default', z.string().default('x')],
    ['a secret', secret().optional()],
    ['a regexp', pattern().refine(() => true)],
    ['a duration', duration('5s')],
    ['one of some', z.enum(['a', 'b']).default('a')],
    ['prepared', z.preprocess((value) => value, z.string())],
    ['or a list of texts', z.union([secret(), z.array(secret())])],
  ])('is what was written, whatever YAML takes it for: %s', (_, schema) => {
    expect(given(schema, ten)).toBe('1.10');
    expect(given(schema, yes)).toBe('TRUE');
    expect(given(schema, 'yes')).toBe('yes');
  });
});

describe('a switch', () => {
  test.each([
    ['yes', true],
    ['Y', true],
    ['on', true],
    ['true', true],
    [yes, true],
    ['no', false],
    ['off', false],
    ['n', false],
    ['maybe', 'maybe'],
    ['constructor', 'constructor'],
    ['', ''],
  ])('of %j is %j', (word, value) => {
    expect(given(z.boolean().default(true), word)).toBe(value);
  });

  test('is no number, and words are not switches for what takes texts too', () => {
    expect(given(z.boolean(), ten)).toBe(1.1);
    expect(given(z.union([z.boolean(), z.string()]), 'yes')).toBe('yes');
    expect(given(z.union([z.boolean(), z.number()]), 'yes')).toBe(true);
  });
});

describe('a number', () => {
  test('stays one, also where a text would do', () => {
    expect(given(z.int().default(3), ten)).toBe(1.1);
    expect(given(z.union([z.string(), z.int()]), ten)).toBe(1.1);
    expect(given(z.int(), '200')).toBe('200');
  });
});

describe('what says nothing', () => {
  const options = z.strictObject({
    text: z.string().default('x'),
    list: z.array(z.string()).default([]),
    map: z.record(z.string(), z.string()).default({}),
    section: z.strictObject({ on: z.boolean().default(true) }).prefault({}),
    choice: z.union([z.string(), z.array(z.string())]).optional(),
    told: z.string().nullable().default('x'),
    anything: z.unknown(),
  });

  test('is not given, but to an option that has a use for it', () => {
    const nothing = Object.fromEntries(Object.keys(options.shape).map((key) => [key, null]));

    expect(given(options, nothing)).toEqual({ told: null, anything: null });
    expect(given(options, { unknown: null })).toEqual({ unknown: null });
  });

  test.each<[z.ZodType, unknown]>([
    [z.string(), ''],
    [secret(), ''],
    [z.array(z.string()), []],
    [z.strictObject({}), {}],
    [z.union([secret(), z.array(secret())]), []],
    [z.boolean(), false],
    [z.int(), 0],
    [z.string().nullable(), null],
    [z.unknown(), null],
  ])('is what Go has for it where the keys are free', (kind, zero) => {
    expect(given(z.record(z.string(), kind), { key: null })).toEqual({ key: zero });
  });
});

test('maps and lists are gone through, and what no option is named after stays as YAML has it', () => {
  const entry = z.strictObject({ send: z.string(), tls: z.boolean() }).superRefine(() => {});
  const options = z.strictObject({ steps: z.array(entry).default([]), codes: z.array(z.int()), free: z.unknown() });

  expect(
    given(options, {
      steps: [{ send: ten, tls: 'on', other: ten }],
      codes: [new Written(200, '200'), '2xx'],
      free: { list: [ten] },
      unknown: [yes],
    }),
  ).toEqual({
    steps: [{ send: '1.10', tls: true, other: 1.1 }],
    codes: [200, '2xx'],
    free: { list: [1.1] },
    unknown: [true],
  });
  expect(given(z.array(z.string()), ten)).toBe(1.1);
  expect(given(z.string(), [ten])).toEqual([1.1]);
  expect(given(z.strictObject({}), ten)).toBe(1.1);
});
