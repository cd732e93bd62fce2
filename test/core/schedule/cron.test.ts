import { getTasks } from 'node-cron';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cronTask, type CronTask, parseCron } from '../../../src/schedule/cron.ts';

const start = Date.UTC(2026, 5, 1, 12, 0, 0, 500);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'], now: start });
});

const open: CronTask[] = [];

afterEach(() => {
  for (const task of open.splice(0)) task.stop();
  vi.useRealTimers();
});

/** A started task that writes down what it tells. */
function ticking(expression: string, timezone = 'UTC') {
  const told = { ticks: [] as string[], late: [] as number[], missed: 0, logged: [] as string[] };
  const task = cronTask(expression, timezone, {
    tick(lateMs) {
      told.ticks.push(new Date().toISOString().slice(11, 23));
      told.late.push(lateMs);
    },
    missed() {
      told.missed += 1;
    },
    log: (message) => void told.logged.push(message),
  });
  open.push(task);
  task.start();
  return { task, ...told, told };
}

describe('an expression', () => {
  test('is read to the values of its fields', () => {
    expect(parseCron('*/20 5 */12 1 1,2 0')).toEqual({
      fields: { second: [0, 20, 40], minute: [5], hour: [0, 12], dayOfMonth: [1], month: [1, 2], dayOfWeek: [0] },
    });
  });

  test('is refused with what is wrong with it', () => {
    expect(parseCron('* * *')).toEqual({ problem: 'expected 5 or 6 fields but got 3' });
  });
});

describe('a task', () => {
  test('ticks at the moments of its expression', async () => {
    const { ticks, late } = ticking('*/20 * * * * *');

    await vi.advanceTimersByTimeAsync(60_000);

    expect(ticks).toEqual(['12:00:20.000', '12:00:40.000', '12:01:00.000']);
    expect(late).toEqual([0, 0, 0]);
  });

  test('tells its next moments', () => {
    const { task } = ticking('0 30 2 * * *', 'Europe/Vienna');

    expect(task.next(2).map((at) => new Date(at).toISOString())).toEqual([
      '2026-06-02T00:30:00.000Z',
      '2026-06-03T00:30:00.000Z',
    ]);
  });

  test('waits for moments that are further away than a timer reaches', async () => {
    const { ticks } = ticking('0 0 0 1 8 *');

    await vi.advanceTimersByTimeAsync(60 * 24 * 3_600_000);
    expect(ticks).toEqual([]);
    await vi.advanceTimersByTimeAsync(24 * 3_600_000);

    expect(ticks).toEqual(['00:00:00.000']);
  });

  test('ticks late rather than not at all, and says how late', async () => {
    const { ticks, late } = ticking('0 * * * * *');

    await vi.advanceTimersByTimeAsync(50_000);
    vi.setSystemTime(Date.now() + 20_000);
    await vi.advanceTimersByTimeAsync(10_000);

    expect(ticks).toEqual(['12:01:20.000']);
    expect(late).toEqual([20_000]);
  });

  test('tells each moment that passed without a tick, and writes nothing to the terminal', async () => {
    const { ticks, told } = ticking('* * * * * *');
    const stderr = vi.spyOn(process.stderr, 'write');
    const stdout = vi.spyOn(process.stdout, 'write');

    vi.setSystemTime(Date.now() + 5_000);
    await vi.advanceTimersByTimeAsync(500);

    expect(told.missed).toBe(5);
    expect(told.logged).toEqual([]);
    expect(ticks).toEqual(['12:00:06.000']);
    expect([stderr.mock.calls, stdout.mock.calls]).toEqual([[], []]);
    stderr.mockRestore();
    stdout.mockRestore();
  });

  test('that was stopped ticks no more, and leaves nothing behind in node-cron', async () => {
    const before = getTasks().size;
    const { task, ticks } = ticking('* * * * * *');
    expect(getTasks().size).toBe(before + 1);

    task.stop();
    await vi.advanceTimersByTimeAsync(5_000);

    expect(ticks).toEqual([]);
    expect(getTasks().size).toBe(before);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('goes on after a tick that threw, and logs it', async () => {
    const logged: string[] = [];
    let ticks = 0;
    const task = cronTask('* * * * * *', 'UTC', {
      tick() {
        ticks += 1;
        throw new Error('boom');
      },
      missed() {},
      log: (message) => void logged.push(message),
    });
    open.push(task);
    task.start();

    await vi.advanceTimersByTimeAsync(2_000);

    expect(ticks).toBe(2);
    expect(logged).toHaveLength(2);
  });

  test('cannot be started in a zone that does not exist', () => {
    const task = cronTask('* * * * * *', 'Europe/Wien', { tick() {}, missed() {}, log() {} });

    expect(() => task.start()).toThrow(/Europe\/Wien/);
  });
});
