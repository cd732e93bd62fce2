import { expect, test } from 'vitest';
import { counts, isSuccess, letterOf, reasonOf, runCode, runCodes } from '../../../src/history/run-code.ts';
import { failureReasons } from '../../../src/prober.ts';

test('every reason has a code and a letter of its own, in maintenance the same in upper case', () => {
  const letters = [undefined, ...failureReasons].map((reason) => letterOf(runCode(reason, false)));

  expect(new Set(letters).size).toBe(failureReasons.length + 1);
  expect(Object.keys(runCodes)).toEqual(letters);
  expect([undefined, ...failureReasons].map((reason) => letterOf(runCode(reason, true)))).toEqual(
    letters.map((letter) => letter.toUpperCase()),
  );
  for (const reason of failureReasons) {
    expect(reasonOf(runCode(reason, true))).toBe(reason);
    expect(runCodes[letterOf(runCode(reason, false))]).toBe(reason);
  }
});

test('a run in maintenance does not count, and only a success is one', () => {
  expect([counts(runCode(undefined, false)), counts(runCode('dns', true))]).toEqual([true, false]);
  expect([isSuccess(runCode(undefined, true)), isSuccess(runCode('dns', false))]).toEqual([true, false]);
  expect(letterOf(63)).toBe('.');
});
