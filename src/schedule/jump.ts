/**
 * Notices when the wall clock is set, or the host slept.
 *
 * What waits for a moment of the wall clock does so with timers of the monotonic one: after a jump back it would stand still
 * for the length of the jump, and after one forward come too late. Both end when it is made anew, so this looks twice a
 * second.
 */
import { onBeat } from '../beat.ts';
import type { Clock, Timer } from '../clock.ts';

const everyMs = 500;
// Slewing by NTP moves the clock by half a millisecond a second; a leap second by one second is ridden out.
const jumpMs = 1_500;

/** Calls `jumped` with the milliseconds by which the wall clock left the monotonic one. */
export function watchForJumps(clock: Clock, jumped: (byMs: number) => void): Timer {
  let difference = clock.now() - clock.monotonic();
  return onBeat(clock, everyMs, () => {
    const now = clock.now() - clock.monotonic();
    const byMs = now - difference;
    // What slewing adds up to is no jump.
    difference = now;
    if (Math.abs(byMs) >= jumpMs) jumped(byMs);
  });
}
