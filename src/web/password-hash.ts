/**
 * bcrypt hashes, verified in a thread of their own: a hash of cost 10 takes some 70 ms, for which the event loop would
 * otherwise stand still. The thread starts at the first verification and ends when there was none for a while.
 */
import type { Worker } from 'node:worker_threads';
import { lateThreads } from '../late-modules.ts';
import { thrift } from '../thrift.ts';

/** Says whether a password is the one behind a hash. */
export interface PasswordHasher {
  verify(password: string, hash: string): Promise<boolean>;
  close(): void;
}

// Each step doubles the time; this one takes about a second. Beyond it a scrape would run into its own deadline.
const maxCost = 14;
const idleMs = 30_000;

const hashShape = /^\$2[aby]?\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** Why a text cannot be used as the hash of a password; undefined where it can. Never holds the text itself. */
export function hashProblem(hash: string): string | undefined {
  const [, cost] = hashShape.exec(hash) ?? [];
  if (cost === undefined) return 'is not a bcrypt hash; make one with: htpasswd -nBC 10 "" | tr -d \':\\n\'';
  if (Number(cost) < 4 || Number(cost) > 31) return `bcrypt has costs from 4 to 31, not ${Number(cost)}`;
  if (Number(cost) > maxCost) {
    return `a hash of cost ${Number(cost)} takes too long to verify; use one from 10 to ${maxCost}`;
  }
  return undefined;
}

/** A hash that takes as long as the dearest of these, and that no password is behind. */
export function decoyHash(hashes: Iterable<string>): string {
  let cost = 4;
  for (const hash of hashes) cost = Math.max(cost, Number(hashShape.exec(hash)?.[1] ?? 0));
  return `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`;
}

const program = `
  const { parentPort, workerData } = require('node:worker_threads');
  const loaded = import(workerData);
  parentPort.on('message', async ([id, password, hash]) => {
    const bcrypt = await loaded;
    // The package as CommonJS has everything in its default.
    const { compareSync } = bcrypt.compareSync === undefined ? bcrypt.default : bcrypt;
    parentPort.postMessage([id, compareSync(password, hash)]);
  });
`;

interface Asked {
  resolve(matches: boolean): void;
  reject(error: Error): void;
}

/** Makes a hasher; it has no thread until it is asked. */
export function openPasswordHasher(): PasswordHasher {
  const asked = new Map<number, Asked>();
  let worker: Promise<Worker> | undefined;
  let idle: NodeJS.Timeout | undefined;
  let nextId = 0;

  function dismiss(): void {
    clearTimeout(idle);
    const leaving = worker;
    worker = undefined;
    void leaving?.then((thread) => thread.removeAllListeners('exit').terminate()).catch(() => {});
  }

  function fail(error: Error): void {
    worker = undefined;
    for (const { reject } of asked.values()) reject(error);
    asked.clear();
  }

  async function start(): Promise<Worker> {
    const { bcryptModule } = await import('./bcrypt.ts');
    // Ten times as slow without the compiler, whose flag is that of all threads.
    thrift.end();
    const { Worker: Thread } = lateThreads();
    const thread = new Thread(program, {
      eval: true,
      workerData: bcryptModule,
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
    });
    thread.unref();
    thread.on('message', ([id, matches]: [number, boolean]) => {
      asked.get(id)?.resolve(matches);
      asked.delete(id);
      if (asked.size > 0) return;
      clearTimeout(idle);
      idle = setTimeout(dismiss, idleMs).unref();
    });
    thread.on('error', fail);
    thread.on('exit', () => fail(new Error('the thread for passwords ended')));
    return thread;
  }

  return {
    async verify(password, hash) {
      clearTimeout(idle);
      worker ??= start();
      const thread = await worker;
      return new Promise<boolean>((resolve, reject) => {
        nextId += 1;
        asked.set(nextId, { resolve, reject });
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
        thread.postMessage([nextId, password, hash]);
      });
    },
    close() {
      dismiss();
      fail(new Error('the server is closing'));
    },
  };
}
