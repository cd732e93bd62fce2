/**
 * The CPU time of a process, of its children that live and of those it has waited for.
 *
 * /proc/PID/stat counts in ticks of 10 ms, too coarse for one scrape; /proc/PID/task/TID/schedstat counts the same time
 * in nanoseconds, for each thread. The former stands in where a kernel lacks the latter, and for children that ended.
 */
import { readdirSync, readFileSync } from 'node:fs';

const msPerTick = 10;

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // The thread or the process has ended since it was listed.
    return undefined;
  }
}

function ticks(pid: number): { own: number; reaped: number } {
  const stat = read(`/proc/${pid}/stat`);
  // The name may hold blanks and parentheses.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const sum = (from: number): number => Number(fields[from] ?? 0) + Number(fields[from + 1] ?? 0);
  return { own: sum(11), reaped: sum(13) };
}

/** The CPU time in milliseconds. */
export function cpuMs(pid: number): number {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return 0;
  }
  const { own, reaped } = ticks(pid);
  let ms = reaped * msPerTick;
  let exact = 0;
  let isExact = true;
  for (const thread of threads) {
    const schedstat = read(`/proc/${pid}/task/${thread}/schedstat`);
    if (schedstat === undefined) isExact = false;
    else exact += Number(schedstat.split(' ')[0]) / 1e6;
    for (const child of read(`/proc/${pid}/task/${thread}/children`)?.trim().split(' ') ?? []) {
      if (child !== '') ms += cpuMs(Number(child));
    }
  }
  return ms + (isExact ? exact : own * msPerTick);
}

/** Resident memory of a process in MB. */
export function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1] ?? 0) * 1.024e-3;
}

/** The children of a process that live. */
export function childrenOf(pid: number): number[] {
  const text = read(`/proc/${pid}/task/${pid}/children`)?.trim() ?? '';
  return text === '' ? [] : text.split(' ').map(Number);
}
