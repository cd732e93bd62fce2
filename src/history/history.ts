/** What is remembered of the host and of the checks, in memory and within a budget. */
import type { HostChartId } from '../api/types.ts';
import type { Check } from '../checks/check.ts';
import type { FamilyHead, Sample } from '../collector.ts';
import { redactTarget } from '../config/redact.ts';
import type { Tally } from './availability.ts';
import { CheckRows, type NotedRun } from './check-rows.ts';
import { chartsBytes, HostCharts } from './host-charts.ts';
import { fitLayout, isDeepest } from './layout.ts';
import { runCode } from './run-code.ts';
import { type Change, changesBytes, StateChanges } from './state-changes.ts';

const mostPhases = 7;

/** What history has of a check beside its runs and latencies. */
export interface CheckSummary {
  readonly since: { readonly up: boolean; readonly sinceAt: number } | undefined;
  /** 0 where it never ran. */
  readonly lastRunAt: number;
  readonly runCount: number;
  readonly hour: Tally;
  readonly day: Tally;
  readonly week: Tally;
}

/** A row as it was kept on disk. */
export interface KeptRows {
  /** The key of each row. */
  readonly keys: readonly string[];
  readonly rows: CheckRows;
}

/** Whether a family tells the lengths of phases. */
const phaseFamilies = new WeakMap<FamilyHead, boolean>();

function tellsPhases(family: FamilyHead): boolean {
  let known = phaseFamilies.get(family);
  if (known === undefined) {
    known = family.name.endsWith('_duration_seconds') && family.labelNames.includes('phase');
    phaseFamilies.set(family, known);
  }
  return known;
}

/** What a check is known by over reloads and restarts; of its target only what may be shown. */
export function historyKey({ config: { name, target, module } }: Check): string {
  return JSON.stringify([name, module.prober.name, redactTarget(target)]);
}

/** The history of one daemon. */
export class History {
  readonly charts = new HostCharts();
  readonly changes = new StateChanges();
  #budgetBytes: number;
  #rows: CheckRows;
  #rowOf = new Map<Check, number>();
  #placed: readonly Check[] = [];
  #checks = 0;
  #kept: KeptRows | undefined;
  #version = 0;
  // One for all runs.
  readonly #phases = new Float64Array(mostPhases);

