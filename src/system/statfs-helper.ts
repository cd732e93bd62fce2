/**
 * A process that asks one file system after the other for its usage, and that can be given up where one never answers.
 *
 * Its program is the text below, as a file of its own would have to be found from the source tree and from a bundle.
 */
import { spawn } from 'node:child_process';

/** What statfs(2) says of a file system; sizes in blocks of `blockSize` bytes. */
export interface FileSystemUsage {
  readonly blockSize: number;
  readonly blocks: number;
  readonly blocksFree: number;
  readonly blocksAvailable: number;
  readonly files: number;
  readonly filesFree: number;
}

// Paths travel as Latin-1, one character a byte, as a path need not be UTF-8 but a message is.
const program = `
  const { statfsSync } = require('node:fs');
  process.title = 'vitald-statfs';
  process.on('disconnect', () => process.exit());
  process.on('message', (path) => {
    let answer;
    try {
      const { bsize, blocks, bfree, bavail, files, ffree } = statfsSync(Buffer.from(path, 'latin1'));
      answer = {
        usage: { blockSize: bsize, blocks, blocksFree: bfree, blocksAvailable: bavail, files, filesFree: ffree },
      };
    } catch ({ message, code, errno }) {
      answer = { error: { message, code, errno } };
    }
    process.send(answer);
  });
`;

interface Answer {
  readonly usage?: FileSystemUsage;
  readonly error?: { readonly message: string; readonly code?: string; readonly errno?: number };
}

/** The helper ended before it answered, for a reason that is not the file system's. */
export class HelperEnded extends Error {
  readonly code = 'EHELPER';
}

/** One process that asks. */
export interface StatfsHelper {
  /** Asks for the usage of a path in Latin-1; ask again only after the answer. Rejects with `HelperEnded` at its end. */
  ask(path: string): Promise<FileSystemUsage>;
  /** Ends it. Where a call hangs that may take until the file system answers; `onEnd` is called when it is over. */
  kill(): void;
}

/** Starts a helper. It keeps this process alive only while it is asked, and ends when this process is gone. */
export function startStatfsHelper(onEnd: () => void): StatfsHelper {
  const libraries = process.env['LD_LIBRARY_PATH'];
  const child = spawn(process.execPath, ['--max-semi-space-size=1', '--max-old-space-size=32', '-e', program], {
    // Not in a folder that somebody may want to unmount, and with nothing of the environment that Node.js could heed.
    cwd: '/',
    env: libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  let waiting: { resolve(usage: FileSystemUsage): void; reject(error: Error): void } | undefined;
  let ended = false;

  function end(reason: string): void {
    if (ended) return;
    ended = true;
    waiting?.reject(new HelperEnded(reason));
    waiting = undefined;
    onEnd();
  }

  child.on('message', ({ usage, error }: Answer) => {
    const asker = waiting;
    waiting = undefined;
    child.channel?.unref();
    if (usage !== undefined) asker?.resolve(usage);
    else asker?.reject(Object.assign(new Error(error?.message), { code: error?.code, errno: error?.errno }));
  });
  child.on('exit', (status, signal) => end(`the statfs helper ended with ${signal ?? status}`));
  child.on('error', ({ message }) => {
    // A process that did not start has no exit.
    if (child.pid === undefined) end(`the statfs helper did not start: ${message}`);
  });
  child.unref();
  child.channel?.unref();

  return {
    ask: (path) =>
      new Promise((resolve, reject) => {
        if (ended) {
          reject(new HelperEnded('the statfs helper has ended'));
          return;
        }
        waiting = { resolve, reject };
        child.channel?.ref();
        // A failure to send is followed by the exit.
        child.send(path, () => {});
      }),
    kill() {
      child.kill('SIGKILL');
      child.channel?.unref();
    },
  };
}
