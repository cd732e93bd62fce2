import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { Optimizer } from '../../src/optimizer.ts';

let cpuMs = 0;
const flags: string[] = [];
const engine = { cpuMs: () => cpuMs, setFlag: (flag: string) => void flags.push(flag) };

beforeEach(() => {
  cpuMs = 1000;
  flags.length = 0;
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

function held(): Optimizer {
  const optimizer = new Optimizer(systemClock, engine);
  optimizer.hold();
  return optimizer;
}

test('is held back as long as the process has little to do', () => {
  held();
  for (let look = 0; look < 100; look += 1) {
    cpuMs += look % 2 === 0 ? 10_000 : 100;
    vi.advanceTimersByTime(20_000);
  }

  expect(flags).toEqual(['--no-turbofan']);
});

test('is let go once the process is busy, and then for good', () => {
  held();
  for (const used of [100, 200, 200]) {
    expect(flags).toEqual(['--no-turbofan']);
    cpuMs += used;
    vi.advanceTimersByTime(20_000);
  }

  expect(flags).toEqual(['--no-turbofan', '--turbofan']);
  expect(vi.getTimerCount()).toBe(0);
});

test('is let go where there are many checks, once', () => {
  const optimizer = held();
  optimizer.expect(49);
  expect(flags).toEqual(['--no-turbofan']);

  optimizer.expect(50);
  optimizer.expect(5000);

  expect(flags).toEqual(['--no-turbofan', '--turbofan']);
});
