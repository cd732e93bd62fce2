/** Collects the mistakes of a config, each at its place, so that all can be told at once. */
import { closestMatch } from 'leven';
import { type ConfigProblem, ConfigError, messageOf } from '../errors.ts';
import { type ConfigPath, frameAt, hideValue, isCredential, locate, type Located } from './locate.ts';
import { EngineMissing } from './pattern.ts';
import { Secret, type z } from './schema.ts';
import { secretPaths } from './secret-paths.ts';

/** A value together with where its parts came from: a file, and the flags that were laid over it. */
export interface Source {
  readonly file?: Located | undefined;
  /** The flag that set a path, by the path's keys joined with dots. */
  readonly flags: ReadonlyMap<string, string>;
}

/** The word among `known` that was most likely meant. */
export function suggestion(word: string, known: readonly string[]): string {
  const maxDistance = Math.max(1, Math.floor(word.length / 3));
  const match = closestMatch(word, [...known], { maxDistance });
  return match === undefined ? '' : `; did you mean "${match}"?`;
}

/** The mistakes found so far. */
export class Problems {
  /** Frames are drawn at the end, when all is known that they must not show. */
  readonly #found: (() => ConfigProblem)[] = [];
  readonly #files = new Map<string, Located>();

  /** Notes a mistake at a path; `atKey` points at the key rather than its value, `hidden` shows no value. */
  add(source: Source, path: ConfigPath, message: string, atKey = false, hidden = false): void {
    const dotted = path.map(String).join('.');
    const flag = source.flags.get(dotted);
    const text = dotted === '' ? message : `${dotted}: ${message}`;
    const { file } = source;
    if (flag !== undefined) this.#found.push(() => ({ where: flag, message }));
    else if (file === undefined) this.#found.push(() => ({ where: 'config', message: text }));
    else {
      const known = this.#files.get(file.file) ?? file;
      this.#files.set(file.file, hidden ? hideValue(known, path) : known);
      this.#found.push(() => ({ ...locate(this.#files.get(file.file)!, path, atKey), message: text }));
    }
  }

  /** Notes a mistake of the file's own syntax. */
  addAt(file: Located, range: readonly [number, number], message: string): void {
    this.#found.push(() => ({ ...frameAt(this.#files.get(file.file) ?? file, range), message }));
  }

  /** Notes a mistake that has no place in a file. */
  addFlag(flag: string, message: string): void {
    this.#found.push(() => ({ where: flag, message }));
  }

  get any(): boolean {
    return this.#found.length > 0;
  }

  /** How many were found so far. */
  get count(): number {
    return this.#found.length;
  }

  /** Throws what was found: flags first, then file by file in the order of each. */
  throwIfAny(): void {
    if (!this.any) return;
    const files: string[] = [];
    const placed = this.#found.map((describe) => {
      const problem = describe();
      const [, file, line = 0, column = 0] = /^(.*):(\d+):(\d+)$/s.exec(problem.where) ?? [];
      if (file !== undefined && !files.includes(file)) files.push(file);
      return { problem, order: [file === undefined ? -1 : files.indexOf(file), Number(line), Number(column)] as const };
    });
    placed.sort(({ order: a }, { order: b }) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
    throw new ConfigError(placed.map(({ problem }) => problem));
  }

  /**
   * Checks a value against a schema; undefined where it does not fit, and every reason is noted. `known` names keys that
   * are read elsewhere, for suggestions.
   */
  check<Schema extends z.ZodType>(
    schema: Schema,
    value: unknown,
    source: Source,
    base: ConfigPath,
    known: readonly string[] = [],
  ): z.output<Schema> | undefined {
    let result: z.ZodSafeParseResult<z.output<Schema>>;
    try {
      result = schema.safeParse(value);
    } catch (error) {
      if (error instanceof EngineMissing) throw error;
      // A refinement of a plugin's.
      this.add(source, base, `cannot be checked: ${messageOf(error)}`);
      return undefined;
    }
    if (result.success) return result.data;
    this.hideSecrets(schema, value, source, base);
    for (const issue of result.error.issues) this.#addIssue(issue, schema, value, source, base, known);
    return undefined;
  }

  /** Keeps the secrets of a value out of all frames, as of a mistake in the same line. */
  hideSecrets(schema: z.ZodType, value: unknown, { file }: Source, base: ConfigPath): void {
    if (file === undefined) return;
    for (const path of secretPaths(schema, value)) {
      this.#files.set(file.file, hideValue(this.#files.get(file.file) ?? file, [...base, ...path]));
    }
  }

  #addIssue(
    issue: z.core.$ZodIssue,
    schema: z.ZodType,
    value: unknown,
    source: Source,
    base: ConfigPath,
    known: readonly string[],
  ): void {
    const path = [...base, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      const siblings = [...keysAt(schema, issue.path), ...known];
      for (const key of issue.keys) {
        const meant = suggestion(key, siblings);
        // A misspelled password is one too.
        const hidden = isCredential(/"(.*)"/.exec(meant)?.[1] ?? key);
        this.add(source, [...path, key], `unknown option${meant}`, true, hidden);
      }
      return;
    }
    const found = valueAt(value, issue.path);
    const isSecret = (): boolean =>
      secretPaths(schema, value).some((secret) => secret.every((key, at) => key === issue.path[at]));
    const hidden = found !== undefined && (path.some(isCredential) || isSecret());
    this.add(source, path, wordsFor(issue, hidden ? new Secret('') : found), issue.code === 'invalid_key', hidden);
  }
}

