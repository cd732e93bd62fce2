import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CollectError, counter, gauge, NoDataError, type Sample, type Samples } from '../../src/collector.ts';
import { Encoder } from '../../src/exposition/encode.ts';
import { formatBlocks } from '../../src/exposition/format.ts';
import { type Runnable, type RunReport, startRun } from '../../src/run.ts';
import { type BlockableClock, blockableClock } from '../support/blockable-clock.ts';

const load = gauge('node_load1', '1m load average.');
const speed = gauge('node_speed', 'Speed.', ['device']);

let clock: BlockableClock;

beforeEach(() => {
  clock = blockableClock();
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

interface Answer {
  readonly samples: Promise<Samples>;
  give(samples: Samples): void;
  refuse(error: unknown): void;
}

/** An answer that is given by hand. */
function answer(): Answer {
  let give!: (samples: Samples) => void;
  let refuse!: (error: unknown) => void;
  const samples = new Promise<Samples>((resolve, reject) => {
    give = resolve;
    refuse = reject;
  });
  return { samples, give: (value) => give(value), refuse: (error) => refuse(error) };
}

/** Starts a run of `collect` and writes down what it tells, in order. */
function run(collect: Runnable['collect'], overrides: Partial<Runnable> = {}) {
  const told: (RunReport | 'settled')[] = [];
  const slot: Runnable = {
    name: 'load',
    timeoutMs: 4_000,
    graceMs: 0,
    takesSignal: collect.length > 0,
    encoder: new Encoder(),
    collect,
    ...overrides,
  };
  const started = startRun(slot, clock, {
    report: (report) => void told.push(report),
    settled: () => void told.push('settled'),
  });
  const results = (): string[] => told.map((each) => (each === 'settled' ? each : each.result));
  const report = (): RunReport => told.find((each) => each !== 'settled')!;
  return { told, results, report, cancel: () => started.cancel(), text: () => formatBlocks(report().blocks ?? []) };
}

/** Something that is not what the types promise. */
function wrong(value: unknown): Samples {
  return value as Samples;
}

describe('a collector that answers at once', () => {
  test('has reported and settled when the run was started', () => {
    const { results, report, text } = run(() => {
      vi.setSystemTime(Date.now() + 1_000_000);
      return [load.sample(0.21)];
    });

    expect(results()).toEqual(['success', 'settled']);
    expect(text()).toBe('# HELP node_load1 1m load average.\n# TYPE node_load1 gauge\nnode_load1 0.21\n');
    // The wall clock was set, which is not how long it took.
    expect(report().durationSeconds).toBe(0);
  });

  test('may be a generator', () => {
    const { text } = run(function* collect() {
      yield speed.sample(1, { device: 'eth0' });
      yield speed.sample(2, { device: 'eth1' });
    });

    expect(text()).toContain('node_speed{device="eth0"} 1\nnode_speed{device="eth1"} 2\n');
  });

  test('without samples has succeeded', () => {
    const { results, report } = run(() => []);

    expect(results()).toEqual(['success', 'settled']);
    expect(report().blocks).toEqual([]);
  });

  test('after its deadline has timed out', () => {
    const { results, report } = run(() => {
      vi.advanceTimersByTime(4_001);
      return [load.sample(1)];
    });

    expect(results()).toEqual(['timeout', 'settled']);
    expect(report()).toMatchObject({ durationSeconds: 4.001, error: { code: 'TIMEOUT' } });
    expect(report().blocks).toBeUndefined();
  });

  test('has timed out, and is ended, when it is a generator that goes on for ever', () => {
    let given = 0;
    let ended = false;
    const { results } = run(function* collect() {
      try {
        for (;;) {
          given += 1;
          vi.advanceTimersByTime(10);
          yield speed.sample(1, { device: `d${given}` });
        }
      } finally {
        ended = true;
      }
    });

    expect(results()).toEqual(['timeout', 'settled']);
    expect(given).toBeLessThan(500);
    expect(ended).toBe(true);
  });

  test('has timed out too when it is a generator that takes that long', () => {
    const { results } = run(function* collect() {
      yield load.sample(1);
      vi.advanceTimersByTime(4_001);
    });

    expect(results()).toEqual(['timeout', 'settled']);
  });

  test('leaves no timer behind', () => {
    run(() => [load.sample(1)]);

    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a collector that throws', () => {
  const unforeseen = new TypeError('undefined is not a function');

  test.each([
    ['an error that nobody foresaw', unforeseen, 'error'],
    ['something that is no error', 'out of paper', 'error'],
    ['that there is nothing to report', new NoDataError('no battery'), 'no_data'],
    ['that its source is missing', new CollectError('SOURCE_MISSING', 'no /proc/x'), 'no_data'],
    ['that its source is forbidden', new CollectError('SOURCE_FORBIDDEN', '/proc/x'), 'no_data'],
    ['that its source is unreadable', new CollectError('SOURCE_UNREADABLE', '/proc/x'), 'error'],
    ['that its source is malformed', new CollectError('SOURCE_MALFORMED', '/proc/x'), 'error'],
    ['that it took too long', new CollectError('TIMEOUT', 'too long'), 'timeout'],
  ])('%s reports that', async (_, error, result) => {
    const thrown = run(() => {
      throw error;
    });
    const inGenerator = run(function* collect() {
      yield load.sample(1);
      throw error;
    });
    const rejected = run(() => Promise.reject(error));
    await vi.advanceTimersByTimeAsync(0);

    for (const { results, report } of [thrown, inGenerator, rejected]) {
      expect(results()).toEqual([result, 'settled']);
      expect(report().error).toBe(error);
      expect(report().blocks).toBeUndefined();
    }
  });
});

describe('a collector that answers later', () => {
  test('reports when it answers, with the time that it took', async () => {
    const { samples, give } = answer();
    const { results, report, text } = run(() => samples);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(results()).toEqual([]);

    give([load.sample(0.5)]);
    await vi.advanceTimersByTimeAsync(0);

    expect(results()).toEqual(['success', 'settled']);
    expect(report().durationSeconds).toBe(1.5);
    expect(text()).toContain('node_load1 0.5\n');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('may answer with a thenable that is no promise', async () => {
    const thenable = {
      // oxlint-disable-next-line unicorn/no-thenable
      then(resolve: (samples: Samples) => void) {
        resolve([load.sample(0.5)]);
      },
    };
    const { results } = run(() => thenable as unknown as Promise<Samples>);
    await vi.advanceTimersByTimeAsync(0);

    expect(results()).toEqual(['success', 'settled']);
  });

  test('has timed out at its deadline, and settles when it answers at last', async () => {
    const { samples, give } = answer();
    const { results, report } = run(() => samples);
    await vi.advanceTimersByTimeAsync(3_999);
    expect(results()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(results()).toEqual(['timeout']);
    expect(report()).toMatchObject({
      durationSeconds: 4,
      error: { code: 'TIMEOUT', message: 'did not answer within 4000 ms' },
    });

    await vi.advanceTimersByTimeAsync(60_000);
    expect(results()).toEqual(['timeout']);
    give([load.sample(1)]);
    await vi.advanceTimersByTimeAsync(0);

    expect(results()).toEqual(['timeout', 'settled']);
  });

  test('settles too when it fails after its deadline', async () => {
    const { samples, refuse } = answer();
    const { results } = run(() => samples);
    await vi.advanceTimersByTimeAsync(4_000);

    refuse(new Error('gave up'));
    await vi.advanceTimersByTimeAsync(0);

    expect(results()).toEqual(['timeout', 'settled']);
  });

  test('has its signal aborted at the deadline, and the abort is not taken for an error', async () => {
    let reason: unknown;
    const { results } = run(
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            reject(new Error('aborted'));
          });
        }),
    );

    await vi.advanceTimersByTimeAsync(4_000);

    expect(reason).toMatchObject({ code: 'TIMEOUT' });
    expect(results()).toEqual(['timeout', 'settled']);
  });

  test('is late when its answer has its turn only after the deadline, as behind a blocked event loop', async () => {
    const { samples, give } = answer();
    const { results } = run(() => samples);

    give([load.sample(1)]);
    clock.block(4_001);
    await vi.advanceTimersByTimeAsync(0);

    expect(results()).toEqual(['timeout', 'settled']);
  });
});

describe('a check', () => {
  const check = { graceMs: 250, takesSignal: true };

  test('may answer its abort with what it has', async () => {
    const { results, text } = run(
      (signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve([load.sample(0)]));
        }),
      check,
    );

    await vi.advanceTimersByTimeAsync(4_000);

    expect(results()).toEqual(['success', 'settled']);
    expect(text()).toContain('node_load1 0\n');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('may take a moment for it', async () => {
    const { samples, give } = answer();
    const { results } = run(() => samples, check);
    await vi.advanceTimersByTimeAsync(4_249);

    give([load.sample(0)]);
    await vi.advanceTimersByTimeAsync(0);

    expect(results()).toEqual(['success', 'settled']);
  });

  test('has timed out when it does not answer its abort in time', async () => {
    const { samples, give } = answer();
    const { results } = run(() => samples, check);
    await vi.advanceTimersByTimeAsync(4_249);
    expect(results()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(results()).toEqual(['timeout']);

    give([]);
    await vi.advanceTimersByTimeAsync(0);

    expect(results()).toEqual(['timeout', 'settled']);
  });
});

describe('samples that must not be served', () => {
  const other = gauge('node_load1', '1m load average.', ['cpu']);

  test.each<[string, Samples, string, string]>([
    ['NaN', [load.sample(Number.NaN)], 'malformed', 'node_load1 is NaN'],
    ['a text as value', [load.sample('1' as never)], 'malformed', 'node_load1 is not a number: string'],
    ['no value', [load.sample(undefined as never)], 'malformed', 'node_load1 is not a number: undefined'],
    ['a series twice', [load.sample(1), load.sample(2)], 'duplicate', 'node_load1 is given twice'],
    [
      'a labelled series twice',
      [speed.sample(1, { device: 'a' }), speed.sample(1, { device: 'b' }), speed.sample(2, { device: 'a' })],
      'duplicate',
      'node_speed{device="a"} is given twice',
    ],
    ['an illegal metric name', [gauge('node-load', 'x').sample(1)], 'malformed', '"node-load" is not a metric name'],
    [
      'an illegal label name',
      [gauge('a', 'x', ['my-label']).sample(1, { 'my-label': 'y' })],
      'malformed',
      'a: "my-label" is not a label name',
    ],
    [
      'a reserved label name',
      [gauge('a', 'x', ['__name__']).sample(1, { __name__: 'y' })],
      'malformed',
      'a: "__name__" is not a label name',
    ],
    [
      'a label that is not declared',
      [{ family: load, value: 1, labels: { cpu: '0' } }],
      'malformed',
      'node_load1: label cpu is not declared',
    ],
    [
      'a label that is no text',
      [other.sample(1, { cpu: 0 as never })],
      'malformed',
      'node_load1: label cpu is not a string but a number',
    ],
    [
      'one name with two types',
      [load.sample(1), counter('node_load1', '1m load average.').sample(1)],
      'malformed',
      'node_load1 is both a gauge and a counter',
    ],
    ['nothing', wrong(undefined), 'malformed', 'collect returned no samples to iterate'],
    ['null', wrong(null), 'malformed', 'collect returned no samples to iterate'],
    ['a number', wrong(5), 'malformed', 'collect returned no samples to iterate'],
    ['a single sample', wrong(load.sample(1)), 'malformed', 'collect returned no samples to iterate'],
  ])('fail the run: %s', async (_, samples, result, message) => {
    const atOnce = run(() => samples);
    const later = run(() => Promise.resolve(samples));
    await vi.advanceTimersByTimeAsync(0);

    for (const { results, report } of [atOnce, later]) {
      expect(results()).toEqual([result, 'settled']);
      expect(report().error).toMatchObject({ message });
      expect(report().blocks).toBeUndefined();
    }
  });

  test('do not spoil the next run', () => {
    const encoder = new Encoder();
    const good: Sample[] = [speed.sample(1, { device: 'a' }), speed.sample(2, { device: 'b' })];
    run(() => good, { encoder });
    run(() => [...good, speed.sample(3, { device: 'a' })], { encoder });

    const { text } = run(() => good, { encoder });

    expect(text()).toContain('gauge\nnode_speed{device="a"} 1\nnode_speed{device="b"} 2\n');
  });

  test.each([Infinity, -Infinity, -0, 1e300, 5e-324])('do not include %d', (value) => {
    expect(run(() => [load.sample(value)]).results()).toEqual(['success', 'settled']);
  });
});

describe('a run that is cancelled', () => {
  test('aborts its signal, reports nothing and settles when the collector has', async () => {
    const { samples, give } = answer();
    let aborted = false;
    const { cancel, results } = run((signal) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return samples;
    });

    cancel();
    expect(aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(results()).toEqual([]);
    give([load.sample(1)]);
    await vi.advanceTimersByTimeAsync(0);

    expect(results()).toEqual(['settled']);
  });

  test('reports nothing either when it fails on the abort', async () => {
    const { samples, refuse } = answer();
    const { cancel, results } = run(() => samples);

    cancel();
    refuse(new Error('aborted'));
    await vi.advanceTimersByTimeAsync(0);

    expect(results()).toEqual(['settled']);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('a collector that takes no signal is handed one that never aborts', async () => {
  const { samples } = answer();
  let handed: AbortSignal | undefined;
  run(
    (signal) => {
      handed = signal;
      return samples;
    },
    { takesSignal: false },
  );

  await vi.advanceTimersByTimeAsync(10_000);

  expect(handed).toMatchObject({ aborted: false });
});
