/** From one config to the next: which slots stay as they are, which come and which go. */
import { Check } from './checks/check.ts';
import type { Clock } from './clock.ts';
import { type CheckConfig, type CollectorConfig, type Config, isOfHost } from './config/config.ts';
import { sameValue } from './config/same.ts';
import type { InstrumentSets } from './instrument-sets.ts';
import type { ProcessKeeper } from './isolation/keeper.ts';
import type { Logger } from './log.ts';
import { makeCollector } from './make-collector.ts';
import type { Probers } from './probers.ts';
import { checkId, CheckSlot, closeSlot, CollectorSlot, type Slot } from './slot.ts';
import type { System } from './system/index.ts';

/** What slots are made with. */
export interface SlotTools {
  readonly system: System;
  readonly clock: Clock;
  readonly log: Logger;
  readonly probers: Probers;
  readonly instrumentSets: InstrumentSets;
  readonly keeper: ProcessKeeper;
}

/** The slots of a config, and what differs from those before. */
export interface SlotPlan {
  readonly slots: readonly Slot[];
  readonly added: readonly Slot[];
  readonly removed: readonly Slot[];
}

/** Makes slots, and knows from which config it made them. */
export class SlotPlanner {
  readonly #configs = new WeakMap<CollectorSlot, { config: CollectorConfig; system: System }>();

  /**
   * The slots of a config. One whose definition, options, timing, labels and module did not change is taken over with
   * all that it knows. Where a collector or a prober cannot be made, those made so far are closed and it throws.
   */
  plan(config: Config, before: readonly Slot[], tools: SlotTools): SlotPlan {
    const known = new Map(before.map((slot) => [slot.id, slot]));
    const added: Slot[] = [];
    const slots: Slot[] = [];
    const take = (kept: Slot | undefined, make: () => Slot): void => {
      const slot = kept ?? make();
      slots.push(slot);
      if (kept === undefined) added.push(slot);
      else known.delete(slot.id);
    };
    try {
      for (const collector of config.collectors) {
        const old = known.get(`collector:${collector.name}`);
        take(this.#keptCollector(old, collector, tools), () => this.#makeCollector(collector, tools));
      }
      for (const check of config.checks) {
        const old = known.get(checkId(check.name));
        take(keptCheck(old, check, tools.probers), () => {
          const module = tools.probers.known(check.module);
          return new CheckSlot(new Check({ ...check, module }, tools.probers.of(module), tools.clock));
        });
      }
    } catch (error) {
      for (const slot of added) closeSlot(slot);
      throw error;
    }
    return { slots, added, removed: [...known.values()] };
  }

  #keptCollector(old: Slot | undefined, config: CollectorConfig, { system }: SlotTools): CollectorSlot | undefined {
    if (old?.kind !== 'collector') return undefined;
    const made = this.#configs.get(old);
    return made !== undefined && made.system === system && sameValue(made.config, config) ? old : undefined;
  }

  #makeCollector(config: CollectorConfig, tools: SlotTools): CollectorSlot {
    const slot = new CollectorSlot(config.name, makeCollector(config, tools), config, isOfHost(config));
    this.#configs.set(slot, { config, system: tools.system });
    return slot;
  }
}

function keptCheck(old: Slot | undefined, config: CheckConfig, probers: Probers): CheckSlot | undefined {
  if (old?.kind !== 'check') return undefined;
  // Modules are large and shared by many checks: compare them by what was found out once.
  const { module, ...rest } = config;
  const { module: oldModule, ...oldRest } = old.check.config;
  const sameModule = probers.known(module) === oldModule || sameValue(module, oldModule);
  return sameModule && sameValue(rest, oldRest) ? old : undefined;
}
