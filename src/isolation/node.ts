/** Another process of Node.js, with the program of an isolated collector. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const mebibyte = 1024 * 1024;

/** Whether this is Windows, which knows no groups of processes. */
export const isWindows = process.platform === 'win32';

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
export function residentOf(pid: number): number | undefined {
  try {
    const kibibytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}

/** Starts it with a limit of its heap in bytes; descriptor 3 is a pipe. */
export function startNode(memoryLimit: number): ChildProcess {
  const heap = `--max-old-space-size=${Math.ceil(memoryLimit / mebibyte)}`;
  return spawn(process.execPath, [heap, '--max-semi-space-size=1', ...program()], {
    env: environment(),
    // A group of its own, so that what it starts can be killed with it; on Windows it would get a window of its own.
    detached: !isWindows,
    windowsHide: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
}
