/**
 * One run of a slot: an absolute deadline, a result, and samples that were checked before anybody can see them.
 */
import type { Clock, Timer } from './clock.ts';
import type { Sample, Samples } from './collector.ts';
import { CollectError, NoDataError } from './errors.ts';
import type { Encoder } from './exposition/encode.ts';
import { BadSample, type Block } from './exposition/format.ts';
import { CutSamples } from './isolation/samples.ts';

/** How a run ended; each is counted by itself. */
export const runResults = ['success', 'no_data', 'timeout', 'error', 'malformed', 'duplicate'] as const;

/** One of `runResults`. */
export type RunResult = (typeof runResults)[number];

/** What runs: a collector or a check. */
export interface Runnable {
  readonly name: string;
  readonly timeoutMs: number;
  /** What `collect` gets after its deadline to answer with what it has, as a probe does; 0 for collectors. */
  readonly graceMs: number;
  readonly encoder: Encoder;
  /** Whether `collect` heeds the signal; making one that can abort costs more than many collectors do. */
  readonly takesSignal: boolean;
  collect(signal: AbortSignal): Samples | Promise<Samples>;
}

/** What came of a run. */
export interface RunReport {
  readonly result: RunResult;
  readonly durationSeconds: number;
  /** The checked samples of a run that succeeded. */
  readonly blocks?: readonly Block[];
  /** How many samples were left out of them, as they were more than the slot may have. */
  readonly dropped?: number;
  /** The same, as `collect` gave them; of no use once whoever hears of the run has returned. */
  readonly samples?: readonly Sample[];
  /** Why it did not succeed. */
  readonly error?: unknown;
}

/** A run under way. */
export interface Run {
  /** Ends the run early, as when the daemon stops; it then reports nothing. */
  cancel(): void;
}

/** What a run tells; `report` comes at most once, `settled` exactly once and never before it. */
export interface RunListener {
  /** The result is known: `collect` answered, or its deadline passed. */
  report(report: RunReport): void;
  /** `collect` is over, maybe long after its deadline; only now may the slot run again. */
  settled(): void;
  /** The run held the event loop for so long without a pause: until `collect` returned, or to read its samples. */
  held?(ms: number): void;
}

function resultOf(error: unknown): RunResult {
  if (error instanceof BadSample) return error.kind;
  if (error instanceof NoDataError) return 'no_data';
  if (error instanceof CollectError) {
    if (error.code === 'SOURCE_MISSING' || error.code === 'SOURCE_FORBIDDEN') return 'no_data';
    if (error.code === 'TIMEOUT') return 'timeout';
  }
  return 'error';
}

function isPromise(value: Samples | Promise<Samples>): value is Promise<Samples> {
  return typeof (value as Promise<Samples>).then === 'function';
}

// How often to look at the clock while a generator gives samples.
const samplesBetweenLooks = 64;

// How many samples beyond the limit a generator is asked for, to tell how many there are.
const mostCounted = 10_000;

const neverAborted = new AbortController().signal;

/** Runs once. A collector that answers synchronously has reported and settled when this returns. */
export function startRun(slot: Runnable, clock: Clock, listener: RunListener): Run {
  const run = new RunUnderWay(slot, clock, listener);
  run.start();
  return run;
}

/** A class and not closures: most runs are over at once, and need none of what waits. */
class RunUnderWay implements Run {
  readonly #slot: Runnable;
  readonly #clock: Clock;
  readonly #listener: RunListener;
  readonly #startedAt: number;
  readonly #controller: AbortController | undefined;
  #deadline: Timer | undefined;
  #over = false;

  constructor(slot: Runnable, clock: Clock, listener: RunListener) {
    this.#slot = slot;
    this.#clock = clock;
    this.#listener = listener;
    this.#startedAt = clock.monotonic();
    this.#controller = slot.takesSignal ? new AbortController() : undefined;
  }

