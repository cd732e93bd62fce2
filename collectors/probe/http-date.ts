/**
 * Dates of headers, in the three forms that RFC 9110 section 5.6.7 has and Go's http.ParseTime takes. `Date.parse` takes
 * more, such as a bare number for a year, and asctime for local time.
 */

const time = String.raw`(?<hour>\d{1,2}):(?<minute>\d{2}):(?<second>\d{2})(?:[.,]\d+)?`;
const forms = [
  // RFC 1123: Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(
    String.raw`^(?<weekday>[A-Za-z]{3}), +(?<day>\d{2}) +(?<month>[A-Za-z]{3}) +(?<year>\d{4}) +${time} +GMT$`,
    'u',
  ),
  // RFC 850: Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(
    String.raw`^(?<weekday>[A-Za-z]{6,9}), +(?<day>\d{2})-(?<month>[A-Za-z]{3})-(?<year>\d{2}) +${time} +(?:GMT|UTC)$`,
    'u',
  ),
  // asctime: Sun Nov  6 08:49:37 1994
  new RegExp(
    String.raw`^(?<weekday>[A-Za-z]{3}) +(?<month>[A-Za-z]{3}) +(?<day>\d{1,2}) +${time} +(?<year>\d{4})$`,
    'u',
  ),
];

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The seconds since 1970 of a date; undefined where it is none. Nobody asks whether it is that day of the week. */
export function secondsOfHttpDate(text: string): number | undefined {
  for (const form of forms) {
    const { groups } = form.exec(text) ?? {};
    if (groups !== undefined) return secondsOf(groups);
  }
  return undefined;
}

function secondsOf(groups: Record<string, string | undefined>): number | undefined {
  const { weekday = '', month = '', year = '' } = groups;
  const name = weekday.toLowerCase();
  if (!weekdays.some((known) => (name.length === 3 ? known.startsWith(name) : known === name))) return undefined;
  const [day, hour, minute, second] = [groups.day, groups.hour, groups.minute, groups.second].map(Number);
  const monthIndex = months.indexOf(month.toLowerCase());
  if (monthIndex === -1 || hour! > 23 || minute! > 59 || second! > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(fullYear(year), monthIndex, day);
  // The thirtieth of February would have become a day of March.
  if (date.getUTCDate() !== day || date.getUTCMonth() !== monthIndex) return undefined;
  return date.setUTCHours(hour!, minute, second) / 1000;
}

/** Years of two digits are those from 1969 to 2068, as Go has it. */
function fullYear(digits: string): number {
  const year = Number(digits);
  return digits.length === 4 ? year : year + (year >= 69 ? 1900 : 2000);
}
