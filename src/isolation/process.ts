/**
 * The process of an isolated collector, from without: started, asked, and killed when it takes too long or too much.
 *
 * It cannot outlive the daemon. While it waits it sees the end of the pipe; while it loops a guard, a shell that does
 * nothing but read from a pipe, kills it. Without a shell it is killed at once when it is not wanted any more.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Clock, Timer } from '../clock.ts';
import type { Samples } from '../collector.ts';
import { CollectError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { errorOf } from './failure.ts';
import { BadFrame, frame, FrameReader, type FromProcess, type SetUp, type ToProcess } from './protocol.ts';
import { unpackSamples } from './samples.ts';

const mebibyte = 1024 * 1024;

/** What a process of Node.js has resident before it runs anything of a collector's, rounded up, in bytes. */
export const ownMemory = 96 * mebibyte;

// What a run gets after its deadline to end by itself.
const graceMs = 250;
// What the process gets to close what it has open once it is not wanted any more; in seconds, for the shell.
const closingSeconds = 0.2;
// How often its memory is looked at, while it runs and while it waits.
const lookRunningMs = 100;
const lookIdleMs = 1_000;
// What it said at last may come later than the news of its end.
const lastWordsMs = 100;

const isWindows = process.platform === 'win32';

/** What a process is started with. */
export interface ProcessParts {
  readonly setUp: SetUp;
  /** Of what the collector itself uses, in bytes. */
  readonly memoryLimit: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** It is over; tells why. */
  readonly ended: (reason: string) => void;
}

/** The program and its arguments, in the source tree or beside the bundle. */
function program(): string[] {
  if (!import.meta.url.endsWith('.ts')) return [fileURLToPath(new URL('isolated.js', import.meta.url))];
  return ['--import', 'tsx', fileURLToPath(new URL('../isolated.ts', import.meta.url))];
}

/** The environment, without what systemd means for the daemon alone. */
function environment(): NodeJS.ProcessEnv {
  const { NOTIFY_SOCKET: _, WATCHDOG_USEC: _usec, WATCHDOG_PID: _pid, LISTEN_FDS: _fds, ...rest } = process.env;
  return rest;
}

