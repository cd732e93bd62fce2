/**
 * A process that asks systeminformation one question and ends.
 *
 * The package starts commands that have no deadline, some of them synchronously: `hostname -f` waits for DNS, and the
 * whole event loop with it. In a process group of its own all of that can be killed when its time is over.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { abortReason } from '../abort.ts';
import { CollectError } from '../errors.ts';

// A text, as a file of its own would have to be found from the source tree and from a bundle.
const program = `
  process.title = 'vitald-sysinfo';
  // Whoever asked is gone; commands under way go with this process.
  process.on('disconnect', () => process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL'));
  const [library, question, ...values] = process.argv.slice(1);
  const tell = (message) => process.send(message, () => process.exit());
  new Promise((resolve) => resolve(require(library)[question](...values))).then(
    (answer) => tell({ answer }),
    (error) => tell({ error: String(error?.message ?? error) }),
  );
`;

type Message = { readonly answer: unknown } | { readonly error: string };

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** Calls a function of a CommonJS module in a process of its own; kills that when `signal` aborts. */
export function askHelper(
  library: string,
  question: string,
  values: readonly string[],
  signal: AbortSignal,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abortReason(signal));
      return;
    }
    const child = spawn(process.execPath, ['-e', program, library, question, ...values], {
      cwd: '/',
      // Its own group on Unix; on Windows it would get a window of its own.
      detached: process.platform !== 'win32',
      windowsHide: true,
      // Structured clones, as JSON would make null of NaN.
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const fail = (problem: string): void => {
      reject(new CollectError('SOURCE_UNREADABLE', `systeminformation ${question}: ${problem}`));
    };
    const abort = (): void => {
      killGroup(child);
      reject(abortReason(signal));
    };
    signal.addEventListener('abort', abort, { once: true });
    child.on('message', (message: Message) => {
      if ('answer' in message) resolve(message.answer);
      else fail(message.error);
    });
    child.on('error', ({ message }) => fail(message));
    child.on('exit', (status, killedBy) => {
      signal.removeEventListener('abort', abort);
      // Too late where it answered.
      fail(`its process ended with ${killedBy ?? status}`);
    });
  });
}
