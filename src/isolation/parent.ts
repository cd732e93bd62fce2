/**
 * A collector in a process of its own, as the daemon sees it: whatever it does, it costs its own runs only. The process
 * is started at its first run and stays; one that died is started anew at the next run, after a rest where it dies again
 * and again.
 */
import { orAborted } from '../abort.ts';
import type { Clock } from '../clock.ts';
import type { Collector, Samples } from '../collector.ts';
import { CollectError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { ProcessKeeper } from './keeper.ts';
import { CollectorProcess } from './process.ts';
import type { SetUp } from './protocol.ts';

/** What an isolated collector is made of. */
export interface IsolatedParts {
  readonly setUp: SetUp;
  readonly maxSeries: number | undefined;
  /** In bytes. */
  readonly memoryLimit: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly keeper: ProcessKeeper;
}

// How often it may die in a row before it gets a rest, and how long the rests are.
const deathsWithoutRest = 3;
const firstRestMs = 10_000;
const longestRestMs = 5 * 60_000;

/** The rest after so many deaths in a row, in milliseconds. */
export function restAfter(deaths: number): number {
  return deaths < deathsWithoutRest ? 0 : Math.min(firstRestMs * 2 ** (deaths - deathsWithoutRest), longestRestMs);
}

/** Runs a collector in a process. */
export class IsolatedCollector implements Collector {
  readonly #parts: IsolatedParts;
  #process: CollectorProcess | undefined;
  #deaths = 0;
  #restsUntil = 0;
  #closed = false;

  constructor(parts: IsolatedParts) {
    this.#parts = parts;
  }

  async collect(signal: AbortSignal): Promise<Samples> {
    const { clock, maxSeries } = this.#parts;
    const restMs = this.#restsUntil - clock.monotonic();
    if (restMs > 0) {
      throw new CollectError(
        'PROCESS_ENDED',
        `its process died ${this.#deaths} times in a row; it is started anew in ${Math.ceil(restMs / 1000)} s`,
      );
    }
    this.#process ??= this.#start();
    const asked = this.#process;
    try {
      // A start that takes longer than a run may is not begun anew with each run.
      await orAborted(asked.ready, signal);
      return await asked.run(signal, maxSeries);
    } finally {
      // Whatever it answered, it lives.
      if (this.#process === asked && asked.isReady) this.#deaths = 0;
    }
  }

  close(): void {
    this.#closed = true;
    this.#process?.end();
  }

  #start(): CollectorProcess {
    const started = new CollectorProcess({
      ...this.#parts,
      ended: (reason) => {
        if (this.#process === started) this.#process = undefined;
        if (!this.#closed) this.#noteDeath(reason);
      },
    });
    return started;
  }

  #noteDeath(reason: string): void {
    const { clock, log } = this.#parts;
    this.#deaths += 1;
    const restMs = restAfter(this.#deaths);
    this.#restsUntil = clock.monotonic() + restMs;
    const fields = { reason, ...(restMs > 0 ? { rest_seconds: restMs / 1000 } : {}) };
    // Told at the first time and when it gets its first rest; what comes in between and after is more of the same.
    const level = this.#deaths === 1 || this.#deaths === deathsWithoutRest ? 'warn' : 'debug';
    log[level](fields, 'the process of the collector is gone; the next run starts another');
  }
}
