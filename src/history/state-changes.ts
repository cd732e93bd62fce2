/** The last times that any check turned: one ring for all, as most checks never do. */

/** A check turned. */
export interface Change {
  /** The row of the check. */
  readonly row: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The code of the run with which it turned. */
  readonly code: number;
  readonly up: boolean;
}

/** Remembers so many. */
const capacity = 4096;

/** What they take. */
export const changesBytes = capacity * (4 + 8 + 1 + 1);

/** The ring. */
export class StateChanges {
  readonly #rows = new Int32Array(capacity);
  readonly #at = new Float64Array(capacity);
  readonly #codes = new Uint8Array(capacity);
  readonly #up = new Uint8Array(capacity);
  #count = 0;

  add({ row, at, code, up }: Change): void {
    const place = this.#count % capacity;
    this.#rows[place] = row;
    this.#at[place] = at;
    this.#codes[place] = code;
    this.#up[place] = up ? 1 : 0;
    this.#count += 1;
  }

  /** Those of a row, or of all, oldest first. */
  list(row?: number): Change[] {
    const found: Change[] = [];
    for (let index = Math.max(0, this.#count - capacity); index < this.#count; index += 1) {
      const place = index % capacity;
      const of = this.#rows[place]!;
      if (of === -1 || (row !== undefined && of !== row)) continue;
      found.push({ row: of, at: this.#at[place]!, code: this.#codes[place]!, up: this.#up[place] === 1 });
    }
    return found;
  }

  /** Lets rows have other numbers; those of a row without one are forgotten. */
  renumber(rowOf: (row: number) => number | undefined): void {
    for (let place = 0; place < Math.min(this.#count, capacity); place += 1) {
      this.#rows[place] = this.#rows[place] === -1 ? -1 : (rowOf(this.#rows[place]!) ?? -1);
    }
  }
}
