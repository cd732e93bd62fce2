/** The answers of the API, and what of them changed since the last event. */
import { hostname } from 'node:os';
import type { Check } from '../checks/check.ts';
import type { HostState } from '../history/file-format.ts';
import { letterOf, runCode, runCodes } from '../history/run-code.ts';
import type { ReloadResult } from '../reload.ts';
import type { RunReport } from '../run.ts';
import type { SlotObserver } from '../slot-set.ts';
import type { CheckSlot, CollectorSlot, Slot } from '../slot.ts';
import { version } from '../version.ts';
import { checkDetail } from './check-answer.ts';
import { addLive, checkColumns, emptyLive } from './check-columns.ts';
import { collectorStatus } from './collector-status.ts';
import { ColumnsText } from './columns-text.ts';
import { EventFeed } from './event-feed.ts';
import { countSlots, Health } from './health.ts';
import { hostChart, hostCharts, hostFacts } from './host-answer.ts';
import { type ApiSource, checksOf } from './source.ts';
import type {
  AnswerHead,
  CheckAnswer,
  CheckColumns,
  CheckDeltas,
  ChecksAnswer,
  CollectorsAnswer,
  ConfigStatus,
  HistoryStatus,
  HostAnswer,
  HostChartId,
  HostFacts,
  ResetEvent,
  Status,
  StatusAnswer,
  UpdateEvent,
} from './types.ts';

// About a millisecond.
const checksAtOnce = 100;

/** What the API tells of itself. */
export interface ApiListener {
  /** A client of the events was too slow and was dropped. */
  dropped(): void;
}

/** The API of one daemon. It hears of every run; as long as nobody listens, that costs next to nothing. */
export class Api implements SlotObserver {
  readonly feed: EventFeed;
  readonly health: Health;
  readonly #source: ApiSource;
  readonly #startedAt: number;
  #facts: HostFacts | undefined;
  #generation = 0;
  #load: Omit<ConfigStatus, 'file' | 'generation'>;
  #checks: readonly CheckSlot[] = [];
  #indexOf = new Map<Check, number>();

  // Since the last event.
  #awake = false;
  #ranCollectors = new Set<CollectorSlot>();
  /** The letters of the runs of each check that ran or turned, by its index. */
  #ranChecks = new Map<number, string>();
  #drawn = new Map<HostChartId, number>();
  #lastStatus = '';

  constructor(source: ApiSource, listener: ApiListener) {
    const now = source.clock.now();
    this.#source = source;
    this.#startedAt = now;
    this.#load = { loadedAt: now, lastLoadOk: true, lastLoadAt: now, lastLoadError: null };
    this.health = new Health(source);
    const feed = {
      collect: () => this.#collect(),
      reset: () => this.#reset(),
      awake: (awake: boolean) => {
        this.#forget();
        this.#awake = awake;
      },
      dropped: () => listener.dropped(),
    };
    this.feed = new EventFeed(feed, source.clock, now.toString(36));
  }

