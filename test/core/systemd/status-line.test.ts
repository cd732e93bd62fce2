import { expect, test } from 'vitest';
import { statusLine, type Told } from '../../../src/systemd/status-line.ts';

function told(kind: Told['kind'], ms: number | undefined, failing = false): Told {
  return { kind, failing, last: ms === undefined ? undefined : { durationSeconds: ms / 1000 } };
}

test('counts slots and failures, and adds up what a run of each collector took', () => {
  const slots = [
    told('collector', 10.2),
    told('collector', 3.9, true),
    told('collector', undefined),
    told('check', 800, true),
  ];

  expect(statusLine(slots)).toBe('3 collectors, 1 check, 2 failing; last round 14 ms');
});

test('leaves out checks where there are none', () => {
  expect(statusLine([told('collector', 1)])).toBe('1 collector, 0 failing; last round 1 ms');
});
