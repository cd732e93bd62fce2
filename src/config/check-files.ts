/** The files that `check_files` names: found by globs, each a list of checks or Prometheus' list of groups of targets. */
import { basename, dirname, isAbsolute, resolve } from 'node:path';
import type { CheckFiles } from './config.ts';
import type { Problems, Source } from './problems.ts';
import { isMapValue, type Raw } from './raw.ts';
import { expandVariables } from './variables.ts';
import { readYaml, yamlValue } from './yaml-file.ts';

type GlobSync = typeof import('tinyglobby').globSync;

/** No files. */
export const noCheckFiles: CheckFiles = { folders: [], find: () => [] };

const magic = /[*?{}()[\]!+@]/;

/** What finds the files of globs; loaded only where a config names some. */
export async function loadGlob(): Promise<GlobSync> {
  return (await import('tinyglobby')).globSync;
}

/** Files for globs that are meant from `folder`, and the folders in which they can come and go. */
export function globFiles(globSync: GlobSync, patterns: readonly string[], folder: string): CheckFiles {
  return {
    folders: patterns.map((pattern) => {
      const parts = pattern.split('/');
      const at = parts.findIndex((part) => magic.test(part));
      const plain = at === -1 ? dirname(pattern) : parts.slice(0, at).join('/');
      return isAbsolute(pattern) ? plain || '/' : resolve(folder, plain);
    }),
    find: () =>
      [...globSync([...patterns], { cwd: folder, absolute: true, onlyFiles: true, expandDirectories: false })].sort(),
  };
}

/** Whether a pattern names one file, which then has to be there. */
export function namesOneFile(pattern: string): boolean {
  return !magic.test(pattern);
}

/** The entries of one file, each with where it stands, so that mistakes are told there. */
export interface FileEntry {
  readonly source: Source;
  readonly path: readonly (string | number)[];
  readonly entry: unknown;
}

/** Reads a file. */
export function readCheckFile(file: string, environment: NodeJS.ProcessEnv, problems: Problems): FileEntry[] {
  const located = readYaml(file, problems, { root: 'any' });
  if (located === undefined) return [];
  const source: Source = { file: located, flags: new Map() };
  const raw: unknown = expandVariables(yamlValue(located), environment, (path, message) =>
    problems.add(source, path, message),
  );
  const under = isMapValue(raw) ? ['checks'] : [];
  const list: unknown = isMapValue(raw) ? raw['checks'] : raw;
  if (isMapValue(raw)) {
    for (const key of Object.keys(raw)) {
      if (key !== 'checks') problems.add(source, [key], 'unknown option; a file of checks has only "checks"', true);
    }
  }
  if (list === null || list === undefined) return [];
  if (!Array.isArray(list)) {
    problems.add(source, under, 'expected a list of checks, or of groups of targets');
    return [];
  }
  return list.map((entry: unknown, index) => ({ source, path: [...under, index], entry }));
}

/** Whether an entry is a group of Prometheus' file_sd: targets and labels, and no name. */
export function isTargetGroup(entry: unknown): entry is Raw {
  return isMapValue(entry) && 'targets' in entry && !('name' in entry);
}

/** What the checks of a group of targets are named after where nothing else is said: its file. */
export function groupName(file: string): string {
  return basename(file).replace(/\.[^.]*$/, '');
}
