/** A check: probes of one target, one after the other, and the series that every check has. */
import { counter, gauge, type Sample } from '../collector.ts';
import type { Clock } from '../clock.ts';
import type { CheckConfig } from '../config/config.ts';
import { redactTarget } from '../config/redact.ts';
import type { FailureReason, Prober, ProbeOutcome, ProbeRequest } from '../prober.ts';
import { probeEveryAddress } from './addresses.ts';
import { verdict, verdictFamilies } from './verdict.ts';
import { expectedReasons } from './reasons.ts';
import { stateFamilies } from './state-families.ts';
import { Threshold } from './threshold.ts';

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
export const checkFamilies = [...verdictFamilies, timeout, info, failures, runs, lastRun, ...stateFamilies] as const;

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
  readonly #facts: readonly Sample[];
  readonly #threshold: Threshold;
  #probes = 0;
  /** The probe under way, or the last one, and the last that was counted. */
  #turn = 0;
  #counted = 0;
  /** What came of the last probe; undefined before the first has ended. */
  state: CheckState | undefined;

  constructor(config: CheckConfig, prober: Prober, clock: Clock) {
    this.config = config;
    this.#prober = prober;
    this.#clock = clock;
    this.#threshold = new Threshold(config);
    const { module, target, timeoutMs } = config;
    this.#facts = [
      timeout.sample(timeoutMs / 1000),
      info.sample(1, { module: module.name, prober: module.prober.name, target: redactTarget(target) }),
    ];
    for (const reason of expectedReasons(module.prober, target)) this.#failures.set(reason, 0);
  }

  /** Whether so many probes in a row as the config wants found it up or down; undefined before. */
  get up(): boolean | undefined {
    return this.#threshold.up;
  }

  /** What can be said before the first probe has ended, which is not whether the target is up. */
  beforehand(): Sample[] {
    return [...this.#facts, ...this.#counters()];
  }

  /** Probes once and gives all series of the check; `trace` hears each step. */
  async probe(signal: AbortSignal, trace?: ProbeRequest['trace']): Promise<Sample[]> {
    const { target, timeoutMs, everyAddress, module } = this.config;
    this.#turn += 1;
    const turn = this.#turn;
    const startedAt = this.#clock.monotonic();
    const request = { target, signal, timeoutMs, ...(trace === undefined ? {} : { trace }) };
    const { outcome, each } =
      everyAddress === true
        ? await probeEveryAddress(module, this.#prober, request, this.#clock)
        : { outcome: await this.#prober.probe(request), each: undefined };
    // Given up meanwhile.
    if (turn !== this.#turn) return [];
    const durationSeconds = (this.#clock.monotonic() - startedAt) / 1000;
    this.#note(outcome, durationSeconds);
    return this.#samples(each ?? verdict(outcome.success, durationSeconds), outcome.samples);
  }

  /**
   * The series of a probe that gave no answer, or none that can be served, because the prober hangs or has a bug. It
   * counts as a failure: series that just end would look like a check that was removed.
   */
  giveUp(reason: 'timeout' | 'config', durationSeconds: number): Sample[] {
    const detail = reason === 'timeout' ? 'the prober did not end at its deadline' : 'the prober failed; see the log';
    const outcome: ProbeOutcome = { success: false, reason, phase: '', detail, samples: [] };
    const answered = this.#turn > 0 && this.#counted === this.#turn;
    // It answered, and is counted, but with samples that cannot be served.
    if (answered) this.#probes -= 1;
    if (!answered || this.state?.outcome.success === true) this.#note(outcome, durationSeconds);
    else this.#probes += 1;
    this.#turn += 1;
    return this.#samples(verdict(false, durationSeconds), []);
  }

  #note(outcome: ProbeOutcome, durationSeconds: number): void {
    this.state = { outcome, durationSeconds, endedAt: this.#clock.now() };
    this.#counted = this.#turn;
    this.#probes += 1;
    this.#threshold.note(outcome.success);
    if (!outcome.success) this.#failures.set(outcome.reason, (this.#failures.get(outcome.reason) ?? 0) + 1);
  }

  #samples(about: readonly Sample[], found: readonly Sample[]): Sample[] {
    return [...about, ...this.#facts, ...this.#counters(), lastRun.sample(this.state!.endedAt / 1000), ...found];
  }

  #counters(): Sample[] {
    const samples = [runs.sample(this.#probes)];
    for (const [reason, count] of this.#failures) samples.push(failures.sample(count, { reason }));
    return samples;
  }
}
