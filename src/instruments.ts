/** What the daemon says of itself: `process_*` and `nodejs_*` by prom-client, and `vitald_*`, most of them by tallies. */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { type Clock, systemClock } from './clock.ts';
import { counter, gauge } from './collector.ts';
import { EventLoopLag } from './event-loop-lag.ts';
import { Encoder } from './exposition/encode.ts';
import type { Block } from './exposition/format.ts';
import { OwnProcess, ownProcessFamilies } from './own-process.ts';
import { type RunResult, runResults } from './run.ts';
import { SampledRegistry } from './sampled-registry.ts';
import { addressSpaceLimit } from './system/limits.ts';
import { HistogramTally, Tally } from './tally.ts';

const architectures: Record<string, string> = { x64: 'amd64', ia32: '386' };

const nodeExporterBuild = {
  version: '1.12.1',
  branch: 'HEAD',
  goversion: '',
  goos: process.platform,
  goarch: architectures[process.arch] ?? process.arch,
  tags: '',
};

// Gauges by the name of counters; the same numbers stand in nodejs_active_resources by type.
const misnamed = /^nodejs_active_(?:handles|requests|resources)_total$/;

function isToldElsewhere(name: string): boolean {
  return name.startsWith('nodejs_eventloop_lag_') || ownProcessFamilies.has(name);
}

// What prom-client looks at the event loop with cannot be left out, but it can look once in a month.
const seldomMs = 2_000_000_000;

// What Node.js tells of its heap and its handles is asked for one metric after the other, which costs as much as a dozen
// collectors. Three ticks of the default schedule, and a little less, lest a tick that came late makes it four.
const libraryMs = 14_500;

/** The instruments of one daemon. */
export class Instruments {
  readonly #registry = new Registry();
  readonly #sampled = new SampledRegistry(this.#registry);
  readonly #encoder = new Encoder();
  readonly #clock: Clock;
  #ofLibrary: readonly Block[] = [];
  /** On the monotonic clock. */
  #askLibraryAt = -Infinity;
  readonly #lag: EventLoopLag | undefined;
  readonly #ownProcess: OwnProcess | undefined;

