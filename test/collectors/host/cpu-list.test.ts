import { expect, test } from 'vitest';
import { cpusAmong, parseCpuList } from '../../../collectors/host/cpu-list.ts';

test.each([
  ['0\n', [0]],
  ['0-3,8,10-11\n', [0, 1, 2, 3, 8, 10, 11]],
  ['\n', []],
  ['', []],
  ['1,x,3-,-4,5-4294967295,7', [1, 7]],
])('reads %j', (text, cpus) => {
  expect(parseCpuList(text)).toEqual(cpus);
});

test('finds the CPUs among other folders, in order of their numbers', () => {
  expect(cpusAmong(['cpu0', 'cpu10', 'cpu2', 'cpufreq', 'cpuidle', 'online', 'power', 'cpu'])).toEqual([0, 2, 10]);
});
