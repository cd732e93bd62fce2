/**
 * What the matchers and the name templates ask of a process. Each file is read when it is asked for first, so a config
 * that goes by `comm` alone reads none but stat.
 *
 * Source  /proc/PID/{cmdline,status,cgroup,cwd} (man 5 proc), /etc/passwd of the host.
 */
import { labelled, lines } from '../../../src/system/numbers.ts';
import type { System } from '../../../src/system/index.ts';
import type { Candidate } from './matchers.ts';

// A command line may have megabytes, which its owner chose; what tells programs apart stands at its begin.
const cmdlineAtMost = 16 * 1024;

/** The words of /proc/PID/cmdline, none for a thread of the kernel. */
export function argvOf(bytes: Buffer | undefined): string[] {
  if (bytes === undefined) return [];
  const text = bytes.toString('utf8', 0, Math.min(bytes.length, cmdlineAtMost)).replace(/\0+$/, '');
  return text === '' ? [] : text.split('\0');
}

/** The paths in /proc/PID/cgroup, of which each line is `hierarchy:controllers:path`. */
export function cgroupPathsOf(text: string): string[] {
  return lines(text).flatMap((line) => {
    const [, path] = /^\d+:[^:]*:(\/.*)$/.exec(line) ?? [];
    return path === undefined ? [] : [path];
  });
}

/** The names of the users in a passwd file, by their numbers. */
export function usersOf(text: string): Map<string, string> {
  const users = new Map<string, string>();
  for (const line of lines(text)) {
    const [name = '', , uid] = line.split(':');
    if (uid !== undefined && !users.has(uid)) users.set(uid, name);
  }
  return users;
}

/** Makes candidates of processes, for the length of one run. */
export class Candidates {
  readonly #system: System;
  readonly #bootSeconds: number | undefined;
  #users: Map<string, string> | undefined;

  constructor(system: System, bootSeconds: number | undefined) {
    this.#system = system;
    this.#bootSeconds = bootSeconds;
  }

  of(pid: number, comm: string, startTicks: number): Candidate {
    const { proc } = this.#system;
    const startTime = new Date(((this.#bootSeconds ?? 0) + startTicks / 100) * 1000);
    const username = (): string => this.#username(pid);
    let argv: string[] | undefined;
    return {
      pid,
      comm,
      startTime,
      get argv() {
        argv ??= argvOf(proc.attributeBytes(`${pid}/cmdline`));
        return argv;
      },
      get username() {
        return username();
      },
      get cwd() {
        return proc.link(`${pid}/cwd`) ?? '';
      },
      get cgroups() {
        return cgroupPathsOf(proc.textIfAny(`${pid}/cgroup`) ?? '');
      },
    };
  }

  /** The name of the effective user; the number of one that the host's passwd file does not have. */
  #username(pid: number): string {
    const [, uid] = /^Uid:\s+\d+\s+(\d+)/m.exec(this.#system.proc.textIfAny(`${pid}/status`) ?? '') ?? [];
    if (uid === undefined) return '';
    this.#users ??= usersOf(this.#system.rootfs.textIfAny('etc/passwd') ?? '');
    return this.#users.get(uid) ?? uid;
  }
}

/** When the host started, in seconds since 1970; undefined where /proc/stat does not tell it. */
export function bootSeconds({ proc }: System): number | undefined {
  return labelled(proc.textIfAny('stat') ?? '', 'btime ');
}
