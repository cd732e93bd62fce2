import { expect, test } from 'vitest';
import { CollectError, NoDataError } from '../../../src/errors.ts';
import { BadSample } from '../../../src/exposition/encode.ts';
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
  if (!(error instanceof TypeError)) expect(arrived).toBeInstanceOf(error.constructor);
  else expect(arrived.stack).toBe(error.stack);
  expect('code' in arrived ? arrived.code : undefined).toBe('code' in error ? error.code : undefined);
});

test('what is thrown and no error is told as text', () => {
  expect(errorOf(failureOf('no reason'))).toMatchObject({ name: 'Error', message: 'no reason' });
});
