import { expect, test } from 'vitest';
import { counter, gauge } from '../../src/collector.ts';
import { Encoder } from '../../src/exposition/encode.ts';
import { formatBlocks } from '../../src/exposition/format.ts';
import { HistogramTally, Tally } from '../../src/tally.ts';

const runs = () => new Tally(counter('runs_total', 'Runs.', ['result', 'collector']));

test('counts by labels, in whatever order they are named', () => {
  const tally = runs();

  tally.add(1, { collector: 'cpu', result: 'success' });
  tally.add(2, { result: 'success', collector: 'cpu' });
  tally.add(0, { collector: 'cpu', result: 'error' });

  expect(tally.samples.map(({ value, labels }) => [value, labels])).toEqual([
    [3, { collector: 'cpu', result: 'success' }],
    [0, { collector: 'cpu', result: 'error' }],
  ]);
});

test('gives the same samples each time, with the values they have now', () => {
  const tally = new Tally(gauge('load', 'Load.'));
  tally.set(5);
  const { samples } = tally;

  tally.set(7);

  expect(tally.samples).toBe(samples);
  expect(samples).toMatchObject([{ value: 7 }]);
});

test('forgets a series that is removed', () => {
  const tally = runs();
  tally.add(1, { collector: 'cpu', result: 'success' });
  tally.add(1, { collector: 'disk', result: 'success' });
  void tally.samples;

  tally.remove({ collector: 'cpu', result: 'success' });
  tally.remove({ collector: 'never', result: 'success' });

  expect(tally.samples.map(({ labels }) => labels)).toEqual([{ collector: 'disk', result: 'success' }]);
});

test('gives the same text as long as nothing changes', () => {
  const tally = runs();
  const cpu = { collector: 'cpu', result: 'success' };
  const disk = { collector: 'disk', result: 'success' };
  const lines = () => tally.blocks.map((block) => block.lines);
  tally.add(1, cpu);
  const { blocks } = tally;

  tally.add(0, cpu);
  tally.set(1, cpu);
  expect(tally.blocks).toBe(blocks);

  tally.add(1, cpu);
  expect(lines()).toEqual(['runs_total{collector="cpu",result="success"} 2\n']);
  tally.add(0, disk);
  expect(lines()[0]).toContain('{collector="disk",result="success"} 0\n');
  tally.remove(cpu);
  expect(lines()).toEqual(['runs_total{collector="disk",result="success"} 0\n']);
  tally.remove(disk);
  expect(lines()).toEqual([]);
});

test('keeps apart what only looks alike', () => {
  const tally = runs();
  tally.add(1, { collector: 'ab', result: 'c' });
  tally.add(1, { collector: 'b', result: 'ca' });

  expect(tally.samples).toHaveLength(2);
});

test('counts what is observed in every bucket whose bound it does not exceed', () => {
  const delays = new HistogramTally('delay_seconds', 'Delay.', 'kind', [0.1, 1]);
  for (const delay of [0.05, 0.1, 0.5, 1, 2]) delays.observe(delay, 'check');
  const [smallest] = delays.samples;
  delays.observe(0, 'check');
  delays.observe(3, 'collector');

  expect(delays.samples[0]).toBe(smallest);
  expect(formatBlocks(new Encoder().encode(delays.samples))).toBe(
    `# HELP delay_seconds Delay.
# TYPE delay_seconds histogram
delay_seconds_bucket{kind="check",le="0.1"} 3
delay_seconds_bucket{kind="check",le="1"} 5
delay_seconds_bucket{kind="check",le="+Inf"} 6
delay_seconds_sum{kind="check"} 3.65
delay_seconds_count{kind="check"} 6
delay_seconds_bucket{kind="collector",le="0.1"} 0
delay_seconds_bucket{kind="collector",le="1"} 0
delay_seconds_bucket{kind="collector",le="+Inf"} 1
delay_seconds_sum{kind="collector"} 3
delay_seconds_count{kind="collector"} 1
`,
  );
});
