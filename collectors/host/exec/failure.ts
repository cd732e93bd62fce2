/** Why the output of a run does not count. */
import { existsSync } from 'node:fs';
import { CollectError } from '../../../src/collector.ts';
import { errnoOf, messageOf } from '../../../src/errors.ts';
import type { Ending } from './run-command.ts';

/** Why runs fail; each is counted by itself. */
export const failureReasons = ['exit', 'signal', 'timeout', 'spawn', 'output_limit', 'format'] as const;

/** One of `failureReasons`. */
export type FailureReason = (typeof failureReasons)[number];

/** A run that failed. */
export class CommandFailure extends CollectError {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string, options?: ErrorOptions) {
    super(
      reason === 'timeout' ? 'TIMEOUT' : reason === 'format' ? 'SOURCE_MALFORMED' : 'SOURCE_UNREADABLE',
      message,
      options,
    );
    this.reason = reason;
  }
}

function startProblem(program: string, folder: string, error: unknown): string {
  const code = errnoOf(error);
  // The system does not tell which of the two is missing, or may not be entered.
  if (code === 'ENOENT' && !existsSync(folder)) return `the working directory ${folder} does not exist`;
  if (code === 'ENOENT') return `${program} does not exist, or the interpreter that its first line names`;
  if (code === 'EACCES') return `${program} may not be executed, or ${folder} not be entered`;
  if (code === 'EPERM') return `${program} cannot be run as another user or group, as this daemon is not root`;
  return `${program} cannot be started: ${messageOf(error)}`;
}

/** What is wrong with a run by the way it ended; undefined where its output counts. */
export function failureOf(
  ending: Ending,
  {
    program,
    workingDirectory,
    outputLimit,
    successCodes,
  }: { program: string; workingDirectory: string; outputLimit: number; successCodes: readonly number[] },
): CommandFailure | undefined {
  switch (ending.kind) {
    case 'exited':
      if (successCodes.includes(ending.code)) return undefined;
      return new CommandFailure('exit', `${program} exited with ${ending.code}`);
    case 'signalled':
      return new CommandFailure('signal', `${program} was ended by ${ending.signal}`);
    case 'not started': {
      const { error } = ending;
      return new CommandFailure('spawn', startProblem(program, workingDirectory, error), { cause: error });
    }
    case 'output limit':
      return new CommandFailure('output_limit', `${program} wrote more than ${outputLimit} bytes`);
    case 'aborted':
      return new CommandFailure('timeout', `${program} did not end in time`);
  }
}
