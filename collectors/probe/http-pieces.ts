/** Bytes that come in pieces, joined without copying all of them at each piece: there may be as many pieces as bytes. */
export class Pieces {
  #bytes = empty;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds a piece and gives everything since `clear`. */
  add(piece: Buffer): Buffer {
    const length = this.#length + piece.length;
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, length));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    piece.copy(this.#bytes, this.#length);
    this.#length = length;
    return this.#bytes.subarray(0, length);
  }

  /** Begins anew and lets go of what was given, which stays as it is. */
  clear(): void {
    this.#bytes = empty;
    this.#length = 0;
  }
}

const empty = Buffer.alloc(0);
