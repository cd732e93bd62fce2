/** How a part of the inventory is taken. */
import type { Question, SysinfoAnswers } from '../../../src/system/sysinfo.ts';

/** What a part may ask, and whether it may name serial numbers. */
export interface Inquiry {
  readonly ask: <Q extends Question>(question: Q) => Promise<SysinfoAnswers[Q]>;
  readonly serials: boolean;
}
