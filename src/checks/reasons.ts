/**
 * The reasons of failure that are counted from 0 before the first failure, so that the first one is an increase.
 *
 * Not all twelve: with 10,000 checks each series counts. Those that a prober's phases and the target make likely start
 * at 0; any other begins with its first failure.
 */
import type { AnyProber, FailureReason } from '../prober.ts';

const byPhase: Readonly<Record<string, readonly FailureReason[]>> = {
  resolve: ['dns'],
  connect: ['connect'],
  processing: ['status'],
};

const secureTarget = /^(?:https|wss):/i;

/** The reasons for a target; a prober that names its own has the last word. */
export function expectedReasons({ phases, reasons }: AnyProber, target: string): readonly FailureReason[] {
  if (reasons !== undefined) return reasons;
  const secure: readonly FailureReason[] = secureTarget.test(target) ? ['tls', 'expired'] : [];
  return ['timeout', ...phases.flatMap((phase) => byPhase[phase] ?? []), ...secure];
}
