/** The modules of a config: each sets up one prober. */
import type { AnyProber } from '../prober.ts';
import { type ModuleConfig, moduleOptions } from './config.ts';
import { type Problems, type Source, suggestion } from './problems.ts';
import { isMapValue, type Raw } from './raw.ts';

/** A probe without a deadline of its own may take as long as blackbox_exporter's default would let it. */
const defaultProbeTimeoutMs = 5_000;

/** Checks one module: its prober, its timeout, and below the prober's name the prober's options. */
export function loadModule(
  name: string,
  value: unknown,
  base: readonly string[],
  probers: readonly AnyProber[],
  source: Source,
  problems: Problems,
): ModuleConfig | undefined {
  if (!isMapValue(value)) {
    problems.add(source, base, 'expected a map of options');
    return undefined;
  }
  const names = probers.map((prober) => prober.name);
  const common: Raw = {};
  for (const [key, option] of Object.entries(value)) if (!names.includes(key)) common[key] = option;
  const head = problems.check(moduleOptions, common, source, base, names);
  if (head === undefined) return undefined;
  const prober = probers.find((candidate) => candidate.name === head.prober);
  if (prober === undefined) {
    problems.add(source, [...base, 'prober'], `unknown prober "${head.prober}"${suggestion(head.prober, names)}`);
    return undefined;
  }
  const options = problems.check(prober.config, value[prober.name] ?? {}, source, [...base, prober.name]);
  if (options === undefined) return undefined;
  return { name, prober, options, timeoutMs: head.timeout ?? defaultProbeTimeoutMs };
}
