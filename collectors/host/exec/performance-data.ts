/**
 * Performance data as the Monitoring Plugins Development Guidelines have it: items, separated by blanks, of the form
 * `'label'=value[UOM];[warn];[crit];[min];[max]`.
 *
 * What plugins write departs from that in many ways. An item that cannot be read is left out, and the next one is looked
 * for behind the next blank, so that it costs no other.
 */

/** A range of values: `10` is 0 to 10, `10:` 10 and more, `~:10` 10 and less; alerts for what is outside, with `@` inside. */
export interface Range {
  /** -Infinity where the range is open below. */
  readonly lower: number;
  /** Infinity where the range is open above. */
  readonly upper: number;
  readonly alert: 'outside' | 'inside';
}

/** One item. */
export interface PerformanceDatum {
  readonly label: string;
  /** Undefined where the plugin says `U`: it could not find the value out. */
  readonly value: number | undefined;
  /** The unit of measurement as it is written, such as `ms`; `c` is a counter. */
  readonly unit: string;
  readonly warning?: Range;
  readonly critical?: Range;
  readonly min?: number;
  readonly max?: number;
}

/** What a text holds. */
export interface PerformanceData {
  readonly items: readonly PerformanceDatum[];
  /** How many words could not be read as an item. */
  readonly malformed: number;
}

const numeral = String.raw`[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?`;
const unitName = String.raw`[\p{L}%°/]{0,16}`;
const measured = new RegExp(`^(${numeral})(${unitName})$`, 'u');
// A unit behind a threshold is none that the guidelines know, but many write it.
const bound = new RegExp(`^(${numeral})${unitName}$`, 'u');

function numberOf(text: string | undefined): number | undefined {
  const [, digits] = bound.exec(text ?? '') ?? [];
  // Some write the comma of their language.
  const value = digits === undefined ? Number.NaN : Number(digits.replace(',', '.'));
  return Number.isFinite(value) ? value : undefined;
}

/** Reads a range; undefined where there is none or it cannot be read. */
export function parseRange(text: string | undefined): Range | undefined {
  if (text === undefined || text === '') return undefined;
  const alert = text.startsWith('@') ? 'inside' : 'outside';
  const parts = text.replace(/^@/, '').split(':');
  if (parts.length > 2) return undefined;
  const [start = '', end = ''] = parts.length === 1 ? ['0', parts[0]] : parts;
  const lower = start === '~' ? -Infinity : start === '' ? 0 : numberOf(start);
  const upper = end === '' && parts.length === 2 ? Infinity : numberOf(end);
  return lower === undefined || upper === undefined || lower > upper ? undefined : { lower, upper, alert };
}

/** The value of an item with what follows it; undefined where it is none. */
function parseValues(text: string): Omit<PerformanceDatum, 'label'> | undefined {
  const [first = '', warn, crit, least, most] = text.split(';');
  const [, digits, unit = ''] = measured.exec(first) ?? [];
  const value = digits === undefined ? undefined : numberOf(digits);
  if (first !== 'U' && value === undefined) return undefined;
  const warning = parseRange(warn);
  const critical = parseRange(crit);
  const min = numberOf(least);
  const max = numberOf(most);
  return {
    value,
    unit,
    ...(warning === undefined ? {} : { warning }),
    ...(critical === undefined ? {} : { critical }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  };
}

const quoted = /'((?:[^'\n]|'')*)'=(\S*)/y;
const plain = /([^\s='][^\s=]*)=(\S*)/y;
const word = /\S+/y;

/** Reads all items of a text. Never throws. */
export function parsePerformanceData(text: string): PerformanceData {
  const items: PerformanceDatum[] = [];
  let malformed = 0;
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    return pattern.exec(text);
  };
  for (;;) {
    while (position < text.length && /\s/.test(text[position]!)) position += 1;
    if (position >= text.length) return { items, malformed };
    const found = take(quoted) ?? take(plain);
    const [whole, label = '', values = ''] = found ?? [];
    const parsed = label === '' ? undefined : parseValues(values);
    if (whole !== undefined && parsed !== undefined) {
      items.push({ label: label.replaceAll("''", "'"), ...parsed });
      position += whole.length;
    } else {
      malformed += 1;
      position += take(word)?.[0].length ?? 1;
    }
  }
}

/** What a plugin wrote: its text, and its performance data in one. */
export interface PluginOutput {
  /** The first line. */
  readonly text: string;
  readonly performanceData: string;
}

/**
 * Takes the output of a plugin apart. On the first line performance data follows a `|`; in the longer text below, it
 * follows the first line with a `|`, to the end.
 */
export function splitOutput(output: string): PluginOutput {
  const [first = '', ...rest] = output.split(/\r?\n/);
  const cut = (line: string): readonly [string, string] => {
    const bar = line.indexOf('|');
    return bar === -1 ? [line, ''] : [line.slice(0, bar), line.slice(bar + 1)];
  };
  const [text, data] = cut(first);
  const long = rest.findIndex((line) => line.includes('|'));
  const more = long === -1 ? [] : [cut(rest[long]!)[1], ...rest.slice(long + 1)];
  return { text: text.trim(), performanceData: [data, ...more].join('\n') };
}
