import { expect, test } from 'vitest';
import { gauge } from '../../../src/collector.ts';
import { SampleList } from '../../../collectors/host/sample-list.ts';

const family = gauge('load', 'Load.');
const one = family.sample(1);
const two = family.sample(2);
const three = family.sample(3);

test('gives what was pushed since it was begun, in the same array', () => {
  const list = new SampleList();
  list.begin();
  for (const sample of [one, two, three]) list.push(sample);
  const first = list.end();
  const values = first.map(({ value }) => value);
  list.begin();
  list.push(three);
  const second = list.end();

  expect(values).toEqual([1, 2, 3]);
  expect(second).toEqual([three]);
  expect(second).toBe(first);
});

test('keeps the sample of a family without labels, wherever it stands', () => {
  const other = gauge('other', 'Other.');
  const list = new SampleList();
  list.begin();
  list.pushValue(family, 1);
  list.pushValue(other, 2);
  const [ofFamily, ofOther] = list.end();
  list.begin();
  list.pushValue(other, 3);
  list.pushValue(family, 4);

  expect(list.end()).toEqual([
    { ...ofOther, value: 3 },
    { ...ofFamily, value: 4 },
  ]);
  expect([ofFamily!.value, ofFamily!.isKept, ofOther!.value]).toEqual([4, true, 3]);
});

test('gives nothing where nothing was pushed', () => {
  const list = new SampleList();
  list.begin();
  list.push(one);
  list.end();
  list.begin();

  expect(list.end()).toEqual([]);
});
