/** What an encoder keeps from run to run must not be seen in what it gives. */
import * as fc from '../../support/properties.ts';
import { expect, test } from 'vitest';
import { gauge, type Sample } from '../../../src/collector.ts';
import { Encoder } from '../../../src/exposition/encode.ts';
import { formatBlocks } from '../../../src/exposition/format.ts';

const declarations = [
  gauge('disk_bytes', 'Bytes.', ['device']),
  // The same name, declared once more and with other labels.
  gauge('disk_bytes', 'Bytes.', ['device']),
  gauge('disk_bytes', 'Bytes.', ['device', 'side']),
  gauge('load', 'Load.'),
] as const;

/** A sample of one of the declarations; few of those that there can be are alike. */
const sample = fc
  .tuple(fc.nat({ max: 3 }), fc.nat({ max: 14 }), fc.constantFrom(undefined, '', '_sum', '_count'), fc.nat({ max: 3 }))
  .map(([declaration, device, suffix, value]): Sample => {
    const family = declarations[declaration]!;
    const labels = Object.fromEntries(family.labelNames.map((name) => [name, `${name}${device}`]));
    return { family, value, labels, ...(suffix === undefined ? {} : { suffix }) };
  });

function encoded(encoder: Encoder, samples: readonly Sample[]): string {
  try {
    return formatBlocks(encoder.encode(samples));
  } catch (error) {
    return String(error);
  }
}

const seriesOf = ({ family, labels, suffix = '' }: Sample): string =>
  `${family.name}${suffix} ${JSON.stringify(labels)}`;

test('each run is encoded as if it were the first, whatever came, went and changed its place before', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uniqueArray(sample, { maxLength: 40, selector: seriesOf }), { minLength: 2, maxLength: 6 }),
      (runs) => {
        const encoder = new Encoder();
        for (const run of runs) expect(encoded(encoder, run)).toBe(encoded(new Encoder(), run));
      },
    ),
  );
});

test('of runs that are much like each other, each is encoded as if it were the first', () => {
  const change = fc.tuple(fc.constantFrom('value', 'remove', 'move', 'none'), fc.nat(), fc.nat());
  const changed = (
    run: readonly Sample[],
    [what, which, how]: readonly [string, number, number],
  ): readonly Sample[] => {
    const index = which % run.length;
    const one = run[index]!;
    if (what === 'value') return run.with(index, { ...one, value: how % 5 });
    const rest = run.toSpliced(index, 1);
    if (what === 'move') return rest.toSpliced(how % run.length, 0, one);
    return what === 'remove' && rest.length > 0 ? rest : run;
  };
  fc.assert(
    fc.property(
      fc.uniqueArray(sample, { minLength: 1, maxLength: 25, selector: seriesOf }),
      fc.array(change, { maxLength: 12 }),
      (first, changes) => {
        const encoder = new Encoder();
        let run: readonly Sample[] = first;
        for (const each of changes) {
          run = changed(run, each);
          expect(encoded(encoder, run)).toBe(encoded(new Encoder(), run));
        }
      },
    ),
  );
});

test('samples that are kept are encoded with the values that they have, in whatever order they come', () => {
  const step = fc.record({
    values: fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, -0, 2.5, Infinity, NaN)), { maxLength: 4 }),
    order: fc.constantFrom('same', 'same', 'reversed', 'fewer', 'another'),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(sample, { minLength: 1, maxLength: 25, selector: seriesOf }),
      fc.array(step, { maxLength: 12 }),
      (samples, steps) => {
        const kept = samples.map((one) => ({ ...one, isKept: true as const }));
        const encoder = new Encoder();
        encoded(encoder, kept);
        for (const { values, order } of steps) {
          for (const [which, value] of values) kept[which % kept.length]!.value = value;
          const run: Sample[] = order === 'fewer' ? kept.slice(1) : [...kept];
          if (order === 'reversed') run.reverse();
          if (order === 'another') run[0] = { ...samples[0]!, value: 7 };
          expect(encoded(encoder, run)).toBe(encoded(new Encoder(), run));
        }
      },
    ),
  );
});

test('kept samples of which none has changed come to the same object, and blocks of which none has', () => {
  const [disk, , , load] = declarations;
  const kept = [load.kept(), disk.kept({ device: 'a' }), disk.kept({ device: 'b' })];
  const encoder = new Encoder();
  const first = encoder.encode(kept);
  const second = encoder.encode([...kept]);
  kept[1]!.value = 5;
  const third = encoder.encode(kept);

  expect(second).toBe(first);
  expect(third).not.toBe(first);
  expect(third[1]).toBe(first[1]);
  expect(third[0]).toMatchObject({ lines: 'disk_bytes{device="a"} 5\ndisk_bytes{device="b"} 0\n', series: 2 });
});

test('what is the same as in the run before is the same object', () => {
  const [disk, , , load] = declarations;
  const encoder = new Encoder();
  const run = (value: number): readonly Sample[] => [
    load.sample(1),
    disk.sample(2, { device: 'a' }),
    disk.sample(value, { device: 'b' }),
  ];
  const first = encoder.encode(run(3));
  const second = encoder.encode(run(3));
  const third = encoder.encode(run(4));
  const fourth = encoder.encode(run(4).slice(0, 2));

  expect(second).toBe(first);
  expect(third).not.toBe(first);
  expect(third[1]).toBe(first[1]);
  expect(formatBlocks(third)).toContain('disk_bytes{device="b"} 4\n');
  expect(fourth[1]).toBe(first[1]);
  expect(formatBlocks(fourth)).not.toContain('"b"');
});

test('a series that is given twice is found wherever it stands, in the first run and after others', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(sample, { minLength: 1, maxLength: 30, selector: seriesOf }),
      fc.nat(),
      fc.nat(),
      (run, which, where) => {
        const encoder = new Encoder();
        const again = run.toSpliced(where % (run.length + 1), 0, run[which % run.length]!);
        const wrong = encoded(new Encoder(), again);
        expect(wrong).toMatch('is given twice');

        encoder.encode(run);

        expect(encoded(encoder, again)).toBe(wrong);
        expect(encoded(encoder, run)).toBe(encoded(new Encoder(), run));
      },
    ),
  );
});
