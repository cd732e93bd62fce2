/** `vitald schema`: a JSON Schema of the configuration, for editors. */
import { jsonSchema } from '../config/json-schema.ts';
import { loadRegistry } from '../config/load.ts';
import type { CommandContext } from './context.ts';

/** Prints the schema, with what the plugins of the configuration may be given; throws `ConfigError` over a plugin. */
export async function showSchema({ registry, input, out }: CommandContext): Promise<number> {
  out(`${JSON.stringify(jsonSchema(await loadRegistry(input, registry)), null, 2)}\n`);
  return 0;
}
