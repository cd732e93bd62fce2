/** How the runs of a command went: what it is told by, whatever came of the last one. */
import { constants } from 'node:os';
import { counter, gauge, type Sample } from '../../../src/collector.ts';
import { type FailureReason, failureReasons } from './failure.ts';
import type { Ending } from './run-command.ts';

const exitCode = gauge(
  'vitald_exec_exit_code',
  'The exit status of the last run as a shell has it: 124 where it was ended, 126 or 127 where it could not be started, 128 and the signal where one killed it.',
  ['command'],
);
const duration = gauge('vitald_exec_duration_seconds', 'How long the last run took.', ['command']);
const lastRun = gauge('vitald_exec_last_run_timestamp_seconds', 'When the last run ended.', ['command']);
const failures = counter('vitald_exec_failures_total', 'Runs that failed, by reason.', ['command', 'reason']);

/** Every family, for the documentation. */
export const recordFamilies = [exitCode, duration, lastRun, failures] as const;

/** The exit status of a run as a shell and timeout(1) have it. */
export function exitStatus(ending: Ending): number {
  switch (ending.kind) {
    case 'exited':
      return ending.code;
    case 'signalled':
      return 128 + (constants.signals[ending.signal] ?? 0);
    case 'not started':
      return (ending.error as NodeJS.ErrnoException).code === 'ENOENT' ? 127 : 126;
    case 'output limit':
    case 'aborted':
      return 124;
  }
}

/** A run that came to its end. */
export interface RunFacts {
  readonly exitStatus: number;
  readonly durationMs: number;
  /** Milliseconds since 1970. */
  readonly endedAt: number;
  /** Absent where it did not fail. */
  readonly reason?: FailureReason;
}

/** Keeps the last run, and the counts of all. */
export class RunRecord {
  readonly #command: string;
  readonly #failures = new Map<FailureReason, number>(failureReasons.map((reason) => [reason, 0]));
  #last: RunFacts | undefined;

  constructor(command: string) {
    this.#command = command;
  }

  note(facts: RunFacts): void {
    this.#last = facts;
    const { reason } = facts;
    if (reason !== undefined) this.#failures.set(reason, (this.#failures.get(reason) ?? 0) + 1);
  }

  samples(): Sample[] {
    const command = this.#command;
    const samples = [...this.#failures].map(([reason, count]) => failures.sample(count, { command, reason }));
    const last = this.#last;
    if (last !== undefined) {
      samples.push(
        exitCode.sample(last.exitStatus, { command }),
        duration.sample(last.durationMs / 1000, { command }),
        lastRun.sample(last.endedAt / 1000, { command }),
      );
    }
    return samples;
  }
}
