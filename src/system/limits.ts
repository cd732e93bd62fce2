/** The limits of this process. */
import { readFileSync } from 'node:fs';

/**
 * The soft limit of that name in /proc/self/limits, such as `Max open files`, in its unit; the largest number where there is
 * none, and -1 where it cannot be read.
 */
function limitOf(name: string): number {
  try {
    const [, limit] = new RegExp(`^${name} +(\\S+)`, 'm').exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === undefined || limit === 'unlimited' ? 2 ** 64 : Number(limit);
  } catch {
    // Not Linux.
    return -1;
  }
}

/** How much address space it may have, in bytes. */
export function addressSpaceLimit(): number {
  return limitOf('Max address space');
}

/** How many files it may have open. */
export function openFilesLimit(): number {
  return limitOf('Max open files');
}
