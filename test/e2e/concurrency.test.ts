import { readdirSync } from 'node:fs';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parseExposition } from '../../src/exposition/parse.ts';
import { fetchText, startDaemon, startProgram, until } from '../support/program.ts';

interface Stats {
  readonly arrived: number;
  readonly answered: number;
  /** From the first arrival to the last, and to the last answer. */
  readonly startMs: number;
  readonly allMs: number;
}

interface SlowServer {
  readonly url: string;
  stats(): Promise<Stats>;
}

/** A server in a process of its own that answers at once `quick` times, and from then on each request after a time. */
async function slowServer(delayMs: number, quick = 0): Promise<SlowServer> {
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

test('1,000 checks that each take 2 s end within 2.2 s of the first start, while scrapes answer', async () => {
  // The first run of each check, at the start, is answered at once; at the next tick all are due together.
  const server = await slowServer(2000, 1000);
  const daemon = await startDaemon(checksConfig(1000, server.url, '10s'));
  await until(async () => (await server.stats()).arrived > 0, daemon.output);
  const scrapes: number[] = [];
  let stats = await server.stats();

  // Scrape all the while: what probes are under way must not hold up an answer.
  while (stats.answered < 1000) {
    const from = performance.now();
    await fetchText(`${daemon.url}/metrics?collect[]=loadavg`);
    scrapes.push(performance.now() - from);
    await new Promise((resolve) => setTimeout(resolve, 25));
    stats = await server.stats();
  }
  const success = await until(async () => {
    const families = parseExposition(await fetchText(`${daemon.url}/metrics`));
    const samples = families.find(({ family }) => family.name === 'probe_success')?.samples ?? [];
    return samples.length === 1000 ? samples : undefined;
  }, daemon.output);

  const threads = readdirSync(`/proc/${daemon.process.pid}/task`).length;
  scrapes.sort((a, b) => a - b);
  const typical = scrapes[Math.floor(scrapes.length * 0.95)]!;
  process.stdout.write(
    `1,000 checks of 2 s: all started in ${stats.startMs.toFixed(0)} ms, ended in ${stats.allMs.toFixed(0)} ms; ` +
      `${scrapes.length} scrapes, p95 ${typical.toFixed(0)} ms, slowest ${scrapes.at(-1)!.toFixed(0)} ms; ${threads} threads\n`,
  );
  expect(success.every(({ value }) => value === 1)).toBe(true);
  expect(stats.allMs).toBeLessThan(2200);
  expect(typical).toBeLessThan(50);
});

test('two checks of 2 s end in 2 s, not 4', async () => {
  const server = await slowServer(2000);
  const daemon = await startDaemon(checksConfig(2, server.url));

  const stats = await until(async () => {
    const now = await server.stats();
    return now.answered === 2 ? now : undefined;
  }, daemon.output);

  expect(stats.allMs).toBeLessThan(2200);
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
