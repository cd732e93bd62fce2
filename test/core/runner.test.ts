import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Check } from '../../src/checks/check.ts';
import { systemClock } from '../../src/clock.ts';
import { type Collector, gauge, NoDataError, type Samples } from '../../src/collector.ts';
import type { CheckConfig, Timing } from '../../src/config/config.ts';
import { z } from '../../src/config/schema.ts';
import { formatBlocks } from '../../src/exposition/encode.ts';
import { Exposition } from '../../src/exposition/exposition.ts';
import { Instruments } from '../../src/instruments.ts';
import type { Logger } from '../../src/log.ts';
import { defineProber, type ProbeOutcome, type ProbeRequest } from '../../src/prober.ts';
import { Runner } from '../../src/runner.ts';
import { parseSchedule, type Schedule } from '../../src/schedule/expression.ts';
import { Gate } from '../../src/schedule/gate.ts';
import { checkSlot, collectorSlot, type Slot } from '../../src/slot.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'], now: 1_700_000_000_000 });
});

afterEach(() => {
  vi.useRealTimers();
});

const timing: Timing = {
  schedule: parseSchedule('5s') as Schedule,
  timeoutMs: 4_000,
  staleAfterMs: 19_000,
};

interface Line {
  readonly level: string;
  readonly fields: Record<string, unknown>;
  readonly message: string;
}

/** A runner with everything that it tells written down. */
function running({ probes = 64 } = {}) {
  const lines: Line[] = [];
  const at =
    (level: string) =>
    (fields: object, message: string): void =>
      void lines.push({ level, fields: fields as Record<string, unknown>, message });
  const log: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: () => log };
  const exposition = new Exposition();
  const instruments = new Instruments('0.0.0', { ofProcess: false });
  let blockedMs = 0;
  const runner = new Runner({
    clock: { ...systemClock, monotonic: () => performance.now() + blockedMs },
    gate: new Gate(probes),
    exposition,
    instruments,
    log,
    pageOf: ({ kind, name }) => (kind === 'check' ? 'checks' : name),
  });
  const run = (slot: Slot): void => runner.run(slot, performance.now());
  /** Time that passes while no timer can fire. */
  const block = (ms: number): void => {
    blockedMs += ms;
  };
  /** The samples that are served now, without those that tell how the runs went. */
  const served = (): string[] =>
    exposition
      .render(performance.now(), (slot) => slot !== 'none')
      .text.toString()
      .split('\n')
      .filter((line) => line !== '' && !/^#|^node_scrape/.test(line));
  /** How the last run of each collector went, as 0 or 1. */
  const successes = (): string[] =>
    exposition
      .render(performance.now())
      .text.toString()
      .match(/^node_scrape_collector_success.*$/gm) ?? [];
  /** One of the daemon's own counters. */
  const counted = async (series: string): Promise<number | undefined> => {
    const line = formatBlocks(await instruments.blocks())
      .split('\n')
      .find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  };
  return { runner, run, block, served, successes, counted, lines, exposition, instruments };
}

const value = gauge('node_value', 'A value.');

/** A collector that answers what it is told to. */
function collector(name: string, collect: Collector['collect']): Slot {
  return collectorSlot(name, { collect }, timing);
}

/** Answers one after the other; the last one again and again. A function is called. */
function inTurn(...answers: (number | Error | Promise<Samples>)[]): Collector['collect'] {
  let turn = 0;
  return () => {
    const answer = answers[Math.min(turn, answers.length - 1)]!;
    turn += 1;
    if (answer instanceof Error) throw answer;
    return typeof answer === 'number' ? [value.sample(answer)] : answer;
  };
}

const never = new Promise<Samples>(() => {});

/** A check whose prober answers as told. */
function check(
  name: string,
  probe: (request: ProbeRequest) => Promise<ProbeOutcome>,
  labels = {},
  limits: Partial<Timing> = {},
): Slot {
  const prober = defineProber({
    name: 'fake',
    summary: 'Answers as told.',
    families: [],
    phases: ['connect'],
    config: z.strictObject({}),
    create: () => ({ probe }),
  });
  const module = { name: 'fake_module', prober, options: {}, timeoutMs: 4_000 };
  const config: CheckConfig = {
    name,
    target: 'https://user:pw@shop.example/?token=1',
    module,
    labels,
    ...timing,
    ...limits,
  };
  return checkSlot(new Check(config, { probe }, systemClock));
}

