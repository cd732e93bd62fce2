/** A clock whose timers fire when it is moved by hand. */
import type { Clock } from '../../src/clock.ts';

/** Such a clock. */
export interface HandClock extends Clock {
  /** Lets time pass; timers that come due meanwhile fire at their moments. */
  advance(ms: number): void;
}

/** Makes one; it starts at 0 of both clocks. */
export function handClock(): HandClock {
  let at = 0;
  let timers: { dueAt: number; run: () => void }[] = [];
  return {
    now: () => at,
    monotonic: () => at,
    after(delayMs, run) {
      const timer = { dueAt: at + delayMs, run };
      timers.push(timer);
      return { cancel: () => void (timers = timers.filter((other) => other !== timer)) };
    },
    advance(ms) {
      const until = at + ms;
      for (;;) {
        const [next] = timers.filter(({ dueAt }) => dueAt <= until).sort((a, b) => a.dueAt - b.dueAt);
        if (next === undefined) break;
        timers = timers.filter((other) => other !== next);
        at = next.dueAt;
        next.run();
      }
      at = until;
    },
  };
}
