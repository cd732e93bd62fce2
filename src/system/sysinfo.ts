/**
 * What has no plain kernel file: the hardware inventory, and everything on macOS and Windows.
 *
 * The answers come from the package systeminformation, which runs in a process of its own for each question, so that its
 * commands neither block this process nor outlive a deadline. On Linux most daemons never ask.
 */
import { createRequire } from 'node:module';
import type { Systeminformation } from 'systeminformation';
import { orAborted } from '../abort.ts';
import { askHelper } from './sysinfo-helper.ts';

/** What can be asked, and what the answer looks like. */
export interface SysinfoAnswers {
  readonly mem: Systeminformation.MemData;
  readonly fsSize: readonly Systeminformation.FsSizeData[];
  /** Every interface; those that could not be read have zeros throughout and the state `unknown`. */
  readonly networkStats: readonly Systeminformation.NetworkStatsData[];
  /** Sums over all disks, null where the platform has none. */
  readonly disksIO: Systeminformation.DisksIoData | null;
  readonly fsStats: Systeminformation.FsStatsData | null;
  readonly system: Systeminformation.SystemData;
  readonly bios: Systeminformation.BiosData;
  readonly baseboard: Systeminformation.BaseboardData;
  readonly chassis: Systeminformation.ChassisData;
  readonly osInfo: Systeminformation.OsData;
  readonly cpu: Systeminformation.CpuData;
  readonly memLayout: readonly Systeminformation.MemLayoutData[];
  readonly graphics: Systeminformation.GraphicsData;
  readonly battery: Systeminformation.BatteryData;
  readonly diskLayout: readonly Systeminformation.DiskLayoutData[];
}

/** One of the questions of `SysinfoAnswers`. */
export type Question = keyof SysinfoAnswers;

/** Answers of the operating system, whichever it is. */
export interface Sysinfo {
  /** What Node.js calls the operating system; it decides what an answer means. */
  readonly platform: NodeJS.Platform;
  /** Asks; rejects with the reason of `signal` when that aborts first, and with `CollectError` when the asking fails. */
  ask<Q extends Question>(question: Q, signal: AbortSignal): Promise<SysinfoAnswers[Q]>;
}

// Network interfaces are told one by one unless all are asked for.
const values: { readonly [Q in Question]?: readonly string[] } = { networkStats: ['*'] };

/** Where the package is; undefined where the daemon was installed as a bundle without packages. */
function findLibrary(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve('systeminformation');
  } catch {
    return undefined;
  }
}

/** Asks the copy in the bundle, in this process: there is no file that another process could load. */
async function askHere(question: Question): Promise<unknown> {
  const { default: library } = await import('systeminformation');
  return question === 'networkStats' ? library.networkStats('*') : library[question]();
}

/** Opens the source; a test gives a module of its own as the library. */
export function openSysinfo(
  platform: NodeJS.Platform = process.platform,
  locate: () => string | undefined = findLibrary,
): Sysinfo {
  let library: { readonly path: string | undefined } | undefined;

  return {
    platform,
    async ask<Q extends Question>(question: Q, signal: AbortSignal): Promise<SysinfoAnswers[Q]> {
      library ??= { path: locate() };
      const answer =
        library.path === undefined
          ? orAborted(askHere(question), signal)
          : askHelper(library.path, question, values[question] ?? [], signal);
      return (await answer) as SysinfoAnswers[Q];
    },
  };
}

/** The source of this process. */
export const hostSysinfo: Sysinfo = openSysinfo();
