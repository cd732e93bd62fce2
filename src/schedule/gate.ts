/** Lets so many through at once and keeps the others in line, as a queue inside the event loop falsifies latencies. */

/** A gate with a number of places. */
export class Gate {
  readonly #places: number;
  #taken = 0;
  #line: ((leave: () => void) => void)[] = [];
  /** The first in line; what stands before it has gone in. */
  #first = 0;

  constructor(places: number) {
    this.#places = places;
  }

  /** Calls `go` as soon as there is a place; it must call `leave` once when it is done. */
  enter(go: (leave: () => void) => void): void {
    if (this.#taken < this.#places) this.#admit(go);
    else this.#line.push(go);
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

  #admit(go: (leave: () => void) => void): void {
    this.#taken += 1;
    let inside = true;
    go(() => {
      if (!inside) return;
      inside = false;
      this.#taken -= 1;
      const next = this.#line[this.#first];
      if (next === undefined) return;
      this.#first += 1;
      if (this.#first === this.#line.length) this.clear();
      this.#admit(next);
    });
  }
}
