/** What is particular to the runs of checks. */
import { describe, expect, test, vi } from 'vitest';
import type { ProbeOutcome } from '../../src/prober.ts';
import { check, down, running, runsByHand, settle, up } from '../support/runners.ts';
import { textOf } from '../support/exposition-text.ts';

runsByHand();

describe('a check', () => {
  test('is served with its labels, and its target without user, password and query', async () => {
    const { run, served, exposition } = running();

    run(check('shop', () => Promise.resolve(up), { team: 'web' }));
    await settle();

    expect(await served()).toContain('probe_success{check="shop",team="web"} 1');
    expect(await served()).toContain(
      'probe_info{check="shop",module="fake_module",prober="fake",target="https://shop.example/",team="web"} 1',
    );
    expect(await textOf(exposition, performance.now())).not.toMatch(/pw|token/);
  });

  test('keeps the labels of its families apart from those of its config', async () => {
    const { run, served } = running();

    run(check('shop', () => Promise.resolve(down), { module: 'mine', reason: 'none', check: 'other' }));
    await settle();

    expect(await served()).toContain('probe_success{check="shop",module="mine",reason="none"} 0');
    expect(await served()).toContain('vitald_check_failures_total{check="shop",module="mine",reason="connect"} 1');
  });

  test('that finds its target down is a good run, logged once when it goes down and once when it is up', async () => {
    const { run, served, lines, counted } = running();
    const outcomes = [up, down, down, up, up];
    const slot = check('shop', () => Promise.resolve(outcomes.shift()!));
    for (let turn = 0; turn < 3; turn += 1) {
      run(slot);
      await settle();
    }
    expect(await served()).toContain('probe_success{check="shop"} 0');
    expect(await served()).toContain('vitald_check_failures_total{check="shop",reason="connect"} 2');
    for (let turn = 0; turn < 2; turn += 1) {
      run(slot);
      await settle();
    }

    expect(await served()).toContain('probe_success{check="shop"} 1');
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
