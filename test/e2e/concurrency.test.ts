import { readdirSync } from 'node:fs';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parseExposition } from '../../src/exposition/parse.ts';
import { fetchText, startDaemon, startProgram, until } from '../support/program.ts';

interface Round {
  readonly answered: number;
  /** From the first arrival to the last, and to the last answer. */
  readonly startMs: number;
  readonly allMs: number;
}

interface Stats {
  readonly arrived: number;
  readonly rounds: readonly Round[];
}

interface SlowServer {
  readonly url: string;
  stats(): Promise<Stats>;
}

/** A server in a process of its own that answers at once `quick` times, and from then on each request after a time. */
async function slowServer(delayMs: number, quick: number): Promise<SlowServer> {
  const script = new URL('../support/slow-server.mjs', import.meta.url).pathname;
  const program = startProgram(process.execPath, [script, `${delayMs}`, `${quick}`]);
  const port = await until(() => /^\d+$/m.exec(program.output())?.[0], program.output);
  const url = `http://127.0.0.1:${port}/`;
  return { url, stats: async () => JSON.parse(await fetchText(`${url}stats`)) as Stats };
}

function checksConfig(count: number, url: string, schedule = '1h'): string {
  const targets = Array.from({ length: count }, (_, index) => `      - ${url}${index}`).join('\n');
  return `
collectors: { disable_defaults: true, loadavg: true }
scheduling: { probe_concurrency: 2000, spread: false }
checks:
  - name: slow
    schedule: ${schedule}
    timeout: 10s
    targets:
${targets}
`;
}

test('1,000 checks that each take 2 s end together, 0.4 s after the first could, while scrapes answer', async () => {
  // Four rounds are answered at once, so that the daemon is warm as one that has run for a while; then all take 2 s.
  const server = await slowServer(2000, 4000);
  const daemon = await startDaemon(checksConfig(1000, server.url, '5s'));
  await until(async () => (await server.stats()).arrived > 0, daemon.output, 40_000);
  const scrapes: number[] = [];
  const end = performance.now() + 13_000;

  // Scrape all the while: what probes are under way must not hold up an answer.
  while (performance.now() < end) {
    const from = performance.now();
    await fetchText(`${daemon.url}/metrics`);
    scrapes.push(performance.now() - from);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const rounds = (await server.stats()).rounds.filter(({ answered }) => answered === 1000);
  const families = parseExposition(await fetchText(`${daemon.url}/metrics`));
  const success = families.find(({ family }) => family.name === 'probe_success')?.samples ?? [];
  const threads = readdirSync(`/proc/${daemon.process.pid}/task`).length;
  scrapes.sort((a, b) => a - b);
  const at = (share: number): number => scrapes[Math.floor(scrapes.length * share)]!;
  process.stdout.write(
    `1,000 checks of 2 s ended in ${rounds.map(({ allMs }) => allMs.toFixed(0)).join(', ')} ms; ` +
      `${scrapes.length} scrapes, median ${at(0.5).toFixed(0)}, p95 ${at(0.95).toFixed(0)}, ` +
      `slowest ${scrapes.at(-1)!.toFixed(0)} ms; ${threads} threads\n`,
  );

  expect(success).toHaveLength(1000);
  expect(success.every(({ value }) => value === 1)).toBe(true);
  expect(rounds.length).toBeGreaterThanOrEqual(2);
  // The machine may be busy with something else in one round; the daemon is as fast as its best. The goal is 2,200 ms,
  // which two cores reach when nothing else runs; the rest is for scraper and server, which share them.
  expect(Math.min(...rounds.map(({ allMs }) => allMs))).toBeLessThan(2400);
  // The slowest meet the 1,000 answers that arrive at once, and take longer.
  expect(at(0.5)).toBeLessThan(50);
});

test('two checks of 2 s end in 2 s, not 4', async () => {
  const server = await slowServer(2000, 0);
  const daemon = await startDaemon(checksConfig(2, server.url));

  const round = await until(async () => {
    const [first] = (await server.stats()).rounds;
    return first?.answered === 2 ? first : undefined;
  }, daemon.output);

  expect(round.allMs).toBeLessThan(2200);
});

test('SIGTERM during 100 hanging probes ends the daemon with 0 within a second', async () => {
  let connections = 0;
  const sockets = new Set<import('node:net').Socket>();
  const silent = createTcpServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.resume();
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const { port } = silent.address() as AddressInfo;
  const daemon = await startDaemon(checksConfig(100, `http://127.0.0.1:${port}/`));
  await until(() => connections >= 100, daemon.output);

  const { status, ms } = await daemon.end('SIGTERM');

  process.stdout.write(`SIGTERM during 100 hanging probes: ${ms.toFixed(0)} ms\n`);
  expect(status).toBe(0);
  expect(ms).toBeLessThan(1000);
});
