/**
 * A recorded host whose files a test spoils one at a time: contents are changed on the disk, refusals and what vanishes
 * between listing and reading are laid over the trees.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CollectError, type CollectErrorCode } from '../../src/errors.ts';
import type { FileSystems, System } from '../../src/system/index.ts';
import type { Tree } from '../../src/system/tree.ts';
import { fixedClock, tornSystemOf } from './expose.ts';

const treeNames = ['proc', 'sys', 'udev', 'rootfs'] as const;

/** How a file was asked for: as an attribute, which has one value, or as lines. */
export type Manner = 'attribute' | 'lines';

/** A file that a collector read. */
export interface ReadFile {
  readonly tree: (typeof treeNames)[number];
  readonly relative: string;
  readonly path: string;
  readonly manner: Manner;
}

const codes: Record<string, CollectErrorCode> = { ENOENT: 'SOURCE_MISSING', EACCES: 'SOURCE_FORBIDDEN' };

const usage = { blockSize: 4096, blocks: 1000, blocksFree: 600, blocksAvailable: 500, files: 200, filesFree: 150 };
/** File systems of which each has the same usage. */
export const fileSystems: FileSystems = { usage: () => usage, usageWithin: () => Promise.resolve(usage), close() {} };

/** One host, in a folder of its own. */
export class MutableHost {
  readonly folder: string;
  readonly system: System;
  /** Every file that was asked for since the last `forget`, by its path. */
  readonly asked = new Map<string, ReadFile>();
  /** Folders that were listed since then. */
  readonly listed = new Set<string>();
  /** Refuses some paths, with the code of an error. */
  refuse: (path: string) => string | undefined = () => undefined;
  /** Adds names to what a folder lists. */
  ghosts: (path: string) => readonly string[] = () => [];

  constructor(scene: string) {
    this.folder = mkdtempSync(join(tmpdir(), 'vitald-host-'));
    cpSync(scene, this.folder, { recursive: true, verbatimSymlinks: true });
    // A file that ends within a line is torn here, as it would be if the kernel had written it.
    const base = tornSystemOf(this.folder);
    const trees = Object.fromEntries(treeNames.map((name) => [name, this.#watched(name, base[name])]));
    this.system = { ...base, ...trees, fileSystems, clock: fixedClock() };
  }

  forget(): void {
    this.asked.clear();
    this.listed.clear();
  }

  /** The contents of a file; undefined for what is none. */
  contents({ path }: ReadFile): Buffer | undefined {
    try {
      return readFileSync(path);
    } catch {
      return undefined;
    }
  }

  /** Runs something while a file has other contents. */
  async having<T>({ path }: ReadFile, bytes: Buffer, run: () => Promise<T>): Promise<T> {
    const before = readFileSync(path);
    writeFileSync(path, bytes);
    try {
      return await run();
    } finally {
      writeFileSync(path, before);
    }
  }

  remove(): void {
    this.system.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #watched(name: ReadFile['tree'], tree: Tree): Tree {
    const note = (relative: string, manner: Manner): void => {
      const path = tree.path(relative);
      if (this.asked.get(path)?.manner !== 'lines') this.asked.set(path, { tree: name, relative, path, manner });
    };
    const refused = (relative: string): string | undefined => this.refuse(tree.path(relative));
    const check = (relative: string): void => {
      const code = refused(relative);
      if (code === undefined) return;
      const cause = Object.assign(new Error(code), { code });
      throw new CollectError(codes[code] ?? 'SOURCE_UNREADABLE', `${relative}: ${code}`, { cause });
    };
    return {
      ...tree,
      read(relative) {
        note(relative, 'lines');
        check(relative);
        return tree.read(relative);
      },
      text(relative) {
        note(relative, 'lines');
        check(relative);
        return tree.text(relative);
      },
      textIfAny(relative) {
        note(relative, 'lines');
        return refused(relative) === undefined ? tree.textIfAny(relative) : undefined;
      },
      attribute(relative) {
        note(relative, 'attribute');
        return refused(relative) === undefined ? tree.attribute(relative) : undefined;
      },
      keep: (relative) => ({
        bytes: () => {
          note(relative, 'attribute');
          return refused(relative) === undefined ? tree.attributeBytes(relative) : undefined;
        },
        close() {},
      }),
      attributeBytes(relative) {
        note(relative, 'attribute');
        return refused(relative) === undefined ? tree.attributeBytes(relative) : undefined;
      },
      list: (relative) => {
        const path = tree.path(relative);
        this.listed.add(path);
        if (refused(relative) === 'EACCES') return [];
        return [...new Set([...tree.list(relative), ...this.ghosts(path)])].toSorted();
      },
      folders: (relative) => {
        const path = tree.path(relative);
        this.listed.add(path);
        if (refused(relative) !== undefined) return [];
        return [...new Set([...tree.folders(relative), ...this.ghosts(path)])].toSorted();
      },
      count: (relative) => (refused(relative) === undefined ? tree.count(relative) : undefined),
      link: (relative) => (refused(relative) === 'ENOENT' ? undefined : tree.link(relative)),
      realPath: (relative) => (refused(relative) === 'ENOENT' ? undefined : tree.realPath(relative)),
      exists: (relative) => refused(relative) !== 'ENOENT' && tree.exists(relative),
    };
  }
}
