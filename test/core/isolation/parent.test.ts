import { describe, expect, onTestFinished, test } from 'vitest';
import { type Clock, systemClock } from '../../../src/clock.ts';
import { IsolatedCollector, restAfter } from '../../../src/isolation/parent.ts';
import { ProcessKeeper } from '../../../src/isolation/keeper.ts';
import type { Samples } from '../../../src/collector.ts';
import { hostPaths } from '../../../src/system/index.ts';
import { recordedLog } from '../../support/daemons.ts';

const misbehaving = new URL('../../support/misbehaving-plugin.js', import.meta.url).pathname;
const secretive = new URL('../../support/secretive-plugin.js', import.meta.url).pathname;

/** An isolated collector of a plugin, on a clock that can be put forward. */
function isolated(collector: string, { file = misbehaving, options = {}, maxSeries = 1_000 } = {}) {
  let aheadMs = 0;
  const clock: Clock = { ...systemClock, monotonic: () => performance.now() + aheadMs };
  const keeper = new ProcessKeeper(clock);
  const log = recordedLog();
  const made = new IsolatedCollector({
    setUp: { type: 'set-up', collector, origin: { kind: 'plugin', file }, options, paths: hostPaths },
    maxSeries,
    memoryLimit: 128 * 2 ** 20,
    clock,
    log,
    keeper,
  });
  onTestFinished(() => {
    made.close();
    keeper.close();
  });
  return {
    log,
    /** Runs it once; with the deadline on the clock of this test, which is generous as a start takes a while. */
    run: (timeoutMs = 60_000): Promise<Samples> => made.collect(AbortSignal.timeout(timeoutMs)),
    putForward(ms: number) {
      aheadMs += ms;
    },
  };
}

const values = (samples: Samples): number[] => [...samples].map(({ value }) => value);

// Processes start slowly on a busy machine.
describe('a collector in a process of its own', { timeout: 120_000 }, () => {
  test('keeps its state from run to run', async () => {
    const { run } = isolated('works');

    expect(values(await run())).toEqual([1]);
    expect(values(await run())).toEqual([2]);
  });

  test('rejects with what it threw, and goes on', async () => {
    const { run, log } = isolated('throws');

    await expect(run()).rejects.toMatchObject({ name: 'TypeError', message: 'a bug' });
    await expect(run()).rejects.toMatchObject({ name: 'TypeError', message: 'a bug' });
    expect(log.lines).toEqual([]);
  });

  test('that died is started anew, and after three deaths in a row only when it has rested', async () => {
    const { run, putForward, log } = isolated('exits');
    const gone = { code: 'PROCESS_ENDED', message: 'its process is gone: it ended by itself with status 1' };

    for (let turn = 0; turn < 3; turn += 1) await expect(run()).rejects.toMatchObject(gone);
    await expect(run()).rejects.toMatchObject({
      code: 'PROCESS_ENDED',
      message: 'its process died 3 times in a row; it is started anew in 10 s',
    });
    putForward(10_000);
    await expect(run()).rejects.toMatchObject(gone);
    await expect(run()).rejects.toThrow('its process died 4 times in a row; it is started anew in 20 s');

    expect(log.lines.filter((line) => line.startsWith('warn'))).toEqual([
      'warn the process of the collector is gone; the next run starts another {"reason":"it ended by itself with status 1"}',
      'warn the process of the collector is gone; the next run starts another {"reason":"it ended by itself with status 1","rest_seconds":10}',
    ]);
  });

  test('that does not exist any more says so', async () => {
    await expect(isolated('vanished').run()).rejects.toThrow(
      'the collector cannot be made: there is no collector named vanished any more',
    );
  });

  test('gets its options and secrets by the pipe, logs through the daemon, and counts for itself', async () => {
    const { run, log } = isolated('secretive', { file: secretive, options: { password: 'hunter2', pattern: '^a+$' } });

    const samples = [...(await run())].map(({ family, value, labels }) => [family.name, value, { ...labels }]);

    expect(samples).toEqual([
      ['secretive_matches', 1, {}],
      ['secretive_password_length', 7, {}],
      ['secretive_seen', 0, {}],
      ['secretive_runs_total', 1, {}],
    ]);
    expect(log.lines).toEqual(['warn it ran {"turn":1,"password":"<secret>"}']);
  });
});

test('the rests grow to five minutes', () => {
  expect([1, 2, 3, 4, 5, 20].map(restAfter)).toEqual([0, 0, 10_000, 20_000, 40_000, 300_000]);
});
