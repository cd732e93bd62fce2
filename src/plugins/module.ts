/** The module of a plugin: imported once, and anew when its file has changed. */
import { pathToFileURL } from 'node:url';
import { messageOf } from '../errors.ts';
import { filesOf, stateOfFiles } from './files.ts';
import { sharePluginApi } from './shared-module.ts';
import { syntaxErrorLine } from './syntax.ts';

/** The values that a module exports, by their names. */
export type Exports = Readonly<Record<string, unknown>>;

/** A module that was imported. */
export interface PluginModule {
  /** The absolute path. */
  readonly file: string;
  /** That and the files that it imports by relative paths. */
  readonly files: readonly string[];
  /** What it was imported as: the URL of the file, with a query that grows when one of the files has changed. */
  readonly url: string;
  readonly exports: Exports;
}

/** A plugin could not be imported; says why, and where in its source. */
export class PluginError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PluginError';
  }
}

/** The state of the files as they were imported last, and how often each was. */
const imported = new Map<string, { state: string; times: number }>();

/**
 * The URL that gives the module as its files are at present. Node.js keeps every module that it ever imported, so each
 * change of a file costs the memory of the module before, until the daemon is started anew.
 */
function freshUrl(file: string, files: readonly string[]): string {
  const state = stateOfFiles(files);
  const known = imported.get(file);
  const times = known === undefined ? 1 : known.state === state ? known.times : known.times + 1;
  imported.set(file, { state, times });
  return `${pathToFileURL(file).href}?vitald=${times}`;
}

/** What was thrown, with the line of the module where that is known. */
async function describe(url: string, file: string, error: unknown): Promise<string> {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const [, rest = ''] = stack.split(`${url}:`);
  const inStack = /^\d+/.exec(rest)?.[0];
  const line = inStack ?? (error instanceof SyntaxError ? await syntaxErrorLine(file) : undefined);
  return `${messageOf(error)}${line === undefined ? '' : `, at line ${line}`}`;
}

/** Imports a file; throws `PluginError` where it throws, or has not come to its end after `deadlineMs`. */
export async function importPlugin(file: string, deadlineMs: number): Promise<PluginModule> {
  await sharePluginApi();
  const files = filesOf(file);
  const url = freshUrl(file, files);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    // Keeps the process alive: a module that waits for nothing would end it without a word.
    timer = setTimeout(() => {
      reject(new PluginError(`did not load within ${deadlineMs} ms; what it awaits at its top level does not settle`));
    }, deadlineMs);
  });
  try {
    const exports = (await Promise.race([import(url), late])) as Exports;
    return { file, files, url, exports };
  } catch (error) {
    // Node.js keeps a failure as well: look again the next time, as what was missing may have come.
    imported.set(file, { state: '', times: imported.get(file)?.times ?? 1 });
    if (error instanceof PluginError) throw error;
    throw new PluginError(`cannot be loaded: ${await describe(url, file, error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
