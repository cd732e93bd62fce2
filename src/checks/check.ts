/** A check: a probe of one target on a schedule, and the series that every check has. */
import { counter, gauge, type Sample } from './collector.ts';
import type { Clock } from './clock.ts';
import type { CheckConfig } from './config/config.ts';
import { redactTarget } from './config/checks.ts';
import type { FailureReason, Prober, ProbeOutcome } from './prober.ts';

const success = gauge('probe_success', 'Displays whether or not the probe was a success');
const duration = gauge('probe_duration_seconds', 'Returns how long the probe took to complete in seconds');
const timeout = gauge('probe_timeout_seconds', 'Returns how long the probe timeout is in seconds');
const info = gauge('probe_info', 'What the check probes, without user, password and query of a URL.', [
  'module',
  'prober',
  'target',
]);
const failures = counter('vitald_check_failures_total', 'Probes of the check that failed, by reason.', ['reason']);
const runs = counter('vitald_check_probes_total', 'Probes of the check that came to an end, failed or not.');
const lastRun = gauge('vitald_check_last_probe_timestamp_seconds', 'When the last probe of the check ended.');

/** The families that every check has, whatever its prober. */
export const checkFamilies = [success, duration, timeout, info, failures, runs, lastRun] as const;

/** What the last probe of a check came to. */
export interface CheckState {
  readonly outcome: ProbeOutcome;
  readonly durationSeconds: number;
  /** Milliseconds since 1970. */
  readonly endedAt: number;
}

/** Probes one target again and again. */
export class Check {
  readonly config: CheckConfig;
  readonly #prober: Prober;
  readonly #clock: Clock;
  readonly #failures = new Map<FailureReason, number>();
  readonly #info: Sample;
  #probes = 0;
  /** What came of the last probe; undefined before the first has ended. */
  state: CheckState | undefined;

  constructor(config: CheckConfig, prober: Prober, clock: Clock) {
    this.config = config;
    this.#prober = prober;
    this.#clock = clock;
    const { module, target } = config;
    this.#info = info.sample(1, { module: module.name, prober: module.prober.name, target: redactTarget(target) });
  }

  /** Probes once and gives all series of the check. */
  async probe(signal: AbortSignal): Promise<Sample[]> {
    const { target, timeoutMs } = this.config;
    const startedAt = this.#clock.monotonic();
    const outcome = await this.#prober.probe({ target, signal, timeoutMs });
    const durationSeconds = (this.#clock.monotonic() - startedAt) / 1000;
    const endedAt = this.#clock.now();
    this.state = { outcome, durationSeconds, endedAt };
    this.#probes += 1;
    if (!outcome.success) this.#failures.set(outcome.reason, (this.#failures.get(outcome.reason) ?? 0) + 1);
    const samples = [
      success.sample(outcome.success ? 1 : 0),
      duration.sample(durationSeconds),
      timeout.sample(timeoutMs / 1000),
      this.#info,
      runs.sample(this.#probes),
      lastRun.sample(endedAt / 1000),
      ...outcome.samples,
    ];
    for (const [reason, count] of this.#failures) samples.push(failures.sample(count, { reason }));
    return samples;
  }
}
