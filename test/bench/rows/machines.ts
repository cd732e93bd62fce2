/** How a round of collectors grows with the machine, on made trees of kernel files, beside node_exporter on the same. */
import { join } from 'node:path';
import { defaultCollectors, everySecond, hostCost, type HostCost } from '../host-cost.ts';
import type { Bench, Measured, Row } from '../row.ts';
import { median } from '../statistics.ts';
import { writeTree } from '../trees.ts';

// They ask the running kernel or their own process whatever the trees say.
const ofThisHost = ['uname', 'timex', 'filesystem', 'textfile'];

async function costs(bench: Bench, cpus: number, disks: number): Promise<HostCost[]> {
  const root = bench.folder();
  writeTree(root, { cpus, disks });
  const flags = [
    `--path.procfs=${join(root, 'proc')}`,
    `--path.sysfs=${join(root, 'sys')}`,
    `--path.rootfs=${root}`,
    `--path.udev.data=${join(root, 'udev')}`,
  ];
  const collectors = defaultCollectors(bench).filter((name) => !ofThisHost.includes(name));
  const daemon = await bench.vitald(everySecond(collectors), { flags });
  const off = [...ofThisHost, 'netdev.netlink', 'systemd', 'rapl'].map((name) => `--no-collector.${name}`);
  const exporter = await bench.nodeExporter('--collector.processes', ...flags, ...off);
  // As with the host: hot code is optimised after some hundred runs, and a daemon runs for months.
  await hostCost(daemon, [exporter], bench.quick ? 3 : 120);
  const measured: HostCost[] = [];
  for (let round = 0; round < (bench.quick ? 1 : 4); round += 1) {
    measured.push(await hostCost(daemon, [exporter], bench.quick ? 3 : 8));
  }
  await Promise.all([daemon.end(), exporter.end()]);
  return measured;
}

export const machines: Row = {
  name: 'machines',
  gives: ['growth-machine', 'large-machine', 'large-machine-beside'],
  long: true,
  async run(bench): Promise<Measured[]> {
    const small = await costs(bench, 2, 2);
    const large = await costs(bench, 256, 200);
    const round = (all: readonly HostCost[]): number[] => all.map((cost) => cost.round);
    const theirs = (all: readonly HostCost[]): number[] => all.map(({ plain }) => plain[0]!);
    const figures = `${median(round(small)).toFixed(2)} ms to ${median(round(large)).toFixed(2)} ms`;
    return [
      {
        name: 'large-machine',
        what: 'a round of the default collectors, 256 CPUs and 200 disks',
        against: 'the goal',
        unit: 'ms',
        values: round(large),
        goal: 15,
        note: 'on a made tree of plain files, each opened anew; without those collectors that ask the running kernel',
      },
      {
        name: 'large-machine-beside',
        what: 'the same',
        against: 'node_exporter with its processes collector, a scrape of the same tree',
        unit: 'ratio',
        values: round(large).map((ms, index) => ms / theirs(large)[index]!),
        goal: 0.35,
        note: `${median(round(large)).toFixed(2)} ms against ${median(theirs(large)).toFixed(2)} ms`,
      },
      {
        name: 'growth-machine',
        what: 'growth from 2 CPUs and 2 disks to 256 and 200',
        against: "node_exporter's growth",
        unit: 'ratio',
        values: round(large).map(
          (ms, index) => ms / round(small)[index]! / (theirs(large)[index]! / theirs(small)[index]!),
        ),
        note: `${figures}; node_exporter ${median(theirs(small)).toFixed(2)} ms to ${median(theirs(large)).toFixed(2)} ms`,
      },
    ];
  },
};
