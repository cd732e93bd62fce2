/** The modules of a config: each sets up one prober. */
import type { AnyProber } from '../prober.ts';
import { type ModuleConfig, moduleOptions, type Registry } from './config.ts';
import { goValue } from './go-value.ts';
import { type Problems, type Source, suggestion } from './problems.ts';
import { isMapValue, type Raw } from './raw.ts';
import { z } from './schema.ts';

/** The modules of a file as blackbox_exporter reads them; below each the options of any prober. */
export function decodeModules(written: unknown, { probers }: Registry): unknown {
  const options = Object.fromEntries(probers.map(({ name, config }) => [name, config]));
  return goValue(z.record(z.string(), z.strictObject({ ...moduleOptions.shape, ...options })), written);
}

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
  if (head === undefined) {
    // They may stand in the line of the mistake.
    for (const { name: key, config } of probers) problems.hideSecrets(config, value[key], source, [...base, key]);
    return undefined;
  }
  const prober = probers.find((candidate) => candidate.name === head.prober);
  if (prober === undefined) {
    problems.add(source, [...base, 'prober'], `unknown prober "${head.prober}"${suggestion(head.prober, names)}`);
    return undefined;
  }
  const options = problems.check(prober.config, value[prober.name] ?? {}, source, [...base, prober.name]);
  if (options === undefined) return undefined;
  return { name, prober, options, ...(head.timeout ? { timeoutMs: head.timeout } : {}) };
}
