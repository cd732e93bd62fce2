/** Asks a daemon that was started with `loop-delay.mjs` for how long its event loop was blocked. */
import { once } from 'node:events';
import { sleep } from './pace.ts';
import type { Serving } from './programs.ts';

/** The script to load before the daemon. */
export const loopDelayScript = new URL('loop-delay.mjs', import.meta.url).pathname;

/** The longest that the event loop stood still during an act, in milliseconds. */
export async function longestBlockMs({ process: child }: Serving, act: () => Promise<unknown>): Promise<number> {
  child.send('start');
  await once(child, 'message');
  await sleep(5);
  await act();
  await sleep(5);
  child.send('stop');
  const [{ maxMs }] = (await once(child, 'message')) as [{ maxMs: number }];
  return maxMs;
}
