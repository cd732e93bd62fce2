/** From an entry of `plugins:` to a file: a path, or a package whose name begins with `vitald-plugin-`. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, extname, join, resolve } from 'node:path';
import { packaged } from '../package-root.ts';

/** A file, or why there is none. */
export type Resolved = { readonly file: string } | { readonly problem: string };

/** Where to look. */
export interface ResolvePlaces {
  /** What relative paths are meant from, and the first place where packages are looked for. */
  readonly folder: string;
  /** The second; that of the process unless given. */
  readonly workingFolder?: string;
  /** Folders of packages that are installed globally. */
  readonly globalFolders?: readonly string[];
  /** Whether this Node.js runs TypeScript. */
  readonly stripsTypes?: boolean;
}

const packageName = /^(?:@[a-z0-9-~][a-z0-9-._~]*\/)?vitald-plugin-[a-z0-9-._~]+$/;

/** Whether an entry names a package. */
export function isPackage(entry: string): boolean {
  return packageName.test(entry);
}

/** Whether this Node.js removes types by itself; the types of Node.js 20 do not know of it. */
function canStripTypes(): boolean {
  const { typescript } = process.features as { typescript?: unknown };
  return typescript !== undefined && typescript !== false;
}

/** Folders of packages that `npm install --global` may have filled. */
function globalPackageFolders(): string[] {
  const own = dirname(packaged('.'));
  return [
    ...(process.env['NODE_PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
    ...(basename(own) === 'node_modules' ? [own] : []),
    join(dirname(process.execPath), '..', 'lib', 'node_modules'),
    '/usr/local/lib/node_modules',
  ];
}

/** The `node_modules` that Node.js would look into for a file in `folder`. */
function packageFoldersAbove(folder: string): string[] {
  const above = dirname(folder);
  return [join(folder, 'node_modules'), ...(above === folder ? [] : packageFoldersAbove(above))];
}

/** What `exports` of a manifest gives to an `import` of the package itself. */
function importTarget(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (Array.isArray(exports)) return exports.map(importTarget).find((target) => target !== undefined);
  if (typeof exports !== 'object' || exports === null) return undefined;
  for (const [condition, target] of Object.entries(exports)) {
    if (!['.', 'node', 'import', 'module-sync', 'default'].includes(condition)) continue;
    const found = importTarget(target);
    if (found !== undefined) return found;
  }
  return undefined;
}

function entryOfPackage(folder: string): Resolved {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { exports, main } = manifest;
  const entry = exports === undefined ? (typeof main === 'string' ? main : 'index.js') : importTarget(exports);
  if (entry === undefined) return { problem: `the package in ${folder} exports nothing that can be imported` };
  return { file: join(folder, entry) };
}

function resolvePackage(
  name: string,
  { folder, workingFolder = process.cwd(), globalFolders }: ResolvePlaces,
): Resolved {
  const folders = [
    ...packageFoldersAbove(folder),
    ...packageFoldersAbove(workingFolder),
    ...(globalFolders ?? globalPackageFolders()),
  ];
  const found = folders.map((each) => join(each, name)).find((each) => existsSync(join(each, 'package.json')));
  if (found === undefined) {
    return {
      problem: `there is no package ${name} beside the configuration, in the working directory or among the global ones`,
    };
  }
  try {
    return entryOfPackage(found);
  } catch (error) {
    return { problem: `the package.json in ${found} cannot be read: ${String(error)}` };
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function checkFile(file: string, stripsTypes: boolean): Resolved {
  if (!isFile(file)) return { problem: `there is no file ${file}` };
  const extension = extname(file);
  if (['.js', '.mjs'].includes(extension)) return { file };
  if (!['.ts', '.mts'].includes(extension)) return { problem: 'a plugin is a file that ends in .js, .mjs or .ts' };
  if (stripsTypes) return { file };
  return {
    problem: `this Node.js, ${process.version}, does not run TypeScript; name the compiled .js file, or use Node.js 22.18 or later`,
  };
}

/** Finds the file of an entry. */
export function resolvePlugin(entry: string, places: ResolvePlaces): Resolved {
  const isPath = /^\.{0,2}\//.test(entry);
  if (!isPath && !isPackage(entry)) {
    const hint = existsSync(resolve(places.folder, entry)) ? `; write ./${entry}` : '';
    return { problem: `is neither a path that begins with ./, ../ or / nor a package named vitald-plugin-*${hint}` };
  }
  const found = isPath ? { file: resolve(places.folder, entry) } : resolvePackage(entry, places);
  return 'problem' in found ? found : checkFile(found.file, places.stripsTypes ?? canStripTypes());
}
