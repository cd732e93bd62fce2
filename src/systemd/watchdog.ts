/**
 * The watchdog of the unit (`WatchdogSec=`, sd_watchdog_enabled(3)): systemd kills and restarts a service that it does
 * not hear from. A timer of the event loop tells that the loop turns; that the schedule ticks has to be asked.
 */
import type { Clock, Timer } from '../clock.ts';

/** How often the watchdog wants to hear from this process, in milliseconds; undefined where there is none. */
export function watchdogMs(environment: NodeJS.ProcessEnv, pid: number): number | undefined {
  const microseconds = Number(environment['WATCHDOG_USEC']);
  const meant = environment['WATCHDOG_PID'];
  if (!Number.isFinite(microseconds) || microseconds <= 0) return undefined;
  return meant === undefined || Number(meant) === pid ? microseconds / 1000 : undefined;
}

/** What is asked and told at each turn. */
export interface Watched {
  /** For how long the schedule has been silent beyond its longest pause, in milliseconds; negative while all is well. */
  overdueMs(): number;
  feed(): void;
  /** Called when the watchdog begins to go hungry. */
  starving(overdueMs: number): void;
}

/** Feeds the watchdog three times in each of its intervals, as long as the schedule is no interval behind. */
export function startWatchdog(clock: Clock, intervalMs: number, watched: Watched): Timer {
  let timer: Timer;
  let fed = true;
  const turn = (): void => {
    timer = clock.after(intervalMs / 3, turn);
    const overdueMs = watched.overdueMs();
    const feeds = overdueMs <= intervalMs;
    if (feeds) watched.feed();
    else if (fed) watched.starving(overdueMs);
    fed = feeds;
  };
  turn();
  return { cancel: () => timer.cancel() };
}
