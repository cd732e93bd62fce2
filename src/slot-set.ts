/** The slots of the config in force, and what runs them; from one config to the next they change as a whole. */
import { CheckPages } from './check-pages.ts';
import type { Check } from './checks/check.ts';
import { CheckStates, type Condition } from './checks/states.ts';
import type { Clock } from './clock.ts';
import type { Config, ModuleConfig } from './config/config.ts';
import type { Exposition } from './exposition/exposition.ts';
import { InstrumentSets } from './instrument-sets.ts';
import type { Instruments } from './instruments.ts';
import { ProcessKeeper } from './isolation/keeper.ts';
import type { Logger } from './log.ts';
import type { Prober } from './prober.ts';
import { Probers } from './probers.ts';
import { Runner } from './runner.ts';
import { Gate } from './schedule/gate.ts';
import type { Scheduled } from './schedule/scheduler.ts';
import { SlotPlanner, type SlotPlan } from './slot-plan.ts';
import { checkId, closeSlot, type RunObserver, type Slot } from './slot.ts';
import type { System } from './system/index.ts';

/** Where the slots' results go. */
export interface SlotSetParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly exposition: Exposition;
  readonly instruments: Instruments;
  readonly observer?: SlotObserver;
}

/** Hears what becomes of slots. */
export interface SlotObserver extends RunObserver {
  /** A check counts as up or down now, or is to be read with care, or no longer. */
  turned(check: Check): void;
  /** These slots are in force from now on; none of those that came has run. */
  exchanged(slots: readonly Slot[]): void;
}

/** Slots that were made for a config and wait for the rest of it. */
export interface Prepared {
  /** Puts them in force; cannot fail. */
  commit(): void;
  /** Closes what was made. */
  discard(): void;
}

/** All slots. */
export class SlotSet {
  readonly gate: Gate;
  readonly #parts: SlotSetParts;
  readonly #instrumentSets: InstrumentSets;
  readonly #keeper: ProcessKeeper;
  readonly #probers: Probers;
  readonly #states: CheckStates;
  readonly #runner: Runner;
  readonly #planner = new SlotPlanner();
  readonly #checkPages: CheckPages;
  #config: Config;
  #slots: readonly Slot[] = [];

