/**
 * /proc/PID/stat as bytes (man 5 proc_pid_stat): the one file that is read of every process at each run.
 *
 * Quirks  The name in the second field is bytes that its owner chose, blanks and parentheses included.
 */

/** What is taken from the file; times are in clock ticks, of which there are 100 in a second. */
export interface ProcessStat {
  /** The name of the program, at most 15 bytes. */
  readonly comm: string;
  readonly state: string;
  readonly parent: number;
  readonly minorFaults: number;
  readonly majorFaults: number;
  readonly userTicks: number;
  readonly systemTicks: number;
  readonly threads: number;
  /** When it started, since the host did. With the number of the process it names one for ever. */
  readonly startTicks: number;
  readonly virtualBytes: number;
  readonly residentPages: number;
}

const lineFeed = 0x0a;
const blank = 0x20;
const nameStart = 0x28; // (
const nameEnd = 0x29; // )

const firstNumber = 4;
const lastNumber = 24;

/** The numbers by the field that holds them, counted from 1 as the manual does. Used again for each file. */
const fields = new Float64Array(lastNumber + 1);

/**
 * Reads the fields from the parent up to the resident pages; false where one is missing. A negative one, such as a
 * priority, is read as NaN, as none of those wanted can be negative.
 */
function readNumbers(bytes: Buffer, from: number): boolean {
  let at = from;
  for (let field = firstNumber; field <= lastNumber; field += 1) {
    let value = 0;
    const start = at;
    for (let byte = bytes[at]; byte !== blank && byte !== lineFeed; byte = bytes[at]) {
      if (byte === undefined) return false;
      value = byte >= 0x30 && byte <= 0x39 ? value * 10 + byte - 0x30 : Number.NaN;
      at += 1;
    }
    if (at === start) return false;
    fields[field] = value;
    at += 1;
  }
  return true;
}

/** The figures of a process or a thread; undefined where the text is torn. */
export function parseProcessStat(bytes: Buffer): ProcessStat | undefined {
  if (bytes.at(-1) !== lineFeed) return undefined;
  const name = bytes.indexOf(nameStart);
  const end = bytes.lastIndexOf(nameEnd);
  const state = bytes[end + 2] ?? 0;
  const isLetter = (state >= 0x41 && state <= 0x5a) || (state >= 0x61 && state <= 0x7a);
  if (name === -1 || end < name || !isLetter || bytes[end + 1] !== blank || bytes[end + 3] !== blank) return undefined;
  if (!readNumbers(bytes, end + 4)) return undefined;
  const stat: ProcessStat = {
    comm: bytes.toString('utf8', name + 1, end),
    state: String.fromCharCode(state),
    parent: fields[4]!,
    minorFaults: fields[10]!,
    majorFaults: fields[12]!,
    userTicks: fields[14]!,
    systemTicks: fields[15]!,
    threads: fields[20]!,
    startTicks: fields[22]!,
    virtualBytes: fields[23]!,
    residentPages: fields[24]!,
  };
  const sum =
    stat.parent +
    stat.minorFaults +
    stat.majorFaults +
    stat.userTicks +
    stat.systemTicks +
    stat.threads +
    stat.startTicks +
    stat.virtualBytes +
    stat.residentPages;
  return Number.isNaN(sum) ? undefined : stat;
}
