/** Ten thousand checks: a share of a core, how late they start, and how long a scrape of their series blocks; and growth. */
import { gunzipSync } from 'node:zlib';
import { type ParsedFamily, parseExposition } from '../../../src/exposition/parse.ts';
import { countOf, delaysBetween, scheduleFrom, startDelays } from '../../support/check-load.ts';
import { until } from '../../support/program.ts';
import { type Block, longestBlock, loopDelayScript } from '../loop-delay.ts';
import { residentMb } from '../cpu-time.ts';
import { sleep } from '../pace.ts';
import { scrape, type Serving } from '../programs.ts';
import type { Bench, Measured, Row } from '../row.ts';
import { median, quantileBound } from '../statistics.ts';

interface Load {
  readonly count: number;
  readonly periodS: number;
}

/** As many checks a second in the end as the real load has, so that the windows are alike. */
const loads: readonly Load[] = [
  { count: 100, periodS: 1 },
  { count: 1000, periodS: 5 },
  // 26 series each: a hundred thousand.
  { count: 3850, periodS: 15 },
  { count: 10_000, periodS: 30 },
];

interface Cost {
  readonly count: number;
  readonly percents: readonly number[];
  readonly msPerCheck: number;
  readonly lateP99Ms: readonly number[];
  readonly series: number;
  readonly scrapeMs: number;
  readonly blocks: readonly Block[];
  readonly blockWithout: number;
  readonly megabytes: number;
}

const families = async ({ url }: Serving, query = ''): Promise<ParsedFamily[]> =>
  parseExposition(gunzipSync(await scrape(`${url}/metrics${query}`, { gzip: true })).toString());

/** What the daemon says of itself alone, as it costs so much less. */
const ofItself = (daemon: Serving): Promise<ParsedFamily[]> => families(daemon, '?collect[]=loadavg');

/** Waits while the series are scraped at the interval that most have; gives how each scrape blocked the event loop. */
async function underScrapes(daemon: Serving, ms: number): Promise<Block[]> {
  const everyMs = 15_000;
  const blocks: Block[] = [];
  const end = performance.now() + ms;
  for (let scrapes = Math.ceil(ms / everyMs); scrapes > 0; scrapes -= 1) {
    const next = sleep(Math.min(end - performance.now(), everyMs));
    blocks.push(await longestBlock(daemon, () => scrape(`${daemon.url}/metrics`, { gzip: true })));
    await next;
  }
  return blocks;
}

/** A schedule of that period whose first tick comes so soon after the start as the first run of all takes. */
function scheduleOf(periodS: number): { schedule: string; firstTick: number } {
  if (periodS < 30) return { schedule: `${periodS}s`, firstTick: Date.now() + periodS * 1000 };
  return scheduleFrom(periodS, 15);
}

async function costOf(bench: Bench, target: string, { count, periodS }: Load): Promise<Cost> {
  const { schedule, firstTick } = scheduleOf(periodS);
  const targets = Array.from({ length: count }, (_, index) => `      - ${target}/${index}`).join('\n');
  const daemon = await bench.vitald(
    `
collectors: { disable_defaults: true, loadavg: true }
checks:
  - name: bench
    schedule: ${schedule}
    timeout: ${Math.min(5000, periodS * 800)}ms
    targets:
${targets}
`,
    { preload: loopDelayScript, manyChecks: true },
  );
  const ready = async (): Promise<boolean> => (await fetch(`${daemon.url}/-/ready`)).status === 200;
  await until(ready, () => `${count} checks did not all run`, 120_000);
  // Until the first tick has come, and a while for the compiler.
  await sleep(Math.max(0, firstTick - Date.now()));
  await underScrapes(daemon, 1000 * (bench.quick ? 2 : Math.max(10, periodS)));

  const percents: number[] = [];
  const lateP99Ms: number[] = [];
  const windows = bench.quick ? 1 : 3;
  const windowS = bench.quick ? 4 : Math.max(20, periodS);
  const blocks: Block[] = [];
  let probed = 0;
  let spent = 0;
  for (let window = 0; window < windows; window += 1) {
    const before = startDelays(await ofItself(daemon));
    await sleep(200);
    const cpuBefore = daemon.cpuMs();
    const from = performance.now();
    blocks.push(...(await underScrapes(daemon, windowS * 1000)));
    const cost = daemon.cpuMs() - cpuBefore;
    percents.push((cost / (performance.now() - from)) * 100);
    const after = startDelays(await ofItself(daemon));
    lateP99Ms.push(quantileBound(0.99, delaysBetween(before, after)) * 1000);
    spent += cost;
    probed += (countOf(after) - countOf(before)) * (windowS / (windowS + 0.2));
  }

  const expected = ((windowS * windows) / periodS) * count;
  if (probed < 0.7 * expected) throw new Error(`${probed.toFixed(0)} checks ran where ${expected} were due`);

  const scraped = await scrapesOf(daemon, bench);
  const series = (await families(daemon)).reduce((sum, { samples }) => sum + samples.length, 0);
  const megabytes = residentMb(daemon.pid);
  await daemon.end();
  return { count, percents, msPerCheck: spent / probed, lateP99Ms, series, blocks, ...scraped, megabytes };
}

