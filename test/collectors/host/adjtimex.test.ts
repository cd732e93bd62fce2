import { expect, test } from 'vitest';
import { openAdjtimex, type Timex } from '../../../collectors/host/adjtimex.ts';
import { NoDataError } from '../../../src/collector.ts';

/** The state of this machine's clock; undefined where it may not be asked, as without koffi. */
async function thisClock(): Promise<Timex | undefined> {
  try {
    return (await openAdjtimex())();
  } catch (error) {
    if (error instanceof NoDataError) return undefined;
    throw error;
  }
}

const clock = await thisClock();

test.skipIf(clock === undefined)("reads fields in the kernel's order", () => {
  // The limits of adjtimex(2): a tick may be off by a tenth of its 10 ms, the frequency by 500 ppm.
  expect(clock!.tick).toBeGreaterThanOrEqual(9_000);
  expect(clock!.tick).toBeLessThanOrEqual(11_000);
  expect(Math.abs(clock!.freq)).toBeLessThanOrEqual(500 * 65_536);
  expect(clock!.state).toBeGreaterThanOrEqual(0);
  expect(clock!.state).toBeLessThanOrEqual(5);
  expect(clock!.constant).toBeLessThanOrEqual(10);
  expect(Object.values(clock!).every(Number.isSafeInteger)).toBe(true);
});