  readonly #runs = new Tally(
    counter('vitald_collector_runs_total', 'Runs of the collector that came to an end, by result.', [
      'collector',
      'result',
    ]),
  );
  readonly #checkRuns = new Tally(
    counter(
      'vitald_check_runs_total',
      'Runs of all checks that came to an end, by result; a target found down is a success.',
      ['result'],
    ),
  );
  readonly #skipped = new Tally(
    counter('vitald_collector_skipped_runs_total', 'Runs that were due while the one before had not settled.', [
      'collector',
    ]),
  );
  readonly #skippedChecks = new Tally(
    counter(
      'vitald_check_skipped_runs_total',
      'Runs of all checks that were due while the one before had not settled.',
    ),
  );
  readonly #dropped = new Tally(
    counter(
      'vitald_collector_dropped_series_total',
      'Series left out because the collector gave more than its max_series, summed over its runs.',
      ['collector'],
    ),
  );
  readonly #droppedOfChecks = new Tally(
    counter(
      'vitald_check_dropped_series_total',
      'Series left out because a check gave more than its max_series, summed over all runs of all checks.',
    ),
  );
  readonly #blocks = new Tally(
    counter(
      'vitald_collector_blocks_total',
      'Times that the collector held the event loop for more than 0.1 s without a pause.',
      ['collector'],
    ),
  );
  readonly #blockedSeconds = new Tally(
    counter(
      'vitald_collector_blocked_seconds_total',
      'Time for which the collector held the event loop, counted where that was more than 0.1 s without a pause.',
      ['collector'],
    ),
  );
  readonly #lastSuccess = new Tally(
    gauge('vitald_collector_last_success_timestamp_seconds', 'When the collector last gave samples.', ['collector']),
  );
  readonly #clockJumps = new Tally(
    counter(
      'vitald_schedule_clock_jumps_total',
      'Times that the wall clock was set or the host slept, after which all schedules were made anew.',
    ),
  );
  readonly #missedTicks = new Tally(
    counter(
      'vitald_schedule_missed_ticks_total',
      'Moments of a schedule that passed while the event loop was blocked.',
    ),
  );
  readonly #conflicts = new Tally(
    counter(
      'vitald_exposition_conflicts_total',
      'Families left out because another collector has the name with another type.',
    ),
  );
  readonly #droppedStreams = new Tally(
    counter(
      'vitald_web_event_streams_dropped_total',
      'Clients of the events that were dropped because they read too slowly.',
    ),
  );
  readonly #reloadSuccess = new Tally(
    gauge('vitald_config_last_reload_successful', 'Whether the last load of the configuration succeeded.'),
  );
  readonly #reloadTime = new Tally(
    gauge(
      'vitald_config_last_reload_success_timestamp_seconds',
      'When the configuration was last loaded with success.',
    ),
  );
  readonly #ofCollector = [this.#skipped, this.#dropped, this.#blocks, this.#blockedSeconds] as const;
  readonly #ofDaemon = [
    this.#skippedChecks,
    this.#droppedOfChecks,
    this.#clockJumps,
    this.#missedTicks,
    this.#conflicts,
    this.#droppedStreams,
    this.#reloadSuccess,
    this.#reloadTime,
  ] as const;

  readonly #startDelay = new HistogramTally(
    'vitald_run_start_delay_seconds',
    'How long after it was due a run started.',
    'kind',
    [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
  );
  readonly #tallies = [
    this.#runs,
    this.#checkRuns,
    this.#lastSuccess,
    this.#startDelay,
    ...this.#ofCollector,
    ...this.#ofDaemon,
  ];

  /** `ofProcess` adds what is known of the process and of Node.js. */
  constructor(version: string, { ofProcess = true, clock = systemClock }: { ofProcess?: boolean; clock?: Clock } = {}) {
    this.#clock = clock;
    for (const tally of this.#ofDaemon) tally.add(0);
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
    this.#lag = new EventLoopLag(clock);
    this.#ownProcess = new OwnProcess();
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: seldomMs });
    for (const { name } of this.#registry.getMetricsAsArray()) {
      if (misnamed.test(name) || isToldElsewhere(name)) this.#registry.removeSingleMetric(name);
    }
    // Dashboards set process_virtual_memory_bytes beside its limit, which prom-client lacks.
    new Gauge({
      name: 'process_virtual_memory_max_bytes',
      help: 'Maximum amount of virtual memory available in bytes.',
      registers: [this.#registry],
    }).set(addressSpaceLimit());
  }

  /** All runs of a collector start at 0, so that the first failure is an increase. */
  knowCollector(collector: string): void {
    for (const result of runResults) this.#runs.add(0, { collector, result });
    for (const tally of this.#ofCollector) tally.add(0, { collector });
  }

  /** Ends the series of a collector that left the config. */
  forgetCollector(collector: string): void {
    for (const result of runResults) this.#runs.remove({ collector, result });
    for (const tally of [...this.#ofCollector, this.#lastSuccess]) tally.remove({ collector });
  }

  collectorRan(collector: string, result: RunResult, atSeconds: number): void {
    this.#runs.add(1, { collector, result });
    if (result === 'success') this.#lastSuccess.set(atSeconds, { collector });
  }

  checkRan(result: RunResult): void {
    this.#checkRuns.add(1, { result });
  }

  skipped(kind: 'collector' | 'check', name: string): void {
    if (kind === 'collector') this.#skipped.add(1, { collector: name });
    else this.#skippedChecks.add(1);
  }

  dropped(kind: 'collector' | 'check', name: string, count: number): void {
    if (kind === 'collector') this.#dropped.add(count, { collector: name });
    else this.#droppedOfChecks.add(count);
  }

  blocked(collector: string, seconds: number): void {
    this.#blocks.add(1, { collector });
    this.#blockedSeconds.add(seconds, { collector });
  }

  started(kind: 'collector' | 'check', delaySeconds: number): void {
    this.#startDelay.observe(Math.max(0, delaySeconds), kind);
  }

  clockJumped(): void {
    this.#clockJumps.add(1);
  }

  tickMissed(): void {
    this.#missedTicks.add(1);
  }

  streamDropped(): void {
    this.#droppedStreams.add(1);
  }

  conflict(): void {
    this.#conflicts.add(1);
  }

  configLoaded(successful: boolean, atSeconds: number): void {
    this.#reloadSuccess.set(successful ? 1 : 0);
    if (successful) this.#reloadTime.set(atSeconds);
  }

  /** Everything as text, family by family; what is known of Node.js as it was within the last 15 s. */
  async blocks(): Promise<readonly Block[]> {
    await this.#askLibrary();
    const ofProcess = this.#encoder.encode([...(this.#lag?.samples() ?? []), ...(this.#ownProcess?.samples() ?? [])]);
    const counted = this.#tallies.flatMap((tally) => tally.blocks);
    return [...this.#ofLibrary, ...ofProcess, ...counted].sort((a, b) => (a.family.name < b.family.name ? -1 : 1));
  }

  async #askLibrary(): Promise<void> {
    const now = this.#clock.monotonic();
    if (now < this.#askLibraryAt) return;
    this.#ofLibrary = await this.#sampled.blocks();
    this.#askLibraryAt = now + libraryMs;
  }

  /** Whether one of these has the name. */
  has(name: string): boolean {
    return (
      this.#registry.getSingleMetric(name) !== undefined ||
      this.#tallies.some(({ family }) => family.name === name) ||
      (this.#ownProcess !== undefined && isToldElsewhere(name))
    );
  }

  /** Ends what observes the process. */
  close(): void {
    this.#lag?.close();
    this.#ownProcess?.close();
    this.#registry.clear();
  }
}
