/**
 * Space of mounted file systems, where there is no mountinfo.
 *
 * Source  systeminformation `fsSize`: `df` on macOS and Linux, WMI on Windows.
 * Units   bytes, in steps of 1,024 as `df` rounds.
 * Labels  device, mountpoint, fstype; on Windows the first two are the drive, such as "C:".
 * Quirks  Free space that is kept for root is not told apart, so only the size and what users may use are served. On a
 *         volume of APFS the size is that of the whole container.
 */
import { defineCollector, gauge, type CollectorDefinition, type Sample } from '../../src/collector.ts';
import { nameFilter, pattern, patternWithDefault, z } from '../../src/config/schema.ts';
import { hostSysinfo, type Sysinfo, type SysinfoAnswers } from '../../src/system/sysinfo.ts';

const labels = ['device', 'mountpoint', 'fstype'] as const;
const size = gauge('node_filesystem_size_bytes', 'Filesystem size in bytes.', labels);
const avail = gauge('node_filesystem_avail_bytes', 'Filesystem space available to non-root users in bytes.', labels);
const readOnly = gauge('node_filesystem_readonly', 'Filesystem read-only status.', labels);

const options = z.strictObject({
  mount_points_exclude: patternWithDefault('^/(dev)($|/)').describe('Regexp of mount points to leave out.'),
  mount_points_include: pattern().optional().describe('Regexp of mount points to report; excludes the exclude option.'),
  fs_types_exclude: patternWithDefault('^devfs$').describe('Regexp of file system types to leave out.'),
  fs_types_include: pattern()
    .optional()
    .describe('Regexp of file system types to report; excludes the exclude option.'),
});

type Mount = SysinfoAnswers['fsSize'][number];

/** Whether it is read-only; undefined where the answer does not tell. */
function isReadOnly({ fs, rw }: Mount, platform: NodeJS.Platform): boolean | undefined {
  // Away from Windows the library looks at devices only and says `false` for every other mount.
  if (rw === null || rw === undefined || (platform !== 'win32' && !fs.startsWith('/'))) return undefined;
  return !rw;
}

/** The collector on a source. */
export function filesystemOf(sysinfo: Sysinfo): CollectorDefinition<typeof options> {
  return defineCollector({
    name: 'filesystem',
    summary: 'Space of mounted file systems.',
    source: 'systeminformation fsSize',
    differences: ['Inodes and the space kept for root are absent.'],
    enabled: true,
    schedule: '30s',
    timeout: '20s',
    families: [size, avail, readOnly],
    config: options,
    create(config) {
      const points = nameFilter(
        config.mount_points_include,
        config.mount_points_include === undefined ? config.mount_points_exclude : undefined,
      );
      const types = nameFilter(
        config.fs_types_include,
        config.fs_types_include === undefined ? config.fs_types_exclude : undefined,
      );
      return {
        async collect(signal) {
          // A path that is mounted over appears twice with one device only where it is the same mount; the last counts.
          const mounts = new Map<string, Sample[]>();
          for (const mount of await sysinfo.ask('fsSize', signal)) {
            // The library writes APFS, HFS and NFS where macOS itself has small letters.
            const fstype = sysinfo.platform === 'darwin' ? mount.type.toLowerCase() : mount.type;
            if (!points(mount.mount) || !types(fstype)) continue;
            const where = { device: mount.fs, mountpoint: mount.mount, fstype };
            const samples: Sample[] = [];
            if (Number.isFinite(mount.size)) samples.push(size.sample(mount.size, where));
            if (Number.isFinite(mount.available)) samples.push(avail.sample(mount.available, where));
            const locked = isReadOnly(mount, sysinfo.platform);
            if (locked !== undefined) samples.push(readOnly.sample(locked ? 1 : 0, where));
            mounts.set(JSON.stringify(where), samples);
          }
          return [...mounts.values()].flat();
        },
      };
    },
  });
}

/** File systems of the host that this process runs on. */
export const filesystem = filesystemOf(hostSysinfo);