  /** A budget of 0 remembers nothing. */
  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
    this.#rows = new CheckRows(fitLayout(0, 0, 1).layout, 0);
  }

  get budgetBytes(): number {
    return this.#budgetBytes;
  }

  get enabled(): boolean {
    return this.#budgetBytes > 0;
  }

  /** What it takes at present. */
  get usedBytes(): number {
    return this.enabled ? this.#rows.byteLength + this.charts.byteLength + changesBytes : 0;
  }

  /** Counts up when the rows are exchanged, as whoever reads them over time must know. */
  get version(): number {
    return this.#version;
  }

  get rows(): CheckRows {
    return this.#rows;
  }

  /** The keys of some rows. */
  keys(from: number, to: number): string[] {
    return this.#placed.slice(from, to).map(historyKey);
  }

  /** Checks that have none, for want of room. */
  get checksWithout(): number {
    return this.enabled ? this.#checks - this.#rows.count : this.#checks;
  }

  /** A sentence where less is kept than could be shown; undefined where all is. */
  get note(): string | undefined {
    if (!this.enabled || this.#checks === 0) return undefined;
    const { layout } = this.#rows;
    if (this.checksWithout > 0) {
      return `history.budget has room for ${this.#rows.count} of ${this.#checks} checks; the others have no history`;
    }
    if (isDeepest(layout)) return undefined;
    const latencies =
      layout.latencyStepMs === 0 ? 'no latencies' : `latencies in steps of ${layout.latencyStepMs / 60_000} minutes`;
    return `with ${this.#checks} checks, history.budget has room for ${layout.runs} runs of each and ${latencies}`;
  }

  /** What was kept of an earlier daemon; to be called before `set`. */
  restore(kept: KeptRows, changes: readonly Change[]): void {
    this.#kept = kept;
    for (const change of changes) this.changes.add(change);
  }

  /** Takes the checks of a config, and another budget. Those that were known before keep their history. */
  set(checks: readonly Check[], budgetBytes = this.#budgetBytes): void {
    this.#budgetBytes = budgetBytes;
    this.#checks = checks.length;
    this.#version += 1;
    const before = this.#kept ?? { keys: this.keys(0, this.#rows.count), rows: this.#rows };
    this.#kept = undefined;
    const known = new Map(before.keys.map((key, row) => [key, row]));
    const bytes = Math.max(0, budgetBytes - chartsBytes - changesBytes);
    const latencyRows = Math.max(1, ...checks.map((check) => 1 + phasesOf(check).length));
    const { layout, rows } = fitLayout(bytes, checks.length, latencyRows);
    const next = new CheckRows(layout, budgetBytes > 0 ? rows : 0);
    const newRowOf = new Map<number, number>();
    this.#placed = checks.slice(0, next.count);
    this.#rowOf = new Map(this.#placed.map((check, row) => [check, row]));
    for (const [row, check] of this.#placed.entries()) {
      const old = known.get(historyKey(check));
      if (old === undefined) continue;
      next.adopt(row, before.rows, old);
      newRowOf.set(old, row);
    }
    this.#rows = next;
    this.changes.renumber((row) => newRowOf.get(row));
  }

  /** Notes the last probe of a check. */
  probed(check: Check, maintenance: boolean): void {
    const row = this.#rowOf.get(check);
    const { state } = check;
    if (row === undefined || state === undefined) return;
    const { outcome, durationSeconds: seconds, endedAt } = state;
    const phases = this.#phases;
    const code = runCode(outcome.success ? undefined : outcome.reason, maintenance);
    const run: NotedRun = { code, endedAt, seconds, phases, phaseCount: this.#readPhases(check, outcome.samples) };
    this.#rows.note(row, run);
    const { up } = check;
    if (up === undefined || this.#rows.state(row)?.up === up) return;
    const first = this.#rows.state(row) === undefined;
    this.#rows.setState(row, up, endedAt);
    if (!first) this.changes.add({ row, at: endedAt, code, up });
  }

  /** Notes the samples of a collector's run; tells which chart has a new point. */
  collected(collector: string, samples: readonly Sample[], endedAt: number): HostChartId | undefined {
    return this.enabled ? this.charts.ran(collector, samples, endedAt) : undefined;
  }

  /** The place of a check; undefined where it has none. */
  rowOf(check: Check): number | undefined {
    return this.#rowOf.get(check);
  }

  /** What is known of a check; undefined where it has no history. */
  summary(check: Check, now: number): CheckSummary | undefined {
    const row = this.#rowOf.get(check);
    if (row === undefined) return undefined;
    const rows = this.#rows;
    return {
      since: rows.state(row),
      lastRunAt: rows.lastRunAt(row),
      runCount: rows.runCount(row),
      hour: rows.tally(row, 0, now),
      day: rows.tally(row, 1, now),
      week: rows.tally(row, 2, now),
    };
  }

  /** The last times that a check turned, oldest first. */
  changesOf(check: Check): Change[] {
    const row = this.#rowOf.get(check);
    return row === undefined ? [] : this.changes.list(row);
  }

  #readPhases(check: Check, samples: readonly Sample[]): number {
    const names = phasesOf(check);
    this.#phases.fill(NaN);
    for (const { family, labels, value } of samples) {
      if (!tellsPhases(family)) continue;
      const index = names.indexOf(labels?.['phase'] ?? '');
      if (index === -1) continue;
      // Of several addresses the slowest.
      const known = this.#phases[index]!;
      this.#phases[index] = Number.isNaN(known) ? value : Math.max(known, value);
    }
    return names.length;
  }
}

/** The phases of a check of which latencies are kept. */
export function phasesOf({ config: { module } }: Check): readonly string[] {
  return module.prober.phases.slice(0, mostPhases);
}
