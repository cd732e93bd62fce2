/** Probers at work, one for each module: checks that share a module share what it keeps, such as certificates read from files. */
import type { Clock } from './clock.ts';
import type { ModuleConfig } from './config/config.ts';
import { sameValue } from './config/same.ts';
import { messageOf } from './errors.ts';
import type { InstrumentSets } from './instrument-sets.ts';
import type { InstrumentSet } from './instrument-set.ts';
import type { Logger } from './log.ts';
import type { AnyProber, Prober, ProberContext } from './prober.ts';

/** What probers are made with. */
export interface ProberTools {
  readonly clock: Clock;
  readonly log: Logger;
  readonly instrumentSets: InstrumentSets;
}

/** What the probers of one definition share. */
interface Shared {
  readonly context: ProberContext;
  instruments: InstrumentSet | undefined;
}

/** The probers of a daemon, over its reloads. */
export class Probers {
  readonly #tools: ProberTools;
  readonly #made = new Map<ModuleConfig, Prober>();
  readonly #shared = new Map<AnyProber, Shared>();
  /** Modules of a new config that mean the same as one that is known. */
  #aliases = new Map<ModuleConfig, ModuleConfig>();

  constructor(tools: ProberTools) {
    this.#tools = tools;
  }

  /** The prober of a module, made when it is first asked for. */
  of(module: ModuleConfig): Prober {
    const known = this.known(module);
    let prober = this.#made.get(known);
    if (prober === undefined) {
      prober = this.#make(known);
      this.#made.set(known, prober);
    }
    return prober;
  }

  /** The module that stands for this one: itself, or the same module of the config before. */
  known(module: ModuleConfig): ModuleConfig {
    return this.#aliases.get(module) ?? module;
  }

  /** Lets the modules of a new config share the probers of those that mean the same in the one before. */
  adopt(next: ReadonlyMap<string, ModuleConfig>, before: ReadonlyMap<string, ModuleConfig>): void {
    const aliases = new Map<ModuleConfig, ModuleConfig>();
    for (const [name, module] of next) {
      const old = before.get(name);
      if (old !== undefined && sameValue(old, module)) aliases.set(module, this.known(old));
    }
    for (const [alias, module] of this.#aliases) aliases.set(alias, module);
    this.#aliases = aliases;
  }

  /** Ends the probers whose module nobody uses any more. */
  keep(modules: Iterable<ModuleConfig>): void {
    const used = new Set<ModuleConfig>();
    const aliases = new Map<ModuleConfig, ModuleConfig>();
    for (const module of modules) {
      const known = this.known(module);
      used.add(known);
      if (known !== module) aliases.set(module, known);
    }
    this.#aliases = aliases;
    for (const [module, prober] of this.#made) {
      if (used.has(module)) continue;
      this.#made.delete(module);
      try {
        prober.close?.();
      } catch (error) {
        this.#tools.log.error({ err: error, module: module.name }, 'the prober did not close');
      }
    }
    this.#endUnused();
  }

  #make({ name, prober, options }: ModuleConfig): Prober {
    const { plugin } = prober;
    try {
      const made = prober.create(options as never, this.#contextOf(prober));
      if (typeof made?.probe !== 'function') throw new Error('create returned nothing that can probe');
      return made;
    } catch (error) {
      if (plugin === undefined) throw error;
      const message = `the prober ${prober.name} of ${plugin.file} cannot be made for the module ${name}`;
      throw new Error(`${message}: ${messageOf(error)}`, { cause: error });
    }
  }

  #contextOf(definition: AnyProber): ProberContext {
    const known = this.#shared.get(definition);
    if (known !== undefined) return known.context;
    const { clock, log, instrumentSets } = this.#tools;
    const { name, plugin } = definition;
    const shared: Shared = {
      context: {
        clock,
        log: log.child(plugin === undefined ? { prober: name } : { prober: name, plugin: plugin.file }),
        get instruments() {
          return (shared.instruments ??= instrumentSets.open({ kind: 'prober', name }));
        },
      },
      instruments: undefined,
    };
    this.#shared.set(definition, shared);
    return shared.context;
  }

  /** Ends what the probers of a definition shared, where none is left. */
  #endUnused(): void {
    const used = new Set([...this.#made.keys()].map(({ prober }) => prober));
    for (const [definition, { instruments }] of this.#shared) {
      if (used.has(definition)) continue;
      this.#shared.delete(definition);
      if (instruments !== undefined) this.#tools.instrumentSets.close(instruments);
    }
  }
}
