/**
 * Errors that a plugin raises when nobody waits for it: a promise that it forgot to await, a timer that throws, a socket of
 * its own without a listener for errors. Node.js would end the process, and with it all other collectors.
 *
 * A frame of a plugin is known by the query that it was imported with. Where the stack has frames of Node.js alone, as
 * with sockets, the error is taken for a plugin's too: this program hears the errors of its own.
 */
import { packaged } from '../package-root.ts';
import type { Logger } from '../log.ts';

const ofPlugin = /\?vitald=\d+:/;

/** Whether a plugin is to blame for an error; `program` is the folder of this program. */
export function isStray(error: unknown, program: string): boolean {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  if (ofPlugin.test(stack)) return true;
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  // What is not an error has no stack that could tell.
  return error instanceof Error && !frames.some((line) => line.includes(program));
}

/** Logs the errors that plugins leave lying, for as long as the process lives; all others end it as before. */
export function hearStrayErrors(log: Logger): void {
  const program = packaged('.');
  const hear = (error: unknown): void => {
    if (isStray(error, program)) {
      log.error({ err: error }, 'a plugin raised an error outside of any run');
      return;
    }
    process.removeListener('uncaughtException', hear);
    // From a turn of its own it ends the process with its stack.
    setImmediate(() => {
      throw error;
    });
  };
  process.on('uncaughtException', hear);
}
