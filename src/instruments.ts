/** What the daemon says of itself: `process_*`, `nodejs_*` and `vitald_*`, kept by prom-client. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { Family, type FamilyType, type Sample } from './collector.ts';
import { type Block, Encoder } from './exposition/encode.ts';
import type { CounterInstrument, GaugeInstrument, ObserverInstrument, OwnInstruments } from './own-instruments.ts';
import { type RunResult, runResults } from './run.ts';
import { addressSpaceLimit } from './system/address-space.ts';

const architectures: Record<string, string> = { x64: 'amd64', ia32: '386' };

const nodeExporterBuild = {
  version: '1.12.1',
  branch: 'HEAD',
  goversion: '',
  goos: process.platform,
  goarch: architectures[process.arch] ?? process.arch,
  tags: '',
};

// How often the event loop is looked at. Each look wakes the process: at prom-client's 10 ms that costs more CPU than all
// collectors at their default schedules. What blocks for less than this is seen in part of the cases only.
const lagPrecisionMs = 100;

// prom-client gives the time from one look to the next, of which only what exceeds the interval is lag.
const lagFromLookToLook = /^nodejs_eventloop_lag_(?:min|max|mean|p\d+)_seconds$/;

const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** The metrics of a registry as the daemon serves them. */
class SampledRegistry {
  readonly #registry: Registry;
  readonly #families = new Map<string, Family<string>>();
  readonly #encoder = new Encoder();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  async samples(): Promise<Sample[]> {
    const samples: Sample[] = [];
    for (const metric of await this.#registry.getMetricsAsJSON()) {
      // The typings name the type by an enum; at run time it is the word of the text format.
      const type = String(metric.type) as FamilyType;
      const values = metric.values as { value: number; labels: Record<string, string | number>; metricName?: string }[];
      const excess = lagFromLookToLook.test(metric.name) ? lagPrecisionMs / 1000 : 0;
      for (const { value: found, labels, metricName = metric.name } of values) {
        const value = excess === 0 ? found : Math.max(0, found - excess);
        const family = this.#family(metric.name, type, metric.help, Object.keys(labels));
        const texts = Object.fromEntries(Object.entries(labels).map(([name, text]) => [name, String(text)]));
        const suffix = metricName.slice(metric.name.length);
        samples.push(suffix === '' ? { family, value, labels: texts } : { family, value, labels: texts, suffix });
      }
    }
    // A gauge over no observation yet, such as the event loop's lag, is NaN.
    return samples.filter(({ value }) => !Number.isNaN(value));
  }

  async blocks(): Promise<Block[]> {
    return this.#encoder.encode(await this.samples());
  }

  #family(name: string, type: FamilyType, help: string, labels: readonly string[]): Family<string> {
    const key = `${name} ${labels.join()}`;
    let family = this.#families.get(key);
    if (family === undefined) {
      family = new Family(name, type, help, labels);
      this.#families.set(key, family);
    }
    return family;
  }
}

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
  blocks(): Promise<Block[]> {
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

/** The instruments of one daemon. */
export class Instruments {
  readonly #registry = new Registry();
  readonly #sampled = new SampledRegistry(this.#registry);

  readonly #runs = new Counter({
    name: 'vitald_collector_runs_total',
    help: 'Runs of the collector that came to an end, by result.',
    labelNames: ['collector', 'result'],
    registers: [this.#registry],
  });
  readonly #checkRuns = new Counter({
    name: 'vitald_check_runs_total',
    help: 'Runs of all checks that came to an end, by result; a target found down is a success.',
    labelNames: ['result'],
    registers: [this.#registry],
  });
  readonly #skipped = new Counter({
    name: 'vitald_collector_skipped_runs_total',
    help: 'Runs that were due while the one before had not settled.',
    labelNames: ['collector'],
    registers: [this.#registry],
  });
  readonly #skippedChecks = new Counter({
    name: 'vitald_check_skipped_runs_total',
    help: 'Runs of all checks that were due while the one before had not settled.',
    registers: [this.#registry],
  });
  readonly #dropped = new Counter({
    name: 'vitald_collector_dropped_series_total',
    help: 'Series left out because the collector gave more than its max_series, summed over its runs.',
    labelNames: ['collector'],
    registers: [this.#registry],
  });
  readonly #droppedOfChecks = new Counter({
    name: 'vitald_check_dropped_series_total',
    help: 'Series left out because a check gave more than its max_series, summed over all runs of all checks.',
    registers: [this.#registry],
  });
  readonly #blocks = new Counter({
    name: 'vitald_collector_blocks_total',
    help: 'Times that the collector held the event loop for more than 0.1 s without a pause.',
    labelNames: ['collector'],
    registers: [this.#registry],
  });
  readonly #blockedSeconds = new Counter({
    name: 'vitald_collector_blocked_seconds_total',
    help: 'Time for which the collector held the event loop, counted where that was more than 0.1 s without a pause.',
    labelNames: ['collector'],
    registers: [this.#registry],
  });
  readonly #lastSuccess = new Gauge({
    name: 'vitald_collector_last_success_timestamp_seconds',
    help: 'When the collector last gave samples.',
    labelNames: ['collector'],
    registers: [this.#registry],
  });
  readonly #startDelay = new Histogram({
    name: 'vitald_run_start_delay_seconds',
    help: 'How long after it was due a run started.',
    labelNames: ['kind'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [this.#registry],
  });
  readonly #clockJumps = new Counter({
    name: 'vitald_schedule_clock_jumps_total',
    help: 'Times that the wall clock was set or the host slept, after which all schedules were made anew.',
    registers: [this.#registry],
  });
  readonly #missedTicks = new Counter({
    name: 'vitald_schedule_missed_ticks_total',
    help: 'Moments of a schedule that passed while the event loop was blocked.',
    registers: [this.#registry],
  });
  readonly #conflicts = new Counter({
    name: 'vitald_exposition_conflicts_total',
    help: 'Families left out because another collector has the name with another type.',
    registers: [this.#registry],
  });
  readonly #droppedStreams = new Counter({
    name: 'vitald_web_event_streams_dropped_total',
    help: 'Clients of the events that were dropped because they read too slowly.',
    registers: [this.#registry],
  });
  readonly #reloadSuccess = new Gauge({
    name: 'vitald_config_last_reload_successful',
    help: 'Whether the last load of the configuration succeeded.',
    registers: [this.#registry],
  });
  readonly #reloadTime = new Gauge({
    name: 'vitald_config_last_reload_success_timestamp_seconds',
    help: 'When the configuration was last loaded with success.',
    registers: [this.#registry],
  });

  /** `ofProcess` adds what is known of the process and of Node.js. */
  constructor(version: string, { ofProcess = true }: { ofProcess?: boolean } = {}) {
    new Gauge({
      name: 'vitald_build_info',
      help: 'The version of this daemon and of the Node.js that runs it.',
      labelNames: ['version', 'node_version'],
      registers: [this.#registry],
    }).set({ version, node_version: process.versions.node }, 1);
    // Dashboards find hosts by this family; the version says whose names and labels are served.
    new Gauge({
      name: 'node_exporter_build_info',
      help: "A metric with a constant '1' value labeled by version, revision, branch, goversion from which node_exporter was built, and the goos and goarch for the build.",
      labelNames: ['version', 'revision', 'branch', 'goversion', 'goos', 'goarch', 'tags'],
      registers: [this.#registry],
    }).set({ ...nodeExporterBuild, revision: `vitald-${version}` }, 1);
    if (!ofProcess) return;
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: lagPrecisionMs });
    // Gauges by the name of counters; the same numbers stand in nodejs_active_resources by type.
    for (const name of misnamed) this.#registry.removeSingleMetric(name);
    // Dashboards set process_virtual_memory_bytes beside its limit, which prom-client lacks.
    new Gauge({
      name: 'process_virtual_memory_max_bytes',
      help: 'Maximum amount of virtual memory available in bytes.',
      registers: [this.#registry],
    }).set(addressSpaceLimit());
  }

  /** All runs of a collector start at 0, so that the first failure is an increase. */
  knowCollector(collector: string): void {
    for (const result of runResults) this.#runs.inc({ collector, result }, 0);
    this.#skipped.inc({ collector }, 0);
    for (const counter of [this.#dropped, this.#blocks, this.#blockedSeconds]) counter.inc({ collector }, 0);
  }

  /** Ends the series of a collector that left the config. */
  forgetCollector(collector: string): void {
    for (const result of runResults) this.#runs.remove({ collector, result });
    this.#skipped.remove({ collector });
    for (const counter of [this.#dropped, this.#blocks, this.#blockedSeconds]) counter.remove({ collector });
    this.#lastSuccess.remove({ collector });
  }

  collectorRan(collector: string, result: RunResult, atSeconds: number): void {
    this.#runs.inc({ collector, result });
    if (result === 'success') this.#lastSuccess.set({ collector }, atSeconds);
  }

  checkRan(result: RunResult): void {
    this.#checkRuns.inc({ result });
  }

  skipped(kind: 'collector' | 'check', name: string): void {
    if (kind === 'collector') this.#skipped.inc({ collector: name });
    else this.#skippedChecks.inc();
  }

  dropped(kind: 'collector' | 'check', name: string, count: number): void {
    if (kind === 'collector') this.#dropped.inc({ collector: name }, count);
    else this.#droppedOfChecks.inc(count);
  }

  blocked(collector: string, seconds: number): void {
    this.#blocks.inc({ collector });
    this.#blockedSeconds.inc({ collector }, seconds);
  }

  started(kind: 'collector' | 'check', delaySeconds: number): void {
    this.#startDelay.observe({ kind }, Math.max(0, delaySeconds));
  }

  clockJumped(): void {
    this.#clockJumps.inc();
  }

  tickMissed(): void {
    this.#missedTicks.inc();
  }

  streamDropped(): void {
    this.#droppedStreams.inc();
  }

  conflict(): void {
    this.#conflicts.inc();
  }

  configLoaded(successful: boolean, atSeconds: number): void {
    this.#reloadSuccess.set(successful ? 1 : 0);
    if (successful) this.#reloadTime.set(atSeconds);
  }

  /** Everything as samples. */
  samples(): Promise<Sample[]> {
    return this.#sampled.samples();
  }

  /** Everything as text, family by family. */
  blocks(): Promise<Block[]> {
    return this.#sampled.blocks();
  }

  /** Whether one of these has the name. */
  has(name: string): boolean {
    return this.#registry.getSingleMetric(name) !== undefined;
  }

  /** Ends what observes the process. */
  close(): void {
    this.#registry.clear();
  }
}
