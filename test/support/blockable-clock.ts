/** The clocks of this process with an event loop that can stand still, for tests that move timers by hand. */
import { type Clock, systemClock } from '../../src/clock.ts';

/** Such a clock. */
export interface BlockableClock extends Clock {
  /** Lets monotonic time pass while no timer can fire. */
  block(ms: number): void;
}

/** Makes one; its readings and timers are those that `vi.useFakeTimers` fakes. */
export function blockableClock(): BlockableClock {
  let blockedMs = 0;
  return {
    ...systemClock,
    monotonic: () => performance.now() + blockedMs,
    block: (ms) => void (blockedMs += ms),
  };
}
