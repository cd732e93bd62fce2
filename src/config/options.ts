/** What can be told of an option by looking at its schema: its kind, its default, its description. */
import { optionFacts, z } from './schema.ts';

/** One option, as the documentation and the command line see it. */
export interface OptionDoc {
  readonly key: string;
  readonly kind: string;
  /** As the user would write it; undefined where there is none. */
  readonly default: unknown;
  readonly description: string;
}

interface Wrapper {
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly type: string;
  readonly defaultValue?: unknown;
  readonly entries?: Record<string, string>;
  readonly element?: z.ZodType;
  readonly options?: readonly z.ZodType[];
}

function definitionOf(schema: z.ZodType): Wrapper {
  return schema.def;
}

function kindOf(schema: z.ZodType): string {
  const facts = optionFacts(schema);
  if (facts !== undefined) return facts.kind;
  const definition = definitionOf(schema);
  const inner = definition.innerType ?? (definition.type === 'pipe' ? definition.in : undefined);
  if (inner !== undefined) return kindOf(inner);
  if (definition.type === 'enum') return Object.values(definition.entries ?? {}).join(' | ');
  if (definition.type === 'array') {
    const kind = kindOf(definition.element!);
    return kind.includes(' | ') ? `list of (${kind})` : `list of ${kind}s`;
  }
  if (definition.type === 'union') return (definition.options ?? []).map(kindOf).join(' or ');
  if (definition.type === 'record') return 'map';
  return definition.type;
}

function defaultOf(schema: z.ZodType): unknown {
  const facts = optionFacts(schema);
  if (facts?.default !== undefined) return facts.default;
  const definition = definitionOf(schema);
  if (definition.type === 'default' || definition.type === 'prefault') return definition.defaultValue;
  return definition.innerType === undefined ? undefined : defaultOf(definition.innerType);
}

function descriptionOf(schema: z.ZodType): string {
  const inner = definitionOf(schema).innerType;
  return schema.description ?? (inner === undefined ? '' : descriptionOf(inner));
}

/** The options of an object, in the order in which they are declared. */
export function optionDocs(schema: z.ZodObject): OptionDoc[] {
  return Object.entries(schema.shape as Record<string, z.ZodType>).map(([key, option]) => ({
    key,
    kind: kindOf(option),
    default: defaultOf(option),
    description: descriptionOf(option),
  }));
}
