/** Ten thousand checks for ten minutes or more, scraped every second: whether anything grows, and whether anything starts late. */
import { readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseExposition } from '../../../src/exposition/parse.ts';
import { checksOf, countOf, delaysBetween, scheduleFrom, startDelays } from '../../support/check-load.ts';
import { until } from '../../support/program.ts';
import { residentMb } from '../cpu-time.ts';
import { sleep } from '../pace.ts';
import { scrape, type Serving } from '../programs.ts';
import type { Measured, Row } from '../row.ts';
import { mean, median, slope } from '../statistics.ts';

const count = 10_000;
const periodS = 30;

/** What the daemon says of itself alone. */
async function delaysOf({ url }: Serving): Promise<ReturnType<typeof startDelays>> {
  const text = gunzipSync(await scrape(`${url}/metrics?collect[]=loadavg`, { gzip: true })).toString();
  return startDelays(parseExposition(text));
}

interface Look {
  readonly minute: number;
  readonly megabytes: number;
  readonly descriptors: number;
}

const lookAt = ({ pid }: Serving, from: number): Look => ({
  minute: (performance.now() - from) / 60_000,
  megabytes: residentMb(pid),
  descriptors: readdirSync(`/proc/${pid}/fd`).length,
});

export const soak: Row = {
  name: 'soak',
  gives: ['soak-memory', 'soak-lateness', 'soak-descriptors'],
  long: true,
  async run(bench): Promise<Measured[]> {
    const minutes = bench.soakMinutes;
    const settled = bench.quick ? 1 : 2;
    const nginx = await bench.nginx();
    const { schedule, firstTick } = scheduleFrom(periodS, 25);
    const daemon = await bench.vitald(
      `collectors: { disable_defaults: true, loadavg: true }\n${checksOf(count, nginx.url, schedule, 5000)}`,
      { manyChecks: true },
    );
    const ready = async (): Promise<boolean> => (await fetch(`${daemon.url}/-/ready`)).status === 200;
    await until(ready, () => `${count} checks did not all run`, 120_000);
    await sleep(Math.max(0, firstTick - Date.now()));

    const from = performance.now();
    const looks: Look[] = [];
    let before: ReturnType<typeof startDelays> | undefined;
    for (let second = 1; second <= minutes * 60; second += 1) {
      await scrape(`${daemon.url}/metrics`, { gzip: true });
      if (second > settled * 60) {
        before ??= await delaysOf(daemon);
        looks.push(lookAt(daemon, from));
      }
      await sleep(Math.max(0, second * 1000 - (performance.now() - from)));
    }
    const delays = delaysBetween(before!, await delaysOf(daemon));
    await Promise.all([daemon, nginx].map((program) => program.end()));

    const ran = countOf(new Map(delays));
    const due = ((minutes - settled) * 60 * count) / periodS;
    if (ran < 0.95 * due) throw new Error(`${ran} checks ran where ${due} were due`);
    const latest = delays.find(([, upTo]) => upTo === ran)![0];
    const sixth = Math.ceil(looks.length / 6);
    const sixths = Array.from({ length: 6 }, (_, index) => looks.slice(index * sixth, (index + 1) * sixth));
    const [first, last] = [looks.slice(0, sixth), looks.slice(-sixth)];
    const of = (part: readonly Look[], key: 'megabytes' | 'descriptors'): number => mean(part.map((look) => look[key]));
    const about = `${count} checks every ${periodS} s, a scrape every second, minute ${settled} to ${minutes}`;
    return [
      {
        name: 'soak-memory',
        what: 'resident memory gained in a minute',
        against: 'itself',
        unit: 'MB',
        values: [slope(looks.map(({ minute, megabytes }) => [minute, megabytes]))],
        goal: 1,
        note: `${sixths.map((part) => of(part, 'megabytes').toFixed(0)).join(', ')} MB by sixths of the time; ${about}`,
      },
      {
        name: 'soak-lateness',
        what: 'the latest start of all',
        against: 'the schedule',
        unit: 'ms',
        values: [latest * 1000],
        goal: 250,
        note: `the upper bound of its bucket; ${delays.map(([bound, upTo]) => `${upTo} within ${bound} s`).join(', ')}; ${about}`,
      },
      {
        name: 'soak-descriptors',
        what: 'open descriptors at last',
        against: 'at first',
        unit: 'ratio',
        values: [of(last, 'descriptors') / of(first, 'descriptors')],
        goal: 1.2,
        note: `${of(first, 'descriptors').toFixed(0)} at first, ${of(last, 'descriptors').toFixed(0)} at last, in the middle ${median(looks.map(({ descriptors }) => descriptors))}, those of probes under way among them; ${about}`,
      },
    ];
  },
};
