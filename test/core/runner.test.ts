import { describe, expect, test, vi } from 'vitest';
import { gauge, NoDataError, type Samples } from '../../src/collector.ts';
import type { ProbeOutcome } from '../../src/prober.ts';
import { check, collector, down, inTurn, never, running, runsByHand, settle, up, value } from '../support/runners.ts';
import { textOf } from '../support/exposition-text.ts';

runsByHand();

describe('a run that succeeds', () => {
  test('is served, counted and told as duration and success', async () => {
    const { run, served, counted, exposition, instruments, lines } = running();
    instruments.knowCollector('load');

    run(collector('load', inTurn(7)));

    expect(await served()).toEqual(['node_value 7']);
    expect(await textOf(exposition, performance.now())).toContain(
      'node_scrape_collector_duration_seconds{collector="load"} 0\n',
    );
    expect(await counted('vitald_collector_runs_total{collector="load",result="success"}')).toBe(1);
    expect(await counted('vitald_collector_runs_total{collector="load",result="error"}')).toBe(0);
    expect(await counted('vitald_collector_last_success_timestamp_seconds{collector="load"}')).toBe(1_700_000_000);
    expect(lines).toEqual([]);
  });

  test('replaces what the run before gave', async () => {
    const { run, served } = running();
    const slot = collector('load', inTurn(7, 8));

    run(slot);
    run(slot);

    expect(await served()).toEqual(['node_value 8']);
  });

  test('tells how late it started', async () => {
    const { runner, counted } = running();
    vi.advanceTimersByTime(1_000);

    runner.run(collector('load', inTurn(1)), performance.now() - 200);

    expect(await counted('vitald_run_start_delay_seconds_sum{kind="collector"}')).toBeCloseTo(0.2);
  });
});

describe('a run that fails', () => {
  test('keeps what the run before gave, until age removes it', async () => {
    const { run, served, successes } = running();
    const slot = collector('load', inTurn(7, new Error('boom')));
    run(slot);

    vi.advanceTimersByTime(5_000);
    run(slot);

    expect(await served()).toEqual(['node_value 7']);
    expect(await successes()).toEqual(['node_scrape_collector_success{collector="load"} 0']);
    vi.advanceTimersByTime(13_999);
    expect(await served()).toEqual(['node_value 7']);
    vi.advanceTimersByTime(1);
    expect(await served()).toEqual([]);
    expect(await successes()).toEqual(['node_scrape_collector_success{collector="load"} 0']);
  });

  test('is not aged by a wall clock that is set', async () => {
    const { run, served } = running();
    run(collector('load', inTurn(7)));

    vi.setSystemTime(Date.now() + 3_600_000);

    expect(await served()).toEqual(['node_value 7']);
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
    expect(await successes()).toEqual(['node_scrape_collector_success{collector="battery"} 0']);
  });

  test('touches no other slot', async () => {
    const { run, served, successes } = running();
    const other = gauge('node_other', 'Another value.');

    run(collector('bad', inTurn(new Error('boom'))));
    run(collector('hung', inTurn(never)));
    run(collector('wrong', inTurn(Number.NaN)));
    run(collector('good', () => [other.sample(1)]));
    await vi.advanceTimersByTimeAsync(4_000);

    expect(await served()).toEqual(['node_other 1']);
    expect(await successes()).toEqual([
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

    expect(await served()).toEqual([]);
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

    expect(await served()).toEqual([]);
    expect(await successes()).toEqual([]);
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
    expect((await served()).join('\n')).not.toContain('check="second"');
  });

  test('takes nothing from another of the same name but another kind', async () => {
    const { runner, run, successes } = running();
    run(collector('cpu', inTurn(1)));

    runner.withdraw(check('cpu', () => Promise.resolve(up)));

    expect(await successes()).toEqual(['node_scrape_collector_success{collector="cpu"} 1']);
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
  expect(await served()).toEqual([]);
  expect(lines).toEqual([]);
});
