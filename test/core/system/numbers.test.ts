import { expect, test } from 'vitest';
import { labelled } from '../../../src/system/numbers.ts';

const status = 'Name:\tSwap:\nVmSwap:\t     120 kB\nvoluntary_ctxt_switches:\t7\nnonvoluntary_ctxt_switches:\t3\n';

test.each([
  [status, 'VmSwap:', 120],
  [status, 'voluntary_ctxt_switches:', 7],
  [status, 'nonvoluntary_ctxt_switches:', 3],
  ['anon_thp 5\nanon 6\n', 'anon ', 6],
  ['anon 6\nanon_thp 5\n', 'anon', 6],
  ['Max open files            1024                 4096                 files     \n', 'Max open files', 1024],
  ['rss 9007199254740991\n', 'rss ', 9_007_199_254_740_991],
  ['a 12', 'a ', 12],
])('in %j the number behind %j is %s', (text, label, value) => {
  expect(labelled(text, label)).toBe(value);
});

test.each([
  [status, 'Swap:'],
  [status, 'Name:'],
  ['', 'a'],
  ['a', 'a'],
  ['a 12x\n', 'a '],
  ['a -1\n', 'a '],
  ['a\n1\n', 'a'],
  ['Max open files            unlimited\n', 'Max open files'],
])('in %j there is no number behind %j', (text, label) => {
  expect(labelled(text, label)).toBeUndefined();
});
