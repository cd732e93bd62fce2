/**
 * The contract of a collector: it declares its families, its options and how often it should run, and answers each
 * `collect` with samples. Everything else (schedule, deadline, staleness, exposition) is the daemon's work.
 */
import type { z } from './config/schema.ts';
import type { Logger } from './log.ts';
import type { OwnInstruments } from './own-instruments.ts';
import type { System } from './system/index.ts';

export { CollectError, malformed, NoDataError } from './errors.ts';

/** The types of the Prometheus text format. */
export type FamilyType = 'counter' | 'gauge' | 'untyped' | 'histogram' | 'summary';

/** A metric name with its type, its help and the labels its samples carry. */
export interface FamilyHead {
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  /** Label names, sorted; each sample has a value for those that are not optional. */
  readonly labelNames: readonly string[];
  /** Set where NaN is a value, as in text that others wrote; elsewhere NaN is taken for a mistake. */
  readonly mayBeNaN?: boolean;
}

/** Values for the labels `L`; a name that ends in `?` may be left out. */
export type LabelValues<L extends string> = {
  readonly [Name in L as Name extends `${string}?` ? never : Name]: string;
} & {
  readonly [Name in L as Name extends `${infer Optional}?` ? Optional : never]?: string | undefined;
};

/** One value of a family. */
export interface Sample {
  readonly family: FamilyHead;
  readonly value: number;
  readonly labels: Readonly<Record<string, string | undefined>> | undefined;
  /** `_bucket`, `_sum` or `_count` of a histogram or a summary; absent for all other samples. */
  readonly suffix?: string;
  /** Set where nothing but its value ever changes, so that it is known by being the same object. */
  readonly isKept?: true;
}

/** A sample that is kept from run to run, and only its value changes. */
export interface KeptSample extends Sample {
  value: number;
  readonly isKept: true;
}

/** A family whose samples the compiler checks: `family.sample(1, { device: 'eth0' })`. */
export class Family<L extends string = never> implements FamilyHead {
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  readonly labelNames: readonly string[];

  constructor(name: string, type: FamilyType, help: string, labels: readonly L[] = []) {
    this.name = name;
    this.type = type;
    this.help = help;
    this.labelNames = labels.map((label) => (label.endsWith('?') ? label.slice(0, -1) : label)).toSorted();
  }

  /** One value of this family, in its base unit (seconds, bytes, ratio); NaN is refused when the run is checked. */
  sample(value: number, ...labels: [L] extends [never] ? [] : [labels: LabelValues<L>]): Sample {
    return { family: this, value, labels: labels[0] };
  }

  /** A sample to be kept; its value is 0. */
  kept(...labels: [L] extends [never] ? [] : [labels: LabelValues<L>]): KeptSample {
    return { family: this, value: 0, labels: labels[0], isKept: true };
  }

  /** A sample that is given at each run as it is. */
  standing(value: number, ...labels: [L] extends [never] ? [] : [labels: LabelValues<L>]): Sample {
    return { ...this.kept(...labels), value };
  }
}

/** A count that only grows, as the kernel keeps it. */
export function counter<const L extends string = never>(name: string, help: string, labels?: readonly L[]): Family<L> {
  return new Family(name, 'counter', help, labels);
}

/** A value that goes up and down. */
export function gauge<const L extends string = never>(name: string, help: string, labels?: readonly L[]): Family<L> {
  return new Family(name, 'gauge', help, labels);
}

/** A value that may be either; node_exporter serves many kernel statistics so. */
export function untyped<const L extends string = never>(name: string, help: string, labels?: readonly L[]): Family<L> {
  return new Family(name, 'untyped', help, labels);
}

/**
 * Families whose names are known only at run time, kept so that each name is built once. `name` and `help` make the
 * family of a key; keys that give the same name must give the same help.
 */
export function familiesByKey<const L extends string = never>(
  type: FamilyType,
  head: (key: string) => { name: string; help: string },
  labels?: readonly L[],
): (key: string) => Family<L> {
  const families = new Map<string, Family<L>>();
  return (key) => {
    let family = families.get(key);
    if (family === undefined) {
      const { name, help } = head(key);
      family = new Family(name, type, help, labels);
      families.set(key, family);
    }
    return family;
  };
}

/** What a run returns; any iterable, so that a generator serves as well as an array. */
export type Samples = Iterable<Sample>;

