/**
 * A folder of kernel files: procfs, sysfs, udev's data, or the root file system, wherever it is mounted.
 *
 * Kernel files are read synchronously: the kernel makes their text while the call lasts, so nothing is waited for, and
 * the promise API costs 5 to 50 times as much. Descriptors of a true procfs or sysfs stay open between runs, as
 * reading at offset 0 makes the text anew; in a recorded tree the file may be replaced, so it is opened each time.
 */
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { normalize } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import { CollectError, errnoOf, messageOf, untraced } from '../errors.ts';
import { Absences, isShortLived } from './absences.ts';
import { openFilesLimit } from './limits.ts';
import { endLastLine, readToEnd, sharedBytes, sharedText, wholeLines } from './shared-buffer.ts';

/** A file that is read again and again, whose descriptor is kept from one read to the next by who asked for it. */
export interface KeptFile {
  /** As `attributeBytes` gives it; undefined once what the file tells of is gone. */
  bytes(): Buffer | undefined;
  /** Lets go of it; reading opens it again. */
  close(): void;
}

/** What collectors may ask of a folder of kernel files; every path is relative to its root. */
export interface Tree {
  readonly root: string;
  /** The absolute path of a file in this tree. */
  path(relative: string): string;
  /**
   * The whole contents, each line ended. A last line that the kernel did not end is torn, and left out; of a recorded file
   * it is a line like any other. The buffer is shared: it holds until the next read of any tree, so parse it at once.
   * Throws `CollectError`: `SOURCE_MISSING`, `SOURCE_FORBIDDEN` or `SOURCE_UNREADABLE`.
   */
  read(relative: string): Buffer;
  /** As `read`, for a file that a kernel may lack: undefined where there is none. Throws where it cannot be read. */
  readIfPresent(relative: string): Buffer | undefined;
  /** As `read`, as `utf8Text` has it. Throws as `read` does. */
  text(relative: string): string;
  /** As `text`, for a file whose absence or refusal is an answer: undefined where it cannot be read, for any reason. */
  textIfAny(relative: string): string | undefined;
  /**
   * One attribute of sysfs: its text without surrounding white space, undefined where it cannot be read. The kernel hands
   * it out in one piece, and some drivers do not end it with a line feed, so that one may be absent.
   */
  attribute(relative: string): string | undefined;
  /** As `attribute`, as bytes with their white space. They hold until the next read of any tree. */
  attributeBytes(relative: string): Buffer | undefined;
  /** A file to be kept by the caller, as those of processes, of which only the caller knows when they are gone. */
  keep(relative: string): KeptFile;
  /** The names in a folder, sorted; empty where there is no such folder or it may not be read. */
  list(relative: string): string[];
  /** As `list`, for a folder whose absence is an answer: undefined where there is none. */
  listIfPresent(relative: string): string[] | undefined;
  /** The names of the folders in a folder, without what links lead to, sorted; empty where it cannot be read. */
  folders(relative: string): string[];
  /** How many names a folder holds, undefined where it cannot be read. */
  count(relative: string): number | undefined;
  /** What a symbolic link says, undefined where it is none. */
  link(relative: string): string | undefined;
  /** The absolute path with every symbolic link followed, undefined where it leads nowhere. */
  realPath(relative: string): string | undefined;
  exists(relative: string): boolean;
  /** Closes the descriptors that are kept; reading opens them again. */
  close(): void;
}

// statfs types of the file systems whose files are made at each read (include/uapi/linux/magic.h).
const madeAtEachRead = new Set([0x9fa0 /* proc */, 0x62656572 /* sysfs */]);

// Hot files are some dozens; attributes of many devices, and as many files again that collectors keep themselves, share
// what is left of 1,024 descriptors, where there are no more. The unit of the service allows 65,536.
const keptOfFew = 400;
const keptOfMany = 4096;
const many = 16 * keptOfMany;

// What a kernel lacks comes with a module or a device that somebody adds.
const absentInKernelMs = 30_000;

/** In place of a descriptor or of a length, which are never below 0. */
const absent = -1;

const missing = new Set(['ENOENT', 'ENOTDIR', 'ESRCH', 'ENODEV', 'ENXIO']);
const forbidden = new Set(['EACCES', 'EPERM']);

/** What was said of an error before: that of an absent file is thrown again and again. */
const worded = new WeakMap<Error, CollectError>();

