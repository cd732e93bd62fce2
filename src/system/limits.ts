/** The limits of this process, as they were when they were first asked for. */
import { readFileSync } from 'node:fs';

let limits: string | undefined;

/** /proc/self/limits; empty where there is none, as on another system than Linux. */
function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}

/**
 * The soft limit of that name, such as `Max open files`, in its unit; the largest number where there is none, and -1 where
 * it is not known.
 */
function limitOf(name: string): number {
  limits ??= readLimits();
  const [, limit = '-1'] = new RegExp(`^${name} +(\\S+)`, 'm').exec(limits) ?? [];
  return limit === 'unlimited' ? 2 ** 64 : Number(limit);
}

/** How much address space it may have, in bytes. */
export function addressSpaceLimit(): number {
  return limitOf('Max address space');
}

/** How many files it may have open. */
export function openFilesLimit(): number {
  return limitOf('Max open files');
}
