/** How much address space this process may have. */
import { readFileSync } from 'node:fs';

/** The limit of the address space in bytes, the largest number where there is none; -1 where it cannot be read. */
export function addressSpaceLimit(): number {
  try {
    const [, limit] = /^Max address space +(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === undefined || limit === 'unlimited' ? 2 ** 64 : Number(limit);
  } catch {
    // Not Linux.
    return -1;
  }
}
