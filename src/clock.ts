/**
 * Time as an argument, so that tests move it by hand.
 */

/** A timer that can be cancelled. */
export interface Timer {
  cancel(): void;
}

/** Two readings of time, and timers. */
export interface Clock {
  /** Wall clock, in milliseconds since 1970; jumps when the clock is set. */
  now(): number;
  /** Monotonic clock, in milliseconds since an arbitrary start; never jumps, stands still while the host sleeps. */
  monotonic(): number;
  /** Calls `run` once, `delayMs` of monotonic time from now. Does not keep the process alive. */
  after(delayMs: number, run: () => void): Timer;
}

/** The clocks of this process. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const handle = setTimeout(run, delayMs);
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};
