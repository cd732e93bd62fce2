/** `vitald schema`: a JSON Schema of the configuration, for editors. */
import type { Registry } from '../config/config.ts';
import { jsonSchema } from '../config/json-schema.ts';

/** Prints the schema. */
export function showSchema({ registry, out }: { registry: Registry; out: (text: string) => void }): number {
  out(`${JSON.stringify(jsonSchema(registry), null, 2)}\n`);
  return 0;
}