const up: ProbeOutcome = { success: true, samples: [] };
const down: ProbeOutcome = { success: false, reason: 'connect', phase: 'connect', detail: 'refused', samples: [] };

/** Lets pending promises go on, and those in line at the gate in. */
async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
  await vi.advanceTimersByTimeAsync(0);
}

describe('a run that succeeds', () => {
  test('is served, counted and told as duration and success', async () => {
    const { run, served, counted, exposition, instruments, lines } = running();
    instruments.knowCollector('load');

    run(collector('load', inTurn(7)));

    expect(served()).toEqual(['node_value 7']);
    expect(exposition.render(performance.now()).text.toString()).toContain(
      'node_scrape_collector_duration_seconds{collector="load"} 0\n',
    );
    expect(await counted('vitald_collector_runs_total{collector="load",result="success"}')).toBe(1);
    expect(await counted('vitald_collector_runs_total{collector="load",result="error"}')).toBe(0);
    expect(await counted('vitald_collector_last_success_timestamp_seconds{collector="load"}')).toBe(1_700_000_000);
    expect(lines).toEqual([]);
  });

  test('replaces what the run before gave', () => {
    const { run, served } = running();
    const slot = collector('load', inTurn(7, 8));

    run(slot);
    run(slot);

    expect(served()).toEqual(['node_value 8']);
  });

  test('tells how late it started', async () => {
    const { runner, counted } = running();
    vi.advanceTimersByTime(1_000);

    runner.run(collector('load', inTurn(1)), performance.now() - 200);

    expect(await counted('vitald_run_start_delay_seconds_sum{kind="collector"}')).toBeCloseTo(0.2);
  });
});

describe('a run that fails', () => {
  test('keeps what the run before gave, until age removes it', () => {
    const { run, served, successes } = running();
    const slot = collector('load', inTurn(7, new Error('boom')));
    run(slot);

    vi.advanceTimersByTime(5_000);
    run(slot);

    expect(served()).toEqual(['node_value 7']);
    expect(successes()).toEqual(['node_scrape_collector_success{collector="load"} 0']);
    vi.advanceTimersByTime(13_999);
    expect(served()).toEqual(['node_value 7']);
    vi.advanceTimersByTime(1);
    expect(served()).toEqual([]);
    expect(successes()).toEqual(['node_scrape_collector_success{collector="load"} 0']);
  });

  test('is not aged by a wall clock that is set', () => {
    const { run, served } = running();
    run(collector('load', inTurn(7)));

    vi.setSystemTime(Date.now() + 3_600_000);

    expect(served()).toEqual(['node_value 7']);
  });

  test('is logged once when failing starts and once when it is over', () => {
    const { run, lines } = running();
    const slot = collector('load', inTurn(1, new Error('boom'), new Error('bang'), 2, 3, new Error('again'), 4));

    for (let turn = 0; turn < 7; turn += 1) run(slot);

    expect(lines.map(({ level, message, fields }) => [level, message, fields['reason']])).toEqual([
      ['error', 'the collector fails', 'boom'],
      ['info', 'the collector has recovered', undefined],
      ['error', 'the collector fails', 'again'],
      ['info', 'the collector has recovered', undefined],
    ]);
    expect(lines[0]!.fields).toMatchObject({ collector: 'load', result: 'error' });
  });

  test('is logged with its stack only when nobody foresaw it', () => {
    const { run, lines } = running();
    const bug = new TypeError('x is not a function');

    run(collector('bug', inTurn(bug)));
    run(collector('nan', inTurn(Number.NaN)));

    expect(lines[0]!.fields['err']).toBe(bug);
    expect(lines[1]!.fields).toEqual({ collector: 'nan', result: 'malformed', reason: 'node_value is NaN' });
  });

  test('because there is nothing to report is neither logged nor taken for a failure', async () => {
    const { run, lines, counted, successes } = running();

    run(collector('battery', inTurn(new NoDataError('no battery'))));

    expect(lines).toEqual([]);
    expect(await counted('vitald_collector_runs_total{collector="battery",result="no_data"}')).toBe(1);
    expect(successes()).toEqual(['node_scrape_collector_success{collector="battery"} 0']);
  });

  test('touches no other slot', async () => {
    const { run, served, successes } = running();
    const other = gauge('node_other', 'Another value.');

    run(collector('bad', inTurn(new Error('boom'))));
    run(collector('hung', inTurn(never)));
    run(collector('wrong', inTurn(Number.NaN)));
    run(collector('good', () => [other.sample(1)]));
    await vi.advanceTimersByTimeAsync(4_000);

    expect(served()).toEqual(['node_other 1']);
    expect(successes()).toEqual([
      'node_scrape_collector_success{collector="bad"} 0',
      'node_scrape_collector_success{collector="wrong"} 0',
      'node_scrape_collector_success{collector="good"} 1',
      'node_scrape_collector_success{collector="hung"} 0',
    ]);
  });
});

