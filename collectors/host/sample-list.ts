/** The samples of a run, in an array that keeps its room from run to run: to grow a new one to thousands costs three of them. */
import type { Family, KeptSample, Sample } from '../../src/collector.ts';

/** Filled anew at each run; what it gave before is of no use any more once it is begun again. */
export class SampleList {
  readonly #samples: Sample[] = [];
  readonly #kept = new Map<Family, KeptSample>();
  #count = 0;

  begin(): void {
    this.#count = 0;
  }

  push(sample: Sample): void {
    this.#samples[this.#count] = sample;
    this.#count += 1;
  }

  /** Pushes the sample of a family without labels: the same one at each run. */
  pushValue(family: Family, value: number): void {
    let kept = this.#kept.get(family);
    if (kept === undefined) this.#kept.set(family, (kept = family.kept()));
    kept.value = value;
    this.push(kept);
  }

  /** What was pushed since `begin`. */
  end(): readonly Sample[] {
    if (this.#samples.length > this.#count) this.#samples.length = this.#count;
    return this.#samples;
  }
}
