/**
 * Wildcards in paths as Go's `filepath.Glob` reads them: `*` and `?` stay within one folder and match names that begin
 * with a dot, `[a-z]` and `[^a-z]` are classes, and a backslash takes the next character as it is.
 */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const magic = /[*?[\\]/;

const token = /\\(.)|\[(\^?)((?:\\.|[^\]\\])+)\]|([*?])|([^*?[\\])/uy;

/** The expression for one part of a path; undefined where the pattern is malformed. */
function compile(part: string): RegExp | undefined {
  let source = '';
  token.lastIndex = 0;
  while (token.lastIndex < part.length) {
    const match = token.exec(part);
    if (match === null) return undefined;
    const [, escaped, negated, characters, wildcard, plain] = match;
    if (characters !== undefined) source += `[${negated ?? ''}${characters.replaceAll(/[[^]/g, String.raw`\$&`)}]`;
    else if (wildcard === '*') source += '.*';
    else if (wildcard === '?') source += '.';
    else source += (escaped ?? plain ?? '').replaceAll(/[\\^$.|?*+()[\]{}/-]/g, (sign) => `\\x${hex(sign)}`);
  }
  try {
    return new RegExp(`^${source}$`, 'su');
  } catch {
    // Such as a range that runs backwards.
    return undefined;
  }
}

const hex = (sign: string): string => sign.codePointAt(0)!.toString(16).padStart(2, '0');

// A link that leads nowhere is there too, so that reading it reports the mistake.
const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder === '' ? '.' : folder).toSorted();
  } catch {
    return [];
  }
}

function expand(folders: readonly string[], part: string): string[] {
  if (!magic.test(part)) return folders.map((folder) => join(folder, part)).filter(exists);
  const expression = compile(part);
  if (expression === undefined) return [];
  return folders.flatMap((folder) =>
    namesIn(folder)
      .filter((name) => expression.test(name))
      .map((name) => join(folder, name)),
  );
}

/** The paths that a pattern matches; the pattern itself where it has no wildcards or matches nothing. */
export function glob(pattern: string): string[] {
  if (!magic.test(pattern)) return [pattern];
  const parts = pattern.split('/').filter((part) => part !== '');
  let found = [pattern.startsWith('/') ? '/' : ''];
  for (const part of parts) found = expand(found, part);
  return found.length > 0 ? found : [pattern];
}
