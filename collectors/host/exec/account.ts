/** Users and groups of this host, by the files that name them. */
import { readFileSync } from 'node:fs';
import { CollectError } from '../../../src/collector.ts';

/** Who runs a command. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
  /** `HOME`, `USER` and `LOGNAME`, where the user has a name. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The fields of the line of `/etc/passwd` or `/etc/group` that a name or a number stands for. */
export function entryOf(text: string, wanted: string | number): readonly string[] | undefined {
  const lines = text.split('\n').map((line) => line.split(':'));
  const field = typeof wanted === 'number' ? 2 : 0;
  return lines.find((fields) => fields.length > 2 && fields[field] === String(wanted));
}

function numberOf(file: string, what: string, wanted: string | number): number {
  if (typeof wanted === 'number') return wanted;
  const number = Number(entryOf(readFileSync(file, 'utf8'), wanted)?.[2]);
  if (!Number.isInteger(number)) throw new CollectError('SOURCE_UNREADABLE', `${file} has no ${what} ${wanted}`);
  return number;
}

/** Looks an account up; throws `CollectError` where a name is unknown. A user given by name brings its group. */
export function accountOf({
  user,
  group,
  passwd = '/etc/passwd',
  groups = '/etc/group',
}: {
  user?: string | number | undefined;
  group?: string | number | undefined;
  passwd?: string;
  groups?: string;
}): Account {
  const gid = group === undefined ? undefined : numberOf(groups, 'group', group);
  if (user === undefined) return { ...(gid === undefined ? {} : { gid }), environment: {} };
  const uid = numberOf(passwd, 'user', user);
  const [name, , , ownGid, , home = '/'] = entryOf(readFileSync(passwd, 'utf8'), user) ?? [];
  const named = name === undefined ? {} : { HOME: home, USER: name, LOGNAME: name };
  // A number without an entry has no group of its own; to keep the daemon's would be to run half as root.
  return { uid, gid: gid ?? (ownGid === undefined ? uid : Number(ownGid)), environment: named };
}
