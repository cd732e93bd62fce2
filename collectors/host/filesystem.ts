/**
 * Space and inodes of the mounted file systems.
 *
 * Source  /proc/1/mountinfo (Documentation/filesystems/proc.rst, section 3.5), as the host's first process sees most;
 *         /proc/self/mountinfo where that may not be read. Then statfs(2) for each mount point.
 * Units   bytes, from blocks of f_bsize.
 * Labels  device, mountpoint and fstype as mountinfo has them, the mount point with its escapes undone and without the
 *         prefix of `path.rootfs`; device_error: why a file system did not answer, empty where it did.
 *
 * A file system that may hang (a network's, or one served by a process) is asked aside, so that it holds up nothing but
 * itself; so is a local one that is mounted below it, as the way to its mount point leads through the other.
 */
import { defineCollector, gauge, malformed, type Sample } from '../../src/collector.ts';
import { duration, type NameFilter, nameFilter, pattern, patternWithDefault, z } from '../../src/config/schema.ts';
import type { FileSystemUsage, System } from '../../src/system/index.ts';
import { deviceErrorText } from './filesystem-errors.ts';

const labels = ['device', 'mountpoint', 'fstype', 'device_error'] as const;

const size = gauge('node_filesystem_size_bytes', 'Filesystem size in bytes.', labels);
const free = gauge('node_filesystem_free_bytes', 'Filesystem free space in bytes.', labels);
const available = gauge(
  'node_filesystem_avail_bytes',
  'Filesystem space available to non-root users in bytes.',
  labels,
);
const files = gauge('node_filesystem_files', 'Filesystem total file nodes.', labels);
const filesFree = gauge('node_filesystem_files_free', 'Filesystem total free file nodes.', labels);
const readonly = gauge('node_filesystem_readonly', 'Filesystem read-only status.', labels);
const deviceError = gauge(
  'node_filesystem_device_error',
  'Whether an error occurred while getting statistics for the given device.',
  labels,
);
const purgeable = gauge(
  'node_filesystem_purgeable_bytes',
  'Filesystem space available including purgeable space (MacOS specific).',
  labels,
);
const mountInfo = gauge('node_filesystem_mount_info', 'Filesystem mount information.', [
  'device',
  'major',
  'minor',
  'mountpoint',
]);

// File systems that answer from memory or from a disk of this host. What is not known to be local is taken to hang.
const local = new Set(
  `adfs affs apfs aufs bcachefs befs bfs binfmt_misc bpf btrfs cgroup cgroup2 configfs cramfs debugfs devpts devtmpfs ecryptfs
  efivarfs erofs exfat ext2 ext3 ext4 f2fs functionfs fusectl hfs hfsplus hpfs hugetlbfs iso9660 jffs2 jfs minix mqueue nfsd
  msdos nilfs2 nsfs ntfs ntfs3 nullfs omfs overlay proc pstore qnx4 qnx6 ramfs reiserfs resctrl romfs rootfs rpc_pipefs securityfs
  selinuxfs smackfs squashfs sysfs sysv tmpfs tracefs ubifs udf ufs vfat xfs zfs zonefs`.split(/\s+/),
);

