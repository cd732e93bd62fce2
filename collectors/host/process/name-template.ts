/**
 * Names of groups as process-exporter's configs write them: Go's text/template, of which fields, `index`, `if` and
 * constants are understood. Anything else is a mistake that the config loader reports.
 */

/** What a template can ask of a process; each is read when it is asked for. */
export interface Named {
  readonly comm: string;
  readonly exeBase: string;
  readonly exeFull: string;
  readonly username: string;
  readonly cwd: string;
  readonly pid: number;
  readonly startTime: Date;
  readonly cgroups: readonly string[];
  readonly matches: ReadonlyMap<string, string>;
}

type Value = string | number | Date | readonly string[] | ReadonlyMap<string, string> | undefined;
type Expression = (process: Named) => Value;

/** A template that was read; gives the name of a process's group. */
export type NameTemplate = (process: Named) => string;

const fields: Readonly<Record<string, Expression>> = {
  Comm: ({ comm }) => comm,
  ExeBase: ({ exeBase }) => exeBase,
  ExeFull: ({ exeFull }) => exeFull,
  Username: ({ username }) => username,
  Cwd: ({ cwd }) => cwd,
  PID: ({ pid }) => pid,
  StartTime: ({ startTime }) => startTime,
  Cgroups: ({ cgroups }) => cgroups,
  Matches: ({ matches }) => matches,
};

// A text up to an action or to the end; an action, which may take the white space on one or both sides.
const piece = /([^]*?)(?:\{\{(-\s)?\s*((?:"(?:[^"\\]|\\.)*"|`[^`]*`|\/\*[^]*?\*\/|(?!\}\})[^])*?)\s*(\s-)?\}\}|$)/y;
const word = /\s*("(?:[^"\\]|\\.)*"|`[^`]*`|\d+|\.[\w.]+|\w+|\S)/gy;

interface Token {
  readonly kind: 'text' | 'action';
  readonly source: string;
}

function tokens(source: string): Token[] {
  const found: Token[] = [];
  let trimNext = false;
  piece.lastIndex = 0;
  for (;;) {
    const [whole = '', text = '', trimBefore, action, trimAfter] = piece.exec(source) ?? [];
    let shown = trimNext ? text.trimStart() : text;
    if (trimBefore !== undefined) shown = shown.trimEnd();
    if (shown !== '') found.push({ kind: 'text', source: shown });
    if (action === undefined) {
      if (whole.includes('{{')) throw new SyntaxError('an action is not closed by "}}"');
      return found;
    }
    if (!action.startsWith('/*')) found.push({ kind: 'action', source: action });
    trimNext = trimAfter !== undefined;
  }
}

/** One operand: a field or a constant. */
function operand(source: string | undefined): Expression {
  if (source === undefined) throw new SyntaxError('a value is missing');
  if (/^\d+$/.test(source)) return () => Number(source);
  if (source.startsWith('`')) return () => source.slice(1, -1);
  if (source.startsWith('"')) {
    const text: unknown = JSON.parse(source);
    return () => String(text);
  }
  const [, name = '', key, ...more] = source.split('.');
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!source.startsWith('.') || field === undefined) {
    throw new SyntaxError(
      `${JSON.stringify(source)} is none of ${Object.keys(fields)
        .map((field) => `.${field}`)
        .join(', ')}`,
    );
  }
  if (key === undefined) return field;
  if (name !== 'Matches' || more.length > 0) throw new SyntaxError(`.${name} has no parts`);
  return ({ matches }) => matches.get(key);
}

function expression(source: string): Expression {
  const [first = '', ...rest] = [...source.matchAll(word)].map(([, text = '']) => text);
  if (first !== 'index') {
    if (rest.length > 0 || first === '') throw new SyntaxError(`${JSON.stringify(source)} is not understood`);
    return operand(first);
  }
  const [of, at] = rest.map(operand);
  if (of === undefined || at === undefined || rest.length > 2) {
    throw new SyntaxError('index takes a list or a map and a key');
  }
  return (process) => {
    const list = of(process);
    const key = at(process);
    if (list instanceof Map) return typeof key === 'string' ? ((list.get(key) as string | undefined) ?? '') : undefined;
    return Array.isArray(list) && typeof key === 'number' ? (list[key] as string | undefined) : undefined;
  };
}

function isTrue(value: Value): boolean {
  if (value === undefined || value === '' || value === 0) return false;
  if (Array.isArray(value)) return value.length > 0;
  return !(value instanceof Map) || value.size > 0;
}

/** A value as Go prints it. */
function shown(value: Value): string {
  if (value === undefined) return '<no value>';
  if (typeof value === 'string') return value;
  if (value instanceof Date) {
    const [day, time = ''] = value.toISOString().split('T');
    return `${day} ${time.replace(/\.?0*Z$/, '')} +0000 UTC`;
  }
  if (Array.isArray(value)) return `[${value.join(' ')}]`;
  if (value instanceof Map) {
    const pairs = [...(value as ReadonlyMap<string, string>)].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `map[${pairs.map(([key, text]) => `${key}:${text}`).join(' ')}]`;
  }
  return typeof value === 'number' ? String(value) : '';
}

const functionWords =
  /^(?:range|with|template|block|define|break|continue|printf|print|println|len|slice|html|js|urlquery|and|or|not|eq|ne|lt|le|gt|ge|call)\b/;

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(source: string) {
    this.#tokens = tokens(source);
  }

  whole(): NameTemplate {
    const [parts, end] = this.#sequence();
    if (end !== undefined) throw new SyntaxError(`"${end}" without an "if"`);
    return parts;
  }

  /** What stands up to an `else` or an `end`, which is given too, or up to the end of the template. */
  #sequence(): [NameTemplate, string | undefined] {
    const parts: NameTemplate[] = [];
    const join = (process: Named): string => parts.map((part) => part(process)).join('');
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined) return [join, undefined];
      this.#at += 1;
      const { kind, source } = token;
      if (kind === 'text') parts.push(() => source);
      else if (/^(?:end$|else\b)/.test(source)) return [join, source];
      else if (/^if\b/.test(source)) parts.push(this.#choice(source.slice(2)));
      else if (functionWords.test(source)) {
        throw new SyntaxError(`"${/^\w+/.exec(source)![0]}" is not understood: only fields, index and if are`);
      } else {
        const value = expression(source);
        parts.push((process) => shown(value(process)));
      }
    }
  }

  #choice(source: string): NameTemplate {
    const condition = expression(source);
    const [yes, end] = this.#sequence();
    if (end === undefined) throw new SyntaxError('"if" without an "end"');
    if (end === 'end') return (process) => (isTrue(condition(process)) ? yes(process) : '');
    const [, other] = /^else\s+if\b([^]*)$/.exec(end) ?? [];
    let no: NameTemplate;
    if (other === undefined) {
      if (end !== 'else') throw new SyntaxError(`${JSON.stringify(end)} is not understood`);
      const [otherwise, last] = this.#sequence();
      if (last !== 'end') throw new SyntaxError('"if" without an "end"');
      no = otherwise;
    } else no = this.#choice(other);
    return (process) => (isTrue(condition(process)) ? yes(process) : no(process));
  }
}

/** Reads a template; throws a `SyntaxError` that says what is wrong with it. */
export function parseNameTemplate(source: string): NameTemplate {
  return new Parser(source).whole();
}