function collectError(path: string, error: unknown): CollectError {
  const known = worded.get(error as Error);
  if (known !== undefined) return known;
  const errno = errnoOf(error) ?? '';
  const code = missing.has(errno) ? 'SOURCE_MISSING' : forbidden.has(errno) ? 'SOURCE_FORBIDDEN' : 'SOURCE_UNREADABLE';
  const made = new CollectError(code, `${path}: ${errno === '' ? messageOf(error) : errno}`, { cause: error });
  worded.set(error as Error, made);
  return made;
}

/** Whether reading a file of this folder at offset 0 makes its text anew. */
function remakesFiles(root: string): boolean {
  try {
    return madeAtEachRead.has(statfsSync(root).type);
  } catch {
    // The folder is missing; each read will say so.
    return false;
  }
}

/** What sets one tree apart from another. */
export interface TreeOptions {
  /** Maps a relative path to where this tree has it. */
  readonly relocate?: (relative: string) => string;
  /** Whether who writes its files ends every line, as the kernel does; files of a recorded tree may have been trimmed. */
  readonly linesEnded?: boolean;
  /** The files that the kernel hands out in one piece, as it does each attribute. */
  readonly inOnePiece?: RegExp;
  /** How many descriptors it may keep, and as many more for others. */
  readonly keptAtMost?: number;
  /** For how long what was absent is taken for absent, in milliseconds. */
  readonly absentForMs?: number;
  readonly clock?: Clock;
}

/** Matches nothing. */
const none = /^(?!)/;

interface Descriptor {
  readonly number: number;
  readonly inOnePiece: boolean;
}

