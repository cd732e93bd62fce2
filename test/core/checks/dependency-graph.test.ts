import { describe, expect, test } from 'vitest';
import { DependencyGraph } from '../../../src/checks/dependency-graph.ts';
import { DependencyWords, patternOf } from '../../../src/config/check-dependencies.ts';
import * as fc from '../../support/properties.ts';

interface Named {
  readonly name: string;
  readonly list?: string;
  readonly dependsOn?: readonly string[];
}

const listOf = (list: string, count: number, more: object = {}): Named[] =>
  Array.from({ length: count }, (_, index) => ({ name: `${list}/${index}`, list, ...more }));

describe('a check that depends on a list', () => {
  test('is blocked while all of the list are down, and not before', () => {
    const graph = new DependencyGraph([...listOf('dns', 2), { name: 'shop', dependsOn: ['dns'] }]);

    expect(graph.note('dns/0', true)).toEqual([]);
    expect(graph.note('dns/1', true)).toEqual(['shop']);
    expect(graph.isBlocked('shop')).toBe(true);
    expect(graph.note('dns/0', false)).toEqual(['shop']);
    expect(graph.isBlocked('shop')).toBe(false);
  });

  test('is not blocked by a list without targets', () => {
    const graph = new DependencyGraph([{ name: 'shop', dependsOn: ['dns'] }]);

    expect(graph.isBlocked('shop')).toBe(false);
  });
});

test('a check that depends on a pattern is blocked while one of the checks that fit is down', () => {
  const graph = new DependencyGraph([...listOf('dns', 2), { name: 'shop', dependsOn: ['dns/*'] }]);

  expect(graph.note('dns/1', true)).toEqual(['shop']);
  expect(graph.note('dns/0', true)).toEqual([]);
  expect(graph.note('dns/1', false)).toEqual([]);
  expect(graph.note('dns/0', false)).toEqual(['shop']);
});

test('a name of a check goes before that of a list, and both before a pattern', () => {
  const words = new DependencyWords([{ name: 'dns' }, { name: 'a*' }, { name: 'ab' }, ...listOf('dns', 1)]);

  expect(words.of('dns')).toEqual({ checks: ['dns'], downWhen: 'all' });
  expect(words.of('a*')).toEqual({ checks: ['a*'], downWhen: 'all' });
  expect(words.of('d*')).toEqual({ checks: ['dns', 'dns/0'], downWhen: 'any' });
  expect(words.of('x*')).toBeUndefined();
});

test('a pattern fits as its regexp would', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });
  fc.assert(
    fc.property(pattern, text, text, (written, tail, name) => {
      const regexp = new RegExp(`^${`${written}*${tail}`.replaceAll('*', '.*')}$`, 'u');
      expect(patternOf(`${written}*${tail}`)(name)).toBe(regexp.test(name));
    }),
  );
});

/** Checks of which each depends only on those before it, so that there is no circle. */
const configs = fc.array(fc.array(fc.tuple(fc.nat(11), fc.constantFrom('one', 'list', 'pattern')), { maxLength: 3 }), {
  minLength: 2,
  maxLength: 12,
});

function checksFrom(drawn: readonly (readonly (readonly [number, string])[])[]): Named[] {
  return drawn.map((dependencies, index) => {
    // Lists of three, of which only whole ones before this check are named.
    const group = Math.floor(index / 3);
    const dependsOn = dependencies.flatMap(([at, kind]) => {
      if (kind === 'one') return at < index ? [`g${Math.floor(at / 3)}/${at}`] : [];
      if (Math.floor(at / 3) >= group) return [];
      return [kind === 'list' ? `g${Math.floor(at / 3)}` : `g${Math.floor(at / 3)}/*`];
    });
    return { name: `g${group}/${index}`, list: `g${group}`, dependsOn };
  });
}

test('after any changes it says what asking all checks anew would say', () => {
  fc.assert(
    fc.property(configs, fc.array(fc.tuple(fc.nat(11), fc.boolean()), { maxLength: 30 }), (drawn, changes) => {
      const checks = checksFrom(drawn);
      const names = checks.map((check) => check.name);
      const words = new DependencyWords(checks);
      const graph = new DependencyGraph(checks);
      const says = new Map<string, boolean>();
      const byName = new Map(checks.map((check) => [check.name, check]));
      const isDown = (name: string): boolean => says.get(name) === true || isBlocked(name);
      const isBlocked = (name: string): boolean =>
        (byName.get(name)!.dependsOn ?? []).some((word) => {
          const { checks: members, downWhen } = words.of(word)!;
          return downWhen === 'all' ? members.every(isDown) : members.some(isDown);
        });
      for (const [at, down] of changes) {
        const { name } = checks[at % checks.length]!;
        const before = new Set(names.filter(isBlocked));
        says.set(name, down);
        const changed = graph.note(name, down);
        const after = new Set(names.filter(isBlocked));
        expect(names.filter((each) => graph.isBlocked(each))).toEqual([...after]);
        const turned = names.filter((each) => before.has(each) !== after.has(each));
        expect(changed.toSorted()).toEqual(turned.toSorted());
      }
    }),
  );
});

test('five thousand behind a list of five thousand cost what they count, not their product', () => {
  const checks = [...listOf('routers', 5000), ...listOf('shops', 5000, { dependsOn: ['routers'] })];
  const from = performance.now();
  const graph = new DependencyGraph(checks);
  let turned = 0;
  for (let index = 0; index < 5000; index += 1) turned += graph.note(`routers/${index}`, true).length;

  expect(turned).toBe(5000);
  // Some 10 ms; asking each of them about all of the others takes minutes.
  expect(performance.now() - from).toBeLessThan(5000);
});
