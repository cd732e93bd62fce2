import { expect, test } from 'vitest';
import { CollectError, NoDataError } from '../../../src/errors.ts';
import { BadSample } from '../../../src/exposition/format.ts';
import { errorOf, failureOf } from '../../../src/isolation/failure.ts';
import type { Failure } from '../../../src/isolation/protocol.ts';

test.each([
  new NoDataError('this host has none'),
  new CollectError('SOURCE_MALFORMED', 'no number in it'),
  new CollectError('SOURCE_MISSING', 'there is no file'),
  new BadSample('duplicate', 'given twice'),
  new TypeError('x is not a function'),
])('an error is the same on the other side: %s', (error) => {
  const arrived = errorOf(JSON.parse(JSON.stringify(failureOf(error))) as Failure);

  expect(arrived).toMatchObject({ name: error.name, message: error.message });
});

test('an error that is known is one of its class, and a bug has its stack', () => {
  const bug = new TypeError('x is not a function');

  expect(errorOf(failureOf(new NoDataError('none')))).toBeInstanceOf(NoDataError);
  expect(errorOf(failureOf(new CollectError('TIMEOUT', 'late')))).toBeInstanceOf(CollectError);
  expect(errorOf(failureOf(new BadSample('duplicate', 'twice')))).toBeInstanceOf(BadSample);
  expect(errorOf(failureOf(bug)).stack).toBe(bug.stack);
});

test('what is thrown and no error is told as text', () => {
  expect(errorOf(failureOf('no reason'))).toMatchObject({ name: 'Error', message: 'no reason' });
});
