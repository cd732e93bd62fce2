/**
 * What a folder of kernel files was found to lack. Most hosts lack a third of what there is to be read of some host, and to
 * fail in opening a file costs ten times as much as to look whether it is there.
 */
import { existsSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import { errnoOf } from '../errors.ts';

// The folders of processes and of control groups come and go; that of the first process stays, but not its threads.
const comesAndGoes = /^(?!1\/(?!task\/))\d|^fs\/cgroup\//;

/** Whether what a path leads to lives as long as a process does. */
export function isShortLived(relative: string): boolean {
  return comesAndGoes.test(relative);
}

// A CPU that goes offline takes its folder with it, and who reads that does so once when it is back.
const goesOffline = /^devices\/system\/cpu\/cpu\d/;

// Each collector asks for few files that the host lacks; devices that leave take their names with them.
const atMost = 1000;

interface Absence {
  readonly error: unknown;
  /** On the monotonic clock, in milliseconds. */
  lookAgainAt: number;
}

/** The paths that were absent when they were asked for. */
export class Absences {
  readonly #clock: Clock;
  readonly #holdMs: number;
  readonly #known = new Map<string, Absence>();

  /** For `holdMs` after it was found absent a path is taken for absent without another look. */
  constructor(clock: Clock, holdMs: number) {
    this.#clock = clock;
    this.#holdMs = holdMs;
  }

  /** Whether a path was absent and is so still. */
  isAbsent(relative: string, path: string): boolean {
    const absence = this.#known.get(relative);
    if (absence === undefined) return false;
    const now = this.#clock.monotonic();
    if (now >= absence.lookAgainAt) {
      if (existsSync(path)) {
        this.#known.delete(relative);
        return false;
      }
      absence.lookAgainAt = now + this.#holdMs;
    }
    return true;
  }

  /** What asking for a path failed with that is absent. */
  errorOf(relative: string): unknown {
    return this.#known.get(relative)?.error;
  }

  /** Remembers a path where `error` says that it is absent; tells whether it does. */
  note(relative: string, error: unknown): boolean {
    const errno = errnoOf(error);
    if (errno !== 'ENOENT' && errno !== 'ENOTDIR') return false;
    if (this.#known.size < atMost && !isShortLived(relative) && !goesOffline.test(relative)) {
      this.#known.set(relative, { error, lookAgainAt: this.#clock.monotonic() + this.#holdMs });
    }
    return true;
  }
}
