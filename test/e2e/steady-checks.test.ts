import { expect, test } from 'vitest';
import { parseExposition } from '../../src/exposition/parse.ts';
import { checksOf, countOf, delaysBetween, probeMs, scheduleFrom, startDelays } from '../support/check-load.ts';
import { fetchText, startDaemon, startProgram, type TestDaemon, until } from '../support/program.ts';

const count = 5000;
const periodS = 30;
const collectors = 'collectors: { disable_defaults: true, loadavg: true }\n';

/** A server in a process of its own that answers at once. */
async function fastServer(): Promise<string> {
  const script = new URL('../support/slow-server.mjs', import.meta.url).pathname;
  const program = startProgram(process.execPath, [script, '0', '1000000000', `${count}`]);
  const port = await until(() => /^\d+$/m.exec(program.output())?.[0], program.output);
  return `http://127.0.0.1:${port}`;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

const ofItself = async ({ url }: TestDaemon) => parseExposition(await fetchText(`${url}/metrics?collect[]=loadavg`));

/** The median of what a probe takes that has the daemon for itself. */
async function aloneMs(target: string): Promise<number> {
  const daemon = await startDaemon(collectors + checksOf(1, target, '1s', 900));
  const found: number[] = [];
  for (let look = 0; look < 8; look += 1) {
    await sleep(1000);
    found.push(...probeMs(await fetchText(`${daemon.url}/metrics`)));
  }
  await daemon.end();
  return median(found);
}

test('5,000 checks every 30 s all start at their time, and a fast target looks as fast as alone', async () => {
  const target = await fastServer();
  const alone = await aloneMs(target);
  // Less than a period, as the tick before must be over when it starts.
  const { schedule, firstTick } = scheduleFrom(periodS, 28);
  const daemon = await startDaemon(collectors + checksOf(count, target, schedule, 5000));
  await until(async () => (await fetch(`${daemon.url}/-/ready`)).status === 200, daemon.output, 60_000);
  await sleep(Math.max(0, firstTick - Date.now()));
  const before = startDelays(await ofItself(daemon));
  const latencies: number[] = [];
  for (let scrape = 0; scrape < 2; scrape += 1) {
    await sleep((periodS / 2) * 1000);
    latencies.push(median(probeMs(await fetchText(`${daemon.url}/metrics`))));
  }
  const after = await ofItself(daemon);
  const delays = delaysBetween(before, startDelays(after));
  const ran = countOf(new Map(delays));
  const within = (seconds: number) => delays.find(([bound]) => bound === seconds)![1] / ran;
  const skipped = after.find(({ family }) => family.name === 'vitald_check_skipped_runs_total');
  process.stdout.write(
    `${ran} checks in ${periodS} s: ${(within(0.1) * 100).toFixed(1)} % within 100 ms of their time; a probe took ` +
      `${latencies.map((each) => each.toFixed(2)).join(' and ')} ms, alone ${alone.toFixed(2)} ms\n`,
  );

  expect(ran).toBeGreaterThan(0.9 * count);
  expect(skipped?.samples.map(({ value }) => value)).toEqual([0]);
  // The goals are 100 ms for 99 in 100 and 2 ms more, which `npm run bench` measures where nothing else runs. Two cores
  // that others use too are late by more; what breaks by the daemon's own doing is late by seconds.
  expect(within(1)).toBeGreaterThan(0.99);
  expect(Math.min(...latencies)).toBeLessThan(4 * alone + 25);
}, 180_000);
