/**
 * The parser of compiled time zones (RFC 9636, "TZif"), for the abbreviation that `date +%Z` shows, such as CET or -03.
 *
 * Node.js knows offsets but not these abbreviations. A file lists transitions, up to 2037 or only the past ones, and
 * ends with a rule for all later ones in the form of the TZ variable, such as `CET-1CEST,M3.5.0,M10.5.0/3`.
 */

/** The abbreviation of a zone and its offset from UTC, positive in the east, at one moment. */
export interface ZoneTime {
  readonly abbreviation: string;
  readonly offsetSeconds: number;
}

const headerLength = 44;

/** What a zone's file says for a moment, in seconds since 1970; undefined where it cannot be read. */
export function zoneTimeAt(bytes: Buffer, seconds: number): ZoneTime | undefined {
  try {
    return readZone(bytes, seconds);
  } catch (error) {
    // A file that is cut short ends in the middle of what its header announces.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readZone(bytes: Buffer, seconds: number): ZoneTime | undefined {
  const first = counts(bytes, 0);
  if (first === undefined) return undefined;
  if (first.version === 0) return inTable(bytes, headerLength, first, 4, seconds)?.zone;
  // Version 2 and later repeat the table with times of 8 bytes, and append the rule.
  const start = headerLength + tableLength(first, 4);
  const second = counts(bytes, start);
  if (second === undefined) return undefined;
  const found = inTable(bytes, start + headerLength, second, 8, seconds);
  if (found?.isLast === false) return found.zone;
  const rule = bytes.toString('latin1', start + headerLength + tableLength(second, 8)).trim();
  return (rule === '' ? undefined : byRule(rule, seconds)) ?? found?.zone;
}

interface Counts {
  readonly version: number;
  readonly utc: number;
  readonly standard: number;
  readonly leaps: number;
  readonly times: number;
  readonly types: number;
  readonly characters: number;
}

function counts(bytes: Buffer, at: number): Counts | undefined {
  if (bytes.toString('latin1', at, at + 4) !== 'TZif') return undefined;
  const number = (index: number): number => bytes.readUInt32BE(at + 20 + 4 * index);
  return {
    version: bytes.readUInt8(at + 4),
    utc: number(0),
    standard: number(1),
    leaps: number(2),
    times: number(3),
    types: number(4),
    characters: number(5),
  };
}

function tableLength({ utc, standard, leaps, times, types, characters }: Counts, timeLength: number): number {
  return times * (timeLength + 1) + types * 6 + characters + leaps * (timeLength + 4) + standard + utc;
}

function inTable(
  bytes: Buffer,
  at: number,
  { times, types, characters }: Counts,
  timeLength: 4 | 8,
  seconds: number,
): { zone: ZoneTime; isLast: boolean } | undefined {
  const time = (index: number): number =>
    timeLength === 4 ? bytes.readInt32BE(at + index * 4) : Number(bytes.readBigInt64BE(at + index * 8));
  let passed = 0;
  while (passed < times && time(passed) <= seconds) passed += 1;
  const typeIndexes = at + times * timeLength;
  const typesAt = typeIndexes + times;
  const names = typesAt + types * 6;
  // Type 0 holds before the first transition.
  const type = passed === 0 ? 0 : bytes.readUInt8(typeIndexes + passed - 1);
  if (type >= types) return undefined;
  const nameAt = names + bytes.readUInt8(typesAt + type * 6 + 5);
  const nameEnd = bytes.indexOf(0, nameAt);
  if (nameEnd === -1 || nameEnd >= names + characters) return undefined;
  return {
    zone: {
      abbreviation: bytes.toString('latin1', nameAt, nameEnd),
      offsetSeconds: bytes.readInt32BE(typesAt + type * 6),
    },
    isLast: passed === times,
  };
}

const name = String.raw`([A-Za-z]{3,}|<[\w+-]+>)`;
const clock = String.raw`([+-]?\d+(?::\d+){0,2})`;
const day = String.raw`(M\d+\.\d+\.\d+|J?\d+)(?:/${clock})?`;
const rulePattern = new RegExp(`^${name}${clock}(?:${name}${clock}?,${day},${day})?$`);

/** What a rule in the form of the TZ variable says (POSIX 1003.1, 8.3); undefined where it is none. */
export function byRule(rule: string, seconds: number): ZoneTime | undefined {
  const [, standardName, standardClock, summerName, summerClock, start, startClock, end, endClock] =
    rulePattern.exec(rule) ?? [];
  if (standardName === undefined || standardClock === undefined) return undefined;
  // The sign tells what to add to local time to get UTC: west is positive.
  const standardOffset = 0 - clockSeconds(standardClock);
  const standard = { abbreviation: standardName.replaceAll(/[<>]/g, ''), offsetSeconds: standardOffset };
  if (summerName === undefined || start === undefined || end === undefined) return standard;
  const summerOffset = summerClock === undefined ? standardOffset + 3600 : 0 - clockSeconds(summerClock);
  const year = new Date((seconds + standardOffset) * 1000).getUTCFullYear();
  // Each change is given in the local time that holds before it.
  const startsAt = daySeconds(year, start) + clockSeconds(startClock ?? '2') - standardOffset;
  const endsAt = daySeconds(year, end) + clockSeconds(endClock ?? '2') - summerOffset;
  const isSummer =
    startsAt < endsAt ? seconds >= startsAt && seconds < endsAt : seconds >= startsAt || seconds < endsAt;
  return isSummer ? { abbreviation: summerName.replaceAll(/[<>]/g, ''), offsetSeconds: summerOffset } : standard;
}

function clockSeconds(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text
    .replace(/^[+-]/, '')
    .split(':')
    .map((part) => Number(part));
  const total = hours * 3600 + minutes * 60 + seconds;
  return text.startsWith('-') ? -total : total;
}

/** Midnight, as if it were UTC, of a day of a year: `M3.5.0` (last Sunday of March), `J60` (never 29 February) or `59`. */
function daySeconds(year: number, text: string): number {
  const utc = (month: number, date: number): number => Date.UTC(year, month, date) / 1000;
  if (!text.startsWith('M')) {
    const number = Number(text.replace('J', ''));
    if (!text.startsWith('J')) return utc(0, 1 + number);
    const isLeap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
    return utc(0, isLeap && number >= 60 ? number + 1 : number);
  }
  const [month = 1, week = 1, weekday = 0] = text.slice(1).split('.').map(Number);
  const firstWeekday = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
  const lastDate = new Date(Date.UTC(year, month, 0)).getUTCDate();
  let date = 1 + ((weekday - firstWeekday + 7) % 7) + (week - 1) * 7;
  if (date > lastDate) date -= 7;
  return utc(month - 1, date);
}
