/**
 * Regular expressions in Go's syntax, as node_exporter's and blackbox_exporter's options have them.
 *
 * Most patterns use only what Go and JavaScript read alike; those run natively, as they come from the operator and meet
 * short names. The rest is compiled by re2js, which knows Go's syntax in full and takes 12 ms and 3 MB to load, so it
 * is loaded only when a config needs it. Patterns that meet hostile text are the probes' concern and always use re2js.
 */
import type { RE2JS } from 're2js';

/** A compiled pattern; matches anywhere in the text, as Go's `MatchString` does. */
export interface Pattern {
  readonly source: string;
  test(text: string): boolean;
}

/** Thrown where an option needs an engine that is not loaded yet; the config loader then loads it and tries again. */
export class EngineMissing extends Error {
  /** Loads it; what failed for want of it can then be tried again. */
  readonly load: () => Promise<unknown>;

  constructor(message: string, load: () => Promise<unknown>) {
    super(message);
    this.load = load;
  }
}

/** Thrown where the engine of the regular expressions is not loaded yet. */
export class PatternEngineMissing extends EngineMissing {
  constructor(source: string) {
    super(source, loadPatternEngine);
  }
}

let engine: typeof RE2JS | undefined;

/**
 * Loads re2js; resolves at once when it is loaded already.
 * @internal
 */
export async function loadPatternEngine(): Promise<typeof RE2JS> {
  engine ??= (await import('re2js')).RE2JS;
  return engine;
}

// One token of what both languages read alike: a plain character, an escape, a class without POSIX names or nesting,
// an opening of a group, a repetition (Go allows at most 1000). `\B` is none of them: in search of
// `\B$` V8 starts within a character of two code units, and finds what is not there.
const token =
  /\\[dDwWsSbnrtfv.\\/^$|?*+()[\]{}-]|\[(?:\^|(?!\^))(?:\\[dDwWsSnrtfv.\\/^$|?*+()[\]{}-]|[^\\\]&[-]|[^\\\]&[]-[^\\\]&[]|-(?=\]))+\]|\((?:\?:|(?!\?))|\)|[|^$.]|[*+?]\??|\{\d{1,3}(?:,\d{0,3})?\}\??|[^\\[\](){}|^$.*+?]/uy;

const spaces = '\\t\\n\\f\\r ';

/** The JavaScript twin of one token; the classes that differ are written out. */
function translate(piece: string): string {
  if (piece === '.') return '[^\\n]';
  // V8 of Node.js 26 looks for what ends with `$` as many code units before the end as the rest has characters.
  if (piece === '$') return '(?![^])';
  if (piece === '\\s') return `[${spaces}]`;
  if (piece === '\\S') return `[^${spaces}]`;
  if (piece.startsWith('[')) return piece.replaceAll('\\s', spaces);
  // In Go `-` and `/` may be escaped anywhere; with the u flag JavaScript refuses the first outside a class.
  return piece === '\\-' ? '-' : piece;
}

function compileNative(source: string): RegExp | undefined {
  const flags = source.startsWith('(?i)') ? 'iu' : 'u';
  let position = flags === 'iu' ? 4 : 0;
  // Without regard to case the two differ on whether the long s and the Kelvin sign are parts of a word.
  if (position > 0 && /\\[wWbB]/.test(source)) return undefined;
  let native = '';
  while (position < source.length) {
    token.lastIndex = position;
    const [piece] = token.exec(source) ?? [];
    if (piece === undefined || (piece.startsWith('[') && piece.includes('\\S'))) return undefined;
    native += translate(piece);
    position = token.lastIndex;
  }
  try {
    return new RegExp(native, flags);
  } catch {
    // Let re2js word the mistake, or accept what only Go does.
    return undefined;
  }
}

/** Compiles a pattern; throws a `SyntaxError` that says what is wrong with it. */
export function compilePattern(source: string): Pattern {
  const native = compileNative(source);
  if (native !== undefined) return { source, test: (text) => native.test(text) };
  if (engine === undefined) throw new PatternEngineMissing(source);
  try {
    const compiled = engine.compile(source);
    return { source, test: (text) => compiled.matcher(text).find() };
  } catch (error) {
    throw new SyntaxError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** A compiled pattern that tells what its named groups, `(?P<name>...)`, captured. */
export interface CapturingPattern {
  readonly source: string;
  /** What each named group captured at the first match, empty for one that took no part; undefined without a match. */
  captures(text: string): ReadonlyMap<string, string> | undefined;
}

/**
 * Compiles a pattern that may meet text which others choose: it always runs on re2js, whose time is linear in the text.
 * Throws a `SyntaxError` that says what is wrong with it.
 */
export function compileCapturing(source: string): CapturingPattern {
  if (engine === undefined) throw new PatternEngineMissing(source);
  try {
    const compiled = engine.compile(source);
    const groups = Object.entries(compiled.namedGroups());
    return {
      source,
      captures(text) {
        const matcher = compiled.matcher(text);
        if (!matcher.find()) return undefined;
        return new Map(groups.map(([name, index]) => [name, matcher.group(index) ?? '']));
      },
    };
  } catch (error) {
    throw new SyntaxError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
