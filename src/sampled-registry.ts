/** What prom-client keeps, as samples and as text. */
import type { Metric, MetricValue, Registry } from 'prom-client';
import { Family, type FamilyType, type KeptSample, type Sample } from './collector.ts';
import { Encoder } from './exposition/encode.ts';
import type { Block } from './exposition/format.ts';

type Labels = Readonly<Record<string, string>>;

/** What its typings leave out. */
interface Described {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

/** The label that tells the samples of one series of a histogram or a summary apart. */
const ownLabels: Partial<Record<FamilyType, string>> = { histogram: 'le', summary: 'quantile' };

/** The metrics of a registry as the daemon serves them. */
export class SampledRegistry {
  readonly #registry: Registry;
  readonly #families = new Map<Metric, Family<string>>();
  readonly #kept: KeptSample[] = [];
  readonly #encoder = new Encoder();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** The values they have now; a gauge over no observation yet is NaN, and left out. */
  async samples(): Promise<Sample[]> {
    const samples: Sample[] = [];
    // Not by getMetricsAsJSON, which copies every series and its labels.
    for (const metric of this.#registry.getMetricsAsArray() as unknown as Metric[]) {
      const { type, values } = await metric.get();
      // The typings name the type by an enum; at run time it is the word of the text format.
      const family = this.#family(metric, String(type) as FamilyType);
      for (const found of values as (MetricValue<string> & { metricName?: string })[]) {
        const { value } = found;
        if (Number.isNaN(value)) continue;
        const suffix = found.metricName?.slice(family.name.length) ?? '';
        samples.push(this.#sample(samples.length, family, suffix, texts(found.labels), value));
      }
    }
    return samples;
  }

  /** The sample that stood at this place before, with its new value, where it is of the same series. */
  #sample(place: number, family: Family<string>, suffix: string, labels: Labels, value: number): Sample {
    const before = this.#kept[place];
    if (before?.family === family && (before.suffix ?? '') === suffix && isSame(before.labels!, labels)) {
      before.value = value;
      return before;
    }
    const own = { family, value, labels: { ...labels }, isKept: true } as const;
    return (this.#kept[place] = suffix === '' ? own : { ...own, suffix });
  }

  /** The same as text. */
  async blocks(): Promise<readonly Block[]> {
    return this.#encoder.encode(await this.samples());
  }

  #family(metric: Metric, type: FamilyType): Family<string> {
    let family = this.#families.get(metric);
    if (family === undefined) {
      const { name, help, labelNames } = metric as unknown as Described;
      const own = ownLabels[type];
      family = new Family(name, type, help, own === undefined ? labelNames : [...labelNames, own]);
      this.#families.set(metric, family);
    }
    return family;
  }
}

/** Bounds, quantiles and the parts of versions are numbers. */
function texts(labels: Readonly<Partial<Record<string, string | number>>>): Labels {
  for (const name in labels) {
    if (typeof labels[name] !== 'string') {
      return Object.fromEntries(Object.entries(labels).map(([each, text]) => [each, String(text)]));
    }
  }
  return labels as Labels;
}

function isSame(before: Readonly<Record<string, string | undefined>>, labels: Labels): boolean {
  let count = 0;
  for (const name in labels) {
    if (labels[name] !== before[name]) return false;
    count += 1;
  }
  for (const _ in before) count -= 1;
  return count === 0;
}
