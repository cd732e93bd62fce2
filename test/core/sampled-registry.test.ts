import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { expect, test } from 'vitest';
import { formatBlocks } from '../../src/exposition/format.ts';
import { SampledRegistry } from '../../src/sampled-registry.ts';
import { text } from '../support/expose.ts';

test('gives every kind of metric as prom-client itself would write it', async () => {
  const registry = new Registry();
  const registers = [registry];
  new Counter({ name: 'a_total', help: 'A.', labelNames: ['x'], registers }).inc({ x: 'one' }, 3);
  new Gauge({ name: 'b_info', help: 'B.', labelNames: ['major'], registers }).set({ major: 20 }, 1);
  new Gauge({ name: 'c', help: 'Not known yet.', registers }).set(Number.NaN);
  new Histogram({ name: 'd', help: 'D.', labelNames: ['x'], buckets: [1], registers }).observe({ x: 'y' }, 0.5);
  new Summary({ name: 'e', help: 'E.', percentiles: [0.5], registers }).observe(2);

  expect(formatBlocks(await new SampledRegistry(registry).blocks())).toBe(text`
    # HELP a_total A.
    # TYPE a_total counter
    a_total{x="one"} 3
    # HELP b_info B.
    # TYPE b_info gauge
    b_info{major="20"} 1
    # HELP d D.
    # TYPE d histogram
    d_bucket{le="1",x="y"} 1
    d_bucket{le="+Inf",x="y"} 1
    d_sum{x="y"} 0.5
    d_count{x="y"} 1
    # HELP e E.
    # TYPE e summary
    e{quantile="0.5"} 2
    e_sum 2
    e_count 1
  `);
});

test('gives the same samples again with the values they have then, and others where series came or went', async () => {
  const registry = new Registry();
  const counts = new Counter({ name: 'a_total', help: 'A.', labelNames: ['x'], registers: [registry] });
  const load = new Gauge({ name: 'b', help: 'B.', registers: [registry] });
  counts.inc({ x: 'one' });
  load.set(0.5);
  const sampled = new SampledRegistry(registry);
  const text = async (): Promise<string> => formatBlocks(await sampled.blocks()).replaceAll(/^#.*\n/gm, '');
  const before = await sampled.samples();
  const first = await text();
  counts.inc({ x: 'one' });
  const again = await sampled.samples();
  const second = await text();
  counts.remove({ x: 'one' });
  counts.inc({ x: 'two' }, 7);
  counts.inc({ x: 'three' }, 8);
  const third = await text();

  expect(first).toBe('a_total{x="one"} 1\nb 0.5\n');
  expect(again[0]).toBe(before[0]);
  expect(second).toBe('a_total{x="one"} 2\nb 0.5\n');
  expect(third).toBe('a_total{x="two"} 7\na_total{x="three"} 8\nb 0.5\n');
});
