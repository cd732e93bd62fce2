/** The host: a round of all default collectors and a scrape, beside scrapes of node_exporter, which do both at once. */
import { defaultCollectors, everySecond, hostCost, type HostCost } from '../host-cost.ts';
import type { Bench, Measured, Row } from '../row.ts';
import { median } from '../statistics.ts';

const ms = (values: readonly number[]): string => `${median(values).toFixed(2)} ms`;

export const host: Row = {
  name: 'host',
  gives: ['collectors', 'collectors-without-processes', 'scrape', 'host-in-all'],
  async run(bench: Bench): Promise<Measured[]> {
    const collectors = defaultCollectors(bench);
    const daemon = await bench.vitald(everySecond(collectors));
    const same = await bench.nodeExporter('--collector.processes');
    const fewer = await bench.nodeExporter();
    bench.say(`host: ${collectors.length} collectors every second`);
    // A daemon runs for months. Its code is optimised function by function, the last ones after 400 rounds; until then a
    // quarter of what it needs goes into that.
    await hostCost(daemon, [same, fewer], bench.quick ? 4 : 480);
    const costs: HostCost[] = [];
    for (let round = 0; round < (bench.quick ? 2 : 6); round += 1) {
      costs.push(await hostCost(daemon, [same, fewer], bench.quick ? 3 : 10));
    }
    const rounds = costs.map(({ round }) => round);
    const scrapes = costs.map(({ gzipScrape }) => gzipScrape);
    const plain = [0, 1].map((index) => costs.map((cost) => cost.plain[index]!));
    const gzip = [0, 1].map((index) => costs.map((cost) => cost.gzip[index]!));
    await Promise.all([daemon, same, fewer].map((program) => program.end()));
    const perSecond = 'both once a second, in the same seconds; CPU time around each event';
    return [
      {
        name: 'collectors',
        what: 'a round of all default collectors',
        against: 'node_exporter with its processes collector, a scrape',
        unit: 'ratio',
        values: rounds.map((cost, round) => cost / plain[0]![round]!),
        goal: 0.35,
        note: `${ms(rounds)} against ${ms(plain[0]!)}; the processes collector is on by default in vitald only, so it is on in both; ${perSecond}`,
      },
      {
        name: 'collectors-without-processes',
        what: 'the same round',
        against: 'node_exporter as it starts, a scrape',
        unit: 'ratio',
        values: rounds.map((cost, round) => cost / plain[1]![round]!),
        note: `${ms(rounds)}, with processes, against ${ms(plain[1]!)}, without`,
      },
      {
        name: 'scrape',
        what: 'a scrape with gzip, all data changed',
        against: 'node_exporter as it starts, a scrape with gzip',
        unit: 'ratio',
        values: scrapes.map((cost, round) => cost / gzip[1]![round]!),
        goal: 0.02,
        note: `${ms(scrapes)} against ${ms(gzip[1]!)} (${ms(gzip[0]!)} with processes)`,
      },
      {
        name: 'host-in-all',
        what: 'a round and a scrape with gzip together',
        against: 'node_exporter with its processes collector, a scrape with gzip',
        unit: 'ratio',
        values: costs.map((cost) => (cost.round + cost.gzipScrape) / cost.gzip[0]!),
        note: 'what a host pays that collects as often as it is scraped',
      },
    ];
  },
};
