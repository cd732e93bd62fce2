import { expect, test } from 'vitest';
import { readCpuTimes } from '../../../collectors/host/cpu-times.ts';

test('reads each CPU, whatever follows', () => {
  const seen: unknown[] = [];

  readCpuTimes(
    Buffer.from('cpu  9 9 9 9\ncpu0 1 2 3 4 5 6 7 8 9 10 11 12\ncpu255 0 0 0  7 \nintr 1 2\n'),
    (...args) => {
      const [cpu, ticks, fields] = args;
      seen.push([cpu, [...ticks.subarray(0, fields)]]);
    },
  );

  expect(seen).toEqual([
    [0, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    [255, [0, 0, 0, 7]],
  ]);
});

test('rounds a number of 64 bits once, as a parser of floats does', () => {
  let steal = 0;

  readCpuTimes(Buffer.from('cpu0 0 0 0 0 0 0 0 18446744073709551615 0 0\n'), (_cpu, ticks) => {
    steal = ticks[7]!;
  });

  expect(steal).toBe(18446744073709552000);
});
