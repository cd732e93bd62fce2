import { describe, expect, test } from 'vitest';
import { Maintenance } from '../../../src/checks/maintenance.ts';
import { parseSchedule, type Schedule } from '../../../src/schedule/expression.ts';

const minute = 60_000;

function window(expression: string, durationMs: number, timezone = 'UTC'): Maintenance {
  return new Maintenance({ schedule: parseSchedule(expression) as Schedule, durationMs, timezone });
}

function at(text: string): number {
  return Date.parse(text);
}

describe('a window', () => {
  test('is open from the moment that the expression names for as long as its duration', () => {
    const sunday = window('0 3 * * 0', 120 * minute);

    expect(sunday.isOpen(at('2026-11-22T02:59:59.999Z'))).toBe(false);
    expect(sunday.isOpen(at('2026-11-22T03:00:00Z'))).toBe(true);
    expect(sunday.isOpen(at('2026-11-22T04:59:59.999Z'))).toBe(true);
    expect(sunday.isOpen(at('2026-11-22T05:00:00Z'))).toBe(false);
    expect(sunday.isOpen(at('2026-11-23T03:30:00Z'))).toBe(false);
    expect(sunday.isOpen(at('2026-11-29T03:30:00Z'))).toBe(true);
  });

  test('that opened before the daemon started is open', () => {
    expect(window('0 3 * * 0', 120 * minute).isOpen(at('2026-11-22T04:30:00Z'))).toBe(true);
    expect(window('0 0 1 * *', 7 * 24 * 60 * minute).isOpen(at('2026-11-07T23:59:00Z'))).toBe(true);
    expect(window('0 0 1 * *', 7 * 24 * 60 * minute).isOpen(at('2026-11-08T00:00:00Z'))).toBe(false);
  });

  test('opens by the wall clock of its zone, in summer and in winter', () => {
    const vienna = window('0 3 * * *', 60 * minute, 'Europe/Vienna');

    expect(vienna.isOpen(at('2026-07-01T01:30:00Z'))).toBe(true);
    expect(vienna.isOpen(at('2026-07-01T02:30:00Z'))).toBe(false);
    expect(vienna.isOpen(at('2026-12-01T02:30:00Z'))).toBe(true);
    expect(vienna.isOpen(at('2026-12-01T01:30:00Z'))).toBe(false);
    // A zone off by three quarters of an hour.
    expect(window('0 3 * * *', 60 * minute, 'Asia/Kathmandu').isOpen(at('2026-11-21T21:15:00Z'))).toBe(true);
    expect(window('0 3 * * *', 60 * minute, 'Asia/Kathmandu').isOpen(at('2026-11-21T21:14:00Z'))).toBe(false);
  });

  test('does not open at an hour that summer time skips', () => {
    const vienna = window('30 2 * * *', 10 * minute, 'Europe/Vienna');
    const from = at('2026-03-29T00:00:00Z');

    const open = Array.from({ length: 24 * 60 }, (_, index) => from + index * minute).filter((now) =>
      vienna.isOpen(now),
    );

    expect(open).toEqual([]);
  });

  test('opens at the second that the expression names, and stays open over its next opening', () => {
    const precise = window('30 */10 * * * *', 5_000);
    expect(precise.isOpen(at('2026-11-22T10:20:29.999Z'))).toBe(false);
    expect(precise.isOpen(at('2026-11-22T10:20:30Z'))).toBe(true);
    expect(precise.isOpen(at('2026-11-22T10:20:35Z'))).toBe(false);

    const overlapping = window('0 * * * *', 90 * minute);
    for (let passed = 0; passed < 600; passed += 7) {
      expect(overlapping.isOpen(at('2026-11-22T10:00:00Z') + passed * minute)).toBe(true);
    }
  });

  test('is right again after the wall clock was set back', () => {
    const sunday = window('0 3 * * 0', 120 * minute);
    expect(sunday.isOpen(at('2026-11-22T03:30:00Z'))).toBe(true);
    expect(sunday.isOpen(at('2026-11-21T03:30:00Z'))).toBe(false);
    expect(sunday.isOpen(at('2026-11-22T03:30:00Z'))).toBe(true);
  });

  test('wants day of month and day of week both to agree, as the schedules of checks do', () => {
    const both = window('0 3 1 * 0', 60 * minute);
    expect(both.isOpen(at('2026-11-01T03:30:00Z'))).toBe(true);
    expect(both.isOpen(at('2026-12-01T03:30:00Z'))).toBe(false);
    expect(both.isOpen(at('2026-11-08T03:30:00Z'))).toBe(false);
  });
});
