/**
 * What a round of collectors and a scrape cost, on real programs that do both once a second.
 *
 * All collectors of the daemon tick together at the full second; the scrapes come apart from that and from each other, so
 * the CPU time around each event is that of the event alone, to the nanosecond that the kernel counts. Both programs
 * thus work in the same seconds, equally cold, and what one scrape shows has changed since the one before.
 */
import { cpuMs } from './cpu-time.ts';
import { sleep, untilPhase } from './pace.ts';
import { scrape, type Serving } from './programs.ts';
import type { Bench } from './row.ts';
import { mean } from './statistics.ts';

/** The collectors that are on by default and that node_exporter has, too. */
export function defaultCollectors(bench: Bench): string[] {
  const listed = bench.ask('collectors').split('\n');
  const on = listed.flatMap((line) => /^(\w+) +on /.exec(line)?.slice(1) ?? []);
  // Hardware by child processes, once an hour: node_exporter has nothing like it.
  return on.filter((name) => name !== 'inventory');
}

/** Everything once a second, at the full second. */
export function everySecond(collectors: readonly string[]): string {
  const each = collectors.map((name) => `${name}: { schedule: 1s }`).join(', ');
  return `
defaults: { schedule: 1s }
scheduling: { spread: false }
collectors: { disable_defaults: true, ${each} }
`;
}

/** CPU milliseconds of one round, means over some seconds. */
export interface HostCost {
  readonly round: number;
  readonly gzipScrape: number;
  /** By exporter, in the order given. */
  readonly plain: readonly number[];
  readonly gzip: readonly number[];
}

const settleMs = 40;

async function costOf({ pid }: Serving, act: () => Promise<unknown>): Promise<number> {
  const before = cpuMs(pid);
  await act();
  await sleep(settleMs);
  return cpuMs(pid) - before;
}

/** Measures so many seconds. */
export async function hostCost(daemon: Serving, exporters: readonly Serving[], seconds: number): Promise<HostCost> {
  const rounds: number[] = [];
  const scrapes: number[] = [];
  const plain = exporters.map((): number[] => []);
  const gzip = exporters.map((): number[] => []);
  for (let second = 0; second < seconds; second += 1) {
    await untilPhase(1000, 950);
    const before = cpuMs(daemon.pid);
    await untilPhase(1000, 300);
    rounds.push(cpuMs(daemon.pid) - before);
    scrapes.push(await costOf(daemon, () => scrape(`${daemon.url}/metrics`, { gzip: true })));
    for (const [index, exporter] of exporters.entries()) {
      const url = `${exporter.url}/metrics`;
      plain[index]!.push(await costOf(exporter, () => scrape(url)));
      gzip[index]!.push(await costOf(exporter, () => scrape(url, { gzip: true })));
    }
  }
  return { round: mean(rounds), gzipScrape: mean(scrapes), plain: plain.map(mean), gzip: gzip.map(mean) };
}
