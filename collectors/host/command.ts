/**
 * Programs of the host, for what the kernel tells by netlink or ioctl only.
 */
import { execFile } from 'node:child_process';
import { CollectError, NoDataError } from '../../src/collector.ts';

/** Thrown where a program ran and failed. */
export class CommandFailed extends CollectError {
  readonly stderr: string;

  constructor(command: string, stderr: string, cause: unknown) {
    super('SOURCE_UNREADABLE', `${command}: ${stderr.trim() || 'failed without a word'}`, { cause });
    this.stderr = stderr;
  }
}

// Daemons are often started without the folders of administration.
const searchPath = (): string => `${process.env['PATH'] ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`;

/**
 * What a program writes. Throws `NoDataError` where it is not installed, `CommandFailed` where it fails; ends it at the
 * deadline. Names must come from the program's own source or the kernel, as arguments are passed without a shell.
 */
export function outputOf(program: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  const options = { signal, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024, env: { PATH: searchPath(), LC_ALL: 'C' } };
  return new Promise((resolve, reject) => {
    execFile(program, args, options as typeof options & { encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.name === 'AbortError') reject(error);
      else if (error.code === 'ENOENT') reject(new NoDataError(`${program} is not installed`));
      else reject(new CommandFailed([program, ...args].join(' '), stderr, error));
    });
  });
}
