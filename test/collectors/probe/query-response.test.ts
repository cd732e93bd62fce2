/** Templates by the rules of Go, and the options of a dialogue. */
import { describe, expect, test } from 'vitest';
import { loadPatternEngine } from '../../../src/config/pattern.ts';
import { compileMatcher } from '../../../collectors/probe/query-response.ts';
import { expand } from '../../../collectors/probe/query-response-template.ts';
import { tcp } from '../../../collectors/probe/tcp.ts';
import { refusal } from './tcp-harness.ts';

await loadPatternEngine();

describe('a template', () => {
  test.each([
    ['$1', 'ab'],
    ['${1}', 'ab'],
    ['$0', 'ab-cd'],
    ['$2 and ${rest}', 'cd and cd'],
    ['$rest.', 'cd.'],
    ['$1x', ''],
    ['${1}x', 'abx'],
    ['$restless', ''],
    ['$01', ''],
    ['$3', ''],
    ['$9', ''],
    ['$toString', ''],
    ['$$1', '$1'],
    ['$$$1', '$ab'],
    ['$', '$'],
    ['a$ b', 'a$ b'],
    ['${1', '${1'],
    ['${', '${'],
    ['${}', '${}'],
    ['$-', '$-'],
  ])('%s becomes %j', async (template, text) => {
    const matcher = await compileMatcher('(ab)-(?P<rest>cd)(x)?');

    expect(expand(template, matcher('ab-cd')!)).toBe(text);
  });
});

describe('options', () => {
  test.each([
    [[{ expect: '(' }], 'query_response.0.expect: "(" is not a regular expression'],
    [[{ expekt: 'a' }], 'query_response.0: '],
    [[{ expect: 'a', labels: [{ name: '1a', value: 'x' }] }], 'query_response.0.labels.0.name: a label name'],
    [[{ expect: 'a', labels: [{ name: '__a', value: 'x' }] }], 'query_response.0.labels.0.name: a label name'],
    [
      [{ expect: 'a', labels: [{ name: 'a' }, { name: 'a' }] }],
      'query_response.0.labels.1.name: the label a is there twice',
    ],
  ])('%j is refused', (query_response, message) => {
    expect(refusal(tcp, { query_response })).toContain(message);
  });
});
