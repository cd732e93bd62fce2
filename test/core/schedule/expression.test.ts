import * as fc from '../../support/properties.ts';
import { describe, expect, test } from 'vitest';
import { parseCron } from '../../../src/schedule/cron.ts';
import { parseSchedule, type Schedule } from '../../../src/schedule/expression.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A schedule that must be understood. */
function schedule(source: string): Schedule {
  const parsed = parseSchedule(source);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

function problem(source: string): string {
  const parsed = parseSchedule(source);
  return 'problem' in parsed ? parsed.problem : `understood as ${parsed.expression}`;
}

describe('a cron expression', () => {
  test.each([
    ['*/30 * * * * *', '*/30 * * * * *'],
    ['*/5 * * * *', '0 */5 * * * *'],
    ['  0   8  * *   mon-fri ', '0 0 8 * * mon-fri'],
    ['0\t8 * * *', '0 0 8 * * *'],
    ['0 0 1 jan *', '0 0 0 1 jan *'],
    ['0 0 L * *', '0 0 0 L * *'],
    ['0 0 * * 1#2', '0 0 0 * * 1#2'],
  ])('of 5 or 6 fields is brought to 6: %j', (source, expression) => {
    expect(schedule(source)).toMatchObject({ source: source.trim(), expression });
  });

  test.each([
    ['@yearly', '0 0 0 1 1 *'],
    ['@annually', '0 0 0 1 1 *'],
    ['@monthly', '0 0 0 1 * *'],
    ['@weekly', '0 0 0 * * 0'],
    ['@daily', '0 0 0 * * *'],
    ['@midnight', '0 0 0 * * *'],
    ['@hourly', '0 0 * * * *'],
    ['@Hourly', '0 0 * * * *'],
  ])('may be a nickname: %s', (source, expression) => {
    expect(schedule(source)).toMatchObject({ source, expression });
  });

  test.each(['@reboot', '@fortnightly', '@'])('may not be a nickname that does not exist: %s', (source) => {
    expect(problem(source)).toBe(`"${source}": pattern includes illegal characters`);
  });
});

describe('a duration', () => {
  test.each([
    ['1s', '*/1 * * * * *'],
    ['30s', '*/30 * * * * *'],
    ['60s', '0 */1 * * * *'],
    ['5m', '0 */5 * * * *'],
    ['300s', '0 */5 * * * *'],
    ['1h', '0 0 */1 * * *'],
    ['12h', '0 0 */12 * * *'],
    ['24h', '0 0 0 * * *'],
    ['1d', '0 0 0 * * *'],
    ['7d', '0 0 0 * * 0'],
    ['1w', '0 0 0 * * 0'],
    [' 30s ', '*/30 * * * * *'],
  ])('is shorthand for a cron expression: %j', (source, expression) => {
    expect(schedule(source)).toMatchObject({ source: source.trim(), expression });
  });

  test('may be any that divides the next larger unit, and is its own period and spread', () => {
    const durations = [
      ...[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30].flatMap((step) => [
        [`${step}s`, step * second] as const,
        [`${step}m`, step * minute] as const,
      ]),
      ...[1, 2, 3, 4, 6, 8, 12].map((step) => [`${step}h`, step * hour] as const),
    ];

    for (const [source, ms] of durations) expect(schedule(source)).toMatchObject({ periodMs: ms, spreadMs: ms });
  });

  test.each([
    ['90s', '"1m" and "2m"'],
    ['1m30s', '"1m" and "2m"'],
    ['7s', '"6s" and "10s"'],
    ['45s', '"30s" and "1m"'],
    ['45m', '"30m" and "1h"'],
    ['5h', '"4h" and "6h"'],
    ['2d', '"1d" and "1w"'],
  ])('that cron cannot express is refused with the nearest that it can: %s', (source, nearest) => {
    expect(problem(source)).toBe(`"${source}" is not a period that cron can express; the nearest are ${nearest}`);
  });

  test.each([
    ['0', '1s'],
    ['0s', '1s'],
    ['500ms', '1s'],
    ['8d', '1w'],
  ])('beyond the shortest and the longest is refused with that: %s', (source, nearest) => {
    expect(problem(source)).toBe(`"${source}" is not a period that cron can express; the nearest is "${nearest}"`);
  });
});

describe('what node-cron would misread', () => {
  test.each([
    ['*/90 * * * * *', 'step 90 is larger than the seconds field (0-59)'],
    ['*/60 * * * * *', 'step 60 is larger than the seconds field (0-59)'],
    ['*/60 * * * *', 'step 60 is larger than the minutes field (0-59)'],
    ['0 */24 * * *', 'step 24 is larger than the hours field (0-23)'],
    ['0 0 */31 * *', 'step 31 is larger than the day of month field (1-31)'],
    ['0 0 1 */12 *', 'step 12 is larger than the month field (1-12)'],
    ['0 0 * * */7', 'step 7 is larger than the day of week field (0-6)'],
    ['0-30/75 * * * * *', 'step 75 is larger than the seconds field (0-59)'],
    ['5,*/99 * * * * *', 'step 99 is larger than the seconds field (0-59)'],
  ])('as a step larger than its field is refused: %s', (source, message) => {
    expect(problem(source)).toBe(message);
  });

  test.each([
    ['50-10 * * * * *', 'range 50-10 of the seconds field runs backwards'],
    ['0 22-2 * * *', 'range 22-2 of the hours field runs backwards'],
    ['0 0 1,20-10 * *', 'range 20-10 of the day of month field runs backwards'],
    ['0 22-2/2 * * *', 'range 22-2 of the hours field runs backwards'],
  ])('as a backward range is refused: %s', (source, message) => {
    expect(problem(source)).toBe(message);
  });

  test.each(['*/59 * * * * *', '*/40 * * * * *', '0 */23 * * *', '0-0 * * * * *', '0 0 * * */6'])(
    'does not include what merely does not divide evenly: %s',
    (source) => {
      expect(problem(source)).toContain('understood as');
    },
  );
});

describe('garbage', () => {
  const hint = 'write a duration like "30s" or a cron expression like "*/30 * * * * *"';

  test.each([
    ['nonsense', `"nonsense": expected 5 or 6 fields but got 1; ${hint}`],
    ['90', `"90": expected 5 or 6 fields but got 1; ${hint}`],
    ['-5s', `"-5s": expected 5 or 6 fields but got 1; ${hint}`],
    ['1.5s', `"1.5s": pattern includes illegal characters; ${hint}`],
    ['', `"": pattern includes illegal characters; ${hint}`],
    ['* * * *', '"* * * *": expected 5 or 6 fields but got 4'],
    ['* * * * * * *', '"* * * * * * *": expected 5 or 6 fields but got 7'],
    ['61 * * * * *', '"61 * * * * *": 61 is an invalid expression for second'],
    ['a * * * * *', '"a * * * * *": a is an invalid expression for second'],
    ['*/0 * * * * *', '"*/0 * * * * *": */0 is an invalid expression for second'],
    ['0/15 * * * * *', '"0/15 * * * * *": 0/15 is an invalid expression for second'],
    ['1-2-3 * * * * *', '"1-2-3 * * * * *": 1-2-3 is an invalid expression for second'],
    ['0 0 30 2 *', '"0 0 30 2 *": 30 2 is an impossible day of month for the given month'],
  ])('is refused with what was found: %j', (source, message) => {
    expect(problem(source)).toBe(message);
  });

  test('never throws, whatever the text', () => {
    const piece = fc.constantFrom(
      '*',
      '/',
      '-',
      ',',
      ' ',
      '0',
      '59',
      '7',
      'mon',
      'L',
      '#',
      'W',
      '?',
      '@',
      's',
      '\u{1f600}',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const parsed = parseSchedule(pieces.join(''));
        const { expression, periodMs, spreadMs } = 'problem' in parsed ? schedule('1s') : parsed;

        expect(parseCron(expression)).toHaveProperty('fields');
        expect(periodMs).toBeGreaterThanOrEqual(spreadMs);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the period', () => {
  test.each([
    ['*/30 * * * * *', 30 * second],
    ['*/7 * * * * *', 7 * second],
    ['*/40 * * * * *', 40 * second],
    ['7 * * * * *', minute],
    ['1,1 * * * * *', minute],
    ['0,10 * * * * *', 50 * second],
    ['0 */2 * * *', 2 * hour],
    ['0 */23 * * *', 23 * hour],
    ['30 2 * * *', day],
    ['0 8-18 * * *', 14 * hour],
    ['0 0 ? * ?', day],
    ['0 8 * * 1', 7 * day],
    ['0 8 * * 7', 7 * day],
    ['0 8 * * 0,7', 7 * day],
    ['0 8 * * 1-5', 3 * day],
    ['0 8 * * mon-fri', 3 * day],
    ['0 8 * * fri-mon', 4 * day],
    ['0 8 * * 1,4', 4 * day],
    ['0 8 * * 0-6', day],
    // From Thursday at 17 to Monday at 9.
    ['0 9,17 * * 1,4', 3 * day + 16 * hour],
    // From Friday at 18:55 to Monday at 8.
    ['*/5 8-18 * * 1-5', 2 * day + 13 * hour + 5 * minute],
    ['0 0 1 * *', 31 * day],
    ['0 9,17 1 * *', 30 * day + 16 * hour],
    ['0 0 1 1 *', 366 * day],
  ])('is the longest gap between two ticks: %s', (source, ms) => {
    expect(schedule(source).periodMs).toBe(ms);
  });
});

describe('the spread', () => {
  test.each([
    ['*/30 * * * * *', 30 * second],
    ['*/7 * * * * *', 4 * second],
    ['*/59 * * * * *', second],
    ['1,1 * * * * *', minute],
  ])('of a cron expression is at most the shortest gap: %s', (source, ms) => {
    expect(schedule(source).spreadMs).toBe(ms);
  });

  test.each(['*/5 * * * *', '30 2 * * *', '@hourly', '0 8 * * 1-5'])(
    'of a cron expression is at most a minute: %s',
    (source) => {
      expect(schedule(source).spreadMs).toBe(minute);
    },
  );
});
