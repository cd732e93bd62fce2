import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deviceErrorText } from '../../../collectors/host/filesystem-errors.ts';
import { filesystem, parseMountinfo } from '../../../collectors/host/filesystem.ts';
import type { FileSystems, FileSystemUsage, System } from '../../../src/system/index.ts';
import { contextOf, expose, failing, start, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const usage: FileSystemUsage = {
  blockSize: 4096,
  blocks: 1000,
  blocksFree: 600,
  blocksAvailable: 500,
  files: 200,
  filesFree: 150,
};

/** File systems that all have the same usage, and remember who was asked how. */
function fake(answer: (path: string) => FileSystemUsage = () => usage) {
  const asked = { atOnce: [] as string[], aside: [] as string[] };
  const fileSystems: FileSystems = {
    usage(path) {
      asked.atOnce.push(path.toString('latin1'));
      return answer(path.toString());
    },
    async usageWithin(path) {
      asked.aside.push(path.toString('latin1'));
      return answer(path.toString());
    },
    close() {},
  };
  return { asked, fileSystems };
}

/** A host with these lines in mountinfo, as bytes where they are not ASCII. */
function hostWith(lines: readonly string[], overrides: Partial<System> = {}): System {
  const folder = sceneOf('=/ proc/1');
  writeFileSync(join(folder, 'proc/1/mountinfo'), Buffer.from(`${lines.join('\n')}\n`, 'latin1'));
  const system = systemOf(folder, { fileSystems: fake().fileSystems, ...overrides });
  return { ...system, paths: { ...system.paths, rootfs: '/', ...overrides.paths } };
}

function richServer(): System {
  return systemOf(sceneFolder('rich-server', ['filesystem']), {
    fileSystems: fake((path) => {
      if (path.endsWith('/mnt/office')) throw Object.assign(new Error('no answer'), { code: 'ESTUCK' });
      if (path.endsWith('/run/user/1000')) throw Object.assign(new Error('EACCES'), { code: 'EACCES', errno: -13 });
      return usage;
    }).fileSystems,
  });
}

/** The mount points of a scrape. */
async function mountpoints(system: System, options: object): Promise<string[]> {
  const scrape = await expose(filesystem, system, { ...options });
  return [...scrape.matchAll(/^node_filesystem_readonly\{.*mountpoint="([^"]*)"/gm)].map(([, name = '']) => name);
}

const root = '29 1 253:2 / / rw,relatime shared:1 - ext4 /dev/vda1 rw';

test('reports the mounts of a server, those in error too', async () => {
  expect(await expose(filesystem, richServer())).toBe(text`
    # HELP node_filesystem_avail_bytes Filesystem space available to non-root users in bytes.
    # TYPE node_filesystem_avail_bytes gauge
    node_filesystem_avail_bytes{device="tmpfs",device_error="",fstype="tmpfs",mountpoint="/run"} 2048000
    node_filesystem_avail_bytes{device="/dev/mapper/data-root",device_error="",fstype="ext4",mountpoint="/"} 2048000
    node_filesystem_avail_bytes{device="/dev/nvme0n1p1",device_error="",fstype="ext4",mountpoint="/boot"} 2048000
    node_filesystem_avail_bytes{device="/dev/sdd1",device_error="",fstype="xfs",mountpoint="/srv/archive"} 2048000
    node_filesystem_avail_bytes{device="/dev/sde",device_error="",fstype="btrfs",mountpoint="/srv/pool"} 2048000
    node_filesystem_avail_bytes{device="tank",device_error="",fstype="zfs",mountpoint="/tank"} 2048000
    node_filesystem_avail_bytes{device="/dev/nvme1n1:/dev/sdf",device_error="",fstype="bcachefs",mountpoint="/srv/fast disk"} 2048000
    node_filesystem_avail_bytes{device="filer.example.com:/export/home/ada",device_error="",fstype="nfs4",mountpoint="/home/ada"} 2048000
    node_filesystem_avail_bytes{device="/dev/loop3",device_error="",fstype="ext4",mountpoint="/home/ada/image"} 2048000
    # HELP node_filesystem_device_error Whether an error occurred while getting statistics for the given device.
    # TYPE node_filesystem_device_error gauge
    node_filesystem_device_error{device="tmpfs",device_error="",fstype="tmpfs",mountpoint="/run"} 0
    node_filesystem_device_error{device="/dev/mapper/data-root",device_error="",fstype="ext4",mountpoint="/"} 0
    node_filesystem_device_error{device="/dev/nvme0n1p1",device_error="",fstype="ext4",mountpoint="/boot"} 0
    node_filesystem_device_error{device="/dev/sdd1",device_error="",fstype="xfs",mountpoint="/srv/archive"} 0
    node_filesystem_device_error{device="/dev/sde",device_error="",fstype="btrfs",mountpoint="/srv/pool"} 0
    node_filesystem_device_error{device="tank",device_error="",fstype="zfs",mountpoint="/tank"} 0
    node_filesystem_device_error{device="/dev/nvme1n1:/dev/sdf",device_error="",fstype="bcachefs",mountpoint="/srv/fast disk"} 0
    node_filesystem_device_error{device="filer.example.com:/export/home/ada",device_error="",fstype="nfs4",mountpoint="/home/ada"} 0
    node_filesystem_device_error{device="//files.example.com/office\\040share",device_error="mountpoint timeout",fstype="cifs",mountpoint="/mnt/office"} 1
    node_filesystem_device_error{device="/dev/loop3",device_error="",fstype="ext4",mountpoint="/home/ada/image"} 0
    node_filesystem_device_error{device="tmpfs",device_error="permission denied",fstype="tmpfs",mountpoint="/run/user/1000"} 1
    # HELP node_filesystem_files Filesystem total file nodes.
    # TYPE node_filesystem_files gauge
    node_filesystem_files{device="tmpfs",device_error="",fstype="tmpfs",mountpoint="/run"} 200
    node_filesystem_files{device="/dev/mapper/data-root",device_error="",fstype="ext4",mountpoint="/"} 200
    node_filesystem_files{device="/dev/nvme0n1p1",device_error="",fstype="ext4",mountpoint="/boot"} 200
    node_filesystem_files{device="/dev/sdd1",device_error="",fstype="xfs",mountpoint="/srv/archive"} 200
    node_filesystem_files{device="/dev/sde",device_error="",fstype="btrfs",mountpoint="/srv/pool"} 200
    node_filesystem_files{device="tank",device_error="",fstype="zfs",mountpoint="/tank"} 200
    node_filesystem_files{device="/dev/nvme1n1:/dev/sdf",device_error="",fstype="bcachefs",mountpoint="/srv/fast disk"} 200
    node_filesystem_files{device="filer.example.com:/export/home/ada",device_error="",fstype="nfs4",mountpoint="/home/ada"} 200
    node_filesystem_files{device="/dev/loop3",device_error="",fstype="ext4",mountpoint="/home/ada/image"} 200
    # HELP node_filesystem_files_free Filesystem total free file nodes.
    # TYPE node_filesystem_files_free gauge
    node_filesystem_files_free{device="tmpfs",device_error="",fstype="tmpfs",mountpoint="/run"} 150
    node_filesystem_files_free{device="/dev/mapper/data-root",device_error="",fstype="ext4",mountpoint="/"} 150
    node_filesystem_files_free{device="/dev/nvme0n1p1",device_error="",fstype="ext4",mountpoint="/boot"} 150
    node_filesystem_files_free{device="/dev/sdd1",device_error="",fstype="xfs",mountpoint="/srv/archive"} 150
    node_filesystem_files_free{device="/dev/sde",device_error="",fstype="btrfs",mountpoint="/srv/pool"} 150
    node_filesystem_files_free{device="tank",device_error="",fstype="zfs",mountpoint="/tank"} 150
    node_filesystem_files_free{device="/dev/nvme1n1:/dev/sdf",device_error="",fstype="bcachefs",mountpoint="/srv/fast disk"} 150
    node_filesystem_files_free{device="filer.example.com:/export/home/ada",device_error="",fstype="nfs4",mountpoint="/home/ada"} 150
    node_filesystem_files_free{device="/dev/loop3",device_error="",fstype="ext4",mountpoint="/home/ada/image"} 150
    # HELP node_filesystem_free_bytes Filesystem free space in bytes.
    # TYPE node_filesystem_free_bytes gauge
    node_filesystem_free_bytes{device="tmpfs",device_error="",fstype="tmpfs",mountpoint="/run"} 2457600
    node_filesystem_free_bytes{device="/dev/mapper/data-root",device_error="",fstype="ext4",mountpoint="/"} 2457600
    node_filesystem_free_bytes{device="/dev/nvme0n1p1",device_error="",fstype="ext4",mountpoint="/boot"} 2457600
    node_filesystem_free_bytes{device="/dev/sdd1",device_error="",fstype="xfs",mountpoint="/srv/archive"} 2457600
    node_filesystem_free_bytes{device="/dev/sde",device_error="",fstype="btrfs",mountpoint="/srv/pool"} 2457600
    node_filesystem_free_bytes{device="tank",device_error="",fstype="zfs",mountpoint="/tank"} 2457600
    node_filesystem_free_bytes{device="/dev/nvme1n1:/dev/sdf",device_error="",fstype="bcachefs",mountpoint="/srv/fast disk"} 2457600
    node_filesystem_free_bytes{device="filer.example.com:/export/home/ada",device_error="",fstype="nfs4",mountpoint="/home/ada"} 2457600
    node_filesystem_free_bytes{device="/dev/loop3",device_error="",fstype="ext4",mountpoint="/home/ada/image"} 2457600
    # HELP node_filesystem_mount_info Filesystem mount information.
    # TYPE node_filesystem_mount_info gauge
    node_filesystem_mount_info{device="tmpfs",major="0",minor="23",mountpoint="/run"} 1
    node_filesystem_mount_info{device="/dev/mapper/data-root",major="253",minor="2",mountpoint="/"} 1
    node_filesystem_mount_info{device="/dev/nvme0n1p1",major="259",minor="1",mountpoint="/boot"} 1
    node_filesystem_mount_info{device="/dev/sdd1",major="8",minor="49",mountpoint="/srv/archive"} 1
    node_filesystem_mount_info{device="/dev/sde",major="0",minor="45",mountpoint="/srv/pool"} 1
    node_filesystem_mount_info{device="tank",major="0",minor="46",mountpoint="/tank"} 1
    node_filesystem_mount_info{device="/dev/nvme1n1:/dev/sdf",major="0",minor="47",mountpoint="/srv/fast disk"} 1
    node_filesystem_mount_info{device="filer.example.com:/export/home/ada",major="0",minor="53",mountpoint="/home/ada"} 1
    node_filesystem_mount_info{device="/dev/loop3",major="7",minor="3",mountpoint="/home/ada/image"} 1
    # HELP node_filesystem_purgeable_bytes Filesystem space available including purgeable space (MacOS specific).
    # TYPE node_filesystem_purgeable_bytes gauge
    node_filesystem_purgeable_bytes{device="tmpfs",device_error="",fstype="tmpfs",mountpoint="/run"} 0
    node_filesystem_purgeable_bytes{device="/dev/mapper/data-root",device_error="",fstype="ext4",mountpoint="/"} 0
    node_filesystem_purgeable_bytes{device="/dev/nvme0n1p1",device_error="",fstype="ext4",mountpoint="/boot"} 0
    node_filesystem_purgeable_bytes{device="/dev/sdd1",device_error="",fstype="xfs",mountpoint="/srv/archive"} 0
    node_filesystem_purgeable_bytes{device="/dev/sde",device_error="",fstype="btrfs",mountpoint="/srv/pool"} 0
    node_filesystem_purgeable_bytes{device="tank",device_error="",fstype="zfs",mountpoint="/tank"} 0
    node_filesystem_purgeable_bytes{device="/dev/nvme1n1:/dev/sdf",device_error="",fstype="bcachefs",mountpoint="/srv/fast disk"} 0
    node_filesystem_purgeable_bytes{device="filer.example.com:/export/home/ada",device_error="",fstype="nfs4",mountpoint="/home/ada"} 0
    node_filesystem_purgeable_bytes{device="/dev/loop3",device_error="",fstype="ext4",mountpoint="/home/ada/image"} 0
    # HELP node_filesystem_readonly Filesystem read-only status.
    # TYPE node_filesystem_readonly gauge
    node_filesystem_readonly{device="tmpfs",device_error="",fstype="tmpfs",mountpoint="/run"} 0
    node_filesystem_readonly{device="/dev/mapper/data-root",device_error="",fstype="ext4",mountpoint="/"} 0
    node_filesystem_readonly{device="/dev/nvme0n1p1",device_error="",fstype="ext4",mountpoint="/boot"} 1
    node_filesystem_readonly{device="/dev/sdd1",device_error="",fstype="xfs",mountpoint="/srv/archive"} 0
    node_filesystem_readonly{device="/dev/sde",device_error="",fstype="btrfs",mountpoint="/srv/pool"} 0
    node_filesystem_readonly{device="tank",device_error="",fstype="zfs",mountpoint="/tank"} 1
    node_filesystem_readonly{device="/dev/nvme1n1:/dev/sdf",device_error="",fstype="bcachefs",mountpoint="/srv/fast disk"} 0
    node_filesystem_readonly{device="filer.example.com:/export/home/ada",device_error="",fstype="nfs4",mountpoint="/home/ada"} 0
    node_filesystem_readonly{device="//files.example.com/office\\040share",device_error="mountpoint timeout",fstype="cifs",mountpoint="/mnt/office"} 0
    node_filesystem_readonly{device="/dev/loop3",device_error="",fstype="ext4",mountpoint="/home/ada/image"} 1
    node_filesystem_readonly{device="tmpfs",device_error="permission denied",fstype="tmpfs",mountpoint="/run/user/1000"} 0
    # HELP node_filesystem_size_bytes Filesystem size in bytes.
    # TYPE node_filesystem_size_bytes gauge
    node_filesystem_size_bytes{device="tmpfs",device_error="",fstype="tmpfs",mountpoint="/run"} 4096000
    node_filesystem_size_bytes{device="/dev/mapper/data-root",device_error="",fstype="ext4",mountpoint="/"} 4096000
    node_filesystem_size_bytes{device="/dev/nvme0n1p1",device_error="",fstype="ext4",mountpoint="/boot"} 4096000
    node_filesystem_size_bytes{device="/dev/sdd1",device_error="",fstype="xfs",mountpoint="/srv/archive"} 4096000
    node_filesystem_size_bytes{device="/dev/sde",device_error="",fstype="btrfs",mountpoint="/srv/pool"} 4096000
    node_filesystem_size_bytes{device="tank",device_error="",fstype="zfs",mountpoint="/tank"} 4096000
    node_filesystem_size_bytes{device="/dev/nvme1n1:/dev/sdf",device_error="",fstype="bcachefs",mountpoint="/srv/fast disk"} 4096000
    node_filesystem_size_bytes{device="filer.example.com:/export/home/ada",device_error="",fstype="nfs4",mountpoint="/home/ada"} 4096000
    node_filesystem_size_bytes{device="/dev/loop3",device_error="",fstype="ext4",mountpoint="/home/ada/image"} 4096000
  `);
});

test('answers in the same turn when no mount may hang', () => {
  const system = hostWith([root]);
  const collector = filesystem.create(filesystem.config.parse({}), contextOf(system));

  expect(collector.collect(new AbortController().signal)).toBeInstanceOf(Array);
});

test.each([
  'nfs',
  'nfs4',
  'cifs',
  'smb3',
  'fuse',
  'fuseblk',
  'fuse.sshfs',
  '9p',
  'ceph',
  'virtiofs',
  'lustre',
  'unheard_of',
])('asks %s aside, and what is mounted below it', async (fstype) => {
  const { asked, fileSystems } = fake();
  const system = hostWith(
    [
      root,
      `30 29 0:40 / /far rw - ${fstype} server:/x rw`,
      '31 30 8:1 / /far/away/near rw - ext4 /dev/sda1 rw',
      '32 29 8:2 / /farther rw - ext4 /dev/sda2 rw',
    ],
    { fileSystems },
  );
  await expose(filesystem, system);

  expect(asked).toEqual({ atOnce: ['/', '/farther'], aside: ['/far', '/far/away/near'] });
});

test('asks a root on the network aside, yet nothing else for that', async () => {
  const { asked, fileSystems } = fake();
  const lines = ['29 1 0:20 / / rw - nfs server:/root rw', '30 29 8:1 / /data rw - xfs /dev/sda1 rw'];
  await expose(filesystem, hostWith(lines, { fileSystems }));

  expect(asked).toEqual({ atOnce: ['/data'], aside: ['/'] });
});

test('hands on how long to wait and for how many', async () => {
  const waits: unknown[] = [];
  const fileSystems: FileSystems = {
    ...fake().fileSystems,
    usageWithin: async (_path, waiting) => {
      waits.push(waiting);
      return usage;
    },
  };
  const system = hostWith(['30 29 0:40 / /far rw - nfs4 server:/x rw'], { fileSystems });
  await expose(filesystem, system);
  await expose(filesystem, system, { mount_timeout: '1500ms', stat_workers: 9 });

  expect(waits).toEqual([
    { timeoutMs: 5_000, atOnce: 4 },
    { timeoutMs: 1_500, atOnce: 9 },
  ]);
});

test('reports the last of two mounts that look the same', async () => {
  const scrape = await expose(
    filesystem,
    hostWith([
      '30 29 8:1 / /data ro - ext4 /dev/sda1 rw',
      '31 29 8:2 / /other rw - ext4 /dev/sda2 rw',
      '32 30 8:1 / /data rw - ext4 /dev/sda1 rw',
    ]),
  );

  expect(scrape.match(/^node_filesystem_readonly.*$/gm)).toEqual([
    'node_filesystem_readonly{device="/dev/sda2",device_error="",fstype="ext4",mountpoint="/other"} 0',
    'node_filesystem_readonly{device="/dev/sda1",device_error="",fstype="ext4",mountpoint="/data"} 0',
  ]);
});

test.each([
  ['rw,relatime', 'rw', 0],
  ['ro,relatime', 'rw', 1],
  ['rw', 'ro', 1],
  ['rw', 'rw,emergency_ro', 1],
  ['rw', 'rw,errors=remount-ro,root=/dev/ro', 0],
])('tells whether a mount is read-only: %s, %s', async (options, superOptions, expected) => {
  const scrape = await expose(filesystem, hostWith([`30 29 8:1 / /data ${options} - ext4 /dev/sda1 ${superOptions}`]));

  expect(scrape).toMatch(new RegExp(`^node_filesystem_readonly.* ${expected}$`, 'm'));
});

test('undoes the escapes of a mount point, for the label and for the question', async () => {
  const { asked, fileSystems } = fake();
  const system = hostWith(['30 29 8:1 / /a\\040b\\011c\\012d\\134e rw - ext4 /dev/sda1 rw'], { fileSystems });

  expect(await mountpoints(system, {})).toEqual(['/a b\tc\\nd\\\\e']);
  expect(asked.atOnce).toEqual(['/a b\tc\nd\\e']);
});

test('asks for a name that is not UTF-8 by its bytes, and shows U+FFFD', async () => {
  const { asked, fileSystems } = fake();
  const lines = [
    '30 29 8:1 / /caf\u00e9 rw - ext4 /dev/sda1 rw',
    '31 29 8:1 / /gr\u00c3\u00bcn rw - ext4 /dev/sda1 rw',
  ];

  expect(await mountpoints(hostWith(lines, { fileSystems }), {})).toEqual(['/caf\ufffd', '/gr\u00fcn']);
  expect(asked.atOnce).toEqual(['/caf\u00e9', '/gr\u00c3\u00bcn']);
});

test('strips the prefix of the root file system from labels, and adds it to ask', async () => {
  const { asked, fileSystems } = fake();
  const system = hostWith(
    [
      '29 1 8:1 / /host rw - ext4 /dev/sda1 rw',
      '30 29 8:2 / /host/data rw - ext4 /dev/sda2 rw',
      '31 29 8:3 / /hostile rw - ext4 /dev/sda3 rw',
    ],
    { fileSystems },
  );
  const inside = { ...system, paths: { ...system.paths, rootfs: '/host' } };

  expect(await mountpoints(inside, {})).toEqual(['/', '/data', '/hostile']);
  expect(asked.atOnce).toEqual(['/host/', '/host/data', '/host/hostile']);
});

test('reads its own mounts where those of the first process are hidden', async () => {
  const host = sceneOf(`== proc/self/mountinfo\n${root}\n`);

  expect(await mountpoints(systemOf(host, { fileSystems: fake().fileSystems }), {})).toEqual(['/']);
});

test('reads its own mounts where those of the first process may not be read', async () => {
  const host = systemOf(sceneOf(`== proc/1/mountinfo\nx\n== proc/self/mountinfo\n${root}\n`), fake());

  expect(await mountpoints({ ...host, proc: failing(host.proc, { '1/mountinfo': 'EACCES' }) }, {})).toEqual(['/']);
});

test('says which file is missing', async () => {
  await expect(expose(filesystem, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});

test.each(['30 29 8:1 / /data rw', '30 29 8 / /data rw - ext4 /dev/sda1 rw', 'x', '30 29 8:1 / /data rw - ext4'])(
  'refuses a line that is none: %j',
  (line) => {
    expect(() => parseMountinfo(`${line}\n`)).toThrow(/mountinfo/);
  },
);

test('reads a line without optional fields and without a device', () => {
  expect(parseMountinfo('31 29 8:1 / /data rw - tmpfs  rw,a - b\n')).toEqual([
    { major: '8', minor: '1', mountpoint: '/data', fstype: 'tmpfs', device: '', readonly: false },
  ]);
});

test('notices mounts that come and go', async () => {
  const system = hostWith([root]);
  const exposed = start(filesystem, system);
  const count = async (): Promise<number> => (await exposed.scrape()).match(/^node_filesystem_files\{/gm)?.length ?? 0;

  expect(await count()).toBe(1);
  const file = system.proc.path('1/mountinfo');
  writeFileSync(file, `${root}\n30 29 8:1 / /data rw - ext4 /dev/sda1 rw\n`);
  expect(await count()).toBe(2);
  writeFileSync(file, `${root}\n`);
  expect(await count()).toBe(1);
  exposed.close();
});

test('filters by mount point and by type', async () => {
  const server = richServer();
  const by = (options: object): Promise<string[]> => mountpoints(server, options);

  expect(await by({ mount_points_exclude: '^/(srv|home|dev|proc|sys|run|var|mnt|boot)' })).toEqual(['/', '/tank']);
  expect(await by({ ignored_mount_points: '^/(srv|home|dev|proc|sys|run|var|mnt|boot)' })).toEqual(['/', '/tank']);
  expect(await by({ mount_points_include: '^/dev/' })).toEqual(['/dev/shm']);
  expect(await by({ fs_types_exclude: '^(ext4|tmpfs|nfs4|cifs|autofs|overlay|proc|sysfs|devtmpfs)$' })).toEqual([
    '/srv/archive',
    '/srv/pool',
    '/tank',
    '/srv/fast disk',
  ]);
  expect(await by({ ignored_fs_types: '^(ext4|tmpfs|nfs4|cifs|autofs|zfs|btrfs|bcachefs)$' })).toEqual([
    '/srv/archive',
  ]);
  expect(await by({ fs_types_include: 'overlay|autofs', mount_points_include: '/' })).toEqual([
    '/proc/sys/fs/binfmt_misc',
    '/home',
    '/var/lib/docker/overlay2/5a1/merged',
  ]);
});

test.each([
  [{ code: 'ESTUCK' }, 'mountpoint timeout'],
  [{ code: 'EIO', errno: -5 }, 'input/output error'],
  [{ code: 'ENOTCONN', errno: -107 }, 'transport endpoint is not connected'],
  [{ code: 'Unknown system error -116', errno: -116 }, 'stale NFS file handle'],
  [{ code: 'Unknown system error -4095', errno: -4095 }, 'errno 4095'],
  [{ code: 'EHELPER' }, 'EHELPER'],
  [{}, 'unknown error'],
])('words the error %j', (fields, expected) => {
  expect(deviceErrorText(Object.assign(new Error('words of Node.js'), fields))).toBe(expected);
});
