/** Families that the daemon counts itself: their samples are kept, and only the values change. */
import { Family, type KeptSample, type LabelValues, type Sample } from './collector.ts';
import { Encoder } from './exposition/encode.ts';
import type { Block } from './exposition/format.ts';

type Values = Readonly<Record<string, string>>;

type Labels<L extends string> = [L] extends [never] ? [] : [labels: LabelValues<L>];

/** The samples of one family, those with the same first label together, in the order in which they were first counted. */
export class Tally<L extends string = never> {
  readonly family: Family<L>;
  /** By the first label and by the others: to add two texts to one key costs more than to look twice. */
  readonly #kept = new Map<string, Map<string, KeptSample>>();
  readonly #encoder = new Encoder();
  #samples: readonly KeptSample[] | undefined;
  #blocks: readonly Block[] | undefined;

  constructor(family: Family<L>) {
    this.family = family;
  }

  /** The same objects each time, with the values they have now. */
  get samples(): readonly KeptSample[] {
    this.#samples ??= [...this.#kept.values()].flatMap((kept) => [...kept.values()]);
    return this.#samples;
  }

  /** The same as text; what has not changed is not even looked at. */
  get blocks(): readonly Block[] {
    this.#blocks ??= this.#encoder.encode(this.samples);
    return this.#blocks;
  }

  /** Adds to a sample, which starts at 0. */
  add(by: number, ...labels: Labels<L>): void {
    const kept = this.#of(labels);
    this.#change(kept, kept.value + by);
  }

  set(value: number, ...labels: Labels<L>): void {
    this.#change(this.#of(labels), value);
  }

  /** Ends a series. */
  remove(...labels: Labels<L>): void {
    const first = this.#first(labels);
    const kept = this.#kept.get(first);
    if (kept?.delete(this.#others(labels)) !== true) return;
    if (kept.size === 0) this.#kept.delete(first);
    this.#forgetSeries();
  }

  #change(kept: KeptSample, value: number): void {
    if (kept.value === value) return;
    kept.value = value;
    this.#blocks = undefined;
  }

  #forgetSeries(): void {
    this.#samples = undefined;
    this.#blocks = undefined;
  }

  #of(labels: Labels<L>): KeptSample {
    const first = this.#first(labels);
    let ofFirst = this.#kept.get(first);
    if (ofFirst === undefined) this.#kept.set(first, (ofFirst = new Map()));
    const others = this.#others(labels);
    let kept = ofFirst.get(others);
    if (kept === undefined) {
      kept = this.family.kept(...labels);
      ofFirst.set(others, kept);
      this.#forgetSeries();
    }
    return kept;
  }

  #first(labels: Labels<L>): string {
    const values = labels[0] as Values | undefined;
    return values === undefined ? '' : values[this.family.labelNames[0]!]!;
  }

  #others(labels: Labels<L>): string {
    const values = labels[0] as Values | undefined;
    const { labelNames } = this.family;
    if (values === undefined || labelNames.length === 1) return '';
    let key = values[labelNames[1]!]!;
    for (let index = 2; index < labelNames.length; index += 1) key += `\u0000${values[labelNames[index]!]!}`;
    return key;
  }
}

interface Counted {
  /** How many fell into each bucket and in none before it, the one of +Inf last. */
  readonly counts: Float64Array;
  sum: number;
  /** Those of the buckets, of the sum and of the count. */
  readonly samples: readonly KeptSample[];
}

/** A histogram for each value of one label. */
export class HistogramTally<L extends string> {
  readonly family: Family<L | 'le'>;
  readonly #label: L;
  readonly #bounds: readonly number[];
  readonly #counted = new Map<string, Counted>();
  readonly #encoder = new Encoder();

  /** `bounds` are the upper ones of its buckets, in rising order, without infinity. */
  constructor(name: string, help: string, label: L, bounds: readonly number[]) {
    this.family = new Family<L | 'le'>(name, 'histogram', help, [label, 'le']);
    this.#label = label;
    this.#bounds = bounds;
  }

  /** The same objects each time, with the values they have now. */
  get samples(): readonly Sample[] {
    const samples: Sample[] = [];
    for (const counted of this.#counted.values()) {
      fill(counted);
      samples.push(...counted.samples);
    }
    return samples;
  }

  /** The same as text. */
  get blocks(): readonly Block[] {
    return this.#encoder.encode(this.samples);
  }

  observe(value: number, of: string): void {
    let counted = this.#counted.get(of);
    if (counted === undefined) this.#counted.set(of, (counted = this.#made(of)));
    let bucket = 0;
    while (bucket < this.#bounds.length && value > this.#bounds[bucket]!) bucket += 1;
    counted.counts[bucket]! += 1;
    counted.sum += value;
  }

  #made(of: string): Counted {
    const { family } = this;
    const labels = { [this.#label]: of };
    const sample = (suffix: string, le?: string): KeptSample => ({
      family,
      value: 0,
      labels: le === undefined ? labels : { ...labels, le },
      suffix,
      isKept: true,
    });
    const buckets = [...this.#bounds.map(String), '+Inf'].map((le) => sample('_bucket', le));
    return {
      counts: new Float64Array(buckets.length),
      sum: 0,
      samples: [...buckets, sample('_sum'), sample('_count')],
    };
  }
}

/** Each bucket of the text format holds all that the smaller ones do. */
function fill({ counts, sum, samples }: Counted): void {
  let count = 0;
  for (let bucket = 0; bucket < counts.length; bucket += 1) {
    count += counts[bucket]!;
    samples[bucket]!.value = count;
  }
  samples[counts.length]!.value = sum;
  samples[counts.length + 1]!.value = count;
}
