/** From the start of the process to the first /metrics that has every collector. */
import { Agent } from 'node:http';
import { freePort } from '../../support/program.ts';
import { defaultCollectors } from '../host-cost.ts';
import { sleep } from '../pace.ts';
import { scrape, serviceEnvironment } from '../programs.ts';
import type { Bench, Measured, Row } from '../row.ts';
import { median } from '../statistics.ts';

async function startMs(bench: Bench, command: string, args: readonly string[], collectors: number): Promise<number> {
  const port = await freePort();
  const agent = new Agent();
  const from = performance.now();
  const env = command === process.execPath ? serviceEnvironment() : {};
  const program = bench.start(command, [...args, `--web.listen-address=127.0.0.1:${port}`], { env });
  for (;;) {
    const text = await scrape(`http://127.0.0.1:${port}/metrics`, { agent }).catch(() => undefined);
    const told = text?.toString().match(/^node_scrape_collector_success\{/gm)?.length ?? 0;
    if (told >= collectors) break;
    if (program.process.exitCode !== null) throw new Error(program.output());
    await sleep(2);
  }
  const took = performance.now() - from;
  await program.end();
  return took;
}

export const start: Row = {
  name: 'start',
  gives: ['start'],
  async run(bench): Promise<Measured[]> {
    const collectors = defaultCollectors(bench).length;
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < (bench.quick ? 3 : 10); round += 1) {
      const args = bench.daemonCommand(['run', '--config.file=/dev/null']);
      ours.push(await startMs(bench, process.execPath, args, collectors));
      theirs.push(await startMs(bench, 'prometheus-node-exporter', [], 1));
    }
    return [
      {
        name: 'start',
        what: 'start to first complete /metrics, wall clock',
        against: 'the goal',
        unit: 'ms',
        values: ours,
        goal: 350,
        note: `${collectors} collectors told in the text; node_exporter ${median(theirs).toFixed(0)} ms`,
      },
    ];
  },
};
