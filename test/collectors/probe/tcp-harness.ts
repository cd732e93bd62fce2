/** Runs one probe as the daemon would and gives its outcome, with the text that a scrape would have. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { loadPatternEngine } from '../../../src/config/pattern.ts';
import type { z } from '../../../src/config/schema.ts';
import { Encoder } from '../../../src/exposition/encode.ts';
import { formatBlocks } from '../../../src/exposition/format.ts';
import { InstrumentSet } from '../../../src/instrument-set.ts';
import { silentLogger } from '../../../src/log.ts';
import type { ProbeOutcome, ProbeRequest, ProberDefinition } from '../../../src/prober.ts';

await loadPatternEngine();

/** What a test looks at. */
export interface Probed {
  readonly outcome: ProbeOutcome;
  /** `success`, or reason and phase such as `timeout in request`. */
  readonly verdict: string;
  readonly detail: string;
  readonly scrape: string;
  readonly tookMs: number;
}

/** What a test may set of a request. */
export type RequestOverrides = Partial<Omit<ProbeRequest, 'target' | 'signal'>>;

/** Probes a target once. Fails the test if the prober outlives its deadline by more than 100 ms. */
export async function probe<Options extends z.ZodObject>(
  definition: ProberDefinition<Options>,
  options: z.input<Options> | Record<string, unknown>,
  target: string,
  { timeoutMs = 5000, ...overrides }: RequestOverrides = {},
): Promise<Probed> {
  const prober = definition.create(definition.config.parse(options), {
    clock: systemClock,
    log: silentLogger,
    instruments: new InstrumentSet(() => undefined),
  });
  const controller = new AbortController();
  const started = performance.now();
  const deadline = setTimeout(() => controller.abort(), timeoutMs);
  const outcome = await prober.probe({ target, signal: controller.signal, timeoutMs, ...overrides });
  const tookMs = performance.now() - started;
  clearTimeout(deadline);
  prober.close?.();
  expect(tookMs).toBeLessThan(timeoutMs + 100);
  const names = new Set(definition.families.map(({ name }) => name));
  for (const { family } of outcome.samples) expect(names).toContain(family.name);
  return {
    outcome,
    verdict: outcome.success ? 'success' : `${outcome.reason} in ${outcome.phase}`,
    detail: outcome.success ? '' : outcome.detail,
    scrape: formatBlocks(new Encoder().encode(outcome.samples)),
    tookMs,
  };
}

/** The value of one series of a scrape; undefined where there is none. */
export function value(scrape: string, series: string): number | undefined {
  const line = scrape.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

/** The names of all series with their values, without times and comments. */
export function standing(scrape: string): string {
  return scrape
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => (/_seconds[{ ]/.test(line) && !line.includes('timestamp') ? line.replace(/ \S+$/, ' T') : line))
    .join('\n');
}

/** The path to the problem and its message, for options that must be refused. */
export function refusal(definition: { config: z.ZodObject }, options: unknown): string {
  const result = definition.config.safeParse(options);
  return result.success ? 'accepted' : result.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('\n');
}

/** A server on a free port of 127.0.0.1 that ends with the test. */
export interface TestServer {
  readonly port: number;
  readonly target: string;
}

const kinds = ['TCPSocketWrap', 'TLSWrap', 'UDPWrap', 'PipeWrap', 'ProcessWrap'];

function openThings(): Record<string, number> {
  const active = process.getActiveResourcesInfo();
  return Object.fromEntries(kinds.map((kind) => [kind, active.filter((name) => name === kind).length]));
}

/** What is open now; `settled` waits until nothing is open beside it. */
export function watchOpenThings(): { settled(): Promise<void> } {
  const before = openThings();
  const added = () => Object.entries(openThings()).filter(([kind, count]) => count > before[kind]!);
  return { settled: () => vi.waitFor(() => expect(added()).toEqual([]), { timeout: 2000, interval: 10 }) };
}

/** A TCP server that hands each connection to the test. */
export async function tcpServer(onConnection: (socket: Socket) => void): Promise<TestServer> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
    onConnection(socket);
    // A socket that nobody reads would not notice its end.
    socket.resume();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  const { port } = server.address() as AddressInfo;
  return { port, target: `127.0.0.1:${port}` };
}

/** A target on 127.0.0.1 where nobody listens. */
export async function closedTarget(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return `127.0.0.1:${port}`;
}
