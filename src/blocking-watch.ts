/**
 * Names the collectors that block the event loop: while one computes, or reads a file that does not answer, nothing else
 * in the daemon goes on.
 *
 * What a collector does from its call to its return, or to its first wait, is measured; so is the reading of its samples.
 * What it does after a wait cannot be measured for less than every callback of the process would cost. It is inferred: a
 * timer that runs late by more than the limit tells that the loop stood still, and where a single run was under way all
 * the while that run is named. Where there were several, or probes, nobody is.
 */
import type { Clock, Timer } from './clock.ts';

/** What blocks for longer is told. */
export const blockingLimitMs = 100;

// How often to look while a run waits. What blocks for less than this beyond the limit is seen in part of the cases only.
const lookEveryMs = 50;

/** Watches the runs of collectors. */
export class BlockingWatch {
  readonly #clock: Clock;
  readonly #blocked: (collector: string, ms: number) => void;
  /** The collectors whose runs wait for something. */
  readonly #waiting = new Set<string>();
  #timer: Timer | undefined;
  #lookedAt = 0;
  #measuredMs = 0;
  #probes = 0;
  /** Whether there was a probe under way since the last look. */
  #disturbed = false;

  /** `blocked` hears of each stretch beyond the limit, with its length or, where it is inferred, the least it can have. */
  constructor(clock: Clock, blocked: (collector: string, ms: number) => void) {
    this.#clock = clock;
    this.#blocked = blocked;
  }

  /** A collector held the loop for so long. */
  measured(collector: string, ms: number): void {
    this.#measuredMs += ms;
    if (ms > blockingLimitMs) this.#blocked(collector, ms);
  }

  /** A run began to wait. */
  waits(collector: string): void {
    this.#look();
    this.#waiting.add(collector);
    if (this.#timer === undefined) this.#lookAgain();
  }

  /** A run that waited is over. */
  settled(collector: string): void {
    if (!this.#waiting.has(collector)) return;
    this.#look();
    this.#waiting.delete(collector);
    if (this.#waiting.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** A probe, which may block too, is under way. */
  probeBegan(): void {
    this.#probes += 1;
    this.#disturbed = true;
  }

  /** A probe is over. */
  probeEnded(): void {
    this.#probes -= 1;
  }

  #lookAgain(): void {
    this.#timer = this.#clock.after(lookEveryMs, () => {
      this.#look();
      this.#lookAgain();
    });
  }

  #look(): void {
    const now = this.#clock.monotonic();
    const stoodStillMs = now - this.#lookedAt - lookEveryMs - this.#measuredMs;
    const [collector] = this.#waiting;
    if (stoodStillMs > blockingLimitMs && collector !== undefined && this.#waiting.size === 1 && !this.#disturbed) {
      this.#blocked(collector, stoodStillMs);
    }
    this.#lookedAt = now;
    this.#measuredMs = 0;
    this.#disturbed = this.#probes > 0;
  }
}
