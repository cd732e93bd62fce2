/**
 * Ticks at the moments of an expression. Its timers count monotonic time and its moments are those of the wall clock: after
 * each tick it looks anew how long to wait, and whoever notices that the clock was set makes it anew.
 */
import type { Clock, Timer } from '../clock.ts';
import type { Moments } from './cron.ts';
import { momentsOf } from './moments.ts';

/** What a ticker tells. */
export interface TickListener {
  /** A moment has come; `lateMs` is how long ago that was. */
  tick(lateMs: number): void;
  /** A moment has passed without a tick, as after the event loop was blocked; that of a later one follows at once. */
  missed(): void;
}

// Longer than this no timer of Node.js waits (2^31 milliseconds), by far.
const longestWaitMs = 24 * 3_600_000;

/** An expression that ticks until it is stopped. Made and started; throws where the time zone is unknown. */
export class Ticker {
  readonly #clock: Clock;
  readonly #listener: TickListener;
  readonly #moments: Moments;
  /** The moments to come. */
  #planned: number[];
  #timer: Timer | undefined;

  constructor(expression: string, timezone: string, clock: Clock, listener: TickListener) {
    this.#clock = clock;
    this.#listener = listener;
    this.#moments = momentsOf(expression, timezone, clock);
    this.#planned = this.#moments.next(this.#moments.atOnce);
    this.#arm();
  }

  /** The next moments, in milliseconds since 1970. */
  next(count: number): number[] {
    return this.#moments.next(count);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#moments.close();
  }

  #arm(): void {
    const [next] = this.#planned;
    if (next === undefined) return;
    const waitMs = Math.min(longestWaitMs, Math.max(0, next - this.#clock.now()));
    this.#timer = this.#clock.after(waitMs, () => this.#look());
  }

  #look(): void {
    const lateMs = this.#latest();
    this.#arm();
    // Timers come early by a fraction of a millisecond, and the clock may have been set back.
    if (lateMs !== undefined) this.#listener.tick(lateMs);
  }

  /** How long ago the last moment was that has come; undefined where none has. */
  #latest(): number | undefined {
    const now = this.#clock.now();
    let latest: number | undefined;
    while (this.#planned[0] !== undefined && this.#planned[0] <= now) {
      if (latest !== undefined) this.#listener.missed();
      latest = this.#planned.shift()!;
    }
    const hasAllPassed = this.#planned.length === 0;
    if (this.#planned.length < 2) this.#planned = this.#moments.next(this.#moments.atOnce);
    if (latest === undefined) return undefined;
    // Others may have passed after them then, of which the last is not known.
    return hasAllPassed ? 0 : now - latest;
  }
}
