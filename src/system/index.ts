/**
 * What collectors may ask of the host. Every root folder is an argument, so that vitald reads the host's trees from
 * within a container, and tests read recorded ones.
 */
import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, type Clock } from '../clock.ts';
import { openTree, type Tree, type TreeOptions } from './tree.ts';
import { openFileSystems, type FileSystems } from './statfs.ts';

export type { Clock } from '../clock.ts';
export type { KeptFile, Tree } from './tree.ts';
export type { FileSystemUsage, FileSystems } from './statfs.ts';

/** Where the host's trees are mounted; the keys of `path:` in the config. */
export interface Paths {
  readonly procfs: string;
  readonly sysfs: string;
  readonly rootfs: string;
  readonly udev_data: string;
}

/** The paths of a daemon that runs on the host itself. */
export const hostPaths: Paths = { procfs: '/proc', sysfs: '/sys', rootfs: '/', udev_data: '/run/udev/data' };

/** The host, as collectors see it. */
export interface System {
  readonly paths: Paths;
  readonly proc: Tree;
  readonly sys: Tree;
  readonly udev: Tree;
  readonly rootfs: Tree;
  readonly fileSystems: FileSystems;
  readonly clock: Clock;
  close(): void;
}

/**
 * `/proc/net` is a link to the reader's own network. Below another root that may be the container's, so the host's
 * first process is asked where its folder can be read. In a recorded tree it may be a folder like any other.
 */
function netOfHost(procfs: string): (relative: string) => string {
  const isLink = lstatSync(join(procfs, 'net'), { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  if (procfs === hostPaths.procfs || !isLink || !existsSync(join(procfs, '1/net/dev'))) return (relative) => relative;
  return (relative) => (relative.startsWith('net/') ? `1/${relative}` : relative);
}

// What procfs makes as a whole: settings of the kernel, and files of one record (`single_open` in fs/seq_file.c). Others
// give as many records as fit, so only a read that gives nothing tells that they are at their end.
const ofOneRecord = /^(?:sys\/|pressure\/|(?:loadavg|meminfo|stat|uptime)$|net\/(?:netstat|snmp6?|sockstat6?)$)/;

/** Opens the host; `ofKernel` are options for its procfs and its sysfs. */
export function openSystem(
  paths: Paths = hostPaths,
  clock: Clock = systemClock,
  ofKernel: Pick<TreeOptions, 'linesEnded'> = {},
): System {
  const trees = {
    proc: openTree(paths.procfs, {
      relocate: netOfHost(paths.procfs),
      inOnePiece: ofOneRecord,
      clock,
      ...ofKernel,
    }),
    sys: openTree(paths.sysfs, { clock, ...ofKernel }),
    udev: openTree(paths.udev_data),
    rootfs: openTree(paths.rootfs),
  };
  const fileSystems = openFileSystems(clock);
  return {
    paths,
    ...trees,
    fileSystems,
    clock,
    close() {
      for (const tree of Object.values(trees)) tree.close();
      fileSystems.close();
    },
  };
}
