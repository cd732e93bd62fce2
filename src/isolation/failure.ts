/** What a collector threw, as it travels from its process to the daemon. */
import { CollectError, messageOf, NoDataError } from '../errors.ts';
import { BadSample } from '../exposition/format.ts';
import type { Failure } from './protocol.ts';

function short(text: string): string {
  return text.length > 4_000 ? `${text.slice(0, 4_000)}…` : text;
}

/** What was thrown, for the pipe. */
export function failureOf(error: unknown): Failure {
  const message = short(messageOf(error));
  if (error instanceof NoDataError) return { kind: 'no_data', message };
  if (error instanceof CollectError) return { kind: 'collect', message, code: error.code };
  if (error instanceof BadSample) return { kind: 'sample', message, result: error.kind };
  const { name = 'Error', stack = message } = error instanceof Error ? error : {};
  return { kind: 'error', message, name, stack: short(stack) };
}

/** The error again. */
export function errorOf(failure: Failure): Error {
  switch (failure.kind) {
    case 'no_data':
      return new NoDataError(failure.message);
    case 'collect':
      return new CollectError(failure.code, failure.message);
    case 'sample':
      return new BadSample(failure.result, failure.message);
    case 'error':
      return Object.assign(new Error(failure.message), { name: failure.name, stack: failure.stack });
  }
}
