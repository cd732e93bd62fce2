/** What is read of the host seldom, as it seldom changes, and served from memory in between. */
import type { Clock } from '../clock.ts';

/** One thing that was read, for as long as it is good. */
export class Held<Value> {
  readonly #clock: Clock;
  #value: Value | undefined;
  /** On the monotonic clock, in milliseconds. */
  #endsAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What was kept; undefined where nothing was, or too long ago. */
  get value(): Value | undefined {
    return this.#clock.monotonic() < this.#endsAt ? this.#value : undefined;
  }

  /** Keeps what was just read for so many milliseconds, and gives it back. */
  keep(value: Value, forMs: number): Value {
    this.#value = value;
    this.#endsAt = this.#clock.monotonic() + forMs;
    return value;
  }

  /** Makes it be read anew, where something tells that it has changed. */
  forget(): void {
    this.#value = undefined;
    this.#endsAt = -Infinity;
  }
}
