/** A thousand endpoints that each take two seconds, checked at once: the wall clock, beside a script with aiohttp. */
import { execFileSync } from 'node:child_process';
import { until } from '../../support/program.ts';
import { type Running, scrape } from '../programs.ts';
import { aiohttpPython } from '../report.ts';
import type { Bench, Result, Row } from '../row.ts';
import { median } from '../statistics.ts';

const count = 1000;
const delayMs = 2000;

interface Stats {
  readonly rounds: readonly {
    readonly answered: number;
    /** From the first arrival to the last answer. */
    readonly allMs: number;
  }[];
}

interface SlowServer extends Running {
  readonly url: string;
  /** From the first of the slow requests to the last answer, once all have come. */
  done(): Promise<number>;
}

async function slowServer(bench: Bench, quick: number): Promise<SlowServer> {
  const script = new URL('../../support/slow-server.mjs', import.meta.url).pathname;
  const program = bench.start(process.execPath, [script, `${delayMs}`, `${quick}`, `${count}`]);
  const port = await until(() => /^\d+$/m.exec(program.output())?.[0], program.output);
  const url = `http://127.0.0.1:${port}/`;
  const stats = async (): Promise<Stats> => JSON.parse((await scrape(`${url}stats`)).toString()) as Stats;
  const done = async (): Promise<number> => {
    const last = await until(
      async () => {
        const [round] = (await stats()).rounds;
        return round !== undefined && round.answered >= count ? round : undefined;
      },
      () => 'the requests did not end',
      60_000,
    );
    return last.allMs;
  };
  return { ...program, url, done };
}

async function byDaemon(bench: Bench): Promise<number> {
  // The first run of each check, at the start, is answered at once; at the next tick all are due together.
  const server = await slowServer(bench, count);
  const targets = Array.from({ length: count }, (_, index) => `      - ${server.url}${index}`).join('\n');
  const tickAt = new Date(Date.now() + 6000);
  const daemon = await bench.vitald(`
collectors: { disable_defaults: true, loadavg: true }
scheduling: { probe_concurrency: 2000, spread: false }
checks:
  - name: slow
    schedule: "${tickAt.getUTCSeconds()} * * * * *"
    timeout: 4s
    targets:
${targets}
`);
  const allMs = await server.done();
  await Promise.all([daemon.end(), server.end()]);
  return allMs;
}

async function byScript(bench: Bench, python: string): Promise<number> {
  const server = await slowServer(bench, 0);
  const script = new URL('../aiohttp-requests.py', import.meta.url).pathname;
  bench.start(python, [script, server.url, `${count}`]);
  const allMs = await server.done();
  await server.end();
  return allMs;
}

function hasAiohttp(python: string): boolean {
  try {
    execFileSync(python, ['-c', 'import aiohttp'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export const concurrency: Row = {
  name: 'concurrency',
  gives: ['concurrency', 'concurrency-aiohttp'],
  async run(bench): Promise<Result[]> {
    const python = aiohttpPython();
    const beside = hasAiohttp(python);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < (bench.quick ? 1 : 5); round += 1) {
      ours.push(await byDaemon(bench));
      if (beside) theirs.push(await byScript(bench, python));
      bench.say(`concurrency: ${ours.at(-1)!.toFixed(0)} ms, ${theirs.at(-1)?.toFixed(0) ?? '-'} ms`);
    }
    const note = `${median(ours).toFixed(0)} ms from the first request that arrived to the last answer`;
    const what = '1,000 endpoints that each take 2 s, checked at once, wall clock';
    const first: Result = {
      name: 'concurrency',
      what,
      against: 'the slowest endpoint',
      unit: 'ratio',
      values: ours.map((allMs) => allMs / delayMs),
      goal: 1.1,
      note,
    };
    if (!beside) return [first, { name: 'concurrency-aiohttp', what, missing: 'python3-aiohttp is not installed' }];
    return [
      first,
      {
        name: 'concurrency-aiohttp',
        what,
        against: 'a Python script with aiohttp',
        unit: 'ratio',
        values: ours.map((allMs, round) => allMs / theirs[round]!),
        note: `${note}; ${median(theirs).toFixed(0)} ms there, which only requests and measures nothing`,
      },
    ];
  },
};
