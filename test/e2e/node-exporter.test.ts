import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { compareExpositions, type Comparison, type Exception } from '../../scripts/compare-expositions.ts';
import { nodeExporterExceptions } from '../../scripts/node-exporter-exceptions.ts';
import { parseExposition } from '../../src/exposition/parse.ts';
import { sceneFolder } from '../support/scene.ts';
import { fetchText, freePort, programPath, startDaemon, startProgram, until } from '../support/program.ts';

// Debian's build has other defaults than the program it is made from: these are the originals'.
const originalDefaults = [
  '--collector.filesystem.mount-points-exclude=^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)',
  '--collector.diskstats.device-exclude=^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$',
  '--collector.netdev.device-exclude=',
  '--no-collector.systemd',
];

// What both have beside what is on by default in both.
const alsoOn = [
  'buddyinfo',
  'cgroups',
  'drbd',
  'interrupts',
  'ksmd',
  'lnstat',
  'meminfo_numa',
  'mountstats',
  'network_route',
  'processes',
  'qdisc',
  'slabinfo',
  'tcpstat',
  'zoneinfo',
];

// What 1.5 read otherwise than 1.12 does, or asks the running kernel instead of the recorded trees.
const recordedExceptions: readonly Exception[] = [
  { family: /^node_cpu_frequency_(?:m\w\w_)?hertz$/, kinds: ['help'], why: 'the help texts were mended after 1.5' },
  {
    family: /^node_cpu_(?:scaling_)?frequency_/,
    kinds: ['series'],
    why: 'a CPU without a readable frequency is absent, not 0',
  },
  { family: /^node_hwmon_/, kinds: ['series'], why: 'two chips on one device have names of their own since 1.12' },
  { family: /^node_nfs_requests_total$/, kinds: ['series'], why: 'a version that the kernel does not count is absent' },
  { family: /^node_nvme_info$/, kinds: ['labels', 'series'], why: 'the label cntlid came after 1.5' },
  { family: /^node_os_info$/, kinds: ['labels', 'series'], why: '1.5 fails on an escaped dollar sign' },
  { family: /^node_selinux_enabled$/, kinds: ['value'], why: '1.5 asks the running kernel' },
  { family: /^node_softnet_/, kinds: ['series'], why: 'the CPU is the one that the line names since 1.6' },
  { family: /^node_tape_/, kinds: ['series'], why: 'a device that cannot be read in full lacks what it cannot give' },
  { family: /^node_zfs_zpool_/, kinds: ['series'], why: 'names of data sets may hold blanks; states came after 1.5' },
  {
    family: /^node_(?:boot_time_seconds|context_switches_total|forks_total|procs_\w+)$/,
    kinds: ['missing'],
    why: 'a line that /proc/stat lacks is absent, not 0',
  },
  { family: /^node_interrupts_total$/, kinds: ['labels', 'series'], why: '1.5 misreads IPI10 of arm64' },
  { family: /^node_thermal_zone_temp$/, kinds: ['series'], why: 'a zone that cannot be read is absent, not 0' },
];

/** Both programs side by side on the same trees, every collector of vitald once a second. */
async function compareSideBySide(
  collectors: readonly string[],
  shared: readonly string[],
  exceptions: readonly Exception[] = nodeExporterExceptions,
): Promise<Comparison> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/metrics`;
  const names = collectors.map((name) => `--collector.${name}`);
  const exporter = startProgram(programPath('prometheus-node-exporter'), [
    `--web.listen-address=127.0.0.1:${port}`,
    ...shared,
    ...names,
  ]);
  const scrape = async (from: string) => parseExposition(await fetchText(from));
  const served = await until(() => scrape(url).catch(() => undefined), exporter.output);
  // Every collector that the other tells of, at the same pace.
  const all = served
    .flatMap(({ samples }) => samples)
    .flatMap(({ labels, family }) => (family.name === 'node_scrape_collector_success' ? [labels['collector']!] : []))
    .filter((name) => name !== 'rapl' && name !== 'systemd');
  const daemon = await startDaemon(
    `collectors: { disable_defaults: true, ${all.map((name) => `${name}: { schedule: 1s }`).join(', ')} }`,
    shared.filter((flag) => flag !== '--no-collector.systemd'),
  );
  const scrapes = [await scrape(url)];
  for (let round = 0; round < 4; round += 1) {
    await sleep(1000);
    scrapes.push(await scrape(url));
  }
  const other = await scrape(`${daemon.url}/metrics`);
  scrapes.push(await scrape(url));
  return compareExpositions(scrapes, other, exceptions);
}

test('serves every family of node_exporter on this host with its type, help, labels and series', async () => {
  const { compared, series, values, differences } = await compareSideBySide(alsoOn, originalDefaults);

  process.stdout.write(`beside node_exporter: ${compared} families, ${series} series, ${values} standing values\n`);
  expect(differences).toEqual([]);
  expect(compared).toBeGreaterThan(250);
  expect(values).toBeGreaterThan(200);
});

// What 1.5 itself fails on, in a scene that 1.12 reads: kernels have grown since.
const failsThere: Record<string, readonly string[]> = {
  'rich-server': ['btrfs', 'mdadm', 'nfsd', 'slabinfo'],
};

test.each(['rich-server', 'arm-board', 'minimal-vm'])('serves the same on the recorded host %s', async (scene) => {
  const root = sceneFolder(scene);
  // It looks for the folder of its own process, which no recording can have.
  const off = new Set(['mountstats', 'network_route', 'qdisc', 'tcpstat', ...(failsThere[scene] ?? [])]);
  const trees = [`--path.procfs=${root}/proc`, `--path.sysfs=${root}/sys`, `--path.rootfs=${root}`];

  const { compared, series, values, differences } = await compareSideBySide(
    alsoOn.filter((name) => !off.has(name)),
    [
      ...originalDefaults,
      ...trees,
      // By netlink it would see the running kernel's devices.
      '--no-collector.netdev.netlink',
      '--no-collector.uname',
      '--no-collector.rapl',
      ...(failsThere[scene] ?? []).map((name) => `--no-collector.${name}`),
    ],
    [...recordedExceptions, ...nodeExporterExceptions],
  );

  process.stdout.write(`${scene}: ${compared} families, ${series} series, ${values} standing values\n`);
  expect(differences).toEqual([]);
});
