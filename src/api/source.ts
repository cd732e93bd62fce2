/** What the answers are made from. */
import type { Check } from '../checks/check.ts';
import type { Condition } from '../checks/states.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { History } from '../history/history.ts';
import type { CheckSlot, Slot } from '../slot.ts';

/** The daemon as the API sees it. */
export interface ApiSource {
  readonly clock: Clock;
  readonly history: History;
  /** The config in force. */
  readonly config: () => Config;
  readonly slots: () => readonly Slot[];
  readonly conditionOf: (check: Check) => Condition;
  /** Whether each of the maintenance windows of a check is open. */
  readonly openWindows: (check: Check) => readonly boolean[];
  readonly dependentsOf: (check: Check) => ReadonlySet<string>;
  /** When a slot starts next, in milliseconds since 1970; undefined while nothing is scheduled. */
  readonly nextRun: (slot: Slot) => number | undefined;
  /** Whether everything has run once. */
  readonly ready: () => boolean;
  /** The folder in which the history is kept; undefined where it is not. */
  readonly directory: () => string | undefined;
}

/** The checks among the slots, in the order of the config. */
export function checksOf(slots: readonly Slot[]): CheckSlot[] {
  return slots.filter((slot) => slot.kind === 'check');
}
