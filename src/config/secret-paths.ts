/** Where a value has secrets, as its schema knows, whatever their keys are called. */
import type { ConfigPath } from './locate.ts';
import { optionFacts, z } from './schema.ts';

interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
}

/** The paths below `path` whose values are secrets, well-formed or not. */
export function secretPaths(schema: z.ZodType | undefined, value: unknown, path: ConfigPath = []): ConfigPath[] {
  if (schema === undefined || value === undefined) return [];
  if (optionFacts(schema)?.kind === 'secret') return [path];
  const { innerType, in: input, element, valueType, options } = schema.def as Definition;
  if (options !== undefined) return options.flatMap((option) => secretPaths(option, value, path));
  const wrapped = innerType ?? input;
  if (wrapped !== undefined) return secretPaths(wrapped, value, path);
  if (typeof value !== 'object' || value === null) return secretPaths(element ?? valueType, value, path);
  const shape = schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>) : undefined;
  return Object.entries(value).flatMap(([key, each]) =>
    secretPaths(element ?? valueType ?? shape?.[key], each, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}
