/**
 * The order in which file systems that may hang are asked: one helper serves them all while they answer. When one takes
 * long the next ones are asked by another helper, so that it holds up nobody; when its time is over its helper is killed
 * and it is known as stuck.
 */
import type { Clock, Timer } from '../clock.ts';
import { type FileSystemUsage, HelperEnded, startStatfsHelper, type StatfsHelper } from './statfs-helper.ts';

/** How long to wait for a file system, and for how many at the same time. */
export interface Waiting {
  readonly timeoutMs: number;
  readonly atOnce: number;
}

/** Asks file systems that may hang, by their path in Latin-1. */
export interface StatfsPool {
  ask(path: string, waiting: Waiting): Promise<FileSystemUsage>;
  close(): void;
}

interface Request extends Waiting {
  readonly path: string;
  /** Set when a helper ended under it once; the second time it fails. */
  again: boolean;
  resolve(usage: FileSystemUsage): void;
  reject(error: Error): void;
}

interface Worker {
  readonly helper: StatfsHelper;
  request: Request | undefined;
  /** Its request takes long; the others need not wait for it. */
  slow: boolean;
  timers: readonly Timer[];
  /** Called at its end, once it was given up. */
  ended: (() => void) | undefined;
}

/** A file system that did not answer in time. */
interface Stuck {
  /** When to ask it again, in monotonic time. */
  askAgainMs: number;
}

// Longer than a helper takes to start on a busy host.
const patienceMs = 500;
// A helper that can be killed is gone at once; one that ends later had its answer.
const diesAtOnceMs = 1_000;
// How many timeouts to leave a stuck file system alone where its helper could be killed, so that its end tells nothing.
const restInTimeouts = 6;
const idleForMs = 10 * 60_000;

function stuckError(path: string): Error {
  return Object.assign(new Error(`${path}: no answer`), { code: 'ESTUCK' });
}

/** Opens a pool; it starts its first helper when it is asked. */
export function openStatfsPool(clock: Clock): StatfsPool {
  const queue: Request[] = [];
  const workers = new Set<Worker>();
  const stuck = new Map<string, Stuck>();
  let closed = false;
  let idleTimer: Timer | undefined;

  function hire(): Worker {
    const worker: Worker = {
      helper: startStatfsHelper(() => {
        workers.delete(worker);
        worker.ended?.();
      }),
      request: undefined,
      slow: false,
      timers: [],
      ended: undefined,
    };
    workers.add(worker);
    return worker;
  }

  function dismiss(worker: Worker): void {
    workers.delete(worker);
    for (const timer of worker.timers) timer.cancel();
    worker.helper.kill();
  }

  /** A worker for the next request: an idle one, or a new one where all are held up. */
  function available({ atOnce }: Request): Worker | undefined {
    for (const worker of workers) if (worker.request === undefined) return worker;
    for (const worker of workers) if (!worker.slow) return undefined;
    return workers.size < atOnce ? hire() : undefined;
  }

  function assign(): void {
    for (;;) {
      const [request] = queue;
      const worker = request === undefined ? undefined : available(request);
      if (request === undefined || worker === undefined) return;
      queue.shift();
      void serve(worker, request);
    }
  }

  async function serve(worker: Worker, request: Request): Promise<void> {
    idleTimer?.cancel();
    worker.request = request;
    worker.timers = [
      clock.after(patienceMs, () => {
        worker.slow = true;
        assign();
      }),
      clock.after(request.timeoutMs, () => giveUp(worker, request)),
    ];
    try {
      request.resolve(await worker.helper.ask(request.path));
    } catch (error) {
      if (error instanceof HelperEnded && !request.again && !closed && worker.ended === undefined) {
        request.again = true;
        queue.unshift(request);
      } else request.reject(error as Error);
    }
    for (const timer of worker.timers) timer.cancel();
    worker.request = undefined;
    worker.slow = false;
    assign();
    keepOneIdle();
  }

  /** One idle helper is enough, and none where no file system was asked for long. */
  function keepOneIdle(): void {
    const idle = [...workers].filter(({ request }) => request === undefined);
    for (const worker of idle.slice(1)) dismiss(worker);
    if (workers.size !== 1 || idle.length === 0) return;
    idleTimer = clock.after(idleForMs, () => dismiss(idle[0]!));
  }

  function giveUp(worker: Worker, request: Request): void {
    const state: Stuck = { askAgainMs: Infinity };
    const killedMs = clock.monotonic();
    stuck.set(request.path, state);
    worker.ended = () => {
      const now = clock.monotonic();
      if (now - killedMs < diesAtOnceMs) state.askAgainMs = now + restInTimeouts * request.timeoutMs;
      else if (stuck.get(request.path) === state) stuck.delete(request.path);
    };
    dismiss(worker);
    request.reject(stuckError(request.path));
    assign();
  }

  function enqueue(path: string, waiting: Waiting): Promise<FileSystemUsage> {
    return new Promise((resolve, reject) => {
      queue.push({ ...waiting, path, again: false, resolve, reject });
      assign();
    });
  }

  /** Finds out whether a stuck file system answers again, while nobody waits. */
  async function askAgain(path: string, waiting: Waiting, state: Stuck): Promise<void> {
    state.askAgainMs = Infinity;
    try {
      await enqueue(path, waiting);
    } catch {
      // Another error is an answer too; where there is none its state is new.
    }
    if (stuck.get(path) === state) stuck.delete(path);
  }

  return {
    ask(path, waiting) {
      if (closed) return Promise.reject(new HelperEnded('no file system is asked any more'));
      const state = stuck.get(path);
      if (state === undefined) return enqueue(path, waiting);
      if (clock.monotonic() >= state.askAgainMs) void askAgain(path, waiting, state);
      return Promise.reject(stuckError(path));
    },
    close() {
      closed = true;
      idleTimer?.cancel();
      const ending = new HelperEnded('no file system is asked any more');
      for (const request of queue.splice(0)) request.reject(ending);
      for (const worker of workers) {
        worker.request?.reject(ending);
        dismiss(worker);
      }
    },
  };
}