  constructor(config: Config, parts: SlotSetParts) {
    const { clock, log, exposition, instruments, observer } = parts;
    this.#config = config;
    this.#parts = parts;
    this.#checkPages = new CheckPages(config.scheduling.spread);
    this.gate = new Gate(config.scheduling.probe_concurrency);
    this.#instrumentSets = new InstrumentSets(instruments, exposition, config.registry);
    this.#keeper = new ProcessKeeper(clock);
    this.#probers = new Probers({ clock, log, instrumentSets: this.#instrumentSets });
    const statesPage = exposition.page('check states', { distinct: true });
    this.#states = new CheckStates(
      statesPage,
      ({ config: { name } }) => checkId(name),
      (check) => observer?.turned(check),
    );
    this.#runner = new Runner({
      ...parts,
      gate: this.gate,
      states: this.#states,
      pageOf: (slot) => this.#pageOf(slot),
    });
  }

  /** What runs. */
  get all(): readonly Slot[] {
    return this.#slots;
  }

  /** Those of one kind. */
  ofKind(kind: Slot['kind']): Slot[] {
    return this.#slots.filter((slot) => slot.kind === kind);
  }

  /** How many have not settled. */
  get busy(): number {
    return this.#runner.busy;
  }

  /** For the schedule. */
  scheduled(): Scheduled[] {
    return this.#slots.map((slot) => ({
      name: slot.id,
      schedule: slot.timing.schedule,
      together: slot.kind === 'collector' && slot.ofHost,
      run: (dueAt: number) => this.#runner.run(slot, dueAt),
    }));
  }

  /** The prober of a module of the config in force. */
  proberOf(module: ModuleConfig): Prober {
    return this.#probers.of(module);
  }

  /** Why what a check says is to be read with care. */
  conditionOf(check: Check): Condition {
    return this.#states.conditionOf(check, this.#parts.clock.now());
  }

  /** Whether each of the maintenance windows of a check is open. */
  openWindows(check: Check): boolean[] {
    return this.#states.openWindows(check, this.#parts.clock.now());
  }

  /** The names of the checks that depend on one. */
  dependentsOf(check: Check): ReadonlySet<string> {
    return this.#states.dependentsOf(check);
  }

  /** Makes the slots of the first config; they are known, but none has run. */
  begin(system: System): void {
    const { slots, added } = this.#plan(this.#config, system);
    this.#slots = slots;
    this.#parts.observer?.exchanged(slots);
    for (const slot of added) this.#introduce(slot);
    this.#setStates();
  }

  /** Runs some slots now; `done` is called for each when its result is known. */
  runNow(slots: readonly Slot[], done: () => void): void {
    for (const slot of slots) this.#runner.run(slot, this.#parts.clock.monotonic(), done);
  }

  /** Makes what a new config adds; throws where that cannot be, with everything as before. */
  prepare(next: Config, system: System): Prepared {
    this.#probers.adopt(next.modules, this.#config.modules);
    this.#instrumentSets.registry = next.registry;
    let plan: SlotPlan;
    try {
      plan = this.#plan(next, system);
    } catch (error) {
      this.#keepOld();
      throw error;
    }
    return {
      commit: () => {
        this.#config = next;
        this.#checkPages.spread = next.scheduling.spread;
        this.#slots = plan.slots;
        this.#parts.observer?.exchanged(plan.slots);
        this.#keepProbers();
        this.gate.places = next.scheduling.probe_concurrency;
        this.#exchange(plan);
      },
      discard: () => {
        for (const slot of plan.added) closeSlot(slot);
        this.#keepOld();
      },
    };
  }

  /** Lets the windows of maintenance open and close. */
  tick(): void {
    this.#states.tick(this.#parts.clock.now());
  }

  /** Serves what collectors and probers counted by hand. */
  publishInstruments(): Promise<void> {
    return this.#instrumentSets.publish();
  }

  /** Ends all runs under way and starts no more. */
  stop(): void {
    this.#runner.stop();
  }

  /** Ends what the slots keep open. */
  close(): void {
    for (const slot of this.#slots) closeSlot(slot);
    this.#keeper.close();
    this.#probers.keep([]);
  }

  #plan(config: Config, system: System): SlotPlan {
    const { clock, log } = this.#parts;
    const tools = {
      system,
      clock,
      log,
      probers: this.#probers,
      instrumentSets: this.#instrumentSets,
      keeper: this.#keeper,
    };
    return this.#planner.plan(config, this.#slots, tools);
  }

  #introduce(slot: Slot): void {
    if (slot.kind === 'collector') this.#parts.instruments.knowCollector(slot.name);
    this.#runner.announce(slot);
  }

  /** Ends the slots that vanished, and runs those that came once. */
  #exchange({ added, removed }: SlotPlan): void {
    const came = new Map(added.map((slot) => [slot.id, slot]));
    const now = this.#parts.clock.monotonic();
    for (const slot of removed) {
      const heir = came.get(slot.id);
      came.delete(slot.id);
      if (heir !== undefined) this.#runner.replace(slot, heir, now);
      else {
        this.#runner.withdraw(slot);
        if (slot.kind === 'collector') this.#parts.instruments.forgetCollector(slot.name);
      }
      if (slot.kind === 'check') this.#checkPages.leave(slot);
    }
    for (const slot of came.values()) {
      this.#introduce(slot);
      this.#runner.run(slot, now);
    }
    this.#setStates();
  }

  /** Goes on with the config in force. */
  #keepOld(): void {
    this.#instrumentSets.registry = this.#config.registry;
    this.#keepProbers();
  }

  #keepProbers(): void {
    const ofChecks = this.#slots.flatMap((slot) => (slot.kind === 'check' ? [slot.check.config.module] : []));
    this.#probers.keep([...this.#config.modules.values(), ...ofChecks]);
  }

  #setStates(): void {
    const checks = this.#slots.flatMap((slot) => (slot.kind === 'check' ? [slot.check] : []));
    this.#states.set(checks, this.#parts.clock.now());
  }

  /** A collector has a page of its own. */
  #pageOf(slot: Slot): string {
    return slot.kind === 'collector' ? slot.name : this.#checkPages.of(slot);
  }
}