  start(): void {
    const answer = this.#ask();
    this.#listener.held?.(this.#clock.monotonic() - this.#startedAt);
    if (answer === undefined) this.#listener.settled();
    else this.#await(answer);
  }

  cancel(): void {
    this.#over = true;
    this.#deadline?.cancel();
    this.#controller?.abort(new CollectError('TIMEOUT', 'the daemon stops'));
  }

  /** What to wait for, if anything. */
  #ask(): Promise<Samples> | undefined {
    try {
      const answer = this.#slot.collect(this.#controller?.signal ?? neverAborted);
      if (answer !== undefined && answer !== null && isPromise(answer)) return answer;
      this.#accept(answer);
    } catch (error) {
      this.#fail(error);
    }
    return undefined;
  }

  #await(answer: Promise<Samples>): void {
    this.#deadline = this.#clock.after(this.#slot.timeoutMs, () => this.#passDeadline());
    const acceptLater = (samples: Samples): void => {
      const acceptedAt = this.#clock.monotonic();
      this.#accept(samples);
      this.#listener.held?.(this.#clock.monotonic() - acceptedAt);
    };
    void Promise.resolve(answer)
      .then(acceptLater, (error: unknown) => this.#fail(error))
      .finally(() => {
        this.#deadline?.cancel();
        this.#listener.settled();
      });
  }

  #passDeadline(): void {
    // Heard before it is reported, so that what the collector then says of itself knows of it.
    this.#controller?.abort(this.#late());
    if (this.#slot.graceMs > 0) this.#deadline = this.#clock.after(this.#slot.graceMs, () => this.#timeOut());
    else this.#timeOut();
  }

  #accept(samples: Samples): void {
    if (this.#over) return;
    const { encoder } = this.#slot;
    const leftOut = samples instanceof CutSamples ? samples.leftOut : 0;
    let given: readonly Sample[];
    let blocks: readonly Block[];
    try {
      given = this.#gather(samples);
      blocks = encoder.encode(given);
    } catch (error) {
      this.#fail(error);
      return;
    }
    // A synchronous collector cannot be interrupted; but what is late is late.
    if (this.#isLate()) this.#timeOut();
    else {
      this.#report({
        result: 'success',
        durationSeconds: this.#seconds(),
        blocks,
        dropped: encoder.dropped + leftOut,
        samples: given,
      });
    }
  }

  /** The samples; a generator may go on for ever, and is asked for no more than it takes to tell that it gives too many. */
  #gather(samples: Samples): readonly Sample[] {
    if (Array.isArray(samples)) return samples as readonly Sample[];
    if (samples === null || samples === undefined || typeof samples[Symbol.iterator] !== 'function') {
      throw new BadSample('malformed', 'collect returned no samples to iterate');
    }
    const enough = this.#slot.encoder.maxSeries + mostCounted;
    const gathered: Sample[] = [];
    for (const sample of samples) {
      gathered.push(sample);
      if (gathered.length % samplesBetweenLooks === 0 && this.#isLate()) throw this.#late();
      if (gathered.length === enough) break;
    }
    return gathered;
  }

  #isLate(): boolean {
    return this.#clock.monotonic() - this.#startedAt > this.#slot.timeoutMs + this.#slot.graceMs;
  }

  #late(): CollectError {
    return new CollectError('TIMEOUT', `did not answer within ${this.#slot.timeoutMs} ms`);
  }

  #timeOut(): void {
    this.#report({ result: 'timeout', durationSeconds: this.#seconds(), error: this.#late() });
  }

  #fail(error: unknown): void {
    this.#report({ result: resultOf(error), durationSeconds: this.#seconds(), error });
  }

  /** To the nanosecond, as the digits behind it say nothing, and each costs in the making and on the wire. */
  #seconds(): number {
    return Math.round((this.#clock.monotonic() - this.#startedAt) * 1e6) / 1e9;
  }

  #report(report: RunReport): void {
    if (this.#over) return;
    this.#over = true;
    this.#listener.report(report);
  }
}
