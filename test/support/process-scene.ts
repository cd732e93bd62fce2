/** Hosts made of processes, and the process collector on them. */
import { processGroups } from '../../collectors/host/process.ts';
import type { System } from '../../src/system/index.ts';
import type { Exposed } from './expose.ts';
import { sceneOf } from './scene.ts';
import { seriesOf, started as startedOf } from './started.ts';

/** Options that make a group of each program. */
export const entries = { process_names: [{ name: '{{.Comm}}', cmdline: ['.+'] }] };

interface Process {
  readonly comm?: string;
  readonly cmdline?: string;
  readonly parent?: number;
  readonly state?: string;
  readonly user?: number;
  readonly pages?: number;
  readonly threads?: number;
  readonly started?: number;
  readonly read?: number;
  readonly files?: number;
}

/** The files of one process, as a tree. */
export function filesOf(pid: number, process: Process = {}): string {
  const { comm = 'app', parent = 0, state = 'S', user = 0, pages = 1, threads = 1, started = 100 } = process;
  return [
    `== proc/${pid}/stat`,
    `${pid} (${comm}) ${state} ${parent} 1 1 0 -1 64 10 0 1 0 ${user} 0 0 0 20 0 ${threads} 0 ${started} 8192 ${pages}`,
    `== proc/${pid}/io`,
    `read_bytes: ${process.read ?? 0}`,
    'write_bytes: 0',
    `== proc/${pid}/status`,
    'Uid:\t1000\t33\t33\t33',
    'VmSize:\t8 kB',
    'VmSwap:\t4 kB',
    'voluntary_ctxt_switches:\t9',
    'nonvoluntary_ctxt_switches:\t2',
    `== proc/${pid}/limits`,
    'Max open files            20                   40                   files     ',
    `=!= proc/${pid}/cmdline`,
    process.cmdline ?? comm,
    `=/ proc/${pid}/fd`,
    ...Array.from({ length: process.files ?? 1 }, (_, index) => `== proc/${pid}/fd/${index}`),
  ].join('\n');
}

/** What a host has without processes. */
export const boot = '== proc/stat\nbtime 1700000000';

/** The folder of a host of these trees. */
export function hostOf(...parts: string[]): string {
  return sceneOf([boot, ...parts].join('\n'));
}

/** The collector on a host, until the test ends. */
export const started = (host: string | System, options: Record<string, unknown> = entries): Exposed =>
  startedOf(processGroups, host, options);

/** The series of a scrape in which a part occurs. */
export const series = (scraped: Exposed, part: string): Promise<string[]> =>
  seriesOf(scraped, part, 'namedprocess_namegroup_');
