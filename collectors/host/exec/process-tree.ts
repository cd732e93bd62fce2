/**
 * The processes of a command: what it started, and the end of them all.
 *
 * A command leads a session and a process group of its own, so one signal to the group reaches its children. A child that
 * left for a session of its own (setsid, a shell with job control) is found below /proc by what it inherited: the session,
 * the parent, or a mark in its environment. Not found is one that has all of that behind it: a grandchild in a session of
 * its own, whose parent is gone and whose environment was cleared.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** The variable that marks the processes of a run; its value is another one for each. */
export const markName = 'VITALD_EXEC_RUN';

/** A command that was started. */
export interface ProcessTree {
  /** The process that was started; also the number of its session and of its group. */
  readonly leader: number;
  readonly mark: string;
  /** When the leader started, as `startOf` gives it; undefined where that is not to be known. */
  readonly start: number | undefined;
}

/** A process, as the kernel numbers it. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** In ticks since the boot. */
  readonly start: number;
}

/** Sends a signal; false where nobody is there to get it. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    // EPERM: there is somebody, of another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Parses `/proc/PID/stat`, proc(5). The name, in parentheses, may hold anything, `)` included. */
export function parseStat(text: string): (Process & { readonly state: string }) | undefined {
  const end = text.lastIndexOf(')');
  const fields = text.slice(end).split(' ');
  const [, state = '', parent, group, session] = fields;
  const numbers = {
    pid: Number.parseInt(text, 10),
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    start: Number(fields[20]),
  };
  return end === -1 || Object.values(numbers).some(Number.isNaN) ? undefined : { ...numbers, state };
}

function statOf(pid: number | string): ReturnType<typeof parseStat> {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // Gone, or not Linux.
    return undefined;
  }
}

/** When a process started, in ticks since the boot; asked right after its start, before it can be gone. */
export function startOf(pid: number): number | undefined {
  return statOf(pid)?.start;
}

function processes(): Process[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    // Not Linux.
    return [];
  }
  return names.flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const found = statOf(name);
    return found === undefined || found.state === 'Z' || found.state === 'X' ? [] : [found];
  });
}

function isMarked(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`${markName}=${mark}`);
  } catch {
    // Gone, or of another user.
    return false;
  }
}

/** The processes of a command that are alive, wherever they went. Reads all of /proc: for the end of a run only. */
export function membersOf({ leader, mark, start = Infinity }: ProcessTree): Process[] {
  const all = processes().filter(({ pid }) => pid !== process.pid);
  const members = new Set(
    all
      .filter(
        ({ pid, group, session, start: own }) =>
          // The environment of a process that hangs in the kernel may not be readable, and the attempt hangs as well: none
          // is asked that was there before.
          group === leader || session === leader || (own >= start && isMarked(pid, mark)),
      )
      .map(({ pid }) => pid),
  );
  for (let before = -1; before !== members.size;) {
    before = members.size;
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid);
  }
  return all.filter(({ pid }) => members.has(pid));
}

/** Sends a signal to every process of a command; tells whether there was one. */
export function signalTree(tree: ProcessTree, signal: NodeJS.Signals): boolean {
  // Listed first: whose parent dies is harder to find.
  const members = membersOf(tree);
  const inGroup = signalGroup(tree, signal);
  for (const { pid, group } of members) if (group !== tree.leader) send(pid, signal);
  return inGroup || members.length > 0;
}

/** Sends a signal to the group of a command, which costs one system call; tells whether anybody is in it. */
export function signalGroup({ leader }: ProcessTree, signal: NodeJS.Signals): boolean {
  // Windows has no groups: what a command started there stays.
  return send(process.platform === 'win32' ? leader : -leader, signal);
}
