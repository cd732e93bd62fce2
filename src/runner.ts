/**
 * Runs slots when they are due: never two runs of a slot at once, probes through a gate, and every result counted,
 * logged once when it turns, and published.
 */
import { BlockingWatch } from './blocking-watch.ts';
import type { CheckStates } from './checks/states.ts';
import type { Clock } from './clock.ts';
import { gauge, type KeptSample, type Sample } from './collector.ts';
import { messageOf } from './errors.ts';
import { Encoder } from './exposition/encode.ts';
import type { Block } from './exposition/format.ts';
import type { Exposition } from './exposition/exposition.ts';
import type { Page } from './exposition/page.ts';
import type { Instruments } from './instruments.ts';
import type { Logger } from './log.ts';
import { type RunReport, startRun } from './run.ts';
import type { Gate } from './schedule/gate.ts';
import { type CheckSlot, closeSlot, type CollectorSlot, noteRun, type RunObserver, type Slot } from './slot.ts';

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
  /** Told of every probe of a check. */
  readonly states?: CheckStates;
  readonly observer?: RunObserver | undefined;
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

/** What is served of the last run of a collector. */
class LastRunOf {
  readonly encoder = new Encoder();
  readonly #duration: KeptSample;
  readonly #success: KeptSample;
  readonly #samples: readonly Sample[];

  constructor(collector: string) {
    this.#duration = duration.kept({ collector });
    this.#success = success.kept({ collector });
    this.#samples = [this.#duration, this.#success];
  }

  /** The same ones each time, with new values. */
  samples({ durationSeconds, result }: RunReport): readonly Sample[] {
    this.#duration.value = durationSeconds;
    this.#success.value = result === 'success' ? 1 : 0;
    return this.#samples;
  }
}

