/**
 * The words in which options are declared: zod, and the kinds of value that configs of this field have.
 */
import { z } from 'zod';
import { parseSchedule, type Schedule } from '../schedule/expression.ts';
import { durationMs } from './duration.ts';
import { Secret } from './secret.ts';
import { compilePattern, PatternEngineMissing, type Pattern } from './pattern.ts';

export { z } from 'zod';
export type { Pattern } from './pattern.ts';
export { Secret } from './secret.ts';
export type { Schedule } from '../schedule/expression.ts';

/** What the documentation calls the kind of an option, and the default as the user would write it. */
interface OptionFacts {
  readonly kind: string;
  readonly default?: unknown;
}

const facts = z.registry<OptionFacts>();

/** The kind and the default of an option that this file made; undefined for zod's own kinds. */
export function optionFacts(schema: z.ZodType): OptionFacts | undefined {
  return facts.get(schema);
}

/** A length of time in milliseconds, written `30s` or `1h30m`. */
export function duration(defaultText?: string) {
  const schema = z.string().transform((text, context) => {
    const ms = durationMs(text);
    if (ms === undefined) {
      context.issues.push({
        code: 'custom',
        message: `${JSON.stringify(text)} is not a duration; write it like "30s", "1h30m" or "500ms"`,
        input: text,
      });
      return z.NEVER;
    }
    return ms;
  });
  return defaultText === undefined
    ? schema.register(facts, { kind: 'duration' })
    : schema.prefault(defaultText).register(facts, { kind: 'duration', default: defaultText });
}

const sizeUnits: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** A number of bytes, written `8MB`, `8MiB` or in digits alone. */
export function byteSize(defaultText: string) {
  return z
    .union([z.string(), z.number()])
    .transform((value, context) => {
      const [, amount, unit = 'B'] = /^(\d+(?:\.\d+)?) ?([KMG]i?B|B)?$/.exec(String(value)) ?? [];
      if (amount === undefined) {
        const message = `${JSON.stringify(value)} is not a size; write it like "8MB" or "512KiB"`;
        context.issues.push({ code: 'custom', message, input: value });
        return z.NEVER;
      }
      return Math.round(Number(amount) * sizeUnits[unit]!);
    })
    .prefault(defaultText)
    .register(facts, { kind: 'size', default: defaultText });
}

/** When something runs: a cron expression of 5 or 6 fields, or a duration that cron can express. */
export function schedule() {
  return z
    .string()
    .transform((text, context): Schedule => {
      const parsed = parseSchedule(text);
      if ('problem' in parsed) {
        context.issues.push({ code: 'custom', message: parsed.problem, input: text });
        return z.NEVER;
      }
      return parsed;
    })
    .register(facts, { kind: 'schedule' });
}

/** A regular expression in Go's syntax, compiled. */
export function pattern() {
  return z
    .string()
    .transform((text, context): Pattern => {
      try {
        return compilePattern(text);
      } catch (error) {
        if (error instanceof PatternEngineMissing) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        context.issues.push({
          code: 'custom',
          message: `${JSON.stringify(text)} is not a regular expression in Go's syntax: ${reason}`,
          input: text,
        });
        return z.NEVER;
      }
    })
    .register(facts, { kind: 'regexp' });
}

/** A regular expression with a default. */
export function patternWithDefault(source: string) {
  return pattern().prefault(source).register(facts, { kind: 'regexp', default: source });
}

/** Text that must not be shown. */
export function secret() {
  return z
    .string()
    .transform((text) => new Secret(text))
    .register(facts, { kind: 'secret' });
}

/** Text or texts: `x` and `[x, y]` both give a list, as a flag that may be repeated does. */
export function list() {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .prefault([])
    .register(facts, { kind: 'list of strings', default: [] });
}

/** Says whether a name is wanted. */
export type NameFilter = (name: string) => boolean;

/**
 * Whether a name passes a pair of options `<what>_include` and `<what>_exclude`, each a pattern. An empty pattern is
 * an absent one. The answer for each name is kept, as the same few names come back at every run.
 */
export function nameFilter(include: Pattern | undefined, exclude: Pattern | undefined): NameFilter {
  const wanted = include?.source === '' ? undefined : include;
  const unwanted = exclude?.source === '' ? undefined : exclude;
  if (wanted === undefined && unwanted === undefined) return () => true;
  const answers = new Map<string, boolean>();
  return (name) => {
    let answer = answers.get(name);
    if (answer === undefined) {
      // Names come and go (containers, sockets): do not remember them for ever.
      if (answers.size >= 10_000) answers.clear();
      answer = (wanted?.test(name) ?? true) && !(unwanted?.test(name) ?? false);
      answers.set(name, answer);
    }
    return answer;
  };
}

/**
 * The two options of a filter by name, `<what>_include` and `<what>_exclude`, as node_exporter has them. To give
 * both is a mistake, which the loader reports, unless the collector names the filter in `combinable`.
 */
export function includeExclude<const What extends string>(
  what: What,
  named: string,
): Record<`${What}_include` | `${What}_exclude`, z.ZodOptional<ReturnType<typeof pattern>>> {
  return {
    [`${what}_include`]: pattern().optional().describe(`Regexp of ${named} to report.`),
    [`${what}_exclude`]: pattern().optional().describe(`Regexp of ${named} to leave out.`),
  } as Record<`${What}_include` | `${What}_exclude`, z.ZodOptional<ReturnType<typeof pattern>>>;
}
