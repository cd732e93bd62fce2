/**
 * The process of an isolated collector, from without: started, asked, and killed when it takes too long or too much.
 */
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../clock.ts';
import type { Samples } from '../collector.ts';
import { CollectError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { errorOf } from './failure.ts';
import { closingMs, type ProcessKeeper } from './keeper.ts';
import { isWindows, residentOf, startNode } from './node.ts';
import { BadFrame, frame, FrameReader, type FromProcess, type SetUp, type ToProcess } from './protocol.ts';
import { unpackSamples } from './samples.ts';

const mebibyte = 1024 * 1024;

/** What a process of Node.js has resident before it runs anything of a collector's, rounded up, in bytes. */
export const ownMemory = 96 * mebibyte;

// What a run gets after its deadline to end by itself.
const graceMs = 250;
// How long it may take until it can be run; a plugin may wait for something at its top level.
const startMs = 20_000;
// How often its memory is looked at, while it runs and while it waits.
const lookRunningMs = 100;
const lookIdleMs = 1_000;
// What it said at last may come later than the news of its end.
const lastWordsMs = 100;

/** What a process is started with. */
export interface ProcessParts {
  readonly setUp: SetUp;
  /** Of what the collector itself uses, in bytes. */
  readonly memoryLimit: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly keeper: ProcessKeeper;
  /** It is over; tells why. */
  readonly ended: (reason: string) => void;
}

interface Run {
  resolve(samples: Samples): void;
  reject(error: Error): void;
}

interface Ready {
  resolve(): void;
  reject(error: Error): void;
}

/** One process. */
export class CollectorProcess {
  readonly #parts: ProcessParts;
  /** Undefined before its turn to start has come. */
  #child: ChildProcess | undefined;
  #pipe: Socket | undefined;
  #run: Run | undefined;
  #watch: Timer | undefined;
  #start: Timer | undefined;
  #started: () => void = () => {};
  #tellReady!: Ready;
  #reason: string | undefined;
  #complaint = '';
  #over = false;
  /** Resolves when the collector can be run; rejects where the process ends before. */
  readonly ready: Promise<void>;
  isReady = false;

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    this.ready = new Promise<void>((resolve, reject) => {
      this.#tellReady = { resolve, reject };
    });
    // Maybe nobody waits for it any more.
    this.ready.catch(() => {});
    parts.keeper.enter((started) => {
      this.#started = started;
      if (this.#over) started();
      else this.#spawn();
    });
  }

  /**
   * Runs the collector once, when it is ready; ask again only after the answer. Kills the process where it does not heed
   * `signal`.
   */
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
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
      this.#say(maxSeries === undefined ? { type: 'run' } : { type: 'run', maxSeries });
      this.#watchMemory(lookRunningMs);
    });
  }

  /** Ends it: by itself where it waits, with what it has open closed; else by force. */
  end(): void {
    if (this.#over) return;
    this.#reason ??= 'it is not wanted any more';
    if (this.#child === undefined) this.#end(this.#reason);
    else if (!this.isReady || this.#run !== undefined || !this.#parts.keeper.guards) this.#kill(this.#reason);
    else {
      this.#pipe?.end();
      this.#start = this.#parts.clock.after(closingMs, () => this.#kill('it did not close'));
    }
  }

  #spawn(): void {
    const { memoryLimit, setUp, keeper, clock } = this.#parts;
    const child = startNode(memoryLimit);
    this.#child = child;
    this.#listen(child);
    if (child.pid !== undefined) keeper.add(child.pid);
    this.#start = clock.after(startMs, () => this.#kill(`it did not start within ${startMs / 1000} s`));
    this.#say(setUp);
    this.#watchMemory(lookRunningMs);
  }

  #listen(child: ChildProcess): void {
    const pipe = child.stdio[3] as Socket;
    const frames = new FrameReader();
    this.#pipe = pipe;
    pipe.on('data', (piece: Buffer) => {
      try {
        for (const message of frames.read(piece)) this.#hear(message as FromProcess);
      } catch (error) {
        if (!(error instanceof BadFrame)) throw error;
        this.#kill(`it sent ${error.message}`);
      }
    });
    pipe.on('error', () => {});
    child.stderr?.on('data', (piece: Buffer) => {
      this.#complaint = (this.#complaint + piece.toString('latin1')).slice(-4_000);
    });
    child.on('error', ({ message }) => {
      // A process that did not start has no exit.
      if (child.pid === undefined) this.#end(`it did not start: ${message}`);
    });
    child.on('exit', (status, signal) => {
      const end = (): void => this.#end(this.#why(status, signal));
      if (pipe.readableEnded || pipe.destroyed) end();
      else {
        const timer = this.#parts.clock.after(lastWordsMs, end);
        pipe.once('end', () => {
          timer.cancel();
          end();
        });
      }
    });
    child.unref();
    pipe.unref();
    (child.stderr as Socket | null)?.unref();
  }

  #end(reason: string): void {
    if (this.#over) return;
    const { log, keeper, ended } = this.#parts;
    this.#over = true;
    this.#reason ??= reason;
    this.#watch?.cancel();
    this.#start?.cancel();
    // What it started is not needed any more.
    this.#signalGroup();
    if (this.#child?.pid !== undefined) keeper.remove(this.#child.pid);
    this.#pipe?.destroy();
    if (this.#complaint !== '') log.debug({ stderr: this.#complaint }, 'what the process wrote');
    this.#started();
    this.#tellReady.reject(this.#endError());
    this.#run?.reject(this.#endError());
    ended(this.#reason);
  }

  #why(status: number | null, signal: NodeJS.Signals | null): string {
    if (/heap out of memory|heap limit/i.test(this.#complaint)) {
      return `it needed more than ${this.#parts.memoryLimit / mebibyte} MB of memory`;
    }
    return signal === null ? `it ended by itself with status ${status}` : `it was ended by ${signal}`;
  }

  #hear(message: FromProcess): void {
    switch (message.type) {
      case 'ready':
        this.isReady = true;
        this.#start?.cancel();
        this.#started();
        this.#tellReady.resolve();
        this.#watchMemory(lookIdleMs);
        break;
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
    const pid = this.#child?.pid;
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
    if (this.#pipe?.writable === true) this.#pipe.write(frame(message));
  }

  #kill(reason: string): void {
    this.#reason ??= reason;
    this.#signalGroup();
    this.#child?.kill('SIGKILL');
  }

  #signalGroup(): void {
    const pid = this.#child?.pid;
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
