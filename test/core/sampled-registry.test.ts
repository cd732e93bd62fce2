import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { expect, test } from 'vitest';
import { formatBlocks } from '../../src/exposition/encode.ts';
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
