/** The text files of a list of directories: found, read and parsed, again only when they changed. */
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, type BigIntStats } from 'node:fs';
import { join, normalize } from 'node:path';
import { CollectError, malformed } from '../../../src/collector.ts';
import { messageOf } from '../../../src/errors.ts';
import { type ParsedFamily, parseToServe } from '../../../src/exposition/parse.ts';
import { glob } from './glob.ts';

/** A file that was read and holds what may be served. */
export interface TextFile {
  readonly path: string;
  readonly mtimeMs: number;
  readonly families: readonly ParsedFamily[];
}

/** A file or a directory with which something is wrong. */
export interface FaultyPath {
  readonly path: string;
  readonly error: unknown;
}

/** What reading the directories came to. */
export interface TextFiles {
  readonly readable: readonly TextFile[];
  readonly failed: readonly FaultyPath[];
}

interface Remembered {
  /** Changes whenever the file does. */
  readonly version: string;
  readonly outcome: { readonly families: readonly ParsedFamily[] } | { readonly error: unknown };
}

const decoder = new TextDecoder('utf-8', { fatal: true });

const tidy = (folder: string): string => normalize(folder).replace(/(?<=.)\/$/, '');

function versionOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

/** Reads one file's text to families; throws where it holds what must not be served. */
function parseFile(path: string, bytes: Uint8Array, ownNames: ReadonlySet<string>): readonly ParsedFamily[] {
  let families: readonly ParsedFamily[];
  try {
    families = parseToServe(decoder.decode(bytes));
  } catch (error) {
    throw malformed(path, messageOf(error));
  }
  for (const { family } of families) {
    if (ownNames.has(family.name)) throw malformed(path, `${family.name} is what this collector says of the files`);
  }
  return families;
}

/** Opens a regular file; a named pipe would keep the reader until somebody writes. */
function openRegular(path: string): { descriptor: number; stats: BigIntStats } {
  // The flag does not exist on Windows, nor do named pipes in its folders.
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(descriptor, { bigint: true });
    if (!stats.isFile()) throw new CollectError('SOURCE_UNREADABLE', `${path}: not a regular file`);
    return { descriptor, stats };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/**
 * Opens the source; it remembers what it parsed from one reading to the next. Files must not hold families of
 * `ownNames`.
 */
export function openTextFiles(ownNames: ReadonlySet<string>): { read(directories: readonly string[]): TextFiles } {
  let remembered = new Map<string, Remembered>();

  function readFile(path: string): Remembered & { mtimeMs: number } {
    const { descriptor, stats } = openRegular(path);
    try {
      // Number() of nanoseconds would lose the milliseconds' last digit.
      const mtimeMs = Number(stats.mtimeNs / 1_000_000n);
      const version = versionOf(stats);
      const last = remembered.get(path);
      if (last?.version === version) return { ...last, mtimeMs };
      let outcome: Remembered['outcome'];
      try {
        outcome = { families: parseFile(path, readFileSync(descriptor), ownNames) };
      } catch (error) {
        outcome = { error };
      }
      return { version, outcome, mtimeMs };
    } finally {
      closeSync(descriptor);
    }
  }

  return {
    read(directories) {
      const kept = new Map<string, Remembered>();
      const readable: TextFile[] = [];
      const failed: FaultyPath[] = [];
      const folders = new Set(
        directories
          .filter((pattern) => pattern !== '')
          .flatMap(glob)
          .map(tidy),
      );
      for (const folder of folders) {
        let names: string[];
        try {
          names = readdirSync(folder).toSorted();
        } catch (error) {
          failed.push({ path: folder, error });
          continue;
        }
        for (const path of names.filter((name) => name.endsWith('.prom')).map((name) => join(folder, name))) {
          try {
            const { mtimeMs, version, outcome } = readFile(path);
            kept.set(path, { version, outcome });
            if ('error' in outcome) failed.push({ path, error: outcome.error });
            else readable.push({ path, mtimeMs, families: outcome.families });
          } catch (error) {
            failed.push({ path, error });
          }
        }
      }
      remembered = kept;
      return { readable, failed };
    },
  };
}
