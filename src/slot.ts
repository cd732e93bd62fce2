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

/**
 * What both have. Of a class, and not spread from a common object: V8 gives each copy a shape of its own, and what meets a
 * thousand shapes is no longer fast.
 */
abstract class AnySlot implements Runnable {
  /** Unique among all slots: `collector:cpu`, `check:shop`. */
  readonly id: string;
  readonly name: string;
  readonly timing: Timing;
  readonly timeoutMs: number;
  readonly encoder: Encoder;
  /** Set from the start of a run until `collect` has settled. */
  busy = false;
  run: Run | undefined = undefined;
  last: LastRun | undefined = undefined;
  /** Whether the last run failed, or the target was found down; what the log told last. */
  failing = false;
  /** Whether the last run that gave samples gave more than it may. */
  overflowing = false;
  /** Since when, in milliseconds since 1970; its first run where it never turned. */
  since: number | undefined = undefined;
  abstract readonly graceMs: number;
  abstract readonly takesSignal: boolean;

  constructor(id: string, name: string, timing: Timing, encoder: Encoder) {
    this.id = id;
    this.name = name;
    this.timing = timing;
    this.timeoutMs = timing.timeoutMs;
    this.encoder = encoder;
  }

  abstract collect(signal: AbortSignal): Samples | Promise<Samples>;
}

/** A collector and its place in time. */
export class CollectorSlot extends AnySlot {
  readonly kind = 'collector';
  readonly graceMs = 0;
  readonly takesSignal: boolean;
  readonly collector: Collector;
  /** Whether it reads the host and nothing else, so that it starts together with all others that do. */
  readonly ofHost: boolean;

  constructor(name: string, collector: Collector, timing: Timing, ofHost = false) {
    super(`collector:${name}`, name, timing, new Encoder({}, timing.maxSeries));
    // A function that declares no parameter cannot heed the signal.
    this.takesSignal = collector.collect.length > 0;
    this.collector = collector;
    this.ofHost = ofHost;
  }

  collect(signal: AbortSignal): Samples | Promise<Samples> {
    return this.collector.collect(signal);
  }
}

// A prober that heeds its deadline needs this long at most to close its sockets and say how far it came.
const probeGraceMs = 250;

/** The id of the slot of a check. */
export function checkId(name: string): string {
  return `check:${name}`;
}

/** A check and its place in time. */
export class CheckSlot extends AnySlot {
  readonly kind = 'check';
  readonly graceMs = probeGraceMs;
  readonly takesSignal = true;
  readonly check: Check;

  constructor(check: Check) {
    const { config } = check;
    const encoder = new Encoder({ ...config.labels, check: config.name }, config.maxSeries);
    super(checkId(config.name), config.name, config, encoder);
    this.check = check;
  }

  collect(signal: AbortSignal): Promise<Samples> {
    return this.check.probe(signal);
  }
}

/** One or the other. */
export type Slot = CollectorSlot | CheckSlot;

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
