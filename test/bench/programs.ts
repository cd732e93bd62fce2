/** The programs that are measured: real ones, on free ports, in folders that end with the run. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, until } from '../support/program.ts';
import { cpuMs } from './cpu-time.ts';

/** A program that runs. */
export interface Running {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Everything it wrote so far, to either stream. */
  output(): string;
  /** CPU time so far, children included. */
  cpuMs(): number;
  end(): Promise<void>;
}

/** A program that serves. */
export interface Serving extends Running {
  readonly url: string;
}

const ofSystemd = (path: string): string => readFileSync(new URL(`../../systemd/${path}`, import.meta.url), 'utf8');

const dropIn = 'vitald.service.d/many-checks.conf';

/** The flags of Node.js that the drop-in for many checks adds. */
function flagsForManyChecks(): string[] {
  return /^ExecStart=.* node (.*) \/usr\/bin\/vitald /m.exec(ofSystemd(dropIn))![1]!.split(' ');
}

/** How a daemon is started. */
export interface DaemonOptions {
  /** As with the drop-in of the service for many checks. */
  readonly manyChecks?: boolean;
  readonly flags?: readonly string[];
  /** A script that is loaded before the daemon, and talks with this process. */
  readonly preload?: string;
}

interface StartOptions {
  /** Whether it talks with this process. */
  readonly ipc?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** The environment that the service gives the daemon, as its unit says, and its drop-in for many checks where asked for. */
export function serviceEnvironment({ manyChecks = false } = {}): Record<string, string> {
  const text = ofSystemd('vitald.service') + (manyChecks ? ofSystemd(dropIn) : '');
  const settings = Array.from(text.matchAll(/^Environment=(.*)$/gm), ([, words = '']) => words.split(' ')).flat();
  return Object.fromEntries(settings.map((setting) => setting.split(/=(.*)/, 2) as [string, string]));
}

/** Starts programs and ends them. */
export class Programs {
  readonly #dist: string;
  readonly #nodeFlags: readonly string[];
  readonly #running = new Set<Running>();
  readonly #folders: string[] = [];

  constructor(dist: string, nodeFlags: readonly string[]) {
    this.#dist = dist;
    this.#nodeFlags = nodeFlags;
  }

  /** A folder that is removed at the end. */
  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'vitald-bench-'));
    this.#folders.push(folder);
    return folder;
  }

  start(command: string, args: readonly string[], { ipc = false, env = {} }: StartOptions = {}): Running {
    const stdio = ['ignore' as const, 'pipe' as const, 'pipe' as const, ...(ipc ? ['ipc' as const] : [])];
    const child = spawn(command, args, { stdio, env: { ...process.env, ...env } });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
    }
    const ended = new Promise<void>((resolve) => {
      child.on('error', (error) => {
        text += String(error);
        resolve();
      });
      child.on('exit', () => resolve());
    });
    const pid = child.pid ?? 0;
    const running: Running = {
      process: child,
      pid,
      output: () => text,
      cpuMs: () => cpuMs(pid),
      end: async () => {
        this.#running.delete(running);
        child.kill('SIGTERM');
        const forced = setTimeout(() => child.kill('SIGKILL'), 3000);
        await ended;
        clearTimeout(forced);
      },
    };
    this.#running.add(running);
    return running;
  }

  /** The command line of the built daemon. */
  daemonCommand(args: readonly string[], preload?: string): string[] {
    const loaded = preload === undefined ? [] : ['--import', preload];
    return [...this.#nodeFlags, ...loaded, join(this.#dist, 'vitald.js'), ...args];
  }

  /** What the built command line prints. */
  ask(...args: string[]): string {
    return execFileSync(process.execPath, this.daemonCommand(args), { encoding: 'utf8' });
  }

  /** The built daemon, once it serves. */
  async vitald(config: string, { flags = [], preload, manyChecks = false }: DaemonOptions = {}): Promise<Serving> {
    const file = join(this.folder(), 'vitald.yml');
    writeFileSync(file, config);
    const port = await freePort();
    const args = ['run', `--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`, ...flags];
    const options = { ipc: preload !== undefined, env: serviceEnvironment({ manyChecks }) };
    const command = [...(manyChecks ? flagsForManyChecks() : []), ...this.daemonCommand(args, preload)];
    const program = this.start(process.execPath, command, options);
    return serving(program, port);
  }

  async nodeExporter(...flags: string[]): Promise<Serving> {
    const port = await freePort();
    const program = this.start('prometheus-node-exporter', [`--web.listen-address=127.0.0.1:${port}`, ...flags]);
    return serving(program, port);
  }

  /** blackbox_exporter with these modules, as text of its own file. */
  async blackboxExporter(modules: string): Promise<Serving> {
    const file = join(this.folder(), 'blackbox.yml');
    writeFileSync(file, modules);
    const port = await freePort();
    return serving(
      this.start('prometheus-blackbox-exporter', [
        `--config.file=${file}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ]),
      port,
    );
  }

  /** nginx that answers every path with a small page, over TLS where a certificate is given. */
  async nginx(certificate?: { certFile: string; keyFile: string }): Promise<Serving> {
    const folder = this.folder();
    const port = await freePort();
    const tls =
      certificate === undefined
        ? ''
        : `ssl_certificate ${certificate.certFile}; ssl_certificate_key ${certificate.keyFile}; ssl_session_cache off; ssl_session_tickets off;`;
    const file = join(folder, 'nginx.conf');
    writeFileSync(
      file,
      `daemon off; pid ${folder}/pid; error_log stderr crit; worker_processes 1;
      events { worker_connections 4096; }
      http {
        access_log off; client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c;
        uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
        server {
          listen 127.0.0.1:${port}${certificate === undefined ? '' : ' ssl'} backlog=4096; ${tls}
          location / { default_type text/html; return 200 "${'<p>all is well</p>'.repeat(40)}"; }
        }
      }`,
    );
    const program = this.start('nginx', ['-p', folder, '-c', file]);
    if (certificate === undefined) return serving(program, port);
    await until(() => accepts(port), program.output);
    return { ...program, url: `https://127.0.0.1:${port}` };
  }

  async end(): Promise<void> {
    await Promise.all([...this.#running].map((program) => program.end()));
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }
}

async function serving(program: Running, port: number): Promise<Serving> {
  const url = `http://127.0.0.1:${port}`;
  const answers = (): Promise<boolean> =>
    scrape(`${url}/`).then(
      () => true,
      () => false,
    );
  await until(async () => (await answers()) || program.process.exitCode !== null, program.output, 60_000);
  if (program.process.exitCode !== null) throw new Error(program.output());
  return { ...program, url };
}

async function accepts(port: number): Promise<boolean> {
  const { connect } = await import('node:net');
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

const keepAlive = new Agent({ keepAlive: true, maxSockets: 256 });

/** One request over a connection that is kept, as Prometheus does it; the answer as it came. */
export function scrape(url: string, { gzip = false, agent = keepAlive } = {}): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers: gzip ? { 'accept-encoding': 'gzip' } : {} }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode = 0 } = response;
        if (statusCode < 500) resolve(Buffer.concat(chunks));
        else reject(new Error(`${url}: ${statusCode}`));
      });
    }).on('error', reject);
  });
}
