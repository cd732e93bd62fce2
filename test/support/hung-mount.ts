/** A mounted file system that hangs on command, for tests that run as root. */
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const program = fileURLToPath(new URL('hung-mount.py', import.meta.url));

/** One such file system; unmounted when the test ends. */
export interface HungMount {
  readonly folder: string;
  /** `deaf` and `away` make it hang, `well` heals it; see the program. Waits until it does so. */
  command(word: 'deaf' | 'away' | 'well'): Promise<void>;
}

/** Mounts one in a folder of its own. */
export async function mountHung(): Promise<HungMount> {
  const folder = mkdtempSync(join(tmpdir(), 'vitald-hung-'));
  const server = spawn('python3', [program, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
  const expectWord = async (word: string): Promise<void> => {
    const { value } = (await lines.next()) as { value: unknown };
    if (value !== word) throw new Error(`the file system said ${JSON.stringify(value)} in place of ${word}`);
  };
  onTestFinished(async () => {
    const ended = new Promise((resolve) => server.on('exit', resolve));
    server.stdin.end('end\n');
    if (server.exitCode === null) await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  await expectWord('mounted');
  return {
    folder,
    async command(word) {
      server.stdin.write(`${word}\n`);
      await expectWord(word);
    },
  };
}

/** A process, as /proc tells of it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly state: string;
  readonly title: string;
}

/** The children of a process, those included that have ended and were not yet collected. */
export function childrenOf(parent: number): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const found = processEntry(Number(name));
      return found?.parent === parent ? [found] : [];
    });
}

/** A process by its number; undefined where there is none. */
export function processEntry(pid: number): (ProcessEntry & { parent: number }) | undefined {
  try {
    const [, title = '', state = '', parent] = /\((.*)\) (\S) (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))!;
    return { pid, title, state, parent: Number(parent) };
  } catch {
    // It left while it was looked at.
    return undefined;
  }
}
