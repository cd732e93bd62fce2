/**
 * What has no plain kernel file: the hardware inventory, and everything on macOS and Windows.
 *
 * The answers come from the package systeminformation, which is loaded at the first question: on Linux most daemons
 * never ask one. It asks child processes that have no deadline, so a question that hangs hangs for ever. Two rules
 * follow. Whoever asks waits no longer than a signal allows. And a question is never asked while its last asking is
 * unsettled: the answer under way is shared, so that a hanging command costs one process, not one a run.
 */
import type { Systeminformation } from 'systeminformation';
import { orAborted } from '../abort.ts';
import { CollectError } from '../errors.ts';

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

// Within 500 ms of its last call the library answers some questions from a cache that lacks half of the figures.
const repeatMs = 600;

type Ask = <Q extends Question>(question: Q) => Promise<SysinfoAnswers[Q]>;

async function askLibrary<Q extends Question>(question: Q): Promise<SysinfoAnswers[Q]> {
  const { default: library } = await import('systeminformation');
  const questions: { readonly [Key in Question]: () => Promise<SysinfoAnswers[Key]> } = {
    mem: () => library.mem(),
    fsSize: () => library.fsSize(),
    networkStats: () => library.networkStats('*'),
    disksIO: () => library.disksIO(),
    fsStats: () => library.fsStats(),
    system: () => library.system(),
    bios: () => library.bios(),
    baseboard: () => library.baseboard(),
    chassis: () => library.chassis(),
    osInfo: () => library.osInfo(),
    cpu: () => library.cpu(),
    memLayout: () => library.memLayout(),
    graphics: () => library.graphics(),
    battery: () => library.battery(),
    diskLayout: () => library.diskLayout(),
  };
  return questions[question]();
}

interface Asked {
  readonly answer: Promise<unknown>;
  /** When it settled, by the monotonic clock; undefined while it is under way. */
  settledAt: number | undefined;
}

/** Opens the source; `askOf` and `now` are other than the library and the clock in tests. */
export function openSysinfo(
  platform: NodeJS.Platform = process.platform,
  askOf: Ask = askLibrary,
  now: () => number = () => performance.now(),
): Sysinfo {
  const asked = new Map<Question, Asked>();

  function shared<Q extends Question>(question: Q): Promise<SysinfoAnswers[Q]> {
    const last = asked.get(question);
    if (last !== undefined && (last.settledAt === undefined || now() - last.settledAt < repeatMs)) {
      return last.answer as Promise<SysinfoAnswers[Q]>;
    }
    const answer = askOf(question).catch((error: unknown) => {
      throw new CollectError('SOURCE_UNREADABLE', `systeminformation: ${question} failed`, { cause: error });
    });
    const record: Asked = { answer, settledAt: undefined };
    const settle = (): void => {
      record.settledAt = now();
    };
    answer.then(settle, settle);
    asked.set(question, record);
    return answer;
  }

  return { platform, ask: (question, signal) => orAborted(shared(question), signal) };
}

/** The source of this process; shared, as the library keeps state of its own. */
export const hostSysinfo: Sysinfo = openSysinfo();
