/** Probers at work, one for each module: checks that share a module share what it keeps, such as certificates read from files. */
import type { ModuleConfig } from './config/config.ts';
import { sameValue } from './config/same.ts';
import type { Prober, ProberContext } from './prober.ts';

/** The probers of a daemon, over its reloads. */
export class Probers {
  readonly #context: ProberContext;
  readonly #made = new Map<ModuleConfig, Prober>();
  /** Modules of a new config that mean the same as one that is known. */
  #aliases = new Map<ModuleConfig, ModuleConfig>();

  constructor(context: ProberContext) {
    this.#context = context;
  }

  /** The prober of a module, made when it is first asked for. */
  of(module: ModuleConfig): Prober {
    const known = this.known(module);
    let prober = this.#made.get(known);
    if (prober === undefined) {
      prober = known.prober.create(known.options as never, this.#context);
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
      prober.close?.();
    }
  }
}
