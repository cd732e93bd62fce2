import { describe, expect, test } from 'vitest';
import { gauge } from '../../../src/collector.ts';
import { Encoder } from '../../../src/exposition/encode.ts';
import type { Block } from '../../../src/exposition/format.ts';
import { Page, type PageFamily } from '../../../src/exposition/page.ts';

const up = gauge('up', 'Up.', ['check']);
const size = gauge('size', 'Size.', ['check']);

/** What one check gives. */
function blocks(check: string, value = 1): readonly Block[] {
  return new Encoder().encode([up.sample(value, { check }), size.sample(value, { check })]);
}

/** The lines of each family. */
function linesOf(families: ReadonlyMap<string, PageFamily>): Record<string, string> {
  return Object.fromEntries([...families].map(([name, { lines }]) => [name, lines]));
}

describe('a page', () => {
  test('merges the families of its slots, in the order in which these came first', () => {
    const page = new Page('checks', true);
    page.publish('b', blocks('b'), 100);
    page.publish('a', blocks('a'), 100);
    page.publish('b', blocks('b', 2), 100);

    expect(linesOf(page.refresh(0))).toEqual({
      size: 'size{check="b"} 2\nsize{check="a"} 1\n',
      up: 'up{check="b"} 2\nup{check="a"} 1\n',
    });
  });

  test('gives the same object as long as nothing changed', () => {
    const page = new Page('checks', true);
    page.publish('a', blocks('a'), 100);
    const first = page.refresh(0);

    expect(page.needsRefresh(99)).toBe(false);
    expect(page.refresh(99)).toBe(first);
    page.publish('a', blocks('a'), 200);
    expect(page.needsRefresh(99)).toBe(true);
    expect(page.refresh(99)).not.toBe(first);
  });

  test('drops each slot at its own age', () => {
    const page = new Page('checks', true);
    page.publish('a', blocks('a'), 100);
    page.publish('b', blocks('b'), 50);
    page.publish('c', blocks('c'), Infinity);

    expect(linesOf(page.refresh(49))['up']).toBe('up{check="a"} 1\nup{check="b"} 1\nup{check="c"} 1\n');
    expect(linesOf(page.refresh(50))['up']).toBe('up{check="a"} 1\nup{check="c"} 1\n');
    expect(page.needsRefresh(99)).toBe(false);
    expect(linesOf(page.refresh(100))['up']).toBe('up{check="c"} 1\n');
    expect(page.needsRefresh(1e12)).toBe(false);
    expect(page.size).toBe(1);
  });

  test('keeps a slot that was published again before its age', () => {
    const page = new Page('checks', true);
    page.publish('a', blocks('a'), 100);
    page.refresh(0);
    page.publish('a', blocks('a', 2), 200);

    expect(linesOf(page.refresh(150))['up']).toBe('up{check="a"} 2\n');
  });

  test('forgets a slot that is withdrawn', () => {
    const page = new Page('checks', true);
    page.publish('a', blocks('a'), 100);
    page.publish('b', blocks('b'), 100);
    page.refresh(0);

    page.withdraw('a');

    expect(linesOf(page.refresh(1))['up']).toBe('up{check="b"} 1\n');
    expect(page.blocksOf('a')).toBeUndefined();
    expect(page.blocksOf('b')).toHaveLength(2);
  });

  test('does not change when a slot is withdrawn that it does not have', () => {
    const page = new Page('checks', true);
    page.publish('a', blocks('a'), 100);
    page.refresh(0);

    page.withdraw('b');

    expect(page.needsRefresh(1)).toBe(false);
  });
});

describe('a selection', () => {
  const page = new Page('checks', true);
  page.publish('a', blocks('a'), 100);
  page.publish('b', blocks('b'), 100);
  page.refresh(0);

  test('of all slots says so', () => {
    expect(page.select(() => true)).toBe('all');
  });

  test('of no slot says so', () => {
    expect(page.select(() => false)).toBeUndefined();
  });

  test('of some has their samples only', () => {
    const selected = page.select((slot) => slot === 'b');

    expect(linesOf(selected as ReadonlyMap<string, PageFamily>)).toEqual({
      size: 'size{check="b"} 1\n',
      up: 'up{check="b"} 1\n',
    });
  });
});

test('what a slot gives again as it was changes nothing but how long it is served', () => {
  const page = new Page('p', false);
  const same = blocks('a');
  page.publish('a', same, 100);
  const first = page.refresh(0);
  page.publish('a', same, 200);

  expect(page.needsRefresh(50)).toBe(false);
  expect(page.needsRefresh(150)).toBe(false);
  expect(page.refresh(150)).toBe(first);
  expect(page.needsRefresh(200)).toBe(true);
  expect(linesOf(page.refresh(200))).toEqual({});
});
