/** `vitald check-config`: says every mistake in a configuration. */
import { loadConfig } from '../config/load.ts';
import type { CommandContext } from './context.ts';

/** 0 where the configuration can be used; throws `ConfigError` where it cannot. */
export async function checkConfig({ registry, input, out }: CommandContext): Promise<number> {
  const { collectors, checks, modules } = await loadConfig(input, registry);
  out(
    `${input.file}: good, with ${collectors.length} collectors, ${modules.size} modules and ${checks.length} checks\n`,
  );
  return 0;
}
