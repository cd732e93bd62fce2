/** Space and inodes of mounted file systems, by statfs(2). */
import { statfsSync } from 'node:fs';
import type { Clock } from '../clock.ts';

/** What statfs(2) says of a file system; sizes in blocks of `blockSize` bytes. */
export interface FileSystemUsage {
  readonly blockSize: number;
  readonly blocks: number;
  readonly blocksFree: number;
  readonly blocksAvailable: number;
  readonly files: number;
  readonly filesFree: number;
}

/** Asks mounted file systems for their usage. */
export interface FileSystems {
  /** Asks at once; for local file systems, which answer from memory. Throws Node.js system errors. */
  usage(mountpoint: string): FileSystemUsage;
  close(): void;
}

export function openFileSystems(_clock: Clock): FileSystems {
  return {
    usage(mountpoint) {
      const { bsize, blocks, bfree, bavail, files, ffree } = statfsSync(mountpoint);
      return { blockSize: bsize, blocks, blocksFree: bfree, blocksAvailable: bavail, files, filesFree: ffree };
    },
    close() {},
  };
}