/** Resident memory of a process in bytes; undefined where the kernel does not tell. */
function residentOf(pid: number): number | undefined {
  try {
    const kibibytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}

function startGuard(pid: number): ChildProcess | undefined {
  if (isWindows) return undefined;
  const script = `read _; sleep ${closingSeconds}; kill -9 "-$1"`;
  const guard = spawn('/bin/sh', ['-c', script, 'vitald-guard', String(pid)], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => {});
  guard.stdin?.on('error', () => {});
  guard.unref();
  (guard.stdin as Socket | null)?.unref();
  return guard.pid === undefined ? undefined : guard;
}

interface Run {
  resolve(samples: Samples): void;
  reject(error: Error): void;
}

/** One process. */
export class CollectorProcess {
  readonly #parts: ProcessParts;
  readonly #child: ChildProcess;
  readonly #pipe: Socket;
  readonly #guard: ChildProcess | undefined;
  #run: Run | undefined;
  #watch: Timer | undefined;
  #reason: string | undefined;
  #complaint = '';
  #over = false;

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    const heap = `--max-old-space-size=${Math.ceil(parts.memoryLimit / mebibyte)}`;
    this.#child = spawn(process.execPath, [heap, '--max-semi-space-size=1', ...program()], {
      env: environment(),
      // A group of its own, so that what it starts can be killed with it; on Windows it would get a window of its own.
      detached: !isWindows,
      windowsHide: true,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#pipe = this.#child.stdio[3] as Socket;
    this.#listen();
    this.#guard = this.#child.pid === undefined ? undefined : startGuard(this.#child.pid);
    this.#say(parts.setUp);
  }

  /** Runs the collector once; ask again only after the answer. Kills the process where it does not heed `signal`. */
  run(signal: AbortSignal, maxSeries: number | undefined): Promise<Samples> {
    const { clock } = this.#parts;
    return new Promise<Samples>((resolve, reject) => {
      let grace: Timer | undefined;
      const abort = (): void => {
        this.#say({ type: 'abort' });
        grace = clock.after(graceMs, () => this.#kill('it did not end at the deadline of its run'));
      };
      const settle = (): void => {
        this.#run = undefined;
        grace?.cancel();
        signal.removeEventListener('abort', abort);
        this.#watchMemory(lookIdleMs);
      };
      this.#run = {
        resolve(samples) {
          settle();
          resolve(samples);
        },
        reject(error) {
          settle();
          reject(error);
        },
      };
      if (this.#over) {
        this.#run.reject(this.#endError());
        return;
      }
      signal.addEventListener('abort', abort, { once: true });
      this.#say(maxSeries === undefined ? { type: 'run' } : { type: 'run', maxSeries });
      this.#watchMemory(lookRunningMs);
    });
  }

  /** Ends it: by itself where it waits, with what it has open closed; else by force. */
  end(): void {
    if (this.#over) return;
    this.#reason ??= 'it is not wanted any more';
    if (this.#guard === undefined || this.#run !== undefined) this.#kill(this.#reason);
    else {
      this.#guard.stdin?.end();
      this.#pipe.end();
    }
  }

  #listen(): void {
    const { ended, log } = this.#parts;
    const frames = new FrameReader();
    this.#pipe.on('data', (piece: Buffer) => {
      try {
        for (const message of frames.read(piece)) this.#hear(message as FromProcess);
      } catch (error) {
        if (!(error instanceof BadFrame)) throw error;
        this.#kill(`it sent ${error.message}`);
      }
    });
    this.#pipe.on('error', () => {});
    this.#child.stderr?.on('data', (piece: Buffer) => {
      this.#complaint = (this.#complaint + piece.toString('latin1')).slice(-4_000);
    });
    const over = (reason: string): void => {
      if (this.#over) return;
      this.#over = true;
      this.#reason ??= reason;
      this.#watch?.cancel();
      this.#guard?.kill('SIGKILL');
      // What it started is not needed any more.
      this.#signalGroup();
      this.#pipe.destroy();
      if (this.#complaint !== '') log.debug({ stderr: this.#complaint }, 'what the process wrote');
      this.#run?.reject(this.#endError());
      ended(this.#reason);
    };
    this.#child.on('error', ({ message }) => {
      // A process that did not start has no exit.
      if (this.#child.pid === undefined) over(`it did not start: ${message}`);
    });
    this.#child.on('exit', (status, signal) => {
      const end = (): void => over(this.#why(status, signal));
      if (this.#pipe.readableEnded || this.#pipe.destroyed) end();
      else {
        const timer = this.#parts.clock.after(lastWordsMs, end);
        this.#pipe.once('end', () => {
          timer.cancel();
          end();
        });
      }
    });
    this.#child.unref();
    this.#pipe.unref();
    (this.#child.stderr as Socket | null)?.unref();
  }

  #why(status: number | null, signal: NodeJS.Signals | null): string {
    if (/heap out of memory|heap limit/i.test(this.#complaint)) {
      return `it needed more than ${this.#parts.memoryLimit / mebibyte} MB of memory`;
    }
    return signal === null ? `it ended by itself with status ${status}` : `it was ended by ${signal}`;
  }

  #hear(message: FromProcess): void {
    switch (message.type) {
      case 'samples':
        this.#run?.resolve(unpackSamples(message));
        this.#checkMemory(message.rss);
        break;
      case 'failed':
        this.#run?.reject(errorOf(message.failure));
        this.#checkMemory(message.rss);
        break;
      case 'log':
        this.#parts.log[message.level](message.fields, message.message);
        break;
      case 'died':
        this.#reason ??= message.reason;
    }
  }

  #watchMemory(everyMs: number): void {
    this.#watch?.cancel();
    const { pid } = this.#child;
    if (this.#over || pid === undefined) return;
    this.#watch = this.#parts.clock.after(everyMs, () => {
      this.#checkMemory(residentOf(pid));
      this.#watchMemory(everyMs);
    });
  }

  #checkMemory(resident: number | undefined): void {
    const { memoryLimit } = this.#parts;
    if (resident === undefined || resident <= memoryLimit + ownMemory) return;
    this.#kill(`it needed more than ${memoryLimit / mebibyte} MB of memory`);
  }

  #say(message: ToProcess): void {
    if (!this.#pipe.destroyed) this.#pipe.write(frame(message));
  }

  #kill(reason: string): void {
    this.#reason ??= reason;
    this.#signalGroup();
    this.#child.kill('SIGKILL');
  }

  #signalGroup(): void {
    const { pid } = this.#child;
    if (pid === undefined || isWindows) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Nobody of it is left.
    }
  }

  #endError(): CollectError {
    return new CollectError('PROCESS_ENDED', `its process is gone: ${this.#reason ?? 'it ended'}`);
  }
}
