/**
 * A run whose samples are all kept by who gave them. Most later runs give the very same objects in the same order, with
 * other values: then it is known of which series each is, and only what has changed is rendered anew.
 */
import type { FamilyHead, Sample } from '../collector.ts';
import { type Block, checkValue, formatValue } from './format.ts';

/** A series and its line, as its encoder has them. */
export interface SeriesLine {
  /** Name and labels, with the blank before the value. */
  readonly prefix: string;
  /** The value of the last run, and its line: most values stand still from one run to the next. */
  value: number;
  line: string;
}

/** A family and what its encoder made of it. */
export interface FamilyBlock {
  readonly head: FamilyHead;
  /** What the last run came to. */
  block: Block | undefined;
}

interface Family {
  readonly family: FamilyBlock;
  readonly series: SeriesLine[];
  hasChanged: boolean;
}

/** The samples of a run and what they were encoded to. */
export class RepeatedRun {
  readonly #samples: readonly Sample[];
  /** Of the sample at the same place. */
  readonly #series: readonly SeriesLine[];
  readonly #familyOf: readonly Family[];
  readonly #families: readonly Family[];

  /** `series` are those of the samples, in their order; `familyOf` gives the family of one. */
  constructor(samples: readonly Sample[], series: readonly SeriesLine[], familyOf: (sample: Sample) => FamilyBlock) {
    this.#samples = [...samples];
    this.#series = [...series];
    const families = new Map<FamilyBlock, Family>();
    this.#familyOf = samples.map((sample, index) => {
      const family = familyOf(sample);
      let known = families.get(family);
      if (known === undefined) families.set(family, (known = { family, series: [], hasChanged: false }));
      known.series.push(series[index]!);
      return known;
    });
    this.#families = [...families.values()];
  }

  /** Whether these are the samples of this run, whatever their values are now. */
  isOf(samples: readonly Sample[]): boolean {
    const before = this.#samples;
    if (samples.length !== before.length) return false;
    for (let index = 0; index < before.length; index += 1) if (samples[index] !== before[index]) return false;
    return true;
  }

  /** Renders what has another value; tells whether anything has. Throws `BadSample`. */
  update(): boolean {
    let hasChanged = false;
    for (let index = 0; index < this.#samples.length; index += 1) {
      const sample = this.#samples[index]!;
      const series = this.#series[index]!;
      const { value } = sample;
      // Not Object.is, which makes an object of each number.
      if (value === series.value) continue;
      checkValue(value, sample.family, series.prefix);
      series.value = value;
      series.line = `${series.prefix}${formatValue(value)}\n`;
      this.#familyOf[index]!.hasChanged = true;
      hasChanged = true;
    }
    if (hasChanged) for (const family of this.#families) if (family.hasChanged) renew(family);
    return hasChanged;
  }
}

function renew(changed: Family): void {
  const { family, series } = changed;
  changed.hasChanged = false;
  let lines = '';
  for (let index = 0; index < series.length; index += 1) lines += series[index]!.line;
  family.block = { family: family.head, lines, series: series.length };
}