describe('a slot', () => {
  test('never runs twice at once: runs that are due meanwhile are skipped and counted, not queued', async () => {
    const { run, counted, runner } = running();
    let calls = 0;
    let give!: (samples: Samples) => void;
    const slot = collector('slow', () => {
      calls += 1;
      return new Promise((resolve) => {
        give = resolve;
      });
    });
    run(slot);
    for (let turn = 0; turn < 3; turn += 1) {
      await vi.advanceTimersByTimeAsync(5_000);
      run(slot);
    }

    expect(calls).toBe(1);
    expect(runner.busy).toBe(1);
    expect(await counted('vitald_collector_skipped_runs_total{collector="slow"}')).toBe(3);
    expect(await counted('vitald_collector_runs_total{collector="slow",result="timeout"}')).toBe(1);

    give([value.sample(1)]);
    await settle();
    expect(calls).toBe(1);
    expect(runner.busy).toBe(0);
    run(slot);
    expect(calls).toBe(2);
  });

  test('that answers after its deadline is not served', async () => {
    const { run, served } = running();
    let give!: (samples: Samples) => void;
    run(
      collector(
        'slow',
        () =>
          new Promise((resolve) => {
            give = resolve;
          }),
      ),
    );
    await vi.advanceTimersByTimeAsync(4_000);

    give([value.sample(1)]);
    await settle();

    expect(served()).toEqual([]);
  });

  test('tells the caller when its result is known, also when it was skipped', async () => {
    const { runner } = running();
    const done: string[] = [];
    const slot = collector('slow', inTurn(never));

    runner.run(slot, 0, () => void done.push('ran'));
    runner.run(slot, 0, () => void done.push('skipped'));
    expect(done).toEqual(['skipped']);
    await vi.advanceTimersByTimeAsync(4_000);

    expect(done).toEqual(['skipped', 'ran']);
  });

  test('remembers its last run', () => {
    const { run } = running();
    const boom = new Error('boom');
    const slot = collector('load', inTurn(boom));

    run(slot);

    expect(slot.last).toEqual({ result: 'error', durationSeconds: 0, endedAt: 1_700_000_000_000, error: boom });
  });
});

