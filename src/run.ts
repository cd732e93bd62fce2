/**
 * One run of a slot: an absolute deadline, a result, and samples that were checked before anybody can see them.
 */
import type { Clock } from './clock.ts';
import type { Sample, Samples } from './collector.ts';
import { CollectError, NoDataError } from './errors.ts';
import { BadSample, type Block, type Encoder } from './exposition/encode.ts';
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

const neverAborted = new AbortController().signal;

/** Runs once. A collector that answers synchronously has reported and settled when this returns. */
export function startRun(slot: Runnable, clock: Clock, listener: RunListener): Run {
  const startedAt = clock.monotonic();
  let over = false;
  const controller = slot.takesSignal ? new AbortController() : undefined;

  const report = (result: Omit<RunReport, 'durationSeconds'>): void => {
    if (over) return;
    over = true;
    listener.report({ ...result, durationSeconds: (clock.monotonic() - startedAt) / 1000 });
  };
  const fail = (error: unknown): void => report({ result: resultOf(error), error });
  const late = (): CollectError => new CollectError('TIMEOUT', `did not answer within ${slot.timeoutMs} ms`);
  const timeOut = (): void => report({ result: 'timeout', error: late() });
  const passDeadline = (): void => {
    // Heard before it is reported, so that what the collector then says of itself knows of it.
    controller?.abort(late());
    if (slot.graceMs > 0) deadline = clock.after(slot.graceMs, timeOut);
    else timeOut();
  };
  const isLate = (): boolean => clock.monotonic() - startedAt > slot.timeoutMs + slot.graceMs;
  // A generator may go on for ever.
  const inTime = function* (samples: Samples, taken: Sample[]): Samples {
    let count = 0;
    for (const sample of samples) {
      count += 1;
      if (count % samplesBetweenLooks === 0 && isLate()) throw late();
      taken.push(sample);
      yield sample;
    }
  };
  const accept = (samples: Samples): void => {
    if (over) return;
    let given: readonly Sample[];
    let blocks: readonly Block[];
    const leftOut = samples instanceof CutSamples ? samples.leftOut : 0;
    try {
      if (samples === null || samples === undefined || typeof samples[Symbol.iterator] !== 'function') {
        throw new BadSample('malformed', 'collect returned no samples to iterate');
      }
      if (Array.isArray(samples)) {
        given = samples;
        blocks = slot.encoder.encode(given);
      } else {
        const taken: Sample[] = [];
        given = taken;
        blocks = slot.encoder.encode(inTime(samples, taken));
      }
    } catch (error) {
      fail(error);
      return;
    }
    // A synchronous collector cannot be interrupted; but what is late is late.
    if (isLate()) timeOut();
    else report({ result: 'success', blocks, dropped: slot.encoder.dropped + leftOut, samples: given });
  };

  let answer: Samples | Promise<Samples> | undefined;
  try {
    answer = slot.collect(controller?.signal ?? neverAborted);
    if (answer === undefined || answer === null || !isPromise(answer)) {
      accept(answer);
      answer = undefined;
    }
  } catch (error) {
    fail(error);
  }
  listener.held?.(clock.monotonic() - startedAt);
  if (answer === undefined) {
    listener.settled();
    return { cancel() {} };
  }

  let deadline = clock.after(slot.timeoutMs, passDeadline);
  const acceptLater = (samples: Samples): void => {
    const acceptedAt = clock.monotonic();
    accept(samples);
    listener.held?.(clock.monotonic() - acceptedAt);
  };
  void Promise.resolve(answer as Promise<Samples>)
    .then(acceptLater, fail)
    .finally(() => {
      deadline.cancel();
      listener.settled();
    });
  return {
    cancel() {
      over = true;
      deadline.cancel();
      controller?.abort(new CollectError('TIMEOUT', 'the daemon stops'));
    },
  };
}
