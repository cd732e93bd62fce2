/**
 * The hierarchies of control groups below /sys/fs/cgroup, and the groups in them.
 *
 * Version 2 has one hierarchy, at the top. Version 1 has one for each controller, or for several that share one
 * (`cpu,cpuacct`, to which `cpu` is a link). A hybrid host has those, and one of version 2 at `unified`.
 */
import type { Tree } from '../../../src/system/tree.ts';
import { words } from '../../../src/system/numbers.ts';

/** One hierarchy. */
export interface Hierarchy {
  readonly version: 1 | 2;
  /** Where it is, below the root of sysfs. */
  readonly folder: string;
  /** The controllers of one of version 1. */
  readonly controllers: ReadonlySet<string>;
  /** Whether version 1 counts the input and output of groups below with that of a group; old kernels do not. */
  readonly recursiveIo: boolean;
}

/** A group in one hierarchy. */
export interface Place {
  readonly hierarchy: Hierarchy;
  /** The controllers that are on in this group. */
  readonly controllers: ReadonlySet<string>;
}

/** A group, by its path, wherever it is. */
export interface Group {
  readonly path: string;
  readonly depth: number;
  readonly places: Place[];
}

const top = 'fs/cgroup';
const read1 = new Set(['blkio', 'cpu', 'cpuacct', 'memory', 'pids']);

function version2(folder: string): Hierarchy {
  return { version: 2, folder, controllers: new Set(), recursiveIo: true };
}

/** The hierarchies that have something to read. */
export function hierarchiesOf(sys: Tree): Hierarchy[] {
  if (sys.exists(`${top}/cgroup.controllers`)) return [version2(top)];
  return sys.folders(top).flatMap((name): Hierarchy[] => {
    const folder = `${top}/${name}`;
    if (sys.exists(`${folder}/cgroup.controllers`)) return [version2(folder)];
    const controllers = name.split(',').filter((controller) => read1.has(controller));
    if (controllers.length === 0) return [];
    const recursiveIo = sys.exists(`${folder}/blkio.throttle.io_service_bytes_recursive`);
    return [{ version: 1, folder, controllers: new Set(controllers), recursiveIo }];
  });
}

function enabledBelow(sys: Tree, { version, folder, controllers }: Hierarchy, path: string): ReadonlySet<string> {
  if (version === 1) return controllers;
  return new Set(words(sys.attribute(`${folder}${path}/cgroup.subtree_control`) ?? ''));
}

/**
 * All groups down to a depth, without the root, which the host's own figures tell of; those near the root first. Each
 * folder is looked at once: the number of its links tells whether there is anything below it.
 */
export function groupsOf(sys: Tree, hierarchies: readonly Hierarchy[], depthAtMost: number): Group[] {
  const groups = new Map<string, Group>();
  for (const hierarchy of hierarchies) {
    let level = [''];
    for (let depth = 1; depth <= depthAtMost && level.length > 0; depth += 1) {
      const next: string[] = [];
      for (const parent of level) {
        const names = sys.folders(`${hierarchy.folder}${parent}`);
        if (names.length === 0) continue;
        const place: Place = { hierarchy, controllers: enabledBelow(sys, hierarchy, parent) };
        for (const name of names) {
          const path = `${parent}/${name}`;
          next.push(path);
          const group = groups.get(path);
          if (group === undefined) groups.set(path, { path, depth, places: [place] });
          else group.places.push(place);
        }
      }
      level = next;
    }
  }
  return [...groups.values()].toSorted((a, b) => a.depth - b.depth || (a.path < b.path ? -1 : 1));
}