/** What scrapes add to the load: seconds with one, and seconds without one in between. */
async function scrapesOf(daemon: Serving, bench: Bench): Promise<Pick<Cost, 'scrapeMs' | 'blockWithout'>> {
  const scrapes = bench.quick ? 4 : 20;
  const lengthMs = bench.quick ? 500 : 1000;
  const spentDuring = async (work: () => Promise<unknown>): Promise<number> => {
    const before = daemon.cpuMs();
    const end = sleep(lengthMs);
    await work();
    await end;
    return daemon.cpuMs() - before;
  };
  const without: number[] = [];
  const more: number[] = [];
  for (let index = 0; index < scrapes; index += 1) {
    const busy = await spentDuring(() => scrape(`${daemon.url}/metrics`, { gzip: true }));
    const idle = await spentDuring(async () => {
      without.push((await longestBlock(daemon, () => sleep(100))).maxMs);
    });
    more.push(busy - idle);
  }
  return { scrapeMs: median(more), blockWithout: median(without) };
}

function blocking(name: string, { series, blocks, blockWithout, scrapeMs, megabytes }: Cost): Measured {
  const collections = blocks.map(({ collectionMs }) => collectionMs.toFixed(0)).join(', ');
  return {
    name,
    what: `a scrape of ${series} series with gzip blocks the event loop`,
    against: 'the goal',
    unit: 'ms',
    values: blocks.map(({ maxMs }) => maxMs),
    goal: 20,
    note: `longest block while scraped, 15 s apart; the longest collection of garbage meanwhile took ${collections} ms; ${blockWithout.toFixed(1)} ms in 0.1 s without a scrape; ${scrapeMs.toFixed(1)} ms of CPU a scrape, two seconds apart; ${megabytes.toFixed(0)} MB resident`,
  };
}

export const manyChecks: Row = {
  name: 'many-checks',
  gives: ['ten-thousand-checks', 'lateness', 'blocking', 'blocking-most', 'growth-checks', 'growth-series'],
  long: true,
  async run(bench): Promise<Measured[]> {
    const nginx = await bench.nginx();
    const costs: Cost[] = [];
    for (const load of loads) {
      if (bench.quick && load.count === 1000) continue;
      costs.push(await costOf(bench, nginx.url, load));
      const { count, msPerCheck, scrapeMs, series, megabytes } = costs.at(-1)!;
      bench.say(
        `${count} checks: ${msPerCheck.toFixed(3)} ms a check, ${scrapeMs.toFixed(1)} ms a scrape of ${series} series, ${megabytes.toFixed(0)} MB`,
      );
    }
    await nginx.end();
    const [few, most] = [costs[0]!, costs.at(-1)!];
    const perSeries = ({ scrapeMs, series }: Cost): number => (scrapeMs / series) * 1000;
    return [
      {
        name: 'ten-thousand-checks',
        what: '10,000 checks every 30 s',
        against: 'one core',
        unit: 'percent',
        values: most.percents,
        goal: 25,
        note: `${most.msPerCheck.toFixed(3)} ms a check, all in; ${most.megabytes.toFixed(0)} MB resident; scraped every 15 s; with the drop-in many-checks.conf`,
      },
      {
        name: 'lateness',
        what: 'how late they start, 99th percentile',
        against: 'the schedule',
        unit: 'ms',
        values: most.lateP99Ms,
        goal: 100,
        note: 'the upper bound of its bucket in vitald_run_start_delay_seconds',
      },
      blocking('blocking', costs.at(-2)!),
      blocking('blocking-most', most),
      {
        name: 'growth-checks',
        what: `CPU a check, of ${most.count} against ${few.count}`,
        against: 'itself',
        unit: 'ratio',
        values: [most.msPerCheck / few.msPerCheck],
        note: costs.map(({ count, msPerCheck }) => `${count}: ${msPerCheck.toFixed(3)} ms`).join(', '),
      },
      {
        name: 'growth-series',
        what: `CPU of a scrape for each series, of ${most.series} against ${few.series}`,
        against: 'itself',
        unit: 'ratio',
        values: [perSeries(most) / perSeries(few)],
        note: costs.map((cost) => `${cost.series}: ${perSeries(cost).toFixed(2)} us`).join(', '),
      },
    ];
  },
};