function valueAt(value: unknown, path: ConfigPath): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<PropertyKey, unknown>)[key];
  }
  return current;
}

function keysAt(schema: z.ZodType, path: ConfigPath): string[] {
  let current: unknown = schema;
  for (const key of path) {
    current = unwrap(current);
    const { shape, def } = current as { shape?: Record<PropertyKey, unknown>; def?: Record<string, unknown> };
    current = shape === undefined ? (def?.['element'] ?? def?.['valueType']) : shape[key];
  }
  const { shape } = (unwrap(current) ?? {}) as { shape?: object };
  return shape === undefined ? [] : Object.keys(shape);
}

interface Wrapper {
  readonly def?: {
    readonly type?: string;
    readonly innerType?: Wrapper;
    readonly in?: Wrapper;
    readonly out?: Wrapper;
  };
}

function unwrap(schema: unknown): unknown {
  let current = schema as Wrapper | undefined;
  while (current?.def !== undefined) {
    const { type, innerType, in: before, out } = current.def;
    // What is prepared before it is checked has its keys behind the preparation.
    const inner = innerType ?? (type === 'pipe' ? (before?.def?.type === 'transform' ? out : before) : undefined);
    if (inner === undefined) return current;
    current = inner;
  }
  return current;
}

function shown(value: unknown): string {
  if (value === null) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (value instanceof Secret) return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : JSON.stringify(value);
}

const nouns: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list',
  record: 'a map',
};

function wordsFor(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'invalid_type') {
    const expected = nouns[issue.expected] ?? issue.expected;
    return value === undefined ? `is missing; expected ${expected}` : `expected ${expected}, found ${shown(value)}`;
  }
  if (issue.code === 'invalid_value') {
    const choices = issue.values.map((choice) => JSON.stringify(choice)).join(', ');
    const closest = typeof value === 'string' ? suggestion(value, issue.values.map(String)) : '';
    return `expected ${issue.values.length > 1 ? 'one of ' : ''}${choices}, found ${shown(value)}${closest}`;
  }
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  if (issue.code === 'invalid_format' && issue.format === 'starts_with') {
    const { prefix } = issue as { prefix?: string };
    return `must start with ${JSON.stringify(prefix)}, found ${shown(value)}`;
  }
  if (issue.code === 'too_small' && issue.minimum === 1 && (issue.origin === 'string' || issue.origin === 'array')) {
    return 'must not be empty';
  }
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}, found ${shown(value)}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}, found ${shown(value)}`;
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.flatMap((errors) => errors.filter(({ path }) => path.length === 0));
    const choices = [
      ...new Set(inner.flatMap((e) => (e.code === 'invalid_type' ? [nouns[e.expected] ?? e.expected] : []))),
    ];
    if (choices.length > 0) return `expected ${choices.join(' or ')}, found ${shown(value)}`;
    const custom = issue.errors.flat().find(({ code }) => code === 'custom');
    return custom?.message ?? issue.message;
  }
  return issue.message;
}
