/** Waiting no longer than a signal allows. */
import { CollectError } from './errors.ts';

/** What a signal aborted for, as an error. */
export function abortReason({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new CollectError('TIMEOUT', String(reason));
}

/** The outcome of a promise, or a rejection with the reason of `signal` when that aborts first. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(abortReason(signal));
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