/** A collector at work. State between runs lives in the closure that `create` made. */
export interface Collector {
  /**
   * Reads the source once. Kernel files are read synchronously; what waits returns a promise and heeds `signal`, which
   * aborts at the deadline. Throw `NoDataError` where the host has nothing to report, `CollectError` where the source
   * cannot be read; a thrown error costs this run only.
   */
  collect(signal: AbortSignal): Samples | Promise<Samples>;
  /**
   * What the collector says of itself and of its runs, such as a count of failures. Asked after each run, whatever came
   * of it, and served until the collector leaves the config.
   */
  about?(): Samples;
  /** Ends what the collector keeps open. Called once, when the daemon stops or the collector leaves the config. */
  close?(): void;
}

/** What a collector is handed when it is made. */
export interface CollectorContext {
  /** The host: its kernel files, file systems, paths and clock. Its roots are those that the config names. */
  readonly system: System;
  /** A log that names the collector; structured fields first, then a sentence. */
  readonly log: Logger;
  /** For what it counts itself between runs; made when first asked for. */
  readonly instruments: OwnInstruments;
}

/** A list among the options of a collector, each entry of which is a collector of its own. */
export interface Instances {
  /** The key of the list, such as `commands`. */
  readonly key: string;
  /** What the list holds, for the documentation. */
  readonly description: string;
}

/** A collector as it is declared: one value for each file of `collectors/host/`. */
export interface CollectorDefinition<Options extends z.ZodObject = z.ZodObject> {
  /** As node_exporter names it; the key under `collectors:` and the `collector` label. */
  readonly name: string;
  /** One sentence for the documentation: what it reports. */
  readonly summary: string;
  /** Where it reads, for the documentation, such as `/proc/stat`. */
  readonly source: string;
  /** What differs from node_exporter on purpose, one sentence each, for the documentation. */
  readonly differences?: readonly string[];
  /** On unless the config says otherwise. */
  readonly enabled: boolean;
  /** How often it runs unless the config says otherwise, such as `30s`; `defaults.schedule` where absent. */
  readonly schedule?: string;
  /** Deadline of a run unless the config says otherwise, such as `10s`; `defaults.timeout` where absent. */
  readonly timeout?: string;
  /** How many series a run may give unless the config says otherwise; no limit where absent. */
  readonly maxSeries?: number;
  /**
   * Every family that it can serve, for the documentation. A name made at run time is given as a pattern: a `*` or a
   * `<word>` stands for the part that varies.
   */
  readonly families: readonly FamilyHead[];
  /** Old names of options, each with its new one; an operator may give one of the two. */
  readonly aliases?: Readonly<Record<string, string>>;
  /**
   * Filters of which both options, `<filter>_include` and `<filter>_exclude`, may be given at the same time, as
   * node_exporter allows for some; with all others that is a mistake.
   */
  readonly combinable?: readonly string[];
  /**
   * Set where the config has a list of entries instead of options. Each entry takes the options of `config`, among them a
   * `name`, and a timing of its own, and is a collector of its own, called `exec:backup`: it runs, fails and goes stale by
   * itself. Timing beside the list holds for all entries that have none.
   */
  readonly instances?: Instances;
  /** Its options, beside `schedule`, `timeout` and what else every collector has. */
  readonly config: Options;
  create(config: z.output<Options>, context: CollectorContext): Collector;
  /** What is valid and yet questionable on this host, a sentence each, for `check-config`. */
  warnings?(config: z.output<Options>): readonly string[];
}

/** The plugin that a definition comes from. */
export interface PluginOrigin {
  /** The absolute path of its file. */
  readonly file: string;
  /** That, and the files that it imports by relative paths: when one of them changes, it is loaded anew. */
  readonly files: readonly string[];
  /** What it was imported as; another one once a file has changed. */
  readonly url: string;
}

/** A definition whose options nobody needs to know: what registries and the daemon hold. */
export type AnyCollector = Omit<CollectorDefinition, 'create' | 'warnings'> & {
  /** Absent for what is built in. */
  readonly plugin?: PluginOrigin;
  create(config: never, context: CollectorContext): Collector;
  warnings?(config: never): readonly string[];
};

/** Declares a collector; the compiler checks `create` against `config`. */
export function defineCollector<Options extends z.ZodObject>(
  definition: CollectorDefinition<Options>,
): CollectorDefinition<Options> {
  return definition;
}
