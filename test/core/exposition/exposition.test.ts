import * as fc from '../../support/properties.ts';
import { describe, expect, test } from 'vitest';
import { counter, gauge, type Sample } from '../../../src/collector.ts';
import { Encoder } from '../../../src/exposition/encode.ts';
import type { Block } from '../../../src/exposition/format.ts';
import { type Conflict, Exposition } from '../../../src/exposition/exposition.ts';
import { parseExposition } from '../../../src/exposition/parse.ts';
import { Stretch } from '../../../src/exposition/stretch.ts';
import { text } from '../../support/expose.ts';
import { textOf } from '../../support/exposition-text.ts';

const load = gauge('node_load1', '1m load average.');
const errors = counter('errors_total', 'Errors.', ['collector']);
const success = gauge('probe_success', 'Success.', ['check']);
const status = gauge('probe_status', 'Status.', ['check']);

function blocks(...samples: Sample[]): readonly Block[] {
  return new Encoder().encode(samples);
}

describe('pages', () => {
  test('that share no family stand one after the other', async () => {
    const exposition = new Exposition();
    exposition.page('loadavg').publish('loadavg', blocks(load.sample(1)), 100);
    exposition.page('shop', { distinct: true }).publish('shop', blocks(success.sample(1, { check: 'shop' })), 100);

    expect(await textOf(exposition)).toBe(text`
      # HELP node_load1 1m load average.
      # TYPE node_load1 gauge
      node_load1 1
      # HELP probe_success Success.
      # TYPE probe_success gauge
      probe_success{check="shop"} 1
    `);
  });

  test('that share a family have it under one HELP and one TYPE', async () => {
    const exposition = new Exposition();
    exposition.page('b').publish('b', blocks(errors.sample(1, { collector: 'b' }), load.sample(1)), 100);
    exposition.page('a').publish('a', blocks(errors.sample(2, { collector: 'a' })), 100);

    expect(await textOf(exposition)).toBe(text`
      # HELP node_load1 1m load average.
      # TYPE node_load1 gauge
      node_load1 1
      # HELP errors_total Errors.
      # TYPE errors_total counter
      errors_total{collector="b"} 1
      errors_total{collector="a"} 2
    `);
  });

  test('go on as one when a family that one had alone comes to be shared, and when it is no longer', async () => {
    const exposition = new Exposition();
    const page = (name: string) => exposition.page(name);
    page('a').publish('a', blocks(errors.sample(1, { collector: 'a' })), Infinity);
    const alone = await textOf(exposition);

    page('b').publish('b', blocks(errors.sample(2, { collector: 'b' })), 100);
    expect((await textOf(exposition, 0)).match(/# TYPE/g)).toHaveLength(1);
    expect(await textOf(exposition, 0)).toContain('errors_total{collector="b"} 2');

    expect(await textOf(exposition, 100)).toBe(alone);
  });

  test('of one name are one page', () => {
    const exposition = new Exposition();

    expect(exposition.page('a')).toBe(exposition.page('a'));
  });

  test('that are removed leave the others as they were, also with the families that they share', async () => {
    const exposition = new Exposition();
    for (const name of ['a', 'b', 'c']) {
      exposition.page(name).publish(name, blocks(errors.sample(1, { collector: name })), 100);
    }
    await textOf(exposition);

    exposition.remove('a');
    exposition.remove('nobody');

    expect(await textOf(exposition)).toBe(text`
      # HELP errors_total Errors.
      # TYPE errors_total counter
      errors_total{collector="b"} 1
      errors_total{collector="c"} 1
    `);
    exposition.remove('b');
    expect(await textOf(exposition)).toBe(text`
      # HELP errors_total Errors.
      # TYPE errors_total counter
      errors_total{collector="c"} 1
    `);
  });

  test('without any sample are an empty text', async () => {
    expect(await textOf(new Exposition())).toBe('');
  });
});

describe('two collectors', () => {
  test('with one series have it once: the first wins', async () => {
    const exposition = new Exposition();
    exposition.page('first').publish('first', blocks(errors.sample(1, { collector: 'x' })), 100);
    exposition
      .page('second')
      .publish('second', blocks(errors.sample(2, { collector: 'x' }), errors.sample(3, { collector: 'y y' })), 100);

    expect(await textOf(exposition)).toBe(text`
      # HELP errors_total Errors.
      # TYPE errors_total counter
      errors_total{collector="x"} 1
      errors_total{collector="y y"} 3
    `);
  });

  test('with a series whose value or label is much alike have both', async () => {
    const exposition = new Exposition();
    exposition.page('first').publish('first', blocks(errors.sample(1, { collector: 'x 1' })), 100);
    exposition.page('second').publish('second', blocks(errors.sample(1, { collector: 'x' })), 100);

    expect(parseExposition(await textOf(exposition))[0]?.samples).toHaveLength(2);
  });

  test('with one family of two types: the later is left out and reported once', async () => {
    const conflicts: Conflict[] = [];
    const exposition = new Exposition((conflict) => void conflicts.push(conflict));
    const other = gauge('errors_total', 'Errors.', ['collector']);
    for (let run = 0; run < 3; run += 1) {
      exposition.page('first').publish('first', blocks(errors.sample(run, { collector: 'x' })), 100);
      exposition.page('second').publish('second', blocks(other.sample(run, { collector: 'y' })), 100);
      await textOf(exposition);
    }

    expect(await textOf(exposition)).toBe(text`
      # HELP errors_total Errors.
      # TYPE errors_total counter
      errors_total{collector="x"} 2
    `);
    expect(conflicts).toEqual([{ page: 'second', family: 'errors_total', type: 'gauge', expected: 'counter' }]);
  });
});

describe('a filter', () => {
  function filled(): Exposition {
    const exposition = new Exposition();
    exposition.page('loadavg').publish('loadavg', blocks(load.sample(1)), 100);
    const runs = exposition.page('runs');
    runs.publish('loadavg', blocks(errors.sample(0, { collector: 'loadavg' })), 100);
    runs.publish('cpu', blocks(errors.sample(1, { collector: 'cpu' })), 100);
    const checks = exposition.page('checks', { distinct: true });
    checks.publish('check:a', blocks(success.sample(1, { check: 'a' }), status.sample(200, { check: 'a' })), 100);
    checks.publish('check:b', blocks(success.sample(0, { check: 'b' })), 100);
    return exposition;
  }

  test('lets pass what the slots have that it lets pass, of pages that it wants in part too', async () => {
    expect(await textOf(filled(), 0, (slot) => slot === 'loadavg')).toBe(text`
      # HELP node_load1 1m load average.
      # TYPE node_load1 gauge
      node_load1 1
      # HELP errors_total Errors.
      # TYPE errors_total counter
      errors_total{collector="loadavg"} 0
    `);
    expect(await textOf(filled(), 0, (slot) => slot === 'check:b')).toBe(text`
      # HELP probe_success Success.
      # TYPE probe_success gauge
      probe_success{check="b"} 0
    `);
  });

  test('that lets everything pass gives everything', async () => {
    const exposition = filled();

    expect(await textOf(exposition, 0, () => true)).toBe(await textOf(exposition));
  });

  test('that lets nothing pass gives nothing', async () => {
    expect(await textOf(filled(), 0, () => false)).toBe('');
  });

  test('does not change what comes without it', async () => {
    const exposition = filled();
    const all = await textOf(exposition);

    await textOf(exposition, 0, (slot) => slot === 'check:a');

    expect(await textOf(exposition)).toBe(all);
  });

  test('wants of a shared family the pages only that it lets pass, under one head', async () => {
    const exposition = filled();
    exposition.page('more').publish('more', blocks(errors.sample(5, { collector: 'more' })), 100);

    expect(await textOf(exposition, 0, (slot) => slot === 'cpu' || slot === 'more')).toBe(text`
      # HELP errors_total Errors.
      # TYPE errors_total counter
      errors_total{collector="cpu"} 1
      errors_total{collector="more"} 5
    `);
    expect(await textOf(exposition, 0, (slot) => slot === 'more')).toBe(text`
      # HELP errors_total Errors.
      # TYPE errors_total counter
      errors_total{collector="more"} 5
    `);
  });
});

describe('age', () => {
  test('ends the series of a slot, whether a filter is given or not', async () => {
    const exposition = new Exposition();
    exposition.page('loadavg').publish('loadavg', blocks(load.sample(1)), 100);
    exposition.page('cpu').publish('cpu', blocks(errors.sample(1, { collector: 'cpu' })), 200);

    expect(await textOf(exposition, 99)).toContain('node_load1');
    expect(await textOf(exposition, 100, () => true)).not.toContain('node_load1');
    expect(await textOf(exposition, 100)).not.toContain('node_load1');
    expect(await textOf(exposition, 100)).toContain('errors_total');
    expect(await textOf(exposition, 200)).toBe('');
  });
});

describe('a scrape that finds nothing changed', () => {
  test('gets the bytes of the one before', async () => {
    const exposition = new Exposition();
    exposition.page('loadavg').publish('loadavg', blocks(load.sample(1)), 100);
    const first = await exposition.render(0);

    const second = await exposition.render(99);

    expect(second).toBe(first);
    expect(await second.text()).toBe(await first.text());
    expect(await second.gzip()).toBe(await first.gzip());
  });

  test.each<[string, (exposition: Exposition) => void]>([
    ['a run', (exposition) => exposition.page('loadavg').publish('loadavg', blocks(load.sample(2)), 300)],
    ['a slot that left', (exposition) => exposition.page('loadavg').withdraw('loadavg')],
    ['a page that left', (exposition) => exposition.remove('loadavg')],
    [
      'a page that came',
      (exposition) => exposition.page('cpu').publish('cpu', blocks(errors.sample(1, { collector: 'a' })), 300),
    ],
  ])('is over after %s', async (_, change) => {
    const exposition = new Exposition();
    exposition.page('loadavg').publish('loadavg', blocks(load.sample(1)), 300);
    const first = await textOf(exposition);

    change(exposition);

    expect(await textOf(exposition)).not.toBe(first);
  });
});

test('whatever pages publish, lose and age, the text is well-formed and has each series once', async () => {
  const pages = ['a', 'b', 'c', 'd'];
  const families = ['w', 'x', 'y', 'z'].map((name) => gauge(name, `Help of ${name}.`, ['series']));
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('publish' as const),
      page: fc.constantFrom(...pages),
      slot: fc.constantFrom('1', '2'),
      families: fc.subarray([0, 1, 2, 3]),
      series: fc.constantFrom('s', 't'),
      lastsMs: fc.constantFrom(1, 3, 100),
    }),
    fc.record({
      kind: fc.constant('withdraw' as const),
      page: fc.constantFrom(...pages),
      slot: fc.constantFrom('1', '2'),
    }),
    fc.record({ kind: fc.constant('remove' as const), page: fc.constantFrom(...pages) }),
    fc.record({ kind: fc.constant('pass' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const exposition = new Exposition();
      // What should be served: series by page and slot, with their ends.
      const model = new Map<string, { series: string[]; expiresAt: number }>();
      let now = 0;
      for (const each of steps) {
        if (each.kind === 'publish') {
          // A page's slots are told apart by a label, as those of checks are.
          const label = `${each.series}${each.slot}`;
          const samples = each.families.map((index) => families[index]!.sample(1, { series: label }));
          exposition.page(each.page).publish(each.slot, blocks(...samples), now + each.lastsMs);
          const series = each.families.map((index) => `${families[index]!.name} ${label}`);
          model.set(`${each.page} ${each.slot}`, { series, expiresAt: now + each.lastsMs });
        } else if (each.kind === 'withdraw') {
          exposition.page(each.page).withdraw(each.slot);
          model.delete(`${each.page} ${each.slot}`);
        } else if (each.kind === 'remove') {
          exposition.remove(each.page);
          for (const slot of ['1', '2']) model.delete(`${each.page} ${slot}`);
        } else now += 1;
        const expected = new Set(
          [...model.values()].flatMap(({ series, expiresAt }) => (now < expiresAt ? series : [])),
        );

        const served = parseExposition(await textOf(exposition, now));

        const names = served.flatMap(({ family, samples }) =>
          samples.map(({ labels }) => `${family.name} ${labels['series']}`),
        );
        expect(names.toSorted()).toEqual([...expected].toSorted());
        expect(served.every(({ family, helpGiven }) => helpGiven && family.type === 'gauge')).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

describe('a scrape of much that has changed', () => {
  const family = gauge('node_value', 'A value.', ['page']);
  const other = gauge('node_other', 'Another value.', ['page']);
  const published = (page: string, value: number): readonly Block[] => blocks(family.sample(value, { page }));

  /** An exposition that pauses wherever it may; `inPause` is done in the pause of that number. */
  function pausing(inPause: Record<number, (exposition: Exposition) => void>): Exposition {
    let pauses = 0;
    const hurried = { monotonic: () => Infinity };
    const exposition: Exposition = new Exposition(
      () => {},
      () =>
        new Stretch(hurried, async () => {
          pauses += 1;
          inPause[pauses]?.(exposition);
        }),
    );
    for (const page of ['a', 'b', 'c']) exposition.page(page).publish(page, published(page, 1), 100);
    return exposition;
  }

  test('pauses between its pages', async () => {
    let paused = 0;
    const count = (): void => {
      paused += 1;
    };

    await textOf(pausing({ 1: count, 2: count, 3: count, 4: count, 5: count, 6: count }));

    expect(paused).toBe(6);
  });

  test('shows what is published in a pause, then or with the next one', async () => {
    const exposition = pausing({
      1: (one) => {
        one.page('a').publish('a', published('a', 2), 100);
        one.page('c').publish('c', published('c', 2), 100);
        one.page('d').publish('d', published('d', 2), 100);
      },
    });

    expect(await textOf(exposition)).toContain('{page="a"} 1\nnode_value{page="b"} 1\nnode_value{page="c"} 2\n');
    expect(await textOf(exposition)).toContain('{page="a"} 2\nnode_value{page="b"} 1\nnode_value{page="c"} 2\n');
  });

  test.each([1, 2, 3, 4, 5])('stays whole when pages leave and come in pause %d', async (pause) => {
    const exposition = pausing({
      [pause]: (one) => {
        one.remove('a');
        one.remove('b');
        one.page('d').publish('d', blocks(other.sample(1, { page: 'd' }), family.sample(1, { page: 'd' })), 100);
      },
    });

    const whole = parseExposition(await textOf(exposition));
    const afterwards = await textOf(exposition);

    expect(new Set(whole.map(({ family: { name } }) => name)).size).toBe(whole.length);
    expect(afterwards).not.toMatch(/page="[ab]"/);
    expect(afterwards).toContain('node_value{page="c"} 1\nnode_value{page="d"} 1\n');
  });

  test('is one after the other for those who come at once, and each sees what was there when it came', async () => {
    const exposition = pausing({});

    const first = exposition.render(0);
    exposition.page('c').publish('c', published('c', 3), 100);
    const [before, after] = await Promise.all([first, exposition.render(0)]);

    expect((await after.text()).toString()).toContain('{page="c"} 3\n');
    expect(await exposition.render(0)).toBe(after);
    expect((await before.text()).toString()).toContain('{page="a"} 1\n');
  });
});
