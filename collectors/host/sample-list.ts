/** The samples of a run, in an array that keeps its room from run to run: to grow a new one to thousands costs three of them. */
import type { Sample } from '../../src/collector.ts';

/** Filled anew at each run; what it gave before is of no use any more once it is begun again. */
export class SampleList {
  readonly #samples: Sample[] = [];
  #count = 0;

  begin(): void {
    this.#count = 0;
  }

  push(sample: Sample): void {
    this.#samples[this.#count] = sample;
    this.#count += 1;
  }

  /** What was pushed since `begin`. */
  end(): readonly Sample[] {
    if (this.#samples.length > this.#count) this.#samples.length = this.#count;
    return this.#samples;
  }
}