describe('a check', () => {
  test('is served with its labels, and its target without user, password and query', async () => {
    const { run, served, exposition } = running();

    run(check('shop', () => Promise.resolve(up), { team: 'web' }));
    await settle();

    expect(served()).toContain('probe_success{check="shop",team="web"} 1');
    expect(served()).toContain(
      'probe_info{check="shop",module="fake_module",prober="fake",target="https://shop.example/",team="web"} 1',
    );
    expect(exposition.render(performance.now()).text.toString()).not.toMatch(/pw|token/);
  });

  test('keeps the labels of its families apart from those of its config', async () => {
    const { run, served } = running();

    run(check('shop', () => Promise.resolve(down), { module: 'mine', reason: 'none', check: 'other' }));
    await settle();

    expect(served()).toContain('probe_success{check="shop",module="mine",reason="none"} 0');
    expect(served()).toContain('vitald_check_failures_total{check="shop",module="mine",reason="connect"} 1');
  });

  test('that finds its target down is a good run, logged once when it goes down and once when it is up', async () => {
    const { run, served, lines, counted } = running();
    const outcomes = [up, down, down, up, up];
    const slot = check('shop', () => Promise.resolve(outcomes.shift()!));
    for (let turn = 0; turn < 3; turn += 1) {
      run(slot);
      await settle();
    }
    expect(served()).toContain('probe_success{check="shop"} 0');
    expect(served()).toContain('vitald_check_failures_total{check="shop",reason="connect"} 2');
    for (let turn = 0; turn < 2; turn += 1) {
      run(slot);
      await settle();
    }

    expect(served()).toContain('probe_success{check="shop"} 1');
    expect(await counted('vitald_check_runs_total{result="success"}')).toBe(5);
    expect(lines).toEqual([
      {
        level: 'warn',
        fields: { check: 'shop', reason: 'connect', phase: 'connect', detail: 'refused' },
        message: 'the target is down',
      },
      { level: 'info', fields: { check: 'shop' }, message: 'the target is up again' },
    ]);
  });

  test('that is no longer answered at all is logged as failing, with its stack when it is a bug', async () => {
    const { run, lines } = running();
    const bug = new TypeError('x is not a function');

    run(check('hung', () => new Promise(() => {})));
    run(check('bug', () => Promise.reject(bug)));
    await settle();
    await vi.advanceTimersByTimeAsync(4_250);

    expect(lines.map(({ level, fields, message }) => [level, fields['check'], fields['err'], message])).toEqual([
      ['error', 'bug', bug, 'the check fails'],
      ['error', 'hung', undefined, 'the check fails'],
    ]);
  });

  test('waits its turn at the gate, as busy as one that runs', async () => {
    const { run, runner, counted } = running({ probes: 1 });
    let release!: (outcome: ProbeOutcome) => void;
    const started: string[] = [];
    const first = check('first', () => {
      started.push('first');
      return new Promise((resolve) => {
        release = resolve;
      });
    });
    const second = check('second', () => {
      started.push('second');
      return Promise.resolve(up);
    });
    run(first);
    run(second);
    run(second);
    await settle();

    expect(started).toEqual(['first']);
    expect(runner.busy).toBe(1);
    expect(await counted('vitald_check_skipped_runs_total')).toBe(1);
    release(up);
    await settle();
    expect(started).toEqual(['first', 'second']);
    expect(runner.busy).toBe(0);
  });

  test('that hangs gives its place back only when it has settled', async () => {
    const { run } = running({ probes: 1 });
    const started: string[] = [];
    let release!: (outcome: ProbeOutcome) => void;
    run(
      check(
        'hung',
        () =>
          new Promise((resolve) => {
            release = resolve;
          }),
      ),
    );
    run(
      check('next', () => {
        started.push('next');
        return Promise.resolve(up);
      }),
    );
    await vi.advanceTimersByTimeAsync(10_000);
    await settle();
    expect(started).toEqual([]);

    release(up);
    await settle();

    expect(started).toEqual(['next']);
  });
});

describe('a slot that gives more series than it may', () => {
  const sizes = gauge('node_size', 'A size.', ['device']);
  const devices = (count: number): Samples =>
    Array.from({ length: count }, (_, index) => sizes.sample(index, { device: `d${index}` }));

  test('is served the first ones; the others are counted, and logged when that begins and ends', async () => {
    const { run, served, counted, lines, instruments } = running();
    instruments.knowCollector('disks');
    const counts = [2, 5, 4, 2, 2, 3];
    const slot = collectorSlot('disks', { collect: () => devices(counts.shift()!) }, { ...timing, maxSeries: 2 });
    expect(await counted('vitald_collector_dropped_series_total{collector="disks"}')).toBe(0);

    for (let turn = 0; turn < 3; turn += 1) run(slot);
    expect(served()).toEqual(['node_size{device="d0"} 0', 'node_size{device="d1"} 1']);
    for (let turn = 0; turn < 3; turn += 1) run(slot);

    expect(await counted('vitald_collector_dropped_series_total{collector="disks"}')).toBe(3 + 2 + 1);
    const fields = { collector: 'disks', max_series: 2 };
    expect(lines).toEqual([
      {
        level: 'warn',
        fields: { ...fields, dropped: 3 },
        message: 'series are left out: there are more than max_series',
      },
      { level: 'info', fields, message: 'no series is left out any more' },
      {
        level: 'warn',
        fields: { ...fields, dropped: 1 },
        message: 'series are left out: there are more than max_series',
      },
    ]);
  });

  test('may be a check, whose verdict comes first', async () => {
    const { run, served, counted } = running();
    const found = [...devices(100)];
    run(check('many', () => Promise.resolve({ success: true, samples: found }), {}, { maxSeries: 20 }));
    await settle();

    expect(served().length).toBe(20);
    expect(served()).toContain('probe_success{check="many"} 1');
    expect(await counted('vitald_check_dropped_series_total')).toBeGreaterThan(80);
  });
});

