/**
 * Cron expressions to runs. Slots that share an expression share one ticker, as one for each of 10,000 checks would cost a
 * tenth of a core; behind each tick one timer walks through the slots in the order of their offsets.
 */
import type { Clock, Timer } from '../clock.ts';
import { watchForJumps } from './jump.ts';
import { type Place, type Placed, placesOf, type Spreading } from './offsets.ts';
import { Ticker } from './ticker.ts';

/** What is scheduled: a name, when, and what to call. */
export interface Scheduled extends Placed {
  /** Called at each tick plus the slot's offset; `dueAt` is that moment on the monotonic clock. */
  run(dueAt: number): void;
}

/** What the scheduler tells of itself. */
export interface ScheduleListener {
  /** The wall clock jumped by so many milliseconds (backwards if negative); all tickers were made anew. */
  jumped(byMs: number): void;
  /** A moment passed without a tick; that of a later one follows. */
  missed(expression: string): void;
  /** What a slot threw instead of starting. */
  failed(slot: string, error: unknown): void;
}

/** Settings of a scheduler. */
export interface SchedulerOptions extends Spreading {
  readonly clock: Clock;
  /** An IANA name such as `Europe/Vienna`; `UTC` unless the config names another. */
  readonly timezone: string;
  readonly listener: ScheduleListener;
}

/** A slot of a group. */
interface Member extends Place<Scheduled> {
  /** Whether the walk under way has yet to start it. */
  isToCome: boolean;
}

/** The slots of one expression. */
class Group {
  readonly expression: string;
  readonly #options: SchedulerOptions;
  #members: readonly Member[] = [];
  /** Where each member is, by its name; made when it is first asked for. */
  #places: Map<string, number> | undefined;
  /** The tick to come, in milliseconds since 1970; to ask for it may cost more than a probe. */
  #nextTick: number | undefined;
  #ticker: Ticker | undefined;
  #timer: Timer | undefined;
  /** The walk under way: the moment of its tick on the monotonic clock, and a place that nobody to come stands before. */
  #tickAt = 0;
  #position = 0;
  readonly #ticked: () => void;

  constructor(expression: string, options: SchedulerOptions, ticked: () => void) {
    this.expression = expression;
    this.#options = options;
    this.#ticked = ticked;
  }

  /** The longest pause between two ticks, in milliseconds. */
  get periodMs(): number {
    return Math.min(...this.#members.map(({ slot }) => slot.schedule.periodMs));
  }

  /**
   * Replaces the members. A walk under way goes on with those that it has not reached: others may have moved them to before
   * this moment, or those that it has started to after it.
   */
  set members(slots: readonly Scheduled[]) {
    const before = new Map(this.#members.map(({ slot, isToCome }) => [slot.name, isToCome]));
    const isWalking = this.#members.some(({ isToCome }) => isToCome);
    const elapsed = this.#options.clock.monotonic() - this.#tickAt;
    this.#members = placesOf(slots, this.#options).map(({ slot, offset }) => ({
      slot,
      offset,
      isToCome: before.get(slot.name) ?? (isWalking && offset > elapsed),
    }));
    this.#places = undefined;
    this.#position = 0;
    if (this.#timer !== undefined) this.#arm();
  }

