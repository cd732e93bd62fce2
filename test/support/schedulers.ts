/** Schedulers that write down what they run, while a test moves the time. */
import { afterEach, beforeEach, vi } from 'vitest';
import { parseSchedule, type Schedule } from '../../src/schedule/expression.ts';
import { type Scheduled, Scheduler } from '../../src/schedule/scheduler.ts';
import { blockableClock } from './blockable-clock.ts';

let clock = blockableClock();
const open: Scheduler[] = [];

/** Each test of the file that calls it starts shortly after noon, and leaves no scheduler behind. */
export function schedulesByHand(): void {
  beforeEach(() => {
    clock = blockableClock();
    startAt('2026-06-01T12:00:00.250Z');
  });

  afterEach(() => {
    for (const scheduler of open.splice(0)) scheduler.stop();
    vi.useRealTimers();
  });
}

/** Starts anew at a moment; timers, Date and performance are moved by hand from there. */
export function startAt(iso: string): void {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'], now: new Date(iso) });
}

/** The event loop stands still: time passes on both clocks, and what was due fires late. */
export function block(ms: number): void {
  clock.block(ms);
  vi.setSystemTime(Date.now() + ms);
}

/** The wall clock is set, or the host slept: the monotonic clock does not notice. */
export function setClock(byMs: number): void {
  vi.setSystemTime(Date.now() + byMs);
}

/** Lets time pass, and what is put off to the end of a turn happen. */
export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

/** A schedule as a user would write it. */
export function schedule(source: string): Schedule {
  const parsed = parseSchedule(source);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

interface Ran {
  readonly name: string;
  /** The wall clock at the start of the run, such as `12:00:15.000`. */
  readonly at: string;
  /** How long after it was due. */
  readonly lateMs: number;
}

/** A scheduler that writes down what it runs and what it tells. */
export function scheduling({ timezone = 'UTC', spread = false } = {}) {
  const ran: Ran[] = [];
  const jumps: number[] = [];
  const missed: string[] = [];
  const failures: [string, unknown][] = [];
  const scheduler = new Scheduler({
    clock,
    timezone,
    spread,
    host: 'web1',
    listener: {
      jumped: (byMs) => void jumps.push(byMs),
      missed: (expression) => void missed.push(expression),
      failed: (name, error) => void failures.push([name, error]),
    },
  });
  open.push(scheduler);
  const slot = (name: string, source: string): Scheduled => ({
    name,
    schedule: schedule(source),
    run: (dueAt) =>
      void ran.push({ name, at: new Date().toISOString().slice(11, 23), lateMs: clock.monotonic() - dueAt }),
  });
  const namesOf = (): string[] => ran.splice(0).map(({ name }) => name);
  const timesOf = (): string[] => ran.splice(0).map(({ at }) => at);
  return { scheduler, slot, ran, jumps, missed, failures, namesOf, timesOf };
}
