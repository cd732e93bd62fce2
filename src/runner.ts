/**
 * Runs slots when they are due: never two runs of a slot at once, probes through a gate, and every result counted,
 * logged once when it turns, and published.
 */
import type { Clock } from './clock.ts';
import { gauge, type Sample } from './collector.ts';
import { messageOf } from './errors.ts';
import { Encoder } from './exposition/encode.ts';
import type { Exposition } from './exposition/exposition.ts';
import type { Page } from './exposition/page.ts';
import type { Instruments } from './instruments.ts';
import type { Logger } from './log.ts';
import { type RunReport, startRun } from './run.ts';
import type { Gate } from './schedule/gate.ts';
import { noteRun, type Slot } from './slot.ts';

const duration = gauge('node_scrape_collector_duration_seconds', 'node_exporter: Duration of a collector scrape.', [
  'collector',
]);
const success = gauge('node_scrape_collector_success', 'node_exporter: Whether a collector succeeded.', ['collector']);

/** The families that tell how the last run of each collector went, as node_exporter names them. */
export const runFamilies = [duration, success] as const;

/** Where the results of runs go. */
export interface RunnerParts {
  readonly clock: Clock;
  readonly gate: Gate;
  readonly exposition: Exposition;
  readonly instruments: Instruments;
  readonly log: Logger;
  /** The page of a slot's samples. */
  readonly pageOf: (slot: Slot) => string;
}

/** The page that tells how the last runs went. */
const runsPage = 'runs';

/** What a scrape filters by: the plain name of a collector, which no check can have. */
function keyOf(slot: Slot): string {
  return slot.kind === 'collector' ? slot.name : slot.id;
}

/** Runs slots. */
export class Runner {
  readonly #parts: RunnerParts;
  readonly #encoders = new Map<string, Encoder>();
  readonly #underWay = new Set<Slot>();
  readonly #withdrawn = new WeakSet<Slot>();
  #stopped = false;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** How many slots have not settled. */
  get busy(): number {
    return this.#underWay.size;
  }

  /** Runs a slot that was due at `dueAt` of the monotonic clock; `done` is called when its result is known. */
  run(slot: Slot, dueAt: number, done: () => void = () => {}): void {
    const { gate, instruments } = this.#parts;
    if (this.#stopped) return;
    if (slot.busy) {
      instruments.skipped(slot.kind, slot.name);
      done();
      return;
    }
    slot.busy = true;
    if (slot.kind === 'check') gate.enter((leave) => this.#start(slot, dueAt, done, leave));
    else this.#start(slot, dueAt, done, () => {});
  }

  /** Ends all runs under way and starts no more. */
  stop(): void {
    this.#stopped = true;
    this.#parts.gate.clear();
    for (const slot of this.#underWay) slot.run?.cancel();
  }

  /** Forgets a slot that left the config, also where it waits for its turn. */
  withdraw(slot: Slot): void {
    this.#withdrawn.add(slot);
    slot.run?.cancel();
    const { exposition } = this.#parts;
    this.#pageOf(slot).withdraw(keyOf(slot));
    if (slot.kind === 'check') return;
    exposition.page(runsPage).withdraw(slot.name);
    this.#encoders.delete(slot.name);
  }

  #pageOf(slot: Slot): Page {
    const { exposition, pageOf } = this.#parts;
    return exposition.page(pageOf(slot), { distinct: slot.kind === 'check' });
  }

  #start(slot: Slot, dueAt: number, done: () => void, leave: () => void): void {
    const { clock, instruments } = this.#parts;
    if (this.#stopped || this.#withdrawn.has(slot)) {
      done();
      leave();
      return;
    }
    instruments.started(slot.kind, (clock.monotonic() - dueAt) / 1000);
    this.#underWay.add(slot);
    let settled = false;
    const run = startRun(slot, clock, {
      report: (report) => {
        this.#finish(slot, report);
        done();
      },
      settled: () => {
        settled = true;
        slot.busy = false;
        slot.run = undefined;
        this.#underWay.delete(slot);
        leave();
      },
    });
    if (!settled) slot.run = run;
  }

  #finish(slot: Slot, report: RunReport): void {
    const { clock, instruments } = this.#parts;
    const turn = noteRun(slot, report, clock.now());
    if (report.blocks !== undefined) {
      this.#pageOf(slot).publish(keyOf(slot), report.blocks, clock.monotonic() + slot.timing.staleAfterMs);
    }
    if (slot.kind === 'collector') {
      instruments.collectorRan(slot.name, report.result, clock.now() / 1000);
      this.#publishRun(slot.name, report);
    } else instruments.checkRan(report.result);
    if (turn !== undefined) this.#logTurn(slot, report, turn);
  }

  #publishRun(collector: string, report: RunReport): void {
    let encoder = this.#encoders.get(collector);
    if (encoder === undefined) {
      encoder = new Encoder();
      this.#encoders.set(collector, encoder);
    }
    const samples: Sample[] = [
      duration.sample(report.durationSeconds, { collector }),
      success.sample(report.result === 'success' ? 1 : 0, { collector }),
    ];
    this.#parts.exposition.page(runsPage).publish(collector, encoder.encode(samples), Infinity);
  }

  #logTurn(slot: Slot, { result, error }: RunReport, turn: 'failed' | 'recovered'): void {
    const { log } = this.#parts;
    const fields = { [slot.kind]: slot.name };
    if (turn === 'recovered') {
      log.info(fields, slot.kind === 'check' ? 'the target is up again' : 'the collector has recovered');
      return;
    }
    const outcome = slot.kind === 'check' ? slot.check.state?.outcome : undefined;
    if (error === undefined && outcome?.success === false) {
      const { reason, phase, detail } = outcome;
      log.warn({ ...fields, reason, phase, detail }, 'the target is down');
      return;
    }
    // An error that nobody foresaw is a bug: its stack says where.
    const stack = result === 'error' && error instanceof Error && error.name !== 'CollectError' ? { err: error } : {};
    log.error({ ...fields, result, reason: messageOf(error), ...stack }, `the ${slot.kind} fails`);
  }
}
