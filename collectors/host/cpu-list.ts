/**
 * Lists of CPUs as sysfs writes them: `0-3,8,10-11` (Documentation/admin-guide/cputopology.rst).
 */
import { unsigned } from '../../src/system/numbers.ts';

// More than any kernel can be built for (CONFIG_NR_CPUS is at most 8192), so that a torn range cannot fill the memory.
const largest = 65_535;

/** The CPUs of a list; none for an empty one. Parts that are no CPU or range are left out. */
export function parseCpuList(text: string): number[] {
  const cpus: number[] = [];
  for (const part of text.trim().split(',')) {
    const [from, to = from] = part.split('-');
    const first = unsigned(from);
    const last = unsigned(to);
    if (first === undefined || last === undefined || last > largest) continue;
    for (let cpu = first; cpu <= last; cpu += 1) cpus.push(cpu);
  }
  return cpus;
}

/** The CPUs among the folders of `devices/system/cpu`, in order of their numbers. */
export function cpusAmong(folders: readonly string[]): number[] {
  return folders
    .map((folder) => (folder.startsWith('cpu') ? unsigned(folder.slice(3)) : undefined))
    .filter((cpu) => cpu !== undefined)
    .sort((a, b) => a - b);
}
