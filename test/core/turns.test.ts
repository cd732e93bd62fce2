import { expect, test } from 'vitest';
import { Turns } from '../../src/turns.ts';

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('begins tasks in their order, no more in one turn than it is told to', async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  for (let task = 0; task < 5; task += 1) turns.enter(() => void begun.push(task));
  const seen: number[] = [];
  while (begun.length < 5) {
    seen.push(begun.length);
    await nextTurn();
  }

  expect(begun).toEqual([0, 1, 2, 3, 4]);
  expect(seen[0]).toBe(0);
  expect(seen).toContain(2);
});

test('what a task resolves is dealt with before the next task begins', async () => {
  const turns = new Turns(2);
  const order: string[] = [];
  for (const name of ['a', 'b']) {
    turns.enter(() => {
      order.push(name);
      void Promise.resolve().then(() => order.push(`after ${name}`));
    });
  }
  await nextTurn();
  await nextTurn();

  expect(order).toEqual(['a', 'after a', 'b', 'after b']);
});

test('a task may enter another', async () => {
  const turns = new Turns(1);
  const done = new Promise<void>((resolve) => turns.enter(() => turns.enter(resolve)));

  await expect(done).resolves.toBeUndefined();
});

test('thousands of tasks leave nothing in line', async () => {
  const turns = new Turns(16);
  let begun = 0;
  for (let task = 0; task < 5000; task += 1) turns.enter(() => void (begun += 1));
  for (let turn = 0; turn < 400; turn += 1) await nextTurn();

  expect(begun).toBe(5000);
});
