/**
 * The Prometheus text format (0.0.4) to families and samples, as Prometheus' own parser reads it.
 *
 * What others wrote comes in here, so every departure from the format is refused with the number of its line. A text that
 * does not end with a line feed was cut off and is refused too: `up 12` may have been `up 1234`.
 */
import type { FamilyHead, FamilyType, Sample } from '../collector.ts';

/** A sample that was read; `timestampMs` where its line has one. */
export interface ParsedSample extends Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly timestampMs?: number;
}

/** A family that was read, in the order in which the text names them; it has at least one sample. */
export interface ParsedFamily {
  readonly family: FamilyHead;
  /** Whether the text has a HELP line for it; `family.help` is empty otherwise. */
  readonly helpGiven: boolean;
  readonly samples: readonly ParsedSample[];
}

/** The text departs from the format; `line` and `column` count from 1. */
export class ExpositionError extends Error {
  readonly line: number;
  readonly column: number;
  readonly problem: string;

  constructor(line: number, column: number, problem: string) {
    super(`line ${line}: ${problem}`);
    this.name = 'ExpositionError';
    this.line = line;
    this.column = column;
    this.problem = problem;
  }
}

/** A family while it is read; it is the head of its samples from the first one on. */
class Draft implements FamilyHead {
  readonly name: string;
  readonly mayBeNaN = true;
  readonly samples: ParsedSample[] = [];
  givenType: FamilyType | undefined;
  givenHelp: string | undefined;
  labelNames: readonly string[] = [];
  readonly #labels = new Set<string>();

  constructor(name: string) {
    this.name = name;
  }

  get type(): FamilyType {
    return this.givenType ?? 'untyped';
  }

  get help(): string {
    return this.givenHelp ?? '';
  }

  add(sample: ParsedSample): void {
    for (const name of Object.keys(sample.labels)) this.#labels.add(name);
    this.samples.push(sample);
  }

