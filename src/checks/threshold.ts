/** When a check counts as up or down: so many probes in a row must say so. */

/** Follows the probes of one check. */
export class Threshold {
  readonly #failingAfter: number;
  readonly #passingAfter: number;
  #inRow = 0;
  #last: boolean | undefined;
  #up: boolean | undefined;

  constructor({ failingAfter = 1, passingAfter = 1 }: { failingAfter?: number; passingAfter?: number }) {
    this.#failingAfter = failingAfter;
    this.#passingAfter = passingAfter;
  }

  /** Whether the check is up; undefined as long as neither was said often enough. */
  get up(): boolean | undefined {
    return this.#up;
  }

  /** Notes a probe. */
  note(success: boolean): void {
    this.#inRow = success === this.#last ? this.#inRow + 1 : 1;
    this.#last = success;
    if (this.#inRow >= (success ? this.#passingAfter : this.#failingAfter)) this.#up = success;
  }
}
