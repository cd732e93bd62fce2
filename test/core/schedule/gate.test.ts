import { expect, test } from 'vitest';
import { Gate } from '../../../src/schedule/gate.ts';

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** Enters a gate so many times and tells who is in, with what lets each out. */
function enterMany(gate: Gate, count: number) {
  const entered: number[] = [];
  const leave: (() => void)[] = [];
  for (let index = 0; index < count; index += 1) {
    gate.enter((out) => {
      entered.push(index);
      leave[index] = out;
    });
  }
  return { entered, leave };
}

test('lets as many in at once as it has places, and the others wait', () => {
  const gate = new Gate(2);
  const { entered } = enterMany(gate, 4);

  expect(entered).toEqual([0, 1]);
  expect(gate.waiting).toBe(2);
});

test('lets the next in when one leaves, in the order in which they came', () => {
  const gate = new Gate(2);
  const { entered, leave } = enterMany(gate, 4);

  leave[1]!();
  leave[0]!();

  expect(entered).toEqual([0, 1, 2, 3]);
  expect(gate.waiting).toBe(0);
});

test('gives a place back once, however often it is left', () => {
  const gate = new Gate(1);
  const { entered, leave } = enterMany(gate, 3);

  leave[0]!();
  leave[0]!();

  expect(entered).toEqual([0, 1]);
});

test('takes one that leaves at once', () => {
  const gate = new Gate(1);
  const left: number[] = [];
  for (const index of [0, 1, 2]) {
    gate.enter((leave) => {
      left.push(index);
      leave();
    });
  }

  expect(left).toEqual([0, 1, 2]);
});

test('sends those in line away, and goes on with those that come later', () => {
  const gate = new Gate(1);
  const { entered, leave } = enterMany(gate, 3);
  gate.clear();

  leave[0]!();
  enterMany(gate, 1);

  expect(entered).toEqual([0]);
  expect(gate.waiting).toBe(0);
});

test('starts some in each turn of the event loop, so that others get theirs in between', async () => {
  const gate = new Gate(1000);
  const { entered } = enterMany(gate, 100);
  const perTurn = [entered.length];
  while (gate.waiting > 0) {
    const before = entered.length;
    await turn();
    perTurn.push(entered.length - before);
  }

  expect(entered).toEqual(Array.from({ length: 100 }, (_, index) => index));
  expect(perTurn.length).toBeGreaterThan(5);
  expect(Math.max(...perTurn)).toBeLessThanOrEqual(20);
});

test('never has more inside than it has places, in whatever order they leave', async () => {
  const gate = new Gate(8);
  const { entered, leave } = enterMany(gate, 200);
  let left = 0;
  let most = 0;
  while (left < entered.length) {
    most = Math.max(most, entered.length - left);
    leave[entered.length - 1]!();
    left += 1;
    await turn();
  }

  expect(most).toBe(8);
  expect(entered).toHaveLength(200);
});
