/** Slots that take more than their share: of the exposition, and of the event loop. */
import { describe, expect, test, vi } from 'vitest';
import { gauge, type Samples } from '../../src/collector.ts';
import { CollectorSlot } from '../../src/slot.ts';
import { check, collector, running, runsByHand, settle, timing, value } from '../support/runners.ts';

runsByHand();

describe('a slot that gives more series than it may', () => {
  const sizes = gauge('node_size', 'A size.', ['device']);
  const devices = (count: number): Samples =>
    Array.from({ length: count }, (_, index) => sizes.sample(index, { device: `d${index}` }));

  test('is served the first ones; the others are counted, and logged when that begins and ends', async () => {
    const { run, served, counted, lines, instruments } = running();
    instruments.knowCollector('disks');
    const counts = [2, 5, 4, 2, 2, 3];
    const slot = new CollectorSlot('disks', { collect: () => devices(counts.shift()!) }, { ...timing, maxSeries: 2 });
    expect(await counted('vitald_collector_dropped_series_total{collector="disks"}')).toBe(0);

    for (let turn = 0; turn < 3; turn += 1) run(slot);
    expect(await served()).toEqual(['node_size{device="d0"} 0', 'node_size{device="d1"} 1']);
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

    expect((await served()).length).toBe(20);
    expect(await served()).toContain('probe_success{check="many"} 1');
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
