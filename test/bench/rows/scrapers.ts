/** How the cost of a scrape grows with the number of those who scrape. */
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { sleep } from '../pace.ts';
import { scrape, type Serving } from '../programs.ts';
import type { Bench, Measured, Row } from '../row.ts';
import { median } from '../statistics.ts';

const everyMs = 100;

/** Scrapes for some seconds by so many, each over a connection of its own; gives the number of scrapes. */
async function scrapeBy(url: string, scrapers: number, seconds: number): Promise<number> {
  let count = 0;
  const end = performance.now() + seconds * 1000;
  const one = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await sleep(Math.random() * everyMs);
    while (performance.now() < end) {
      const next = sleep(everyMs);
      await scrape(url, { gzip: true, agent });
      count += 1;
      await next;
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: scrapers }, one));
  return count;
}

async function costOf(daemon: Serving, twin: Serving, scrapers: number, seconds: number): Promise<number> {
  const before = [daemon, twin].map(({ cpuMs }) => cpuMs());
  const count = await scrapeBy(`${daemon.url}/metrics`, scrapers, seconds);
  const [ours, idle] = [daemon, twin].map(({ cpuMs }, index) => cpuMs() - before[index]!);
  return (ours! - idle!) / count;
}

export const scrapers: Row = {
  name: 'scrapers',
  gives: ['growth-scrapers'],
  long: true,
  async run(bench: Bench): Promise<Measured[]> {
    const config = readFileSync(new URL('../../../config/vitald.yml', import.meta.url), 'utf8');
    // The twin does all the same but is not scraped. Child processes once an hour would outweigh it all.
    const start = (): Promise<Serving> => bench.vitald(config, { flags: ['--no-collector.inventory'] });
    const twins: readonly [Serving, Serving] = [await start(), await start()];
    const seconds = bench.quick ? 2 : 5;
    for (const twin of twins) await scrapeBy(`${twin.url}/metrics`, 50, seconds);
    await sleep(2000);
    const one: number[] = [];
    const many: number[] = [];
    for (let round = 0; round < (bench.quick ? 2 : 6); round += 1) {
      // In turn, so that what else tells them apart does not count.
      const [first, second] = twins;
      const [daemon, twin] = round % 2 === 0 ? [first, second] : [second, first];
      one.push(await costOf(daemon, twin, 1, seconds));
      many.push(await costOf(daemon, twin, 50, seconds));
    }
    await Promise.all(twins.map((twin) => twin.end()));
    return [
      {
        name: 'growth-scrapers',
        what: 'CPU a scrape, of 50 scrapers against 1',
        against: 'itself',
        unit: 'ratio',
        values: many.map((cost, round) => cost / one[round]!),
        note: `${median(one).toFixed(3)} ms, ${median(many).toFixed(3)} ms; ten scrapes a second each, less an unscraped twin`,
      },
    ];
  },
};