export const filesystem = defineCollector({
  name: 'filesystem',
  summary: 'Space and inodes of the mounted file systems.',
  source: '/proc/1/mountinfo, statfs(2)',
  differences: [
    'A hung mount holds up neither a scrape nor the other mounts; it is said to be in error after `mount_timeout`.',
    'Where one device is mounted twice on one folder, the later mount is reported, as it is the visible one.',
    'A line feed or a backslash in the name of a mount point is understood; node_exporter reports an error there.',
    'The read-only status of a mount that hangs stays right.',
  ],
  enabled: true,
  schedule: '15s',
  timeout: '12s',
  families: [size, free, available, files, filesFree, readonly, deviceError, purgeable, mountInfo],
  aliases: { ignored_mount_points: 'mount_points_exclude', ignored_fs_types: 'fs_types_exclude' },
  config: z.strictObject({
    mount_points_exclude: patternWithDefault(
      '^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)',
    ).describe('Regexp of mount points to leave out.'),
    mount_points_include: pattern()
      .optional()
      .describe('Regexp of mount points to report. Excludes mount_points_exclude, whose default then does not apply.'),
    fs_types_exclude: patternWithDefault(
      '^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$',
    ).describe('Regexp of file system types to leave out.'),
    fs_types_include: pattern()
      .optional()
      .describe('Regexp of file system types to report. Excludes fs_types_exclude, whose default then does not apply.'),
    ignored_mount_points: pattern().optional().describe('Deprecated name of mount_points_exclude.'),
    ignored_fs_types: pattern().optional().describe('Deprecated name of fs_types_exclude.'),
    mount_timeout: duration('5s').describe('How long to wait for a file system that may hang, before it is in error.'),
    stat_workers: z
      .int()
      .min(0)
      .default(4)
      .describe('How many file systems that hang to wait for at the same time; at least one.'),
  }),
  create(config, { system }) {
    const includePoints = config.mount_points_include?.source ? config.mount_points_include : undefined;
    const includeTypes = config.fs_types_include?.source ? config.fs_types_include : undefined;
    const excludePoints = config.ignored_mount_points ?? config.mount_points_exclude;
    const excludeTypes = config.ignored_fs_types ?? config.fs_types_exclude;
    const wanted = {
      point: nameFilter(includePoints, includePoints === undefined ? excludePoints : undefined),
      type: nameFilter(includeTypes, includeTypes === undefined ? excludeTypes : undefined),
    };
    const waiting = { timeoutMs: config.mount_timeout, atOnce: Math.max(1, config.stat_workers) };
    let known = { text: '', mounts: [] as readonly Mount[] };

    /** The mounts to report; the same as before while mountinfo says the same. */
    function mountsNow(): readonly Mount[] {
      const text = readMountinfo(system);
      if (text !== known.text) known = { text, mounts: chooseMounts(text, system.paths.rootfs, wanted) };
      return known.mounts;
    }

    return {
      collect() {
        const mounts = mountsNow();
        const answers: Answer[] = [];
        const waits: Promise<void>[] = [];
        for (const [index, { path, mayHang }] of mounts.entries()) {
          if (mayHang) waits.push(askAside(path, index));
          else answers[index] = askAtOnce(path);
        }
        async function askAside(path: string | Buffer, index: number): Promise<void> {
          answers[index] = await system.fileSystems.usageWithin(path, waiting).catch(deviceErrorText);
        }
        if (waits.length === 0) return samplesOf(mounts, answers);
        return Promise.all(waits).then(() => samplesOf(mounts, answers));
      },
    };

    function askAtOnce(path: string | Buffer): Answer {
      try {
        return system.fileSystems.usage(path);
      } catch (error) {
        return deviceErrorText(error);
      }
    }
  },
});

/** The usage of a file system, or why there is none. */
type Answer = FileSystemUsage | string;

function samplesOf(mounts: readonly Mount[], answers: readonly Answer[]): Sample[] {
  const samples: Sample[] = [];
  for (const [index, mount] of mounts.entries()) {
    const answer = answers[index]!;
    const failed = typeof answer === 'string';
    const own = failed ? { ...mount.labels, device_error: answer } : mount.labels;
    samples.push(deviceError.sample(failed ? 1 : 0, own), readonly.sample(mount.readonly ? 1 : 0, own));
    if (failed) continue;
    samples.push(
      size.sample(answer.blocks * answer.blockSize, own),
      free.sample(answer.blocksFree * answer.blockSize, own),
      available.sample(answer.blocksAvailable * answer.blockSize, own),
      files.sample(answer.files, own),
      filesFree.sample(answer.filesFree, own),
      // Linux has no such space, yet node_exporter says so of each mount.
      purgeable.sample(0, own),
    );
    if (mount.info !== undefined) samples.push(mountInfo.sample(1, mount.info));
  }
  return samples;
}

/** One mount that is reported. */
interface Mount {
  readonly labels: Readonly<Record<(typeof labels)[number], string>>;
  /** The labels of its mount_info, unless another mount shows the same. */
  readonly info: Readonly<Record<'device' | 'major' | 'minor' | 'mountpoint', string>> | undefined;
  /** Where to ask; bytes where the name is not ASCII, as it may not be UTF-8 either. */
  readonly path: string | Buffer;
  readonly readonly: boolean;
  readonly mayHang: boolean;
}

/** The text of mountinfo in Latin-1, one character a byte. */
function readMountinfo({ proc }: System): string {
  try {
    return proc.read('1/mountinfo').toString('latin1');
  } catch {
    // With hidepid the first process is not to be seen; what is mounted for this one is the next best.
    return proc.read('self/mountinfo').toString('latin1');
  }
}

