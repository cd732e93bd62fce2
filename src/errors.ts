/**
 * The errors that the daemon tells apart. Anything else that is thrown is a bug and is logged with its stack.
 */

/**
 * Calls what may fail for a reason that is expected, such as a file that this host lacks. Its error has no stack: to trace
 * one costs more than to read a kernel file, and some files fail at every read.
 */
export function untraced<Argument, Result>(call: (argument: Argument) => Result, argument: Argument): Result {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return call(argument);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** An error that is expected, whose message says all. */
class UntracedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message, options);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Why a collector could not answer; `PROCESS_ENDED` is that of one that has a process of its own. `SOURCE_MISSING` and `SOURCE_FORBIDDEN` count as "no data", the others as errors. */
export type CollectErrorCode =
  | 'SOURCE_MISSING'
  | 'SOURCE_FORBIDDEN'
  | 'SOURCE_UNREADABLE'
  | 'SOURCE_MALFORMED'
  | 'TIMEOUT'
  | 'PROCESS_ENDED';

/** A collector could not read or understand its source; the `cause` is the error underneath. */
export class CollectError extends UntracedError {
  readonly code: CollectErrorCode;

  constructor(code: CollectErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CollectError';
    this.code = code;
  }
}

/** The source says something that the collector cannot read: the file, and what was found there. */
export function malformed(source: string, found: string): CollectError {
  return new CollectError('SOURCE_MALFORMED', `${source}: ${found}`);
}

/** This host has nothing for the collector to report, as with a device class that it lacks. Not a failure. */
export class NoDataError extends UntracedError {
  constructor(reason: string) {
    super(reason);
    this.name = 'NoDataError';
  }
}

/** One mistake in the configuration: where it is and what would do instead. */
export interface ConfigProblem {
  /** `file:line:column` of a YAML mistake, or the flag as the user wrote it. */
  readonly where: string;
  readonly message: string;
  /** The line of source with a marker below the mistake, where there is a source to show. */
  readonly frame?: string;
}

/** A configuration that cannot be used; holds every mistake found, so that all can be mended at once. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(({ where, message, frame }) => `${where}: ${message}${frame ? `\n${frame}` : ''}`).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** The exit status for a configuration mistake (EX_CONFIG of sysexits.h), on which the unit does not restart. */
export const EXIT_CONFIG = 78;

/** The message of anything that was thrown, for a log line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node.js system error, such as `ENOENT`; undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