/** Opens a tree. */
export function openTree(root: string, options: TreeOptions = {}): Tree {
  const keep = remakesFiles(root);
  const {
    relocate = (relative) => relative,
    linesEnded = keep,
    inOnePiece: pieces = none,
    keptAtMost = openFilesLimit() < many ? keptOfFew : keptOfMany,
    absentForMs = keep ? absentInKernelMs : 0,
    clock = systemClock,
  } = options;
  const prefix = normalize(`${root}/`);
  const kept = new Map<string, Descriptor>();
  const absences = new Absences(clock, absentForMs);

  function forget(relative: string, descriptor: Descriptor): void {
    kept.delete(relative);
    closeSync(descriptor.number);
  }

  function open(relative: string): number {
    const path = tree.path(relative);
    if (absences.isAbsent(relative, path)) return absent;
    try {
      return openSync(path, 'r');
    } catch (failure) {
      absences.note(relative, failure);
      throw failure;
    }
  }

  function readOnce(relative: string, isAttribute: boolean): number {
    const number = open(relative);
    if (number === absent) return absent;
    const inOnePiece = pieces.test(relative);
    const keeping = keep && kept.size < keptAtMost && !isShortLived(relative);
    if (keeping) kept.set(relative, { number, inOnePiece });
    try {
      return readToEnd(number, isAttribute || inOnePiece);
    } finally {
      if (!keeping) closeSync(number);
    }
  }

  /**
   * Reads a file into the shared buffer; gives its length, or `absent` where it was absent and is so still, as to throw and
   * to catch costs more than to read. Throws what Node.js throws.
   */
  function readLength(relative: string, isAttribute = false): number {
    const descriptor = kept.get(relative);
    if (descriptor === undefined) return readOnce(relative, isAttribute);
    try {
      return readToEnd(descriptor.number, isAttribute || descriptor.inOnePiece);
    } catch (error) {
      // A driver that refuses to answer now may do so at the next read.
      if (!missing.has(errnoOf(error) ?? '')) throw error;
      // The device behind a kept descriptor left, and maybe came back under the same name: ask by name again.
      forget(relative, descriptor);
      return readOnce(relative, isAttribute);
    }
  }

  /** As `readLength`, of whole lines only. */
  function readLines(relative: string): number {
    const length = readLength(relative);
    if (length === absent) return absent;
    return linesEnded ? wholeLines(length) : endLastLine(length);
  }

  /** As `readLines`; throws what collectors are told of. */
  function readOrTell(relative: string): number {
    try {
      return readLines(relative);
    } catch (error) {
      throw collectError(tree.path(relative), error);
    }
  }

  /** As `readOrTell`; also where the file is absent. */
  function readOrFail(relative: string): number {
    const length = readOrTell(relative);
    if (length !== absent) return length;
    throw collectError(tree.path(relative), absences.errorOf(relative));
  }

  /** As `readLength`, of an attribute; undefined where it cannot be read. */
  function attributeLength(relative: string): number | undefined {
    try {
      const length = readLength(relative, true);
      return length === absent ? undefined : length;
    } catch {
      // The reason does not matter to a caller who asked for the text if there is any.
      return undefined;
    }
  }

  let keptForOthers = 0;

  function keepFile(relative: string): KeptFile {
    let descriptor: number | undefined;
    const close = (): void => {
      if (descriptor === undefined) return;
      closeSync(descriptor);
      descriptor = undefined;
      keptForOthers -= 1;
    };
    const openAnew = (): number | undefined => {
      if (!keep || keptForOthers >= keptAtMost) return attributeLength(relative);
      try {
        descriptor = openSync(tree.path(relative), 'r');
        keptForOthers += 1;
        return readToEnd(descriptor, true);
      } catch {
        close();
        return undefined;
      }
    };
    const read = (): number | undefined => {
      if (descriptor === undefined) return openAnew();
      try {
        return readToEnd(descriptor, true);
      } catch {
        // What it told of left, and something else may have its name.
        close();
        return openAnew();
      }
    };
    return {
      bytes() {
        const length = read();
        return length === undefined ? undefined : sharedBytes(length);
      },
      close,
    };
  }

  const tree: Tree = {
    root,
    // Joining paths properly would cost as much as reading a small file.
    path: (relative) => prefix + relocate(relative),
    read: (relative) => sharedBytes(readOrFail(relative)),
    readIfPresent(relative) {
      try {
        const length = readOrTell(relative);
        return length === absent ? undefined : sharedBytes(length);
      } catch (error) {
        if (error instanceof CollectError && error.code === 'SOURCE_MISSING') return undefined;
        throw error;
      }
    },
    text: (relative) => sharedText(readOrFail(relative)),
    textIfAny(relative) {
      try {
        const length = readLines(relative);
        return length === absent ? undefined : sharedText(length);
      } catch {
        // As above.
        return undefined;
      }
    },
    attribute(relative) {
      const length = attributeLength(relative);
      return length === undefined ? undefined : sharedText(length).trim();
    },
    attributeBytes(relative) {
      const length = attributeLength(relative);
      return length === undefined ? undefined : sharedBytes(length);
    },
    keep: keepFile,
    list: (relative) => tree.listIfPresent(relative) ?? [],
    listIfPresent(relative) {
      const path = tree.path(relative);
      if (absences.isAbsent(relative, path)) return undefined;
      try {
        return readdirSync(path).toSorted();
      } catch (error) {
        return absences.note(relative, error) ? undefined : [];
      }
    },
    folders(relative) {
      const path = tree.path(relative);
      try {
        // Each folder in a folder links to it by its `..`. To list one with many files costs several times as much.
        if (statSync(path).nlink === 2) return [];
        return readdirSync(path, { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map(({ name }) => name)
          .toSorted();
      } catch {
        return [];
      }
    },
    count(relative) {
      const path = tree.path(relative);
      try {
        // From Linux 6.2 on the size of /proc/PID/fd is the number of open files; other folders of the kernel have none.
        return (keep ? statSync(path).size : 0) || readdirSync(path).length;
      } catch {
        return undefined;
      }
    },
    link(relative) {
      try {
        return readlinkSync(tree.path(relative));
      } catch {
        return undefined;
      }
    },
    realPath(relative) {
      try {
        return realpathSync(tree.path(relative));
      } catch {
        return undefined;
      }
    },
    exists(relative) {
      const path = tree.path(relative);
      if (absences.isAbsent(relative, path)) return false;
      if (existsSync(path)) return true;
      absences.note(relative, Object.assign(new Error('ENOENT'), { code: 'ENOENT' }));
      return false;
    },
    close() {
      for (const [relative, descriptor] of kept) forget(relative, descriptor);
    },
  };
  return quiet(tree);
}

/** A tree that fails without tracing where. */
function quiet(tree: Tree): Tree {
  const quietly =
    <Result>(method: (relative: string) => Result) =>
    (relative: string): Result =>
      untraced(method, relative);
  return {
    ...tree,
    read: quietly(tree.read),
    readIfPresent: quietly(tree.readIfPresent),
    text: quietly(tree.text),
    textIfAny: quietly(tree.textIfAny),
    attribute: quietly(tree.attribute),
    attributeBytes: quietly(tree.attributeBytes),
    keep(relative) {
      const { bytes, close } = tree.keep(relative);
      return { bytes: () => untraced(bytes, undefined), close };
    },
    list: quietly(tree.list),
    listIfPresent: quietly(tree.listIfPresent),
    folders: quietly(tree.folders),
    count: quietly(tree.count),
    link: quietly(tree.link),
    realPath: quietly(tree.realPath),
  };
}
