import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { Thrift } from '../../src/thrift.ts';

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

const thrifty = ['--no-turbofan', '--semi-space-growth-factor=1'];
const generous = ['--turbofan', '--semi-space-growth-factor=2'];

function started(): Thrift {
  const thrift = new Thrift(systemClock, engine);
  thrift.start();
  return thrift;
}

test('lasts as long as the process has little to do', () => {
  started();
  for (let look = 0; look < 100; look += 1) {
    cpuMs += look % 2 === 0 ? 10_000 : 100;
    vi.advanceTimersByTime(20_000);
  }

  expect(flags).toEqual(thrifty);
});

test('ends once the process is busy, and then for good', () => {
  started();
  for (const used of [100, 200, 200]) {
    expect(flags).toEqual(thrifty);
    cpuMs += used;
    vi.advanceTimersByTime(20_000);
  }

  expect(flags).toEqual([...thrifty, ...generous]);
  expect(vi.getTimerCount()).toBe(0);
});

test('ends where there are many checks, once', () => {
  const thrift = started();
  thrift.expect(49);
  expect(flags).toEqual(thrifty);

  thrift.expect(50);
  thrift.expect(5000);

  expect(flags).toEqual([...thrifty, ...generous]);
});