function chooseMounts(text: string, rootfs: string, wanted: { point: NameFilter; type: NameFilter }): Mount[] {
  const prefix = rootfs.replace(/\/+$/, '');
  const lines = parseMountinfo(text);
  const hanging = new Set(lines.filter(({ fstype }) => !local.has(fstype)).map(({ mountpoint }) => mountpoint));
  // If the root hangs then nothing here runs, so what is below it need not be asked aside.
  hanging.delete('/');
  hanging.delete(prefix);
  const chosen = new Map<string, Mount>();
  const infos = new Set<string>();
  // From the last to the first: of mounts that look the same the later one hides the other.
  for (const line of lines.toReversed()) {
    const { major, minor, fstype } = line;
    const inHost = withoutPrefix(line.mountpoint, prefix);
    const mountpoint = decode(inHost);
    if (!wanted.point(mountpoint) || !wanted.type(fstype)) continue;
    const device = decode(line.device);
    const key = `${device}\0${mountpoint}\0${fstype}`;
    if (chosen.has(key)) continue;
    const infoKey = `${device}\0${major}:${minor}\0${mountpoint}`;
    chosen.set(key, {
      labels: { device, mountpoint, fstype, device_error: '' },
      info: infos.has(infoKey) ? undefined : { device, major, minor, mountpoint },
      path: pathOf(prefix, inHost),
      readonly: line.readonly,
      mayHang: !local.has(fstype) || isBelow(line.mountpoint, hanging),
    });
    infos.add(infoKey);
  }
  return [...chosen.values()].toReversed();
}

function withoutPrefix(mountpoint: string, prefix: string): string {
  if (prefix === '' || !`${mountpoint}/`.startsWith(`${prefix}/`)) return mountpoint;
  return mountpoint.slice(prefix.length) || '/';
}

/** Where to ask for a mount point, given in Latin-1, of the host. */
function pathOf(prefix: string, mountpoint: string): string | Buffer {
  const path = Buffer.concat([Buffer.from(prefix), Buffer.from(mountpoint, 'latin1')]);
  return isAscii(mountpoint) ? path.toString() : path;
}

/** Whether one of some folders is on the way to a path. */
function isBelow(path: string, folders: ReadonlySet<string>): boolean {
  if (folders.size === 0) return false;
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    if (folders.has(path.slice(0, end))) return true;
  }
  return false;
}

function isAscii(text: string): boolean {
  return !/[\u0080-\u00ff]/.test(text);
}

/** A label of bytes that came as Latin-1: UTF-8, with U+FFFD for what is none. */
function decode(latin1: string): string {
  return isAscii(latin1) ? latin1 : Buffer.from(latin1, 'latin1').toString('utf8');
}

/** One line of mountinfo, its texts in Latin-1. */
export interface MountLine {
  readonly major: string;
  readonly minor: string;
  /** With the kernel's escapes undone. */
  readonly mountpoint: string;
  readonly fstype: string;
  /** What was mounted, as the kernel writes it. */
  readonly device: string;
  readonly readonly: boolean;
}

/** Parses mountinfo; throws `CollectError` at a line that is none. */
export function parseMountinfo(text: string): MountLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(parseLine);
}

// 36 35 98:0 /in/the/file/system /mount/point rw,noatime [shared:1 ...] - ext3 /dev/sda1 rw,errors=continue
const lineFormat = /^\d+ \d+ (\d+):(\d+) [^ ]* ([^ ]+) ([^ ]+)(?: [^ ]+)*? - ([^ ]+) ([^ ]*) (.*)$/;
const readOnlyOption = /(?:^|,)(?:ro|emergency_ro)(?:,|$)/;

function parseLine(line: string): MountLine {
  const [, major, minor, mountpoint, options, fstype, device, superOptions] = lineFormat.exec(line) ?? [];
  if (major === undefined) throw malformed('mountinfo', JSON.stringify(line));
  return {
    major,
    minor: minor!,
    mountpoint: unescape(mountpoint!),
    fstype: fstype!,
    device: device!,
    // Of an overlay only the mount, of a file system that met an error only the superblock is read-only.
    readonly: readOnlyOption.test(options!) || readOnlyOption.test(superOptions!),
  };
}

// A blank, a tab, a line feed, a backslash.
function unescape(text: string): string {
  return text.includes('\\')
    ? text.replaceAll(/\\(040|011|012|134)/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    : text;
}
