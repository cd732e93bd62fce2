/**
 * How long the event loop keeps what is due waiting, under the names that prom-client gives it.
 *
 * prom-client's own figures come from a histogram of Node.js that is walked through six times for each publication, and
 * from a timer whose interval they contain. Here a timer notes by how much it comes late.
 */
import { onBeat } from './beat.ts';
import type { Clock, Timer } from './clock.ts';
import { gauge, type KeptSample, type Sample } from './collector.ts';

// Each look wakes the process, and costs more than many a collector. What blocks for less than this is seen in part of
// the cases only.
const lookMs = 500;

// As many looks as an hour has; a longer time between two publications is summed up by its last hour.
const mostLooks = 7200;

const lag = gauge('nodejs_eventloop_lag_seconds', 'Lag of event loop in seconds.');

const statistics = [
  ['min', 'The minimum recorded event loop delay.', (sorted) => sorted[0]!],
  ['max', 'The maximum recorded event loop delay.', (sorted) => sorted.at(-1)!],
  ['mean', 'The mean of the recorded event loop delays.', mean],
  ['stddev', 'The standard deviation of the recorded event loop delays.', deviation],
  ['p50', 'The 50th percentile of the recorded event loop delays.', (sorted) => percentile(sorted, 0.5)],
  ['p90', 'The 90th percentile of the recorded event loop delays.', (sorted) => percentile(sorted, 0.9)],
  ['p99', 'The 99th percentile of the recorded event loop delays.', (sorted) => percentile(sorted, 0.99)],
] as const satisfies readonly (readonly [string, string, (sorted: readonly number[]) => number])[];

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(sorted.length * share) - 1]!;
}

/** Looks at the event loop until it is closed. */
export class EventLoopLag {
  readonly #clock: Clock;
  readonly #lag: KeptSample = lag.kept();
  readonly #statistics = statistics.map(([name, help, of]) => ({
    sample: gauge(`nodejs_eventloop_lag_${name}_seconds`, help).kept(),
    of,
  }));
  #looks: number[] = [];
  readonly #beat: Timer;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beat = onBeat(clock, lookMs, (lateMs) => this.#look(lateMs));
  }

  /** What was seen since it was asked the last time; without statistics where nothing was. */
  samples(): readonly Sample[] {
    const askedAt = this.#clock.monotonic();
    // Known once the loop gets to it, so it is told the next time.
    setImmediate(() => {
      this.#lag.value = (this.#clock.monotonic() - askedAt) / 1000;
    });
    if (this.#looks.length === 0) return [this.#lag];
    const sorted = this.#looks.toSorted((a, b) => a - b);
    this.#looks = [];
    for (const { sample, of } of this.#statistics) sample.value = of(sorted);
    return [this.#lag, ...this.#statistics.map(({ sample }) => sample)];
  }

  close(): void {
    this.#beat.cancel();
  }

  #look(lateMs: number): void {
    if (this.#looks.length === mostLooks) this.#looks.shift();
    this.#looks.push(lateMs / 1000);
  }
}
