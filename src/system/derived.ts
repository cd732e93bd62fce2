/** What is made of something that was read, and made anew only where that has changed. */
export class Derived<Source, Value> {
  #made: { readonly of: Source; readonly value: Value } | undefined;

  /** What `make` gave for this source, if it is the one of the last call; else what it gives now. */
  of(source: Source, make: () => Value): Value {
    if (this.#made === undefined || this.#made.of !== source) this.#made = { of: source, value: make() };
    return this.#made.value;
  }
}
