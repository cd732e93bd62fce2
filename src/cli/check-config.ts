/** `vitald check-config`: says every mistake in a configuration. */
import { loadConfig } from '../config/load.ts';
import type { CommandContext } from './context.ts';

/** 0 where the configuration can be used; throws `ConfigError` where it cannot. */
export async function checkConfig({ registry, input, out }: CommandContext): Promise<number> {
  const { collectors, checks, modules, web } = await loadConfig(input, registry);
  const lines = [
    `${input.file}: good, with ${collectors.length} collectors, ${modules.size} modules and ${checks.length} checks`,
  ];
  for (const { name, definition, options } of collectors) {
    for (const warning of definition.warnings?.(options as never) ?? []) lines.push(`warning: ${name}: ${warning}`);
  }
  if (web.config_file !== undefined) {
    const { loadWebConfig } = await import('../web/web-config.ts');
    const { tls, users } = loadWebConfig(web.config_file);
    const count = users.size === 0 ? 'no users' : users.size === 1 ? '1 user' : `${users.size} users`;
    lines.push(`${web.config_file}: good, ${tls === undefined ? 'without TLS' : 'with TLS'} and ${count}`);
  }
  for (const line of lines) out(`${line}\n`);
  return 0;
}
