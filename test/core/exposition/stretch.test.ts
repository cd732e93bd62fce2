import { expect, test } from 'vitest';
import { Stretch } from '../../../src/exposition/stretch.ts';

test('a stretch is over after four milliseconds, and another one begins after a pause', async () => {
  let now = 100;
  const pauses: number[] = [];
  const pause = async (): Promise<void> => {
    pauses.push(now);
    now += 50;
  };
  const stretch = new Stretch({ monotonic: () => now }, pause);

  now += 3.9;
  expect(stretch.isOver).toBe(false);
  now += 0.1;
  expect(stretch.isOver).toBe(true);
  await stretch.pause();
  expect(pauses).toEqual([104]);
  expect(stretch.isOver).toBe(false);
  now += 4;
  expect(stretch.isOver).toBe(true);
});

test('in a pause everything that is due goes on', async () => {
  const heard: string[] = [];
  setImmediate(() => heard.push('immediate'));
  process.nextTick(() => heard.push('tick'));

  await new Stretch().pause();

  expect(heard).toEqual(['tick', 'immediate']);
});
