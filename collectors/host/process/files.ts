/**
 * The files of a process that belongs to a group, each opened, read and closed once a run.
 *
 * Source  /proc/PID/{io,fd,limits,status,smaps_rollup} (man 5 proc). io, fd (before Linux 6.2) and smaps_rollup are for
 *         its owner and for who may trace it.
 * Cost    io 8 us, fd 3 us (before Linux 6.2 some 8 us and more for many files), status 14 us, smaps_rollup 45 us and
 *         more for large processes; limits 13 us, so it is read every 5 minutes only.
 */
import { labelled } from '../../../src/system/numbers.ts';
import type { Tree } from '../../../src/system/tree.ts';
import type { MoreCounts } from './counts.ts';

/** A file that may be refused while others of the process can be read. */
export const refusable = ['fd', 'io', 'smaps_rollup'] as const;

/** One of `refusable`. */
export type Refusable = (typeof refusable)[number];

/** What was read; undefined for what could not be. */
export interface ProcessFigures extends MoreCounts {
  readonly swappedBytes: number | undefined;
  readonly openFiles: number | undefined;
  readonly proportionalBytes: number | undefined;
  readonly proportionalSwapBytes: number | undefined;
  /** What could not be read although the process was still there. */
  readonly refused: readonly Refusable[];
}

function kilobytes(text: string, label: string): number | undefined {
  const count = labelled(text, label);
  return count === undefined ? undefined : count * 1024;
}

/** The counts in /proc/PID/io and /proc/PID/status, or in those of a thread; undefined texts leave theirs unknown. */
export function parseMoreCounts(io = '', status = ''): MoreCounts {
  return {
    readBytes: labelled(io, 'read_bytes:'),
    writtenBytes: labelled(io, 'write_bytes:'),
    voluntarySwitches: labelled(status, 'voluntary_ctxt_switches:'),
    involuntarySwitches: labelled(status, 'nonvoluntary_ctxt_switches:'),
  };
}

/** The soft limit of open files in the text of /proc/PID/limits; undefined for none. */
export function parseOpenFilesLimit(text: string): number | undefined {
  return labelled(text, 'Max open files');
}

/** Text of an attribute as it is, in one piece. */
export function textOf(proc: Tree, path: string): string | undefined {
  return proc.attributeBytes(path)?.toString('latin1');
}

/** Reads the files of a process; `smaps` says whether smaps_rollup is wanted too, which threads of the kernel lack. */
export function readFigures(proc: Tree, pid: number, smaps: boolean): ProcessFigures {
  const io = textOf(proc, `${pid}/io`);
  const openFiles = proc.count(`${pid}/fd`);
  const rollup = smaps ? textOf(proc, `${pid}/smaps_rollup`) : undefined;
  // Anybody may read status, so without it the process has left, and what else is missing was not refused.
  const status = textOf(proc, `${pid}/status`);
  const refused: Refusable[] = [];
  if (status !== undefined) {
    if (openFiles === undefined) refused.push('fd');
    if (io === undefined) refused.push('io');
    if (smaps && rollup === undefined) refused.push('smaps_rollup');
  }
  return {
    ...parseMoreCounts(io, status),
    // A thread of the kernel has no such line, and nothing to swap.
    swappedBytes:
      status === undefined
        ? undefined
        : (kilobytes(status, 'VmSwap:') ?? (status.includes('\nVmSize:') ? undefined : 0)),
    openFiles,
    proportionalBytes: rollup === undefined ? undefined : kilobytes(rollup, 'Pss:'),
    proportionalSwapBytes: rollup === undefined ? undefined : kilobytes(rollup, 'SwapPss:'),
    refused,
  };
}
