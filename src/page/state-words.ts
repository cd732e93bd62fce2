/** The states in words. */
import type { CheckStateName } from '../api/types.ts';

/** As they stand beside their shapes. */
export const stateWords: Readonly<Record<CheckStateName, string>> = {
  up: 'Up',
  down: 'Down',
  waiting: 'Waiting',
  suppressed: 'Suppressed',
  maintenance: 'Maintenance',
};
