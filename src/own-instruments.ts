/**
 * Instruments that a collector or a prober keeps by hand, for what it counts between runs: the contract. Samples that
 * `collect` returns are values that something else counted; these are counted here, and served with everything else until
 * the one that made them leaves the config.
 */

/** A value for each label that an instrument was declared with. */
export type InstrumentLabels<L extends string> = [L] extends [never] ? [] : [labels: Readonly<Record<L, string>>];

/** A count that only grows, from 0. */
export interface CounterInstrument<L extends string = never> {
  /** Adds `by`, which must not be negative; it throws otherwise. */
  add(by: number, ...labels: InstrumentLabels<L>): void;
}

/** A value that goes up and down. */
export interface GaugeInstrument<L extends string = never> {
  set(value: number, ...labels: InstrumentLabels<L>): void;
  add(by: number, ...labels: InstrumentLabels<L>): void;
  /** Ends a series. */
  remove(...labels: InstrumentLabels<L>): void;
}

/** A histogram or a summary. */
export interface ObserverInstrument<L extends string = never> {
  /** Takes a value in the base unit of the family, such as seconds. */
  observe(value: number, ...labels: InstrumentLabels<L>): void;
}

/**
 * Makes instruments. Asked for a name a second time each gives the one that it made; it throws where the name is that of
 * another family of the daemon, or was made with another type or other labels.
 */
export interface OwnInstruments {
  counter<const L extends string = never>(name: string, help: string, labels?: readonly L[]): CounterInstrument<L>;
  gauge<const L extends string = never>(name: string, help: string, labels?: readonly L[]): GaugeInstrument<L>;
  /** `buckets` are upper bounds, ascending, in the base unit. */
  histogram<const L extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: readonly L[],
  ): ObserverInstrument<L>;
  /** `quantiles` are ratios from 0 to 1, over all that was observed. */
  summary<const L extends string = never>(
    name: string,
    help: string,
    quantiles: readonly number[],
    labels?: readonly L[],
  ): ObserverInstrument<L>;
}
