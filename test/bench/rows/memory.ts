/** Resident memory with the packaged config, after 600 scrapes between which the data change. */
import { readFileSync } from 'node:fs';
import { childrenOf, residentMb } from '../cpu-time.ts';
import { sleep } from '../pace.ts';
import { scrape } from '../programs.ts';
import type { Bench, Measured, Row } from '../row.ts';

export const memory: Row = {
  name: 'memory',
  gives: ['memory'],
  async run(bench: Bench): Promise<Measured[]> {
    const config = readFileSync(new URL('../../../config/vitald.yml', import.meta.url), 'utf8');
    const rounds = bench.quick ? 1 : 3;
    const scrapes = bench.quick ? 200 : 600;
    const daemons = await Promise.all(Array.from({ length: rounds }, () => bench.vitald(config)));
    const exporter = await bench.nodeExporter();
    const everyMs = bench.quick ? 40 : 100;
    for (let count = 0; count < scrapes; count += 1) {
      const next = sleep(everyMs);
      await Promise.all([...daemons, exporter].map(({ url }) => scrape(`${url}/metrics`, { gzip: true })));
      await next;
    }
    const values = daemons.map(({ pid }) => residentMb(pid));
    const helpers = daemons.flatMap(({ pid }) => childrenOf(pid)).length;
    const theirs = residentMb(exporter.pid);
    await Promise.all([...daemons, exporter].map((program) => program.end()));
    return [
      {
        name: 'memory',
        what: `resident memory, default config, after ${scrapes} scrapes`,
        against: 'the goal',
        unit: 'MB',
        values,
        goal: 65,
        note: `the text of Node.js itself included; ${helpers} helper processes besides; node_exporter ${theirs.toFixed(1)} MB after as many`,
      },
    ];
  },
};
