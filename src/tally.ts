/** A family that the daemon counts itself: its samples are kept, and only their values change. */
import type { Family, KeptSample, LabelValues } from './collector.ts';

type Labels<L extends string> = [L] extends [never] ? [] : [labels: LabelValues<L>];

/** The samples of one family, in the order in which they were first counted. */
export class Tally<L extends string = never> {
  readonly family: Family<L>;
  readonly #kept = new Map<string, KeptSample>();
  #samples: readonly KeptSample[] | undefined;

  constructor(family: Family<L>) {
    this.family = family;
  }

  /** The same objects each time, with the values they have now. */
  get samples(): readonly KeptSample[] {
    this.#samples ??= [...this.#kept.values()];
    return this.#samples;
  }

  /** Adds to a sample, which starts at 0. */
  add(by: number, ...labels: Labels<L>): void {
    this.#of(labels).value += by;
  }

  set(value: number, ...labels: Labels<L>): void {
    this.#of(labels).value = value;
  }

  /** Ends a series. */
  remove(...labels: Labels<L>): void {
    if (this.#kept.delete(this.#key(labels))) this.#samples = undefined;
  }

  #of(labels: Labels<L>): KeptSample {
    const key = this.#key(labels);
    let kept = this.#kept.get(key);
    if (kept === undefined) {
      kept = this.family.kept(...labels);
      this.#kept.set(key, kept);
      this.#samples = undefined;
    }
    return kept;
  }

  #key([labels]: Labels<L>): string {
    if (labels === undefined) return '';
    const { labelNames } = this.family;
    const values = labels as Readonly<Record<string, string>>;
    let key = values[labelNames[0]!]!;
    for (let index = 1; index < labelNames.length; index += 1) key += `\u0000${values[labelNames[index]!]!}`;
    return key;
  }
}
