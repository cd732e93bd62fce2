/**
 * Which page of the exposition a check is on. A scrape renders anew the pages that changed since the last one, so checks
 * that end at about the same time share a page.
 */
import { offsetOf } from './schedule/offsets.ts';
import type { CheckSlot } from './slot.ts';

// A page is rendered at a stretch, and a part of some hundred lines is worth to be deflated by itself.
const most = 512;

/** Gives checks their pages; each keeps its own as long as it is there. */
export class CheckPages {
  readonly #pages = new WeakMap<CheckSlot, string>();
  /** How many checks are on each page. */
  readonly #counts = new Map<string, number>();
  /** Whether checks of one expression start at different times within its period. */
  spread: boolean;

  constructor(spread: boolean) {
    this.spread = spread;
  }

  /** The page of a check: one of those for the second in which it is due, or for all that are due together. */
  of(slot: CheckSlot): string {
    let page = this.#pages.get(slot);
    if (page === undefined) {
      page = this.#withRoom(slot);
      this.#pages.set(slot, page);
      this.#counts.set(page, (this.#counts.get(page) ?? 0) + 1);
    }
    return page;
  }

  /** Makes room where a check was that is no longer there. */
  leave(slot: CheckSlot): void {
    const page = this.#pages.get(slot);
    if (page === undefined) return;
    this.#pages.delete(slot);
    const left = this.#counts.get(page)! - 1;
    if (left > 0) this.#counts.set(page, left);
    else this.#counts.delete(page);
  }

  #withRoom({ id, timing: { schedule } }: CheckSlot): string {
    const due = this.spread ? `at ${Math.floor(offsetOf(id, schedule) / 1000)}` : 'together';
    for (let number = 0; ; number += 1) {
      const page = `checks ${schedule.expression} ${due} no. ${number}`;
      if ((this.#counts.get(page) ?? 0) < most) return page;
    }
  }
}
