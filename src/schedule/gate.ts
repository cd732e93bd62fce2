/**
 * Lets so many through at once and keeps the others in line, as a queue inside the event loop falsifies latencies. Of
 * those that may go at the same moment only some start in one turn of the event loop, so that a scrape that comes in the
 * midst of 1,000 starts is answered between them.
 */

import { TurnAllowance } from '../turns.ts';

/** How many start in one turn of the event loop. */
const startsPerTurn = 16;

/** A gate with a number of places. */
export class Gate {
  #places: number;
  #taken = 0;
  #line: ((leave: () => void) => void)[] = [];
  /** The first in line; what stands before it has gone in. */
  #first = 0;
  readonly #starts = new TurnAllowance(startsPerTurn, () => this.#admit());

  constructor(places: number) {
    this.#places = places;
  }

  /** Changes the number of places; where there are fewer now, those inside leave before the next goes in. */
  set places(places: number) {
    this.#places = places;
    this.#admit();
  }

  /** Calls `go` as soon as there is a place; it must call `leave` once when it is done. */
  enter(go: (leave: () => void) => void): void {
    this.#line.push(go);
    this.#admit();
  }

  /** Sends those in line away. */
  clear(): void {
    this.#line = [];
    this.#first = 0;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#line.length - this.#first;
  }

  #admit(): void {
    while (this.waiting > 0 && this.#taken < this.#places && this.#starts.take()) {
      const go = this.#line[this.#first]!;
      this.#first += 1;
      if (this.#first === this.#line.length) this.clear();
      this.#taken += 1;
      go(this.#leaveOnce());
    }
  }

  #leaveOnce(): () => void {
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      this.#taken -= 1;
      this.#admit();
    };
  }
}
