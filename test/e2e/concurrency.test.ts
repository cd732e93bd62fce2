import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parseExposition } from '../../src/exposition/parse.ts';
import { fetchText, startDaemon, until } from '../support/program.ts';

interface SlowServer {
  readonly url: string;
  /** When each request came, in milliseconds. */
  readonly arrivals: number[];
  readonly answered: number[];
}

/** A server that answers each request after a time, however many wait. */
async function slowServer(delayMs: number): Promise<SlowServer> {
  const arrivals: number[] = [];
  const answered: number[] = [];
  const server = createServer((_request, response) => {
    arrivals.push(performance.now());
    setTimeout(() => {
      response.end('slow');
      answered.push(performance.now());
    }, delayMs);
  });
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, arrivals, answered };
}

function checksConfig(count: number, url: string, extra = ''): string {
  const targets = Array.from({ length: count }, (_, index) => `      - ${url}${index}`).join('\n');
  return `
collectors: { disable_defaults: true, loadavg: true }
scheduling: { probe_concurrency: 2000 }
${extra}
checks:
  - name: slow
    schedule: 1h
    timeout: 10s
    targets:
${targets}
`;
}

test('1,000 checks that each take 2 s end within 2.2 s of the first start, while scrapes answer', async () => {
  const server = await slowServer(2000);
  const daemon = await startDaemon(checksConfig(1000, server.url));
  const scrapes: number[] = [];

  // Scrape all the while: what probes are under way must not hold up an answer.
  while (server.answered.length < 1000) {
    const from = performance.now();
    await fetchText(`${daemon.url}/metrics`);
    scrapes.push(performance.now() - from);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const last = Math.max(...server.answered);
  const first = Math.min(...server.arrivals);
  const success = await until(async () => {
    const families = parseExposition(await fetchText(`${daemon.url}/metrics`));
    const samples = families.find(({ family }) => family.name === 'probe_success')?.samples ?? [];
    return samples.length === 1000 ? samples : undefined;
  }, daemon.output);

  expect(success.every(({ value }) => value === 1)).toBe(true);
  const spread = last - first;
  const slowest = Math.max(...scrapes);
  process.stdout.write(
    `1,000 checks of 2 s: ${spread.toFixed(0)} ms; slowest of ${scrapes.length} scrapes ${slowest.toFixed(0)} ms\n`,
  );
  expect(spread).toBeLessThan(2200);
  scrapes.sort((a, b) => a - b);
  expect(scrapes[Math.floor(scrapes.length * 0.95)]).toBeLessThan(50);
});

test('two checks of 2 s end in 2 s, not 4', async () => {
  const server = await slowServer(2000);
  const daemon = await startDaemon(checksConfig(2, server.url));

  await until(() => server.answered.length === 2, daemon.output);

  expect(Math.max(...server.answered) - Math.min(...server.arrivals)).toBeLessThan(2200);
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
