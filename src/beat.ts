/** Who looks after something twice a second does so with all others that do: each wake-up of an idle process has its price. */
import type { Clock, Timer } from './clock.ts';

/** Calls `look` at each multiple of the period on the monotonic clock; `lateMs` is by how much its timer came late. */
export function onBeat(clock: Clock, periodMs: number, look: (lateMs: number) => void): Timer {
  let timer: Timer;
  const arm = (): void => {
    const now = clock.monotonic();
    // In whole milliseconds, as timers count; rounded up, lest one beat is seen twice.
    const waitMs = Math.ceil((Math.floor(now / periodMs) + 1) * periodMs - now);
    timer = clock.after(waitMs, () => {
      const lateMs = Math.max(0, clock.monotonic() - now - waitMs);
      arm();
      look(lateMs);
    });
  };
  arm();
  return { cancel: () => timer.cancel() };
}