  finish(): ParsedFamily {
    const { name, type, help, mayBeNaN } = this;
    const family: FamilyHead = { name, type, help, labelNames: [...this.#labels].toSorted(), mayBeNaN };
    const samples = this.samples.map((sample) => ({ ...sample, family }));
    return { family, helpGiven: this.givenHelp !== undefined, samples };
  }
}

const types: ReadonlySet<string> = new Set<FamilyType>(['counter', 'gauge', 'untyped', 'histogram', 'summary']);

const isType = (word: string): word is FamilyType => types.has(word);

// What Go's ParseFloat takes, without the hexadecimal and underscored forms that the format leaves out.
const finite = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const infinite = /^([+-]?)inf(?:inity)?$/i;

/** A number as the format writes it; undefined where the text is none. */
export function parseValue(text: string): number | undefined {
  if (finite.test(text)) {
    const value = Number(text);
    // Go takes what is too small for zero, but refuses what is too large.
    return Number.isFinite(value) ? value : undefined;
  }
  if (/^nan$/i.test(text)) return Number.NaN;
  const sign = infinite.exec(text)?.[1];
  return sign === undefined ? undefined : sign === '-' ? -Infinity : Infinity;
}

const largestTimestamp = 2n ** 63n;

function parseTimestamp(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const exact = BigInt(text.replace(/^\+/, ''));
  return exact < largestTimestamp && exact >= -largestTimestamp ? Number(exact) : undefined;
}

const meanings: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', '"': '"' };

/** Reads a text once, line by line. */
class Reader {
  readonly #families = new Map<string, Draft>();
  #text = '';
  #position = 0;
  /** Where the word starts that was read last, for errors. */
  #mark = 0;
  #line = 0;
  readonly #toServe: boolean;

  constructor(toServe: boolean) {
    this.#toServe = toServe;
  }

  read(text: string): ParsedFamily[] {
    const lines = text.split('\n');
    for (const [index, line] of lines.entries()) {
      this.#text = line;
      this.#position = 0;
      this.#mark = 0;
      this.#line = index + 1;
      this.#skipBlanks();
      if (this.#atEnd()) continue;
      if (index === lines.length - 1)
        this.#failAt(line.length, 'the text ends without a line feed, so it may have been cut off');
      if (this.#peek() === '#') this.#comment();
      else this.#sample();
    }
    return [...this.#families.values()].filter(({ samples }) => samples.length > 0).map((draft) => draft.finish());
  }

  #comment(): void {
    this.#position += 1;
    this.#skipBlanks();
    const keyword = this.#word();
    if (keyword !== 'HELP' && keyword !== 'TYPE') return;
    this.#skipBlanks();
    if (this.#atEnd()) return;
    const name = this.#take(/[a-zA-Z_:][a-zA-Z0-9_:]*/y);
    if (name === undefined || !(this.#atEnd() || this.#isBlank())) this.#fail(`invalid metric name after ${keyword}`);
    this.#skipBlanks();
    const { draft } = this.#resolve(name);
    const rest = this.#text.slice(this.#position);
    if (rest === '') return;
    if (keyword === 'HELP') this.#help(draft, rest);
    else this.#type(draft, rest.trimEnd());
  }

  #help(draft: Draft, rest: string): void {
    if (draft.givenHelp !== undefined) this.#fail(`second HELP line for ${draft.name}`);
    draft.givenHelp = rest.replaceAll(/\\(.?)/g, (_, escaped: string) => this.#unescape(escaped));
  }

  #type(draft: Draft, word: string): void {
    if (draft.givenType !== undefined || draft.samples.length > 0) {
      this.#fail(`second TYPE line for ${draft.name}, or TYPE after its samples`);
    }
    const type = word.toLowerCase();
    if (!isType(type)) this.#failAt(this.#position, `unknown metric type ${JSON.stringify(word)}`);
    draft.givenType = type;
  }

  #sample(): void {
    const name = this.#take(/[a-zA-Z_:][a-zA-Z0-9_:]*/y);
    if (name === undefined) this.#fail('invalid metric name');
    this.#skipBlanks();
    const { draft, suffix } = this.#resolve(name);
    const labels = this.#peek() === '{' ? this.#labels(name) : {};
    this.#checkParts(draft, suffix, labels);
    this.#skipBlanks();
    const valueText = this.#word();
    const value = parseValue(valueText);
    if (value === undefined) this.#fail(`expected a number as the value, found ${JSON.stringify(valueText)}`);
    this.#skipBlanks();
    let timestampMs: number | undefined;
    if (!this.#atEnd()) {
      const text = this.#word();
      timestampMs = parseTimestamp(text);
      if (timestampMs === undefined) this.#fail(`expected an integer as the timestamp, found ${JSON.stringify(text)}`);
      if (this.#toServe) this.#fail(`${draft.name} has a timestamp, which would make its samples old ones`);
      this.#skipBlanks();
    }
    if (!this.#atEnd()) {
      this.#failAt(this.#position, `unexpected text at the end: ${JSON.stringify(this.#text.slice(this.#position))}`);
    }
    draft.add({
      family: draft,
      value,
      labels,
      ...(suffix !== undefined && { suffix }),
      ...(timestampMs !== undefined && { timestampMs }),
    });
  }

  /** The parts of a histogram and of a summary have names and a label of their own. */
  #checkParts(draft: Draft, suffix: string | undefined, labels: Readonly<Record<string, string>>): void {
    const { type, name } = draft;
    if (type !== 'histogram' && type !== 'summary') return;
    if (suffix === '_sum' || suffix === '_count') return;
    if (type === 'histogram' && suffix === undefined) this.#fail(`histogram ${name} needs _bucket, _sum or _count`);
    const label = type === 'histogram' ? 'le' : 'quantile';
    const bound = labels[label];
    if (bound === undefined) this.#fail(`${type} ${name} needs the label ${label}`);
    if (parseValue(bound) === undefined) this.#fail(`expected a number as ${label}, found ${JSON.stringify(bound)}`);
  }

  #labels(metric: string): Record<string, string> {
    // A label may be called __proto__.
    const labels = Object.create(null) as Record<string, string>;
    this.#position += 1;
    for (;;) {
      this.#skipBlanks();
      if (this.#peek() === '}') break;
      const name = this.#take(/[a-zA-Z_][a-zA-Z0-9_]*/y);
      if (name === undefined) this.#fail(`invalid label name for ${metric}`);
      if (name === '__name__') this.#fail('the label name "__name__" is reserved');
      if (this.#toServe && name.startsWith('__')) this.#fail(`the label ${name} of ${metric} is reserved`);
      if (name in labels) this.#fail(`label ${name} of ${metric} is given twice`);
      this.#skipBlanks();
      this.#expect('=', `after label ${name}`);
      this.#skipBlanks();
      this.#expect('"', `before the value of label ${name}`);
      labels[name] = this.#labelValue(name);
      this.#skipBlanks();
      if (this.#peek() === '}') break;
      this.#expect(',', `or "}" after label ${name}`);
    }
    this.#position += 1;
    return labels;
  }

  #labelValue(name: string): string {
    const raw = this.#take(/(?:[^"\\]|\\.)*/y) ?? '';
    if (this.#peek() !== '"') this.#fail(`the value of label ${name} does not end`);
    this.#position += 1;
    return raw.includes('\\') ? raw.replaceAll(/\\(.)/g, (_, escaped: string) => this.#unescape(escaped)) : raw;
  }

  /** The family that a name belongs to: its own where there is one, else the histogram or summary that it is a part of. */
  #resolve(name: string): { draft: Draft; suffix: string | undefined } {
    const own = this.#families.get(name);
    if (own !== undefined) return { draft: own, suffix: undefined };
    const [, base, suffix] = /^(.+)(_bucket|_sum|_count)$/.exec(name) ?? [];
    const whole = base === undefined ? undefined : this.#families.get(base);
    if (whole?.type === 'histogram' || (whole?.type === 'summary' && suffix !== '_bucket')) {
      return { draft: whole, suffix };
    }
    const draft = new Draft(name);
    this.#families.set(name, draft);
    return { draft, suffix: undefined };
  }

  #unescape(escaped: string): string {
    return meanings[escaped] ?? this.#fail(`invalid escape sequence ${JSON.stringify(`\\${escaped}`)}`);
  }

  #take(pattern: RegExp): string | undefined {
    this.#mark = this.#position;
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#position += found.length;
    return found;
  }

  #word(): string {
    return this.#take(/[^ \t]*/y) ?? '';
  }

  #expect(character: string, where: string): void {
    if (this.#peek() !== character) {
      this.#failAt(
        this.#position,
        `expected ${JSON.stringify(character)} ${where}, found ${JSON.stringify(this.#peek())}`,
      );
    }
    this.#position += 1;
  }

  #skipBlanks(): void {
    while (this.#isBlank()) this.#position += 1;
  }

  #isBlank(): boolean {
    return this.#peek() === ' ' || this.#peek() === '\t';
  }

  #peek(): string {
    return this.#text[this.#position] ?? '';
  }

  #atEnd(): boolean {
    return this.#position >= this.#text.length;
  }

  #fail(problem: string): never {
    this.#failAt(this.#mark, problem);
  }

  #failAt(position: number, problem: string): never {
    throw new ExpositionError(this.#line, position + 1, problem);
  }
}

/** Reads a text; throws `ExpositionError` at the first line that departs from the format. */
export function parseExposition(text: string): ParsedFamily[] {
  return new Reader(false).read(text);
}

/**
 * Reads a text whose samples are to be served as one's own. It must have no timestamps, as Prometheus would take the
 * samples for old ones long after their source stopped, and no labels that Prometheus keeps for itself.
 */
export function parseToServe(text: string): ParsedFamily[] {
  return new Reader(true).read(text);
}
