/**
 * Values as Go's YAML decoder gives them to a typed field. The files of Prometheus' programs are written for it: a text
 * may look like a number, a switch may be `yes`, and a key with nothing behind it leaves the default.
 */
import { isMapValue, Written } from './raw.ts';
import type { z } from './schema.ts';

// The words that YAML 1.1 has for the two.
const switches = new Map<string, boolean>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
]);

/** What is looked at in a schema; by its form, as a plugin may bring a zod of its own. */
interface Schema {
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly def: {
    readonly type: string;
    readonly innerType?: Schema;
    readonly in?: Schema;
    readonly out?: Schema;
    readonly element?: Schema;
    readonly valueType?: Schema;
    readonly options?: readonly Schema[];
  };
}

/** A schema without what is around it, and whether it can be told that there is nothing. */
interface Core {
  readonly core: Schema;
  readonly takesNull: boolean;
}

function coreOf(schema: Schema): Core {
  let core = schema;
  let takesNull = false;
  for (;;) {
    const { type, innerType, in: before, out } = core.def;
    takesNull ||= type === 'nullable';
    // What is prepared before it is checked has its kind behind the preparation.
    const inner = innerType ?? (type === 'pipe' ? (before?.def.type === 'transform' ? out : before) : undefined);
    if (inner !== undefined) {
      core = inner;
      continue;
    }
    const { options = [] } = core.def;
    takesNull ||= !zeros.has(type) || options.some((option) => coreOf(option).takesNull);
    return { core, takesNull };
  }
}

// What Go has in a map for a key with nothing behind it, by the kind of the values.
const zeros = new Map<string, () => unknown>([
  ['string', () => ''],
  ['enum', () => ''],
  ['literal', () => ''],
  ['number', () => 0],
  ['boolean', () => false],
  ['object', () => ({})],
  ['record', () => ({})],
  ['array', () => []],
  ['union', () => []],
]);

function zeroOf({ def: { type, options = [] } }: Schema): unknown {
  const cores = options.map((option) => coreOf(option).core);
  // A list of nothing where that is one of the choices.
  const choice = cores.find(({ def }) => def.type === 'array') ?? cores[0];
  return choice === undefined ? zeros.get(type)?.() : zeroOf(choice);
}

/** The kinds that a value can be decoded to, the likeliest first. */
function kindsFor(value: unknown): readonly string[] {
  if (Array.isArray(value)) return ['array'];
  if (isMapValue(value)) return ['object', 'record'];
  return value instanceof Written ? [typeof value.value, 'string', 'enum', 'literal'] : ['string', 'boolean'];
}

/** Whether text is what a schema wants. */
const texts = new Set(['string', 'enum', 'literal']);

/** The value as this program takes it where no schema says otherwise. */
function asYaml(value: unknown): unknown {
  if (value instanceof Written) return value.value;
  if (Array.isArray(value)) return value.map(asYaml);
  if (!isMapValue(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asYaml(each)]));
}

function decoded(schema: Schema | undefined, value: unknown): unknown {
  if (schema === undefined) return asYaml(value);
  const { core } = coreOf(schema);
  const { type, options = [], element, valueType } = core.def;
  if (type === 'union') {
    const cores = options.map((option) => coreOf(option).core);
    const kind = kindsFor(value).find((each) => cores.some(({ def }) => def.type === each));
    return kind === undefined
      ? asYaml(value)
      : decoded(
          cores.find(({ def }) => def.type === kind),
          value,
        );
  }
  if (value instanceof Written) return texts.has(type) ? value.text : value.value;
  if (type === 'boolean' && typeof value === 'string') return switches.get(value) ?? value;
  if (type === 'array' && Array.isArray(value)) return value.map((each) => decoded(element, each));
  if (!isMapValue(value) || (type !== 'object' && type !== 'record')) return asYaml(value);
  const pairs = Object.entries(value).flatMap(([key, each]): [string, unknown][] => {
    const below = type === 'record' ? valueType : Object.hasOwn(core.shape ?? {}, key) ? core.shape![key] : undefined;
    if (each !== null || below === undefined) return [[key, decoded(below, each)]];
    const { core: kind, takesNull } = coreOf(below);
    if (takesNull) return [[key, null]];
    return type === 'record' ? [[key, zeroOf(kind)]] : [];
  });
  return Object.fromEntries(pairs);
}

/**
 * What a part of a file comes to for the options that `schema` declares; `written` has its scalars as they were
 * written. What does not fit is left for the schema to refuse.
 */
export function goValue(schema: z.ZodType, written: unknown): unknown {
  return decoded(schema, written);
}
