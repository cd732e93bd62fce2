/** Real programs for end-to-end tests: started on free ports, waited for, and ended by their process id. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A program that runs. */
export interface Program {
  readonly process: ChildProcess;
  /** Everything it wrote so far, to either stream. */
  output(): string;
  /** Sends a signal and gives the exit status, or the signal that ended it, and how long that took. */
  end(signal?: NodeJS.Signals): Promise<{ status: number | null; signal: NodeJS.Signals | null; ms: number }>;
}

/** Waits until `test` gives something that is true; fails after the deadline with what `describe` says. */
export async function until<T>(
  test: () => T | Promise<T>,
  describe: () => string = () => 'nothing happened',
  deadlineMs = 15_000,
): Promise<NonNullable<T>> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const value = await test();
    if (value) return value;
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms: ${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** A folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vitald-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts a program; it is killed when the test ends, if it has not ended by then. */
export function startProgram(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let text = '';
  const hear = (chunk: Buffer): void => {
    text += chunk.toString();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const exited = new Promise<{ status: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on('error', (error) => {
      text += String(error);
      resolve({ status: null, signal: null });
    });
    child.on('close', (status, signal) => resolve({ status, signal }));
  });
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  });
  return {
    process: child,
    output: () => text,
    async end(signal = 'SIGTERM') {
      const from = performance.now();
      child.kill(signal);
      return { ...(await exited), ms: performance.now() - from };
    },
  };
}

/** The path of a program that the test needs. A missing one is a failure: what was not compared was not shown. */
export function programPath(name: string): string {
  try {
    return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
  } catch {
    throw new Error(`this test needs the program ${name}; .ci/run installs it`);
  }
}

/** A daemon under test. */
export interface TestDaemon extends Program {
  readonly url: string;
}

const built = new URL('../../dist/vitald.js', import.meta.url).pathname;

/** Starts the built daemon with a config and waits until it serves, on a free port unless one is given. */
export async function startDaemon(config: string, args: readonly string[] = [], at?: number): Promise<TestDaemon> {
  const file = join(temporaryFolder(), 'vitald.yml');
  writeFileSync(file, config);
  const port = at ?? (await freePort());
  const address = `--web.listen-address=127.0.0.1:${port}`;
  const program = startProgram(process.execPath, [built, 'run', `--config.file=${file}`, address, ...args]);
  const url = `http://127.0.0.1:${port}`;
  await until(
    () => program.output().includes('vitald is serving') || program.process.exitCode !== null,
    program.output,
  );
  if (program.process.exitCode !== null) throw new Error(program.output());
  return { ...program, url };
}

/** The text behind a URL. */
export async function fetchText(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, { headers });
  return response.text();
}

/** Runs the built command line to its end. */
export async function runCommand(args: readonly string[]): Promise<{ status: number | null; output: string }> {
  const program = startProgram(process.execPath, [built, ...args]);
  const status = await new Promise<number | null>((resolve) => program.process.on('close', resolve));
  return { status, output: program.output() };
}