  ran(slot: Slot, { samples = [] }: RunReport, endedAt: number): void {
    const { history } = this.#source;
    if (slot.kind === 'check') {
      const { check } = slot;
      const { maintenance } = this.#source.conditionOf(check);
      history.probed(check, maintenance);
      if (this.#awake && check.state !== undefined) {
        const { outcome } = check.state;
        this.#touch(check, letterOf(runCode(outcome.success ? undefined : outcome.reason, maintenance)));
      }
      return;
    }
    const chart = samples.length === 0 ? undefined : history.collected(slot.name, samples, endedAt);
    if (!this.#awake) return;
    this.#ranCollectors.add(slot);
    if (chart !== undefined && !this.#drawn.has(chart)) this.#drawn.set(chart, endedAt - 1);
  }

  turned(check: Check): void {
    if (this.#awake) this.#touch(check, '');
  }

  exchanged(slots: readonly Slot[]): void {
    this.#checks = checksOf(slots);
    this.#indexOf = new Map(this.#checks.map(({ check }, index) => [check, index]));
    this.#source.history.set(
      this.#checks.map(({ check }) => check),
      this.#source.config().history.budget,
    );
    this.#generation += 1;
    this.#forget();
    this.feed.reset();
  }

  /** Notes how a load of the config went. */
  loaded(result: ReloadResult): void {
    const now = this.#source.clock.now();
    const loadedAt = result.ok ? now : this.#load.loadedAt;
    this.#load = {
      loadedAt,
      lastLoadOk: result.ok,
      lastLoadAt: now,
      lastLoadError: result.ok ? null : result.reason,
    };
  }

  /** Looks whether all is well; to be called now and then. */
  look(): void {
    this.health.look(countSlots(this.#source.slots(), this.#source));
  }

  /** How the host is, for the next daemon. */
  hostState(): HostState | undefined {
    this.look();
    return this.health.kept;
  }

  status(): StatusAnswer {
    return { ...this.#head(), ...this.#status() };
  }

  collectors(): CollectorsAnswer {
    const slots = this.#source.slots().filter((slot) => slot.kind === 'collector');
    return { ...this.#head(), collectors: slots.map((slot) => collectorStatus(slot, this.#source)) };
  }

  /** The answer as JSON, made bit by bit, so that thousands of checks do not hold up the probes. */
  async checks(offset: number, limit: number): Promise<string> {
    for (;;) {
      const generation = this.#generation;
      const head: Omit<ChecksAnswer, 'checks'> = {
        ...this.#head(),
        total: this.#checks.length,
        offset,
        generation,
        runCodes,
      };
      const end = Math.min(this.#checks.length, offset + limit);
      const columns = new ColumnsText();
      let from = offset;
      do {
        const to = Math.min(end, from + checksAtOnce);
        columns.add(checkColumns(this.#checks.slice(from, to), this.#source));
        from = to;
        if (from < end) await new Promise((resolve) => setImmediate(resolve));
      } while (from < end && generation === this.#generation);
      // After a reload the places are others: from the start.
      if (generation === this.#generation) return `${JSON.stringify(head).slice(0, -1)},"checks":${columns.json()}}`;
    }
  }

  /** The columns of one check; undefined where there is none of the name. */
  oneCheck(name: string): CheckColumns | undefined {
    const slot = this.#checks.find((each) => each.name === name);
    return slot === undefined ? undefined : checkColumns([slot], this.#source);
  }

  /** One check; undefined where there is none of the name. */
  check(name: string): CheckAnswer | undefined {
    const index = this.#checks.findIndex((slot) => slot.name === name);
    const slot = this.#checks[index];
    if (slot === undefined) return undefined;
    return { ...this.#head(), generation: this.#generation, index, ...checkDetail(slot, this.#source) };
  }

  /** The charts of the host, with the points after a moment. */
  host(after: number): HostAnswer {
    const { clock, history } = this.#source;
    const now = clock.now();
    this.#facts ??= hostFacts(now);
    return { ...this.#head(), host: this.#facts, charts: hostCharts(history, after, now) };
  }

  close(): void {
    this.feed.close();
  }

  #head(): AnswerHead {
    return { at: this.#source.clock.now(), event: this.feed.position() };
  }

  #status(): Status {
    const counts = countSlots(this.#source.slots(), this.#source);
    return {
      ...this.health.look(counts),
      version,
      nodeVersion: process.versions.node,
      hostname: hostname(),
      startedAt: this.#startedAt,
      ...counts,
      config: { file: this.#source.config().file ?? null, generation: this.#generation, ...this.#load },
      history: this.#history(),
    };
  }

  #history(): HistoryStatus {
    const { history, directory } = this.#source;
    const { layout } = history.rows;
    return {
      budgetBytes: history.budgetBytes,
      usedBytes: history.usedBytes,
      runsPerCheck: history.enabled ? layout.runs : 0,
      latencyStepSeconds: history.enabled ? layout.latencyStepMs / 1000 : 0,
      checksWithout: history.checksWithout,
      directory: directory() ?? null,
      note: history.note ?? null,
    };
  }

  #touch(check: Check, letters: string): void {
    const index = this.#indexOf.get(check);
    if (index !== undefined) this.#ranChecks.set(index, (this.#ranChecks.get(index) ?? '') + letters);
  }

  #forget(): void {
    this.#ranCollectors.clear();
    this.#ranChecks.clear();
    this.#drawn.clear();
    this.#lastStatus = '';
  }

  #reset(): string {
    const event: ResetEvent = { at: this.#source.clock.now(), generation: this.#generation };
    return JSON.stringify(event);
  }

  #collect(): string | undefined {
    const status = this.#status();
    const statusText = JSON.stringify(status);
    const turned = statusText !== this.#lastStatus;
    if (!turned && this.#ranCollectors.size + this.#ranChecks.size + this.#drawn.size === 0) return undefined;
    const now = this.#source.clock.now();
    const { history } = this.#source;
    const event: UpdateEvent = {
      at: now,
      generation: this.#generation,
      ...(turned ? { status } : {}),
      ...(this.#ranCollectors.size === 0
        ? {}
        : { collectors: [...this.#ranCollectors].map((slot) => collectorStatus(slot, this.#source)) }),
      ...(this.#ranChecks.size === 0 ? {} : { checks: this.#deltas() }),
      ...(this.#drawn.size === 0
        ? {}
        : { host: [...this.#drawn].flatMap(([id, after]) => hostChart(history, id, after, now) ?? []) }),
    };
    this.#forget();
    this.#lastStatus = statusText;
    return JSON.stringify(event);
  }

  #deltas(): CheckDeltas {
    const columns = { index: [] as number[], runs: [] as string[], ...emptyLive() };
    for (const [index, letters] of this.#ranChecks) {
      columns.index.push(index);
      columns.runs.push(letters);
      addLive(columns, this.#checks[index]!, this.#source);
    }
    return columns;
  }
}
