/** Daemons in this process, on ports of their own, for tests that start, change and ask them. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { http } from '../../collectors/probe/http.ts';
import type { AnyCollector } from '../../src/collector.ts';
import type { Config, Registry } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Daemon } from '../../src/daemon.ts';
import { parseExposition } from '../../src/exposition/parse.ts';
import type { Logger } from '../../src/log.ts';
import type { AnyProber } from '../../src/prober.ts';
import { temporaryFolder, until } from './program.ts';

/** A log as lines of `level message {fields}`. */
export interface RecordedLog extends Logger {
  readonly lines: string[];
}

/** A log that is kept. */
export function recordedLog(): RecordedLog {
  const lines: string[] = [];
  const at =
    (level: string) =>
    (fields: object, message: string): void =>
      void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log: RecordedLog = {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => log,
  };
  return log;
}

/** A folder of config files. */
export interface ConfigFolder {
  readonly path: string;
  write(name: string, text: string): void;
}

/** Files by name, in a folder that goes with the test. */
export function configFolder(files: Readonly<Record<string, string>> = {}): ConfigFolder {
  const path = temporaryFolder();
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  return { path, write };
}

/** A daemon that runs. */
export interface TestedDaemon {
  readonly daemon: Daemon;
  readonly log: RecordedLog;
  readonly folder: ConfigFolder;
  /** Its address, without a path. */
  readonly url: string;
  /** The lines of a scrape that are samples. */
  lines(): Promise<string[]>;
  /** The value of one series, written as in a scrape. */
  value(series: string): Promise<number | undefined>;
  /** Waits until a series has a value that will do. */
  eventually(series: string, wanted: number | undefined): Promise<void>;
  get(path: string, init?: RequestInit): Promise<{ status: number; type: string | null; text: string }>;
}

/** Starts a daemon with a config file of this text, and the collectors and probers of the test. */
export async function startTestedDaemon(
  config: string,
  {
    collectors = [],
    probers = [http],
    files = {},
    args = ['--web.listen-address=127.0.0.1:0'],
  }: {
    args?: readonly string[];
    collectors?: readonly AnyCollector[];
    probers?: readonly AnyProber[];
    files?: Record<string, string>;
  } = {},
): Promise<TestedDaemon> {
  const folder = configFolder({ 'vitald.yml': config, ...files });
  const registry: Registry = { collectors, portable: [], probers };
  const load = (): Promise<Config> =>
    loadConfig(
      { file: join(folder.path, 'vitald.yml'), args: [...args, '--web.disable-exporter-metrics'], platform: 'linux' },
      registry,
    );
  const log = recordedLog();
  const daemon = new Daemon({ config: await load(), log, load });
  await daemon.start();
  onTestFinished(() => daemon.stop());
  const url = daemon.addresses[0]!;
  const scrape = async (): Promise<string> => (await fetch(`${url}/metrics`)).text();
  const lines = async (): Promise<string[]> => {
    const text = await scrape();
    // Fails where the text is none that Prometheus would take.
    parseExposition(text);
    return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  };
  const value = async (series: string): Promise<number | undefined> => {
    const line = (await lines()).find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  };
  return {
    daemon,
    log,
    folder,
    url,
    lines,
    value,
    async eventually(series, wanted) {
      await until(
        async () => (await value(series)) === wanted,
        () => `${series} never became ${wanted}`,
        5_000,
      );
    },
    async get(path, init) {
      const response = await fetch(`${url}${path}`, init);
      return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
    },
  };
}

/** An HTTP server of the test. */
export async function httpServer(
  handle: RequestListener,
  host = '127.0.0.1',
): Promise<{ url: string; port: number; server: Server }> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/`, port, server };
}
