/** Writes the types of what plugins import to dist/types/: the declarations that it reaches, and no others. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'dist/types');
const entry = join(folder, 'src/plugin-api.d.ts');

// A declaration names its neighbours as the source does, by the file that the compiler read; others look for what is there.
const neighbour = /((?:from |import\()')(\.\.?\/[^']+)\.ts'/g;

/** Rewrites the imports of a declaration and of all that it reaches; gives the files. */
function follow(file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, , path] of text.matchAll(neighbour)) follow(join(dirname(file), `${path}.d.ts`), seen);
  writeFileSync(file, text.replaceAll(neighbour, "$1$2.js'"));
  return seen;
}

/** Runs the compiler, and keeps what is reached. */
export async function writeTypes() {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [compiler, '-p', join(root, 'tsconfig.api.json')]);
  const kept = follow(entry);
  for (const name of readdirSync(folder, { recursive: true })) {
    const file = join(folder, name);
    if (name.endsWith('.d.ts') && !kept.has(file)) rmSync(file);
  }
}
