/**
 * What the processes of all isolated collectors share.
 *
 * They start one after the other: the start of a process holds up the event loop and a core for a moment, and a dozen of
 * them at once would be late together. And none of them outlives the daemon: one that waits sees the end of its pipe; one
 * that loops is killed by a guard, a shell that only reads who lives, until the daemon is gone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { Gate } from '../schedule/gate.ts';

/** What the processes get to close what they have open once the daemon is gone or does not want them any more. */
export const closingMs = 200;

// One that takes longer to start holds up the next no more.
const turnMs = 3_000;

// Each line is "+ process" or "- process"; a process leads the group of what it started.
const guardScript = `
alive=
while read -r sign process; do
  rest=
  for each in $alive; do [ "$each" = "$process" ] || rest="$rest $each"; done
  alive=$rest
  [ "$sign" = + ] && alive="$alive $process"
done
sleep ${closingMs / 1000}
for each in $alive; do kill -9 "-$each"; done
`;

/** Lets processes start, and sees to it that they end. */
export class ProcessKeeper {
  readonly #clock: Clock;
  readonly #turns = new Gate(1);
  #guard: ChildProcess | undefined;
  /** Whether there is no shell to be had. */
  #unguarded = process.platform === 'win32';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a process that is left behind is killed. */
  get guards(): boolean {
    return this.#guard !== undefined && !this.#unguarded;
  }

  /** Calls `start` when it is the turn of a process; `started` is to be called when it has started, or is gone. */
  enter(start: (started: () => void) => void): void {
    this.#turns.enter((leave) => {
      const timer = this.#clock.after(turnMs, leave);
      start(() => {
        timer.cancel();
        leave();
      });
    });
  }

  /** A process is alive from now on. */
  add(pid: number): void {
    if (!this.#unguarded) this.#guard ??= this.#startGuard();
    this.#tell(`+ ${pid}\n`);
  }

  /** A process is gone. */
  remove(pid: number): void {
    this.#tell(`- ${pid}\n`);
  }

  /** Has what is still alive killed in a moment. */
  close(): void {
    this.#turns.clear();
    this.#guard?.stdin?.end();
    this.#guard = undefined;
  }

  #tell(line: string): void {
    if (this.guards) this.#guard?.stdin?.write(line);
  }

  #startGuard(): ChildProcess {
    const guard = spawn('/bin/sh', ['-c', guardScript, 'vitald-guard'], {
      cwd: '/',
      env: {},
      // Not in the group that a terminal interrupts.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const lost = (): void => {
      this.#unguarded = true;
    };
    guard.on('error', lost);
    guard.on('exit', lost);
    guard.stdin.on('error', lost);
    guard.unref();
    (guard.stdin as Socket).unref();
    return guard;
  }
}
