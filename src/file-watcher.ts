/**
 * Notices when one of some files changes: edited in place, replaced, or reached by a link that now leads elsewhere, as
 * Kubernetes does with mounted config maps.
 *
 * Folders are watched, as a file that is replaced takes its watch along. An event only says where to look: what counts
 * is whether the files themselves differ.
 */
import { type FSWatcher, realpathSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock, Timer } from './clock.ts';
import { fileIdentity } from './system/file-identity.ts';

/** What is watched. */
export interface Watched {
  /** The files as they are named at present; asked anew at each look, as globs find others then. */
  files(): readonly string[];
  /** Folders in which files may come, such as those of globs. */
  readonly folders: readonly string[];
}

// Editors and copies write in several steps.
const settleMs = 250;
// Network file systems send no events, and a folder that is replaced takes its watch along: look now and then.
const lookAnywayMs = 30_000;

/** The folders where a change of a file can be seen: its own, and that of what it links to. */
function foldersOf(file: string): string[] {
  try {
    return [dirname(file), dirname(realpathSync(file))];
  } catch {
    return [dirname(file)];
  }
}

/** Calls `changed` when a file changed; until it is closed. */
export class FileWatcher {
  readonly #clock: Clock;
  readonly #changed: () => void;
  #watched: Watched | undefined;
  #watchers: FSWatcher[] = [];
  #states = new Map<string, string>();
  #settle: Timer | undefined;
  #lookAnyway: Timer | undefined;

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** Watches these files and no others; nothing where there are none. */
  set(watched: Watched | undefined): void {
    const before = this.#states;
    this.close();
    this.#watched = watched;
    if (watched === undefined) return;
    const files = watched.files();
    // What changed while the files were read is not missed: the state is that of before.
    this.#states = new Map(files.map((file) => [file, before.get(file) ?? fileIdentity(file)]));
    for (const folder of new Set([...watched.folders, ...files.flatMap(foldersOf)])) this.#watchFolder(folder);
    if (before.size > 0) this.#lookSoon();
    this.#lookLater();
  }

  /** Ends it. */
  close(): void {
    this.#settle?.cancel();
    this.#lookAnyway?.cancel();
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
    this.#states = new Map();
    this.#watched = undefined;
  }

  #watchFolder(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#lookSoon());
      // Such as a folder that was removed: the look now and then remains.
      watcher.on('error', () => watcher.close());
      this.#watchers.push(watcher);
    } catch {
      // No such folder, or no more watches to be had: likewise.
    }
  }

  #lookSoon(): void {
    this.#settle?.cancel();
    this.#settle = this.#clock.after(settleMs, () => this.#look());
  }

  #lookLater(): void {
    this.#lookAnyway = this.#clock.after(lookAnywayMs, () => {
      this.#lookLater();
      this.#look();
    });
  }

  #look(): void {
    const now = new Map((this.#watched?.files() ?? []).map((file) => [file, fileIdentity(file)]));
    const same = now.size === this.#states.size && [...now].every(([file, state]) => this.#states.get(file) === state);
    this.#states = now;
    if (!same) this.#changed();
  }
}
