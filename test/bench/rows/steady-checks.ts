/** Five thousand checks every 30 s for three minutes: how late they start, and what that adds to a fast probe. */
import { gunzipSync } from 'node:zlib';
import { parseExposition } from '../../../src/exposition/parse.ts';
import { checksOf, countOf, delaysBetween, probeMs, scheduleFrom, startDelays } from '../../support/check-load.ts';
import { until } from '../../support/program.ts';
import { sleep } from '../pace.ts';
import { scrape, type Serving } from '../programs.ts';
import type { Bench, Measured, Row } from '../row.ts';
import { median, quantileBound } from '../statistics.ts';

const count = 5000;
const periodS = 30;
const collectors = 'collectors: { disable_defaults: true, loadavg: true }\n';

const text = async ({ url }: Serving, query = ''): Promise<string> =>
  gunzipSync(await scrape(`${url}/metrics${query}`, { gzip: true })).toString();

/** What the daemon says of itself alone. */
const delaysOf = async (daemon: Serving) => startDelays(parseExposition(await text(daemon, '?collect[]=loadavg')));

/** The median of what a probe takes that has the daemon for itself. */
async function aloneMs(bench: Bench, target: string): Promise<number> {
  const daemon = await bench.vitald(collectors + checksOf(1, target, '1s', 900));
  await sleep(3000);
  const found: number[] = [];
  for (let look = 0; look < (bench.quick ? 10 : 30); look += 1) {
    await sleep(1000);
    found.push(...probeMs(await text(daemon)));
  }
  await daemon.end();
  return median(found);
}

export const steadyChecks: Row = {
  name: 'steady-checks',
  gives: ['steady-lateness', 'steady-latency'],
  long: true,
  async run(bench): Promise<Measured[]> {
    const nginx = await bench.nginx();
    const alone = await aloneMs(bench, nginx.url);
    const { schedule, firstTick } = scheduleFrom(periodS, 25);
    const daemon = await bench.vitald(collectors + checksOf(count, nginx.url, schedule, 5000));
    const ready = async (): Promise<boolean> => (await fetch(`${daemon.url}/-/ready`)).status === 200;
    await until(ready, () => `${count} checks did not all run`, 120_000);
    // One period for the compiler, from its first tick to the next.
    await sleep(Math.max(0, firstTick - Date.now()) + periodS * 1000);

    const lateMs: number[] = [];
    const addedMs: number[] = [];
    let ran = 0;
    const windows = bench.quick ? 1 : 6;
    for (let window = 0; window < windows; window += 1) {
      const before = await delaysOf(daemon);
      const from = performance.now();
      await sleep((periodS / 2) * 1000);
      // As Prometheus does it by default, every 15 s.
      await scrape(`${daemon.url}/metrics`, { gzip: true });
      await sleep(periodS * 1000 - (performance.now() - from));
      const after = await delaysOf(daemon);
      const delays = delaysBetween(before, after);
      lateMs.push(quantileBound(0.99, delays) * 1000);
      ran += countOf(after) - countOf(before);
      addedMs.push(median(probeMs(await text(daemon))) - alone);
      bench.say(`steady-checks: ${delays.map(([bound, value]) => `${bound} s: ${value}`).join(', ')}`);
    }
    await Promise.all([daemon, nginx].map((program) => program.end()));
    const expected = windows * count;
    if (ran < 0.95 * expected) throw new Error(`${ran} checks ran where ${expected} were due`);
    const about = `${windows} x ${periodS} s, scraped every 15 s`;
    return [
      {
        name: 'steady-lateness',
        what: `how late ${count} checks every ${periodS} s start, 99th percentile`,
        against: 'the schedule',
        unit: 'ms',
        values: lateMs,
        goal: 100,
        note: `the upper bound of its bucket in vitald_run_start_delay_seconds; ${about}`,
      },
      {
        name: 'steady-latency',
        what: `what a probe of a fast target takes more among ${count} checks, median`,
        against: 'a check alone',
        unit: 'ms',
        values: addedMs,
        goal: 2,
        note: `${alone.toFixed(2)} ms alone; probe_duration_seconds of all checks; ${about}`,
      },
    ];
  },
};
