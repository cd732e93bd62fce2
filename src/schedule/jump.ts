/**
 * Notices when the wall clock is set, or the host slept.
 *
 * node-cron waits for moments of the wall clock with timers of the monotonic one. After a jump forward it walks through
 * every moment that it skipped (21 seconds of a blocked event loop for eight hours and 100 tasks); after a jump back it
 * stands still for the length of the jump. Both end when the tasks are made anew, so this looks twice a second.
 */
import type { Clock, Timer } from '../clock.ts';

const everyMs = 500;
// Slewing by NTP moves the clock by half a millisecond a second; a leap second by one second is ridden out.
const jumpMs = 1_500;

/** Calls `jumped` with the milliseconds by which the wall clock left the monotonic one. */
export function watchForJumps(clock: Clock, jumped: (byMs: number) => void): Timer {
  let difference = clock.now() - clock.monotonic();
  let timer: Timer;
  const look = (): void => {
    timer = clock.after(everyMs, look);
    const now = clock.now() - clock.monotonic();
    const byMs = now - difference;
    // What slewing adds up to is no jump.
    difference = now;
    if (Math.abs(byMs) >= jumpMs) jumped(byMs);
  };
  timer = clock.after(everyMs, look);
  return { cancel: () => timer.cancel() };
}
