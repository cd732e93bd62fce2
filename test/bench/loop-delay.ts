/** Asks a daemon that was started with `loop-delay.mjs` for how long its event loop was blocked. */
import { once } from 'node:events';
import { sleep } from './pace.ts';
import type { Serving } from './programs.ts';

/** The script to load before the daemon. */
export const loopDelayScript = new URL('loop-delay.mjs', import.meta.url).pathname;

/** How an event loop stood still during an act. */
export interface Block {
  /** The longest time, in milliseconds. */
  readonly maxMs: number;
  /** The longest collection of garbage, in milliseconds; it may be a part of the former. */
  readonly collectionMs: number;
}

/** The longest that the event loop stood still during an act. */
export async function longestBlock({ process: child }: Serving, act: () => Promise<unknown>): Promise<Block> {
  child.send('start');
  await once(child, 'message');
  await sleep(5);
  await act();
  await sleep(5);
  child.send('stop');
  const [block] = (await once(child, 'message')) as [Block];
  return block;
}
