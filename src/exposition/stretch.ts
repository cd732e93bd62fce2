/**
 * Work that may take long, in stretches. Between two of them the event loop does what else is due, so that nobody waits for
 * the whole of it.
 */
import { setImmediate } from 'node:timers/promises';
import { type Clock, systemClock } from '../clock.ts';

const lengthMs = 4;

/** A stretch of work, from when it was made or from the last pause. */
export class Stretch {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #pause: () => Promise<unknown>;
  #endsAt: number;

  /** `pause` lets others work and resolves when it is time to go on. */
  constructor(clock: Pick<Clock, 'monotonic'> = systemClock, pause: () => Promise<unknown> = setImmediate) {
    this.#clock = clock;
    this.#pause = pause;
    this.#endsAt = clock.monotonic() + lengthMs;
  }

  /** Whether it is time to pause. */
  get isOver(): boolean {
    return this.#clock.monotonic() >= this.#endsAt;
  }

  /** Pauses; a new stretch begins after it. */
  async pause(): Promise<void> {
    await this.#pause();
    this.#endsAt = this.#clock.monotonic() + lengthMs;
  }
}
