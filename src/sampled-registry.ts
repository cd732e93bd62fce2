/** What prom-client keeps, as samples and as text. */
import type { Metric, MetricValue, Registry } from 'prom-client';
import { Family, type FamilyType, type Sample } from './collector.ts';
import { type Block, Encoder } from './exposition/encode.ts';

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
        const labels = texts(found.labels);
        samples.push(suffix === '' ? { family, value, labels } : { family, value, labels, suffix });
      }
    }
    return samples;
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