/** Runs slots. */
export class Runner {
  readonly #parts: RunnerParts;
  /** By the name of the collector. */
  readonly #lastRuns = new Map<string, LastRunOf>();
  readonly #underWay = new Set<Slot>();
  readonly #withdrawn = new WeakSet<Slot>();
  /** The pages on which slots that were replaced are still served, by the id of the slot. */
  readonly #leftBehind = new Map<string, Set<string>>();
  /** What starts the slot that stands in the place of one whose run under way has not settled. */
  readonly #heirs = new Map<Slot, () => void>();
  readonly #blocking: BlockingWatch;
  readonly #namedAsBlocking = new Set<string>();
  #stopped = false;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#blocking = new BlockingWatch(parts.clock, (collector, ms) => this.#noteBlocking(collector, ms / 1000));
  }

  /** How many slots have not settled. */
  get busy(): number {
    return this.#underWay.size;
  }

  /** Runs a slot that was due at `dueAt` of the monotonic clock; `done` is called when its result is known. */
  run(slot: Slot, dueAt: number, done: () => void = () => {}): void {
    const { gate, instruments } = this.#parts;
    if (this.#stopped || this.#withdrawn.has(slot)) return;
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

  /** Publishes what can be said of a slot before it has run. */
  announce(slot: Slot): void {
    if (slot.kind === 'check') this.#publish(slot, slot.encoder.encode(slot.check.beforehand()), Infinity);
  }

  /** Ends a slot that left the config, and its series, also where it waits for its turn. */
  withdraw(slot: Slot): void {
    this.#end(slot);
    this.#clearBehind(slot);
    this.#endSeries(slot, this.#parts.pageOf(slot));
    if (slot.kind === 'check') return;
    this.#parts.exposition.page(runsPage).withdraw(slot.name);
    this.#lastRuns.delete(slot.name);
    this.#namedAsBlocking.delete(slot.name);
  }

  /**
   * Puts a slot in the place of one of the same name. What the old one gave is served until the new one has run, so that
   * no scrape comes in between. The new one runs when the old one has settled: never two at once.
   */
  replace(slot: Slot, by: Slot, dueAt: number): void {
    const waits = slot.busy;
    this.#end(slot);
    const pages = this.#leftBehind.get(slot.id) ?? new Set();
    this.#leftBehind.set(slot.id, pages.add(this.#parts.pageOf(slot)));
    const start = (): void =>
      this.run(by, dueAt, () => {
        if (!this.#withdrawn.has(by)) this.#clearBehind(by);
      });
    if (!waits) {
      start();
      return;
    }
    by.busy = true;
    this.#heirs.set(slot, () => {
      if (this.#withdrawn.has(by)) this.#settle(by);
      else {
        by.busy = false;
        start();
      }
    });
  }

  /** Ends a slot; what it keeps open is closed once its run under way has settled. */
  #end(slot: Slot): void {
    this.#withdrawn.add(slot);
    slot.run?.cancel();
    if (!slot.busy) closeSlot(slot);
  }

  /** Ends the series that slots in whose place this one stands have on other pages. */
  #clearBehind(slot: Slot): void {
    const own = this.#parts.pageOf(slot);
    for (const name of this.#leftBehind.get(slot.id) ?? []) if (name !== own) this.#endSeries(slot, name);
    this.#leftBehind.delete(slot.id);
  }

  #endSeries(slot: Slot, pageName: string): void {
    const page = this.#parts.exposition.page(pageName, { distinct: slot.kind === 'check' });
    page.withdraw(keyOf(slot));
    if (page.size === 0) this.#parts.exposition.remove(pageName);
  }

  #pageOf(slot: Slot): Page {
    const { exposition, pageOf } = this.#parts;
    return exposition.page(pageOf(slot), { distinct: slot.kind === 'check' });
  }

  #start(slot: Slot, dueAt: number, done: () => void, leave: () => void): void {
    const { clock, instruments } = this.#parts;
    if (this.#stopped || this.#withdrawn.has(slot)) {
      this.#settle(slot);
      done();
      leave();
      return;
    }
    instruments.started(slot.kind, (clock.monotonic() - dueAt) / 1000);
    this.#underWay.add(slot);
    let settled = false;
    if (slot.kind === 'check') this.#blocking.probeBegan();
    const run = startRun(slot, clock, {
      report: (report) => {
        this.#finish(slot, report);
        done();
      },
      settled: () => {
        settled = true;
        if (slot.kind === 'collector') this.#blocking.settled(slot.name);
        else this.#blocking.probeEnded();
        this.#settle(slot);
        leave();
      },
      held: (ms) => {
        if (slot.kind === 'collector') this.#blocking.measured(slot.name, ms);
      },
    });
    if (settled) return;
    slot.run = run;
    if (slot.kind === 'collector') this.#blocking.waits(slot.name);
  }

  #settle(slot: Slot): void {
    slot.busy = false;
    slot.run = undefined;
    this.#underWay.delete(slot);
    if (this.#withdrawn.has(slot)) closeSlot(slot);
    const heir = this.#heirs.get(slot);
    this.#heirs.delete(slot);
    heir?.();
  }

  #publish(slot: Slot, blocks: readonly Block[], expiresAt: number): void {
    this.#pageOf(slot).publish(keyOf(slot), blocks, expiresAt);
  }

  #finish(slot: Slot, report: RunReport): void {
    const { clock, instruments, states, observer } = this.#parts;
    const blocks = report.blocks ?? (slot.kind === 'check' ? givenUp(slot, report) : undefined);
    const endedAt = clock.now();
    const turn = noteRun(slot, report, endedAt);
    if (blocks !== undefined) this.#publish(slot, blocks, clock.monotonic() + slot.timing.staleAfterMs);
    if (slot.kind === 'check') states?.probed(slot.check, endedAt);
    if (slot.kind === 'collector') {
      instruments.collectorRan(slot.name, report.result, endedAt / 1000);
      this.#publishRun(slot, report);
    } else instruments.checkRan(report.result);
    observer?.ran(slot, report, endedAt);
    if (turn !== undefined) this.#logTurn(slot, report, turn);
    if (report.dropped !== undefined) this.#noteDropped(slot, report.dropped);
  }

  #noteDropped(slot: Slot, dropped: number): void {
    const { instruments, log } = this.#parts;
    if (dropped > 0) instruments.dropped(slot.kind, slot.name, dropped);
    if (dropped > 0 === slot.overflowing) return;
    slot.overflowing = dropped > 0;
    const fields = { [slot.kind]: slot.name, max_series: slot.timing.maxSeries };
    if (dropped > 0) log.warn({ ...fields, dropped }, 'series are left out: there are more than max_series');
    else log.info(fields, 'no series is left out any more');
  }

  #noteBlocking(collector: string, seconds: number): void {
    this.#parts.instruments.blocked(collector, seconds);
    if (this.#namedAsBlocking.has(collector)) return;
    this.#namedAsBlocking.add(collector);
    this.#parts.log.warn(
      { collector, seconds: Number(seconds.toFixed(3)) },
      'the collector blocks everything else while it runs',
    );
  }

  #publishRun({ name: collector, collector: made }: CollectorSlot, report: RunReport): void {
    let last = this.#lastRuns.get(collector);
    if (last === undefined) this.#lastRuns.set(collector, (last = new LastRunOf(collector)));
    const ofTheRun = last.samples(report);
    let blocks: readonly Block[];
    try {
      const about = made.about?.();
      blocks = last.encoder.encode(about === undefined ? ofTheRun : [...ofTheRun, ...about]);
    } catch (error) {
      this.#parts.log.error({ collector, reason: messageOf(error) }, 'what the collector says of itself is left out');
      blocks = last.encoder.encode(ofTheRun);
    }
    this.#parts.exposition.page(runsPage).publish(collector, blocks, Infinity);
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
      const { states, clock } = this.#parts;
      const expected = slot.kind === 'check' && states?.isSuppressed(slot.check, clock.now()) === true;
      if (expected) log.info({ ...fields, reason, phase, detail, suppressed: true }, 'the target is down');
      else log.warn({ ...fields, reason, phase, detail }, 'the target is down');
      return;
    }
    // An error that nobody foresaw is a bug: its stack says where.
    const stack = result === 'error' && error instanceof Error && error.name !== 'CollectError' ? { err: error } : {};
    log.error({ ...fields, result, reason: messageOf(error), ...stack }, `the ${slot.kind} fails`);
  }
}

/** What to serve of a check whose run gave nothing that can be served. */
function givenUp({ check, encoder }: CheckSlot, { result, durationSeconds }: RunReport): readonly Block[] {
  return encoder.encode(check.giveUp(result === 'timeout' ? 'timeout' : 'config', durationSeconds));
}
