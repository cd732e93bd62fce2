/**
 * Why a probe cannot go on. The steps that probers share (resolve, dial, TLS) throw it, and the prober turns it into
 * its outcome; anything else that is thrown is a bug.
 */
import { errnoOf } from '../../src/errors.ts';
import type { Sample } from '../../src/collector.ts';
import type { FailureReason, ProbeOutcome } from '../../src/prober.ts';

/** Thrown by a step of a probe: a reason for the label, and words for a person without secrets, userinfo or queries. */
export class ProbeFailure extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, detail: string, options?: ErrorOptions) {
    // It tells of the target, not of this program: nobody reads its stack, which costs more than the rest of it.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(detail, options);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'ProbeFailure';
    this.reason = reason;
  }
}

/** The failure of a probe whose deadline passed while `phase` was under way. */
export function timedOut(phase: string): ProbeFailure {
  return new ProbeFailure('timeout', `the deadline passed during ${phase}`);
}

/** The outcome of a probe that broke with this error; rethrows what is no `ProbeFailure`, as that is a bug. */
export function failedOutcome(error: unknown, phase: string, samples: readonly Sample[]): ProbeOutcome {
  if (!(error instanceof ProbeFailure)) throw error;
  return { success: false, reason: error.reason, phase, detail: error.message, samples };
}

/** What to show of an error that Node.js raised: its code where it has one, as messages may repeat the input. */
export function causeOf(error: unknown): string {
  return errnoOf(error) ?? (error instanceof Error ? error.message : String(error));
}
