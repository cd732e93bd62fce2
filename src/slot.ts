/** What the daemon runs on a schedule: a collector or a check, with what is known of its last runs. */
import type { Check } from './checks/check.ts';
import type { Timing } from './config/config.ts';
import { Encoder } from './exposition/encode.ts';
import type { Collector, Samples } from './collector.ts';
import type { Run, Runnable, RunReport, RunResult } from './run.ts';

/** The last run of a slot. */
export interface LastRun {
  readonly result: RunResult;
  readonly durationSeconds: number;
  /** Milliseconds since 1970. */
  readonly endedAt: number;
  readonly error: unknown;
}

interface SlotBase extends Runnable {
  /** Unique among all slots: `collector:cpu`, `check:shop`. */
  readonly id: string;
  readonly timing: Timing;
  /** Set from the start of a run until `collect` has settled. */
  busy: boolean;
  run: Run | undefined;
  last: LastRun | undefined;
  /** Whether the last run failed, or the target was found down; what the log told last. */
  failing: boolean;
  /** Whether the last run that gave samples gave more than it may. */
  overflowing: boolean;
  /** Since when, in milliseconds since 1970; its first run where it never turned. */
  since: number | undefined;
}

/** A collector and its place in time. */
export interface CollectorSlot extends SlotBase {
  readonly kind: 'collector';
  readonly collector: Collector;
  /** Whether it reads the host and nothing else, so that it starts together with all others that do. */
  readonly ofHost: boolean;
}

/** A check and its place in time. */
export interface CheckSlot extends SlotBase {
  readonly kind: 'check';
  readonly check: Check;
}

/** One or the other. */
export type Slot = CollectorSlot | CheckSlot;

const idle = {
  busy: false,
  run: undefined,
  last: undefined,
  failing: false,
  overflowing: false,
  since: undefined,
} as const;

/** A slot for a collector. */
export function collectorSlot(name: string, collector: Collector, timing: Timing, ofHost = false): CollectorSlot {
  return {
    ...idle,
    kind: 'collector',
    id: `collector:${name}`,
    name,
    timing,
    timeoutMs: timing.timeoutMs,
    graceMs: 0,
    encoder: new Encoder({}, timing.maxSeries),
    // A function that declares no parameter cannot heed the signal.
    takesSignal: collector.collect.length > 0,
    collect: (signal: AbortSignal): Samples | Promise<Samples> => collector.collect(signal),
    collector,
    ofHost,
  };
}

// A prober that heeds its deadline needs this long at most to close its sockets and say how far it came.
const probeGraceMs = 250;

/** The id of the slot of a check. */
export function checkId(name: string): string {
  return `check:${name}`;
}

/** A slot for a check. */
export function checkSlot(check: Check): CheckSlot {
  const { config } = check;
  return {
    ...idle,
    kind: 'check',
    id: checkId(config.name),
    name: config.name,
    timing: config,
    timeoutMs: config.timeoutMs,
    graceMs: probeGraceMs,
    encoder: new Encoder({ ...config.labels, check: config.name }, config.maxSeries),
    takesSignal: true,
    collect: (signal: AbortSignal) => check.probe(signal),
    check,
  };
}

/** Hears of runs; it is called for each of them, so it must be quick, and it must not throw. */
export interface RunObserver {
  /** A run has ended, and the slot and its check say so already; `endedAt` in milliseconds since 1970. */
  ran(slot: Slot, report: RunReport, endedAt: number): void;
}

/** Notes a run; tells whether the slot began to fail or recovered with it. */
export function noteRun(slot: Slot, report: RunReport, endedAt: number): 'failed' | 'recovered' | undefined {
  slot.last = { result: report.result, durationSeconds: report.durationSeconds, endedAt, error: report.error };
  const broken = report.result !== 'success' && report.result !== 'no_data';
  const failing = broken || (slot.kind === 'check' && isDown(slot));
  const changed = failing !== slot.failing;
  slot.failing = failing;
  if (changed) slot.since = endedAt;
  else slot.since ??= endedAt;
  return changed ? (failing ? 'failed' : 'recovered') : undefined;
}

/** Whether a check counts as down; as long as its probes have not decided, it counts as what it counted before. */
function isDown({ check, failing }: CheckSlot): boolean {
  return check.up === undefined ? failing : !check.up;
}

/** Ends what a slot keeps open; a check keeps nothing that others do not share. */
export function closeSlot(slot: Slot): void {
  if (slot.kind === 'collector') slot.collector.close?.();
}
