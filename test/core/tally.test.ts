import { expect, test } from 'vitest';
import { counter, gauge } from '../../src/collector.ts';
import { Tally } from '../../src/tally.ts';

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

test('keeps apart what only looks alike', () => {
  const tally = runs();
  tally.add(1, { collector: 'ab', result: 'c' });
  tally.add(1, { collector: 'b', result: 'ca' });

  expect(tally.samples).toHaveLength(2);
});
