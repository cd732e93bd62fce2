/** Waiting, by the wall clock on which schedules tick. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until the wall clock is so many milliseconds past a multiple of the period. */
export async function untilPhase(periodMs: number, phaseMs: number): Promise<void> {
  const now = Date.now();
  const behind = (((phaseMs - now) % periodMs) + periodMs) % periodMs;
  await sleep(behind);
}

/** Waits until a program has done nothing worth mentioning for a while; gives the CPU time that it has then. */
export async function untilIdle(cpuMs: () => number, { quietMs = 300, idleMs = 2 } = {}): Promise<number> {
  const stepMs = 50;
  let before = cpuMs();
  let quiet = 0;
  while (quiet < quietMs) {
    await sleep(stepMs);
    const now = cpuMs();
    quiet = now - before < idleMs ? quiet + stepMs : 0;
    before = now;
  }
  return before;
}

export { sleep };
