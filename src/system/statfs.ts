/**
 * Space and inodes of mounted file systems, by statfs(2).
 *
 * A file system that lives on another host, or in a process of this one, may leave the call waiting for ever, and no
 * signal but SIGKILL reaches a thread that waits so, at times not even that. Such a call on a thread of this process
 * would keep it from ending, and its port from being free; so these are asked by a process that can be given up.
 */
import { statfsSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import type { FileSystemUsage } from './statfs-helper.ts';
import { openStatfsPool, type StatfsPool, type Waiting } from './statfs-pool.ts';

export type { FileSystemUsage } from './statfs-helper.ts';
export type { Waiting } from './statfs-pool.ts';

/** Asks mounted file systems for their usage. A path is given as bytes where it may not be UTF-8. */
export interface FileSystems {
  /** Asks at once; for local file systems, which answer from memory. Throws Node.js system errors. */
  usage(mountpoint: string | Buffer): FileSystemUsage;
  /**
   * Asks a file system that may never answer. Rejects with Node.js system errors, or with the code `ESTUCK` where there
   * is no answer within `timeoutMs`; from then on that is said at once, until the file system answers again.
   */
  usageWithin(mountpoint: string | Buffer, waiting: Waiting): Promise<FileSystemUsage>;
  close(): void;
}

/** Opens the file systems of this host; a process to ask those that may hang starts when one is asked. */
export function openFileSystems(clock: Clock): FileSystems {
  let pool: StatfsPool | undefined;
  return {
    usage(mountpoint) {
      const { bsize, blocks, bfree, bavail, files, ffree } = statfsSync(mountpoint);
      return { blockSize: bsize, blocks, blocksFree: bfree, blocksAvailable: bavail, files, filesFree: ffree };
    },
    usageWithin(mountpoint, waiting) {
      pool ??= openStatfsPool(clock);
      return pool.ask(Buffer.from(mountpoint).toString('latin1'), waiting);
    },
    close() {
      pool?.close();
    },
  };
}
