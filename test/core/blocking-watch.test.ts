import { describe, expect, test } from 'vitest';
import { BlockingWatch } from '../../src/blocking-watch.ts';
import type { Clock } from '../../src/clock.ts';
import { type HandClock, handClock } from '../support/hand-clock.ts';

/** A watch on a loop that can stand still: time passes, and timers fire only afterwards. */
function watched() {
  const hand: HandClock = handClock();
  let stoodStillMs = 0;
  const clock: Clock = { ...hand, monotonic: () => hand.monotonic() + stoodStillMs };
  const told: [string, number][] = [];
  const watch = new BlockingWatch(clock, (collector, ms) => void told.push([collector, ms]));
  return {
    watch,
    told,
    pass: (ms: number) => hand.advance(ms),
    block(ms: number) {
      stoodStillMs += ms;
    },
  };
}

describe('a stretch that was measured', () => {
  test('is told of when it is longer than the limit', () => {
    const { watch, told } = watched();

    watch.measured('cpu', 100);
    watch.measured('slow', 101);

    expect(told).toEqual([['slow', 101]]);
  });

  test('is not taken for one of the collector that waits meanwhile', () => {
    const { watch, told, pass, block } = watched();
    watch.waits('fetch');
    pass(60);
    block(400);
    watch.measured('slow', 400);
    pass(200);
    watch.settled('fetch');

    expect(told).toEqual([['slow', 400]]);
  });
});

describe('a collector that waited', () => {
  test('is named when the loop stood still in the midst of its run', () => {
    const { watch, told, pass, block } = watched();
    watch.waits('fetch');
    pass(500);
    block(300);
    pass(500);

    expect(told).toEqual([['fetch', 300]]);
  });

  test('is named when that was the last that it did', () => {
    const { watch, told, pass, block } = watched();
    watch.waits('fetch');
    pass(500);
    block(300);
    watch.settled('fetch');

    expect(told.map(([name]) => name)).toEqual(['fetch']);
  });

  test('is not named for what came before it began or after it was over', () => {
    const { watch, told, pass, block } = watched();
    block(1_000);
    watch.waits('fetch');
    pass(500);
    watch.settled('fetch');
    block(1_000);
    watch.waits('fetch');
    pass(1_000);

    expect(told).toEqual([]);
  });

  test.each([60, 99])('is not named for a pause of %i ms', (ms) => {
    const { watch, told, pass, block } = watched();
    watch.waits('fetch');
    for (let turn = 0; turn < 20; turn += 1) {
      pass(50);
      block(ms);
    }
    watch.settled('fetch');

    expect(told).toEqual([]);
  });
});

describe('nobody is named', () => {
  test('where two collectors were under way, also when one is over by then', () => {
    const { watch, told, pass, block } = watched();
    watch.waits('fetch');
    watch.waits('query');
    block(400);
    watch.settled('query');
    pass(10);
    block(400);
    watch.waits('query');

    expect(told.length).toBe(1);
    expect(told[0]?.[0]).toBe('fetch');
  });

  test('where a probe was under way, or ended meanwhile', () => {
    const { watch, told, pass, block } = watched();
    watch.waits('fetch');
    watch.probeBegan();
    pass(500);
    block(300);
    pass(500);
    block(300);
    watch.probeEnded();
    pass(500);
    expect(told).toEqual([]);

    block(300);
    pass(500);
    expect(told.length).toBe(1);
  });
});
