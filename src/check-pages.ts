/**
 * Which page of the exposition a check is on. A scrape renders anew the pages that changed since the last one, so checks
 * that end at about the same time share a page.
 */
import { offsetOf } from './schedule/offsets.ts';
import type { CheckSlot } from './slot.ts';

// More on a page are rendered too often; fewer make parts so small that each scrape deflates them anew.
const mostInOrder = 256;

/** Gives checks their pages; each keeps its own as long as it lives. */
export class CheckPages {
  readonly #pages = new WeakMap<CheckSlot, string>();
  /** How many checks have come by each expression. */
  readonly #counts = new Map<string, number>();
  /** Whether checks of one expression start at different times within its period. */
  spread: boolean;

  constructor(spread: boolean) {
    this.spread = spread;
  }

  /** The page of a check: by the second in which it is due, or by its place among those that are due together. */
  of(slot: CheckSlot): string {
    let page = this.#pages.get(slot);
    if (page === undefined) {
      const { schedule } = slot.timing;
      const part = this.spread
        ? `at ${Math.floor(offsetOf(slot.id, schedule) / 1000)}`
        : `no. ${Math.floor(this.#next(schedule.expression) / mostInOrder)}`;
      page = `checks ${schedule.expression} ${part}`;
      this.#pages.set(slot, page);
    }
    return page;
  }

  #next(expression: string): number {
    const count = this.#counts.get(expression) ?? 0;
    this.#counts.set(expression, count + 1);
    return count;
  }
}
