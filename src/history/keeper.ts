/**
 * Keeps the history over a restart: read once, written once a minute and at the end, beside the old file and then in its
 * place. What cannot be read is set aside, so that nobody loses what a later version wrote.
 */
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../clock.ts';
import { errnoOf, messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { decodeHistory, encodeHistory, type HostState, UnusableHistory } from './file-format.ts';
import type { History } from './history.ts';

const fileName = 'history.bin';
const intervalMs = 60_000;

/** What a keeper works with. */
export interface KeeperParts {
  readonly history: History;
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** The host as a whole, which is kept too. */
  readonly host: () => HostState | undefined;
}

/** Reads and writes one file. */
export class HistoryKeeper {
  readonly #parts: KeeperParts;
  readonly #file: string;
  #timer: Timer | undefined;
  #writing: Promise<void> | undefined;
  #failing = false;
  /** Set where something unreadable is in the way that must not be lost. */
  #blocked = false;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#file = join(parts.directory, fileName);
  }

  get directory(): string {
    return this.#parts.directory;
  }

  /** Puts what was kept into the history, before it is given its checks; tells how the host was. */
  restore(): HostState | undefined {
    const { history, log } = this.#parts;
    let file: Buffer;
    try {
      file = readFileSync(this.#file);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      // Whatever is there is not lost over it.
      this.#blocked = true;
      this.#noteFailure('read', error);
      return undefined;
    }
    try {
      const kept = decodeHistory(file);
      history.restore(kept.checks, kept.changes);
      for (const { id, times, series } of kept.charts) history.charts.of(id).restore({ times, series });
      log.info({ file: this.#file, checks: kept.checks.keys.length }, 'the history of the daemon before is in place');
      return kept.host;
    } catch (error) {
      if (!(error instanceof UnusableHistory)) throw error;
      this.#setAside(error);
      return undefined;
    }
  }

  /** Begins to write once a minute. */
  start(): void {
    this.#timer = this.#parts.clock.after(intervalMs, () => {
      void this.write().finally(() => {
        if (this.#timer !== undefined) this.start();
      });
    });
  }

  /** Writes a last time, and no more. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#writing;
    // A disk that is slow to confirm must not hold up the end.
    await this.write({ confirmed: false });
  }

  /** Writes now; where that fails it says so once. `confirmed` waits until the disk has it, for the sake of power cuts. */
  write({ confirmed = true } = {}): Promise<void> {
    if (this.#blocked || !this.#parts.history.enabled) return Promise.resolve();
    this.#writing ??= this.#write(confirmed).finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #write(confirmed: boolean): Promise<void> {
    const { history, clock, host, directory, log } = this.#parts;
    const { version } = history;
    const temporary = `${this.#file}.new`;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o750 });
      const file = await open(temporary, 'w', 0o640);
      try {
        // Each write waits for a thread, and the event loop turns meanwhile.
        for (const piece of encodeHistory(history, host(), clock.now())) await writeWhole(file, piece);
        if (confirmed) await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.#file);
      if (this.#failing) log.info({ file: this.#file }, 'the history can be written again');
      this.#failing = false;
    } catch (error) {
      await unlink(temporary).catch(() => {});
      // A reload came in between; there is a next time.
      if (history.version === version) this.#noteFailure('written', error);
    }
  }

  #noteFailure(what: 'read' | 'written', error: unknown): void {
    if (this.#failing) return;
    this.#failing = true;
    this.#parts.log.warn({ file: this.#file, reason: messageOf(error) }, `the history cannot be ${what}`);
  }

  #setAside({ kind, message }: UnusableHistory): void {
    const { log } = this.#parts;
    const aside = `${this.#file}.${kind}`;
    try {
      renameSync(this.#file, aside);
      log.warn({ file: this.#file, reason: message, aside }, 'the history cannot be used; it is set aside');
    } catch (error) {
      this.#blocked = true;
      log.warn(
        { file: this.#file, reason: message, error: messageOf(error) },
        'the history can neither be used nor be set aside; none is written',
      );
    }
  }
}

async function writeWhole(file: Awaited<ReturnType<typeof open>>, piece: Buffer): Promise<void> {
  for (let from = 0; from < piece.length;) {
    const { bytesWritten } = await file.write(piece, from);
    from += bytesWritten;
  }
}
