/** What a row of the table is, and what it is given to measure with. */
import type { Programs } from './programs.ts';

/** What a number of a row means. */
export type Unit = 'ratio' | 'ms' | 'us' | 'MB' | 'percent';

/** One figure, measured in several rounds. */
export interface Measured {
  readonly name: string;
  readonly what: string;
  /** Beside which program or figure. */
  readonly against: string;
  readonly unit: Unit;
  /** One for each round. */
  readonly values: readonly number[];
  /** The most that it may be. */
  readonly goal?: number;
  /** The figures that it is made of, and how they were taken. */
  readonly note: string;
}

/** A figure that could not be measured. */
export interface Missing {
  readonly name: string;
  readonly what: string;
  /** What is missing for it. */
  readonly missing: string;
}

/** One or the other. */
export type Result = Measured | Missing;

/** What a row is measured with. */
export interface Bench extends Programs {
  /** Fewer and shorter rounds, as in CI. */
  readonly quick: boolean;
  /** How long the soak lasts. */
  readonly soakMinutes: number;
  /** Tells a person what goes on. */
  say(text: string): void;
}

/** A measurement that gives one row of the table or several that share it. */
export interface Row {
  readonly name: string;
  /** The rows of the table that it gives, for `--only`. */
  readonly gives: readonly string[];
  /** Whether it takes too long for a quick run, unless it is asked for by name. */
  readonly long?: boolean;
  run(bench: Bench): Promise<Result[]>;
}
