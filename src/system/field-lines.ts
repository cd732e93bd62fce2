/**
 * Files of lines that each tell a field and a whole number, such as /proc/vmstat and /proc/meminfo.
 *
 * The kernel writes the same fields in the same order at each read. So a line is first taken for the one that stood at its
 * place before, whose field was judged then, and its number is read without making strings: these files have hundreds of
 * lines, of which few are wanted, and they are read every few seconds.
 */

interface KnownLine<Field> {
  /** The text up to the first blank, tab or colon, with it. */
  readonly head: string;
  /** What stands behind the number. */
  readonly unit: string;
  readonly field: Field | undefined;
}

const tab = 0x09;
const blank = 0x20;
const zero = 0x30;

// So many digits are exact as they are summed up; more are left to the language, which rounds as a double does.
const exactDigits = 15;

/** The lines of one file. */
export class FieldLines<Field> {
  readonly #pattern: RegExp;
  readonly #judge: (name: string, unit: string) => Field | undefined;
  readonly #known: (KnownLine<Field> | undefined)[] = [];

  /**
   * `pattern` matches a line without its line feed, and captures the name, the number and, where there may be one, the
   * unit. `judge` gives what the field is to the reader; undefined where it is not wanted.
   */
  constructor(pattern: RegExp, judge: (name: string, unit: string) => Field | undefined) {
    this.#pattern = pattern;
    this.#judge = judge;
  }

  /** Tells the wanted fields with their numbers; gives the number of lines that tell any. A line that does not end is torn. */
  read(text: string, take: (field: Field, value: number) => void): number {
    let lines = 0;
    let from = 0;
    for (let place = 0; ; place += 1) {
      const end = text.indexOf('\n', from);
      if (end === -1) break;
      const known = this.#known[place];
      if (known !== undefined && text.startsWith(known.head, from)) {
        if (known.field === undefined) lines += 1;
        else if (takeNumber(text, from + known.head.length, end, known.unit, known.field, take)) lines += 1;
        else lines += this.#readAnew(text.slice(from, end), place, take);
      } else lines += this.#readAnew(text.slice(from, end), place, take);
      from = end + 1;
    }
    return lines;
  }

  #readAnew(line: string, place: number, take: (field: Field, value: number) => void): number {
    const match = this.#pattern.exec(line);
    if (match === null) {
      this.#known[place] = undefined;
      return 0;
    }
    const [, name = '', value, unit = ''] = match;
    const field = this.#judge(name, unit);
    const head = line.slice(0, line.search(/[ \t:]/) + 1);
    this.#known[place] = head === '' ? undefined : { head, unit, field };
    if (field !== undefined) take(field, Number(value));
    return 1;
  }
}

/** Takes the number between a head and the unit that was there before; false where there is anything else. */
function takeNumber<Field>(
  text: string,
  from: number,
  end: number,
  unit: string,
  field: Field,
  take: (field: Field, value: number) => void,
): boolean {
  let start = from;
  while (text.charCodeAt(start) === blank || text.charCodeAt(start) === tab) start += 1;
  let at = start;
  let value = 0;
  for (; at < end; at += 1) {
    const digit = text.charCodeAt(at) - zero;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  if (at === start || end - at !== unit.length || !text.startsWith(unit, at)) return false;
  take(field, at - start > exactDigits ? Number(text.slice(start, at)) : value);
  return true;
}
