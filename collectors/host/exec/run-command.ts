/**
 * One run of a command, from its start until the last process of it is gone.
 *
 * At the deadline every process of the command gets SIGTERM, and what is left of them a moment later SIGKILL. What a
 * command leaves running behind itself is ended with it.
 */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../../../src/clock.ts';
import { OutputTail } from './output-tail.ts';
import { markName, membersOf, type ProcessTree, signalGroup, signalTree, startOf } from './process-tree.ts';

/** What to run. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly stdin?: string;
  readonly outputLimit: number;
  /** From SIGTERM to SIGKILL, in milliseconds. */
  readonly killAfterMs: number;
}

/** How a run came to its end. */
export type Ending =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'not started'; readonly error: unknown }
  /** It wrote more than it may. */
  | { readonly kind: 'output limit' }
  /** The signal aborted: the deadline passed, or the daemon stops. */
  | { readonly kind: 'aborted' };

/** What came of a run. */
export interface Ended {
  readonly ending: Ending;
  readonly stdout: Buffer;
  /** The last lines of its standard error, fit for a log. */
  readonly stderr: readonly string[];
}

/** A run under way. */
export interface CommandRun {
  /** Settles when no process of it is left, as far as they can be found. Never rejects. */
  readonly ended: Promise<Ended>;
  /** Kills every process of it at once. */
  kill(): void;
}

// What a command that has exited may take to close its output; whoever holds it open then is none of its group.
const closeGraceMs = 100;

class Run {
  readonly ended: Promise<Ended>;
  readonly #command: Command;
  readonly #clock: Clock;
  readonly #mark = randomUUID();
  readonly #stderr = new OutputTail();
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #startedAt: number | undefined;
  #child: ChildProcess | undefined;
  #ending: Ending | undefined;
  /** Set once it was told to end; its group has until then to go. */
  #killing: Timer | undefined;
  #closing: Timer | undefined;
  #exited = false;
  #closed = false;
  #finish: (ended: Ended) => void = () => {};

  constructor(command: Command, clock: Clock) {
    this.#command = command;
    this.#clock = clock;
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#start();
  }

  /** Ends it: SIGTERM now, SIGKILL a moment later. */
  end(ending: Ending): void {
    if (this.#ending !== undefined || this.#tree === undefined) return;
    this.#ending = ending;
    this.#killing = this.#clock.after(this.#command.killAfterMs, () => this.kill());
    signalTree(this.#tree, 'SIGTERM');
  }

  /** Ends every process of it at once. */
  kill(): void {
    const tree = this.#tree;
    if (tree === undefined || (this.#exited && this.#killing === undefined && this.#closing === undefined)) return;
    this.#ending ??= { kind: 'aborted' };
    signalTree(tree, 'SIGKILL');
    this.#killing?.cancel();
    this.#killing = undefined;
    if (this.#exited) this.#close();
  }

  get #tree(): ProcessTree | undefined {
    const leader = this.#child?.pid;
    return leader === undefined ? undefined : { leader, mark: this.#mark, start: this.#startedAt };
  }

  #start(): void {
    const { program, args, environment, workingDirectory, uid, gid, stdin } = this.#command;
    const options: SpawnOptions = {
      cwd: workingDirectory,
      env: { ...environment, [markName]: this.#mark },
      detached: true,
      windowsHide: true,
      stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    };
    try {
      this.#child = spawn(program, [...args], options);
    } catch (error) {
      this.#ending = { kind: 'not started', error };
      this.#settle();
      return;
    }
    const child = this.#child;
    this.#startedAt = child.pid === undefined ? undefined : startOf(child.pid);
    child.on('error', (error) => {
      // Also told of a signal that could not be sent, which is no end.
      if (child.pid !== undefined) return;
      this.#ending = { kind: 'not started', error };
      this.#settle();
    });
    child.on('exit', (code, signal) => this.#exit(code, signal));
    child.on('close', () => {
      this.#closed = true;
      if (this.#exited && this.#killing === undefined) this.#settle();
    });
    child.stdout?.on('data', (chunk: Buffer) => this.#read(chunk));
    child.stderr?.on('data', (chunk: Buffer) => this.#stderr.add(chunk));
    // Whether it reads what it is given is its own affair.
    child.stdin?.on('error', () => {});
    child.stdin?.end(stdin);
  }

  #read(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= this.#command.outputLimit) this.#chunks.push(chunk);
    else this.end({ kind: 'output limit' });
  }

  #exit(code: number | null, signal: NodeJS.Signals | null): void {
    const tree = this.#tree!;
    this.#exited = true;
    if (this.#killing !== undefined) {
      // Those that it left behind have their moment; where there are none, it is over.
      if (membersOf(tree).length > 0) return;
      this.#killing.cancel();
      this.#killing = undefined;
    } else {
      this.#ending ??= signal === null ? { kind: 'exited', code: code ?? 0 } : { kind: 'signalled', signal };
      signalGroup(tree, 'SIGKILL');
    }
    this.#close();
  }

  /** Waits for the end of its output, but not for ever: a process that is not to be found may hold it open. */
  #close(): void {
    if (this.#closed) {
      this.#settle();
      return;
    }
    this.#closing ??= this.#clock.after(closeGraceMs, () => {
      signalTree(this.#tree!, 'SIGKILL');
      this.#child?.stdout?.destroy();
      this.#child?.stderr?.destroy();
      this.#settle();
    });
  }

  #settle(): void {
    this.#closing?.cancel();
    this.#closing = undefined;
    const stdout = Buffer.concat(this.#chunks);
    this.#finish({ ending: this.#ending ?? { kind: 'aborted' }, stdout, stderr: this.#stderr.lines });
  }
}

/** Runs a command until it ends, writes too much, or `signal` aborts. */
export function runCommand(command: Command, { clock, signal }: { clock: Clock; signal: AbortSignal }): CommandRun {
  const run = new Run(command, clock);
  const abort = (): void => run.end({ kind: 'aborted' });
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  void run.ended.then(() => signal.removeEventListener('abort', abort));
  return run;
}
