/**
 * The threads of a process, summed up by their names.
 *
 * Source  /proc/PID/task/TID/{stat,status,io,wchan} (man 5 proc).
 * Cost    four files for each thread, some 40 us.
 */
import type { Tree } from '../../../src/system/tree.ts';
import { addGrowth, countsOf, unknownCounts, type Counts } from './counts.ts';
import { parseMoreCounts, textOf } from './files.ts';
import type { Found } from './groups.ts';
import { parseProcessStat, type ProcessStat } from './stat.ts';

/** A thread as the run before left it. */
export interface KnownThread {
  readonly startTicks: number;
  readonly before: Counts;
}

/** Adds the threads of a process to what was found of its group, and forgets those that left. */
export function addThreadsOf(
  proc: Tree,
  pid: number,
  known: Map<number, KnownThread>,
  found: Found,
  firstCounts: (stat: ProcessStat) => Counts,
): void {
  const seen = new Set<number>();
  for (const name of proc.list(`${pid}/task`)) {
    const folder = `${pid}/task/${name}`;
    const bytes = proc.attributeBytes(`${folder}/stat`);
    const stat = bytes === undefined ? undefined : parseProcessStat(bytes);
    if (stat === undefined) continue;
    const tid = Number(name);
    seen.add(tid);
    let thread = known.get(tid);
    if (thread?.startTicks !== stat.startTicks) {
      thread = { startTicks: stat.startTicks, before: firstCounts(stat) };
      known.set(tid, thread);
    }
    const grown = unknownCounts();
    const more = parseMoreCounts(textOf(proc, `${folder}/io`), textOf(proc, `${folder}/status`));
    addGrowth(grown, thread.before, countsOf(stat, more));
    found.addThreads(stat.comm, grown, 1);
    // The kernel writes 0 for a thread that runs, and for any where it does not tell.
    const wait = textOf(proc, `${folder}/wchan`)?.trim() ?? '';
    if (/^[A-Za-z_][\w.]*$/.test(wait)) found.waits.set(wait, (found.waits.get(wait) ?? 0) + 1);
  }
  for (const tid of known.keys()) if (!seen.has(tid)) known.delete(tid);
}
