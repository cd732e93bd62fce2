/** The instruments of one collector or prober, kept by prom-client. */
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import type { Sample } from './collector.ts';
import type { Block } from './exposition/format.ts';
import type { CounterInstrument, GaugeInstrument, ObserverInstrument, OwnInstruments } from './own-instruments.ts';
import { SampledRegistry } from './sampled-registry.ts';

/** The instruments of one collector or prober. */
export class InstrumentSet implements OwnInstruments {
  readonly #registry = new Registry();
  readonly #sampled = new SampledRegistry(this.#registry);
  readonly #holderOf: (name: string) => string | undefined;

  /** `holderOf` tells, in words, who has a name already. */
  constructor(holderOf: (name: string) => string | undefined) {
    this.#holderOf = holderOf;
  }

  counter<const L extends string = never>(name: string, help: string, labels: readonly L[] = []): CounterInstrument<L> {
    const made = this.#make(Counter, { name, help, labelNames: [...labels] });
    return { add: (by, ...[values = {}]) => made.inc(values, by) };
  }

  gauge<const L extends string = never>(name: string, help: string, labels: readonly L[] = []): GaugeInstrument<L> {
    const made = this.#make(Gauge, { name, help, labelNames: [...labels] });
    return {
      set: (value, ...[values = {}]) => made.set(values, value),
      add: (by, ...[values = {}]) => made.inc(values, by),
      remove: (...[values = {}]) => made.remove(values),
    };
  }

  histogram<const L extends string = never>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels: readonly L[] = [],
  ): ObserverInstrument<L> {
    const made = this.#make(Histogram, { name, help, labelNames: [...labels], buckets: [...buckets] });
    return { observe: (value, ...[values = {}]) => made.observe(values, value) };
  }

  summary<const L extends string = never>(
    name: string,
    help: string,
    quantiles: readonly number[],
    labels: readonly L[] = [],
  ): ObserverInstrument<L> {
    const made = this.#make(Summary, { name, help, labelNames: [...labels], percentiles: [...quantiles] });
    return { observe: (value, ...[values = {}]) => made.observe(values, value) };
  }

  /** Whether one of these has the name. */
  has(name: string): boolean {
    return this.#registry.getSingleMetric(name) !== undefined;
  }

  /** All of them as samples. */
  samples(): Promise<Sample[]> {
    return this.#sampled.samples();
  }

  /** All of them as text; none where none was made. */
  blocks(): Promise<readonly Block[]> {
    return this.#sampled.blocks();
  }

  #make<Options extends { name: string; labelNames: string[] }, Made extends object>(
    kind: new (options: Options & { registers: Registry[] }) => Made,
    options: Options,
  ): Made {
    const known = this.#registry.getSingleMetric(options.name);
    if (known !== undefined) {
      const { labelNames = [] } = known as { labelNames?: string[] };
      if (known instanceof kind && labelNames.join() === options.labelNames.join()) return known;
      throw new Error(`the instrument ${options.name} was made before, with another type or other labels`);
    }
    const holder = this.#holderOf(options.name);
    if (holder !== undefined) throw new Error(`the instrument ${options.name} cannot be made: ${holder} has that name`);
    return new kind({ ...options, registers: [this.#registry] });
  }
}