  /** Starts to tick; where it ticks already, makes the ticker anew, and a walk under way goes on. */
  start(): void {
    const { listener, timezone, clock } = this.#options;
    this.#ticker?.stop();
    this.#ticker = new Ticker(this.expression, timezone, clock, {
      tick: (lateMs) => this.#tick(lateMs),
      missed: () => listener.missed(this.expression),
    });
    this.#nextTick = undefined;
  }

  stop(): void {
    this.#ticker?.stop();
    this.#ticker = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const member of this.#members) member.isToCome = false;
  }

  /** How long after each tick a member starts, in milliseconds; undefined where there is none of that name. */
  offsetOf(name: string): number | undefined {
    return this.#members[this.#placeOf(name) ?? -1]?.offset;
  }

  #placeOf(name: string): number | undefined {
    this.#places ??= new Map(this.#members.map(({ slot }, place) => [slot.name, place]));
    return this.#places.get(name);
  }

  /** When a member starts next, as milliseconds since 1970; undefined while nothing ticks. */
  nextRun(name: string): number | undefined {
    const index = this.#placeOf(name);
    const { clock } = this.#options;
    if (this.#nextTick === undefined || this.#nextTick <= clock.now()) this.#nextTick = this.#ticker?.next(1)[0];
    const tick = this.#nextTick;
    if (index === undefined || tick === undefined || this.#ticker === undefined) return undefined;
    const { offset, isToCome } = this.#members[index]!;
    return isToCome ? Math.round(clock.now() + this.#tickAt + offset - clock.monotonic()) : tick + offset;
  }

  #tick(lateMs: number): void {
    this.#ticked();
    // Whom the last walk should have reached by now; the others, after a jump, are reached by the new one.
    this.#runDue();
    this.#tickAt = this.#options.clock.monotonic() - lateMs;
    this.#position = 0;
    for (const member of this.#members) member.isToCome = true;
    this.#walk();
  }

  #walk(): void {
    this.#runDue();
    this.#arm();
  }

  #runDue(): void {
    const now = this.#options.clock.monotonic();
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const dueAt = this.#tickAt + next.offset;
      if (dueAt > now) break;
      next.isToCome = false;
      try {
        next.slot.run(dueAt);
      } catch (error) {
        this.#options.listener.failed(next.slot.name, error);
      }
    }
  }

  /** The member that comes next in the walk under way. */
  #next(): Member | undefined {
    while (this.#members[this.#position]?.isToCome === false) this.#position += 1;
    return this.#members[this.#position];
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const next = this.#next();
    if (next === undefined) return;
    const { clock } = this.#options;
    this.#timer = clock.after(Math.max(0, this.#tickAt + next.offset - clock.monotonic()), () => this.#walk());
  }
}

/** Runs slots at the moments of their schedules. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #groups = new Map<string, Group>();
  #guard: Timer | undefined;
  #lastTickAt: number;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#lastTickAt = options.clock.monotonic();
  }

  /** Replaces the slots. Expressions that stay keep their ticker, and slots that stay their place in time. */
  set(slots: readonly Scheduled[]): void {
    const byExpression = groupBy(slots);
    for (const [expression, group] of this.#groups) {
      if (byExpression.has(expression)) continue;
      group.stop();
      this.#groups.delete(expression);
    }
    for (const [expression, members] of byExpression) {
      const known = this.#groups.get(expression);
      const group = known ?? new Group(expression, this.#options, () => this.#noteTick());
      group.members = members;
      if (known !== undefined) continue;
      this.#groups.set(expression, group);
      if (this.#guard !== undefined) group.start();
    }
  }

  /** Starts to tick; the first tick of a slot is the next moment of its schedule. */
  start(): void {
    const { clock, listener } = this.#options;
    this.#noteTick();
    for (const group of this.#groups.values()) group.start();
    this.#guard = watchForJumps(clock, (byMs) => {
      for (const group of this.#groups.values()) group.start();
      listener.jumped(byMs);
    });
  }

  /** Stops to tick. Runs under way are not its concern. */
  stop(): void {
    this.#guard?.cancel();
    this.#guard = undefined;
    for (const group of this.#groups.values()) group.stop();
  }

  /**
   * For how long nothing ticked beyond the longest pause of the most frequent schedule, in milliseconds; negative while
   * all is well. A watchdog asks this, so it is of the monotonic clock.
   */
  overdueMs(): number {
    const longestPause = Math.min(...[...this.#groups.values()].map(({ periodMs }) => periodMs));
    return this.#options.clock.monotonic() - this.#lastTickAt - longestPause;
  }

  #noteTick(): void {
    this.#lastTickAt = this.#options.clock.monotonic();
  }

  /** How long after each tick a slot starts, in milliseconds; undefined where it is not known. */
  offsetOf(slot: Pick<Scheduled, 'name' | 'schedule'>): number | undefined {
    return this.#groups.get(slot.schedule.expression)?.offsetOf(slot.name);
  }

  /** When a slot starts next, as milliseconds since 1970; undefined while the scheduler stands still. */
  nextRun(slot: Pick<Scheduled, 'name' | 'schedule'>): number | undefined {
    return this.#groups.get(slot.schedule.expression)?.nextRun(slot.name);
  }
}

function groupBy(slots: readonly Scheduled[]): Map<string, Scheduled[]> {
  const groups = new Map<string, Scheduled[]>();
  for (const slot of slots) {
    const group = groups.get(slot.schedule.expression);
    if (group === undefined) groups.set(slot.schedule.expression, [slot]);
    else group.push(slot);
  }
  return groups;
}
