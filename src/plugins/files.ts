/** The files that a plugin is made of: its own, and those that it imports by relative paths, theirs included. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileIdentity } from '../system/file-identity.ts';

// What looks like an import in a comment is a file too many, which does no harm.
const relativeImport = /\b(?:from|import)\s*\(?\s*(['"])(\.\.?\/[^'"\n]+)\1/g;

function neighboursOf(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // The import tells what is not there.
    return [];
  }
  return [...text.matchAll(relativeImport)].map(([, , path = '']) => resolve(dirname(file), path));
}

/** The files, the plugin's own first. Those that a package brings are not among them. */
export function filesOf(file: string, seen = new Set<string>()): string[] {
  if (!seen.has(file)) {
    seen.add(file);
    for (const neighbour of neighboursOf(file)) filesOf(neighbour, seen);
  }
  return [...seen];
}

/** What tells one state of some files from another. */
export function stateOfFiles(files: readonly string[]): string {
  return files.map(fileIdentity).join('\n');
}
