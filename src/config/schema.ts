/**
 * The words in which options are declared: zod, and the kinds of value that configs of this field have.
 */
import { z } from 'zod';
import { parseSchedule, type Schedule } from '../schedule/expression.ts';
import { byteSizeText, bytesOf } from './byte-size.ts';
import { durationMs } from './duration.ts';
import { goDurationMs } from './go-duration.ts';
import { Secret } from './secret.ts';
import { compileCapturing, compilePattern, PatternEngineMissing, type Pattern } from './pattern.ts';

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

/** A length of time as `read` takes it, in milliseconds. */
function lengthOfTime(read: (text: string) => number | undefined) {
  return z.string().transform((text, context) => {
    const ms = read(text);
    const refuse = (message: string): never => {
      context.issues.push({ code: 'custom', message, input: text });
      return z.NEVER;
    };
    if (ms === undefined) {
      return refuse(`${JSON.stringify(text)} is not a duration; write it like "30s", "1h30m" or "500ms"`);
    }
    return ms < 0 ? refuse('must not be negative') : ms;
  });
}

/** A length of time in milliseconds, written `30s` or `1h30m`. */
export function duration(defaultText?: string) {
  const schema = lengthOfTime(durationMs);
  return defaultText === undefined
    ? schema.register(facts, { kind: 'duration' })
    : schema.prefault(defaultText).register(facts, { kind: 'duration', default: defaultText });
}

/** A length of time in whole milliseconds that may also be written as Go does: `1.5s`, `500us`. */
export function goDuration() {
  const read = (text: string): number | undefined => {
    // A number without a unit is a mistake, as it is for Go.
    const ms = durationMs(text) ?? (/\d$/.test(text) ? undefined : goDurationMs(text));
    return ms !== undefined && ms > 0 ? Math.max(1, Math.round(ms)) : ms;
  };
  return lengthOfTime(read).register(facts, { kind: 'duration' });
}

/** A number of bytes, written `500KB` or `10MB`, within bounds where they are given. */
export function byteSize({
  least = 0,
  most = Infinity,
  defaultText,
}: { least?: number; most?: number; defaultText?: string } = {}) {
  const schema = z.union([z.int(), z.string()]).transform((value, context) => {
    const bytes = typeof value === 'number' ? value : bytesOf(value);
    const refuse = (problem: string): never => {
      context.issues.push({ code: 'custom', message: problem, input: value });
      return z.NEVER;
    };
    if (bytes === undefined) {
      return refuse(`${JSON.stringify(value)} is not a size; write it like "500KB" or "10MB"`);
    }
    if (bytes < least && least > 0) return refuse(`must be at least ${byteSizeText(least)}`);
    if (bytes > most) return refuse(`must be at most ${byteSizeText(most)}`);
    return Math.max(bytes, 0);
  });
  return defaultText === undefined
    ? schema.register(facts, { kind: 'size' })
    : schema.prefault(defaultText).register(facts, { kind: 'size', default: defaultText });
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

/** A regular expression in Go's syntax, compiled by the given compiler. */
function compiled<Compiled>(compile: (source: string) => Compiled) {
  return z
    .string()
    .transform((text, context): Compiled => {
      try {
        return compile(text);
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

/** A regular expression in Go's syntax, compiled. */
export function pattern() {
  return compiled(compilePattern);
}

/** A regular expression in Go's syntax that tells what its named groups captured, for text that others choose. */
export function capturingPattern() {
  return compiled(compileCapturing);
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
export function list(defaults: readonly string[] = []) {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .prefault([...defaults])
    .register(facts, { kind: 'list of strings', default: defaults });
}

/** A program and its arguments; what the arguments say is not shown, as they may hold a password. */
export type CommandLine = readonly [program: string, ...args: Secret[]];

/** What is wrong with what should be a program and its arguments; undefined where nothing is. */
function commandProblem(value: unknown): string | undefined {
  if (!Array.isArray(value)) {
    const found = value === undefined ? 'is missing; ' : '';
    return `${found}expected a list, the program and its arguments, like ["/usr/bin/backup", "--quiet"]: there is no shell`;
  }
  const strange = value.findIndex((word) => typeof word !== 'string');
  if (strange !== -1) return `the word ${strange + 1} is not text; numbers and the like are written in quotes`;
  const words = value as readonly string[];
  const [program = ''] = words;
  if (program === '') return 'must not be empty';
  if (program.includes('/') && !program.startsWith('/')) {
    return 'the program must be an absolute path, or a name without "/" that PATH finds';
  }
  return words.some((word) => word.includes('\0')) ? 'must not hold a null character' : undefined;
}

/** A command as a list, which no shell reads. */
export function commandLine() {
  return z
    .unknown()
    .meta({ type: 'array', items: { type: 'string' }, minItems: 1 })
    .transform((value, context): CommandLine => {
      const message = commandProblem(value);
      if (message !== undefined) {
        context.issues.push({ code: 'custom', message, input: value });
        return z.NEVER;
      }
      const [program = '', ...args] = value as string[];
      return [program, ...args.map((text) => new Secret(text))];
    })
    .register(facts, { kind: 'list of strings' });
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
