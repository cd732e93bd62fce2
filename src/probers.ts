/** Probers at work, one for each module: checks that share a module share what it keeps, such as certificates read from files. */
import type { ModuleConfig } from './config/config.ts';
import type { Prober, ProberContext } from './prober.ts';

/** Gives the prober of a module, made when it is first asked for. */
export function proberFor(context: ProberContext): (module: ModuleConfig) => Prober {
  const probers = new Map<ModuleConfig, Prober>();
  return (module) => {
    let prober = probers.get(module);
    if (prober === undefined) {
      prober = module.prober.create(module.options as never, context);
      probers.set(module, prober);
    }
    return prober;
  };
}