describe('a collector that blocks the event loop', () => {
  test('is counted each time and named in the log once', async () => {
    const { run, counted, lines, instruments } = running();
    instruments.knowCollector('slow');
    const slow = collector('slow', () => {
      vi.advanceTimersByTime(250);
      return [value.sample(1)];
    });

    for (let turn = 0; turn < 3; turn += 1) run(slow);

    expect(await counted('vitald_collector_blocks_total{collector="slow"}')).toBe(3);
    expect(await counted('vitald_collector_blocked_seconds_total{collector="slow"}')).toBeCloseTo(0.75);
    expect(lines).toEqual([
      {
        level: 'warn',
        fields: { collector: 'slow', seconds: 0.25 },
        message: 'the collector blocks everything else while it runs',
      },
    ]);
  });

  test('is found before its first wait, when its samples are read, and in the midst of its run', async () => {
    const { run, counted, instruments, block } = running();
    const names = ['begins', 'generates', 'computes', 'waits'];
    for (const name of names) instruments.knowCollector(name);
    run(
      collector('begins', () => {
        block(400);
        return Promise.resolve([]);
      }),
    );
    await settle();
    run(
      collector('generates', () =>
        Promise.resolve(
          (function* () {
            block(400);
            yield value.sample(1);
          })(),
        ),
      ),
    );
    await settle();
    run(
      collector('computes', async () => {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        block(400);
        return [];
      }),
    );
    await vi.advanceTimersByTimeAsync(2_000);
    run(collector('waits', () => new Promise((resolve) => setTimeout(() => resolve([]), 2_000))));
    await vi.advanceTimersByTimeAsync(3_000);

    const counts = names.map((name) => counted(`vitald_collector_blocks_total{collector="${name}"}`));
    expect(await Promise.all(counts)).toEqual([1, 1, 1, 0]);
  });
});

describe('a slot that left the config', () => {
  test('is served no more, nor is what its run under way answers', async () => {
    const { runner, run, served, successes } = running();
    let give!: (samples: Samples) => void;
    let turn = 0;
    const slot = collector('load', () => {
      turn += 1;
      if (turn === 1) return [value.sample(1)];
      return new Promise((resolve) => {
        give = resolve;
      });
    });
    run(slot);
    run(slot);

    runner.withdraw(slot);
    give([value.sample(2)]);
    await settle();

    expect(served()).toEqual([]);
    expect(successes()).toEqual([]);
  });

  test('while it waited at the gate is not started', async () => {
    const { runner, run, served } = running({ probes: 1 });
    let release!: (outcome: ProbeOutcome) => void;
    let probes = 0;
    const first = check(
      'first',
      () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    );
    const second = check('second', () => {
      probes += 1;
      return Promise.resolve(up);
    });
    run(first);
    run(second);

    runner.withdraw(second);
    release(up);
    await settle();

    expect(probes).toBe(0);
    expect(served().join('\n')).not.toContain('check="second"');
  });

  test('takes nothing from another of the same name but another kind', () => {
    const { runner, run, successes } = running();
    run(collector('cpu', inTurn(1)));

    runner.withdraw(check('cpu', () => Promise.resolve(up)));

    expect(successes()).toEqual(['node_scrape_collector_success{collector="cpu"} 1']);
  });
});

test('a stop ends what is under way, starts nothing more and serves no answer that comes later', async () => {
  const { runner, run, served, lines } = running({ probes: 1 });
  const aborted: string[] = [];
  let probes = 0;
  const hangs = (name: string) =>
    check(name, ({ signal }) => {
      probes += 1;
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          aborted.push(name);
          resolve(down);
        });
      });
    });
  run(hangs('first'));
  run(hangs('second'));

  runner.stop();
  run(collector('load', inTurn(1)));
  await settle();

  expect(aborted).toEqual(['first']);
  expect(probes).toBe(1);
  expect(runner.busy).toBe(0);
  expect(served()).toEqual([]);
  expect(lines).toEqual([]);
});
