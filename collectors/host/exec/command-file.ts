/** The file behind the name of a program, and what is questionable about it. */
import { accessSync, constants, statSync, type Stats } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Where a program is; undefined where it is not found, or cannot be run by this process. */
function locate(program: string, path: string): string | undefined {
  const candidates = program.includes('/') ? [program] : path.split(delimiter).map((folder) => join(folder, program));
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return statSync(candidate).isFile();
    } catch {
      return false;
    }
  });
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

const sticky = 0o1000;

/**
 * Why a program will not run, or who else than its owner decides what runs: a sentence each. `path` is where names
 * without a folder are looked for.
 */
export function doubtsAbout(program: string, path: string): string[] {
  const file = locate(program, path);
  if (file === undefined) return [`${program} is not found, or may not be executed`];
  const doubts: string[] = [];
  const stats = statOf(file);
  if (stats !== undefined && (stats.mode & 0o002) !== 0) doubts.push(`everyone may write to ${file}`);
  const folder = dirname(file);
  const around = statOf(folder);
  if (around !== undefined && (around.mode & 0o002) !== 0 && (around.mode & sticky) === 0) {
    doubts.push(`everyone may replace ${file}, as everyone may write to ${folder}`);
  }
  return doubts;
}
