import { afterAll, expect, test } from 'vitest';
import { BadSample } from '../../../src/exposition/format.ts';
import { cutNumber, Dice, garblings, truncated } from '../../support/mutations.ts';
import { MutableHost } from '../../support/mutable-host.ts';
import { ofTrees, type Outcome, richestRun } from '../../support/richest-run.ts';
import { sceneFolder } from '../../support/scene.ts';

const scenes = ['rich-server', 'arm-board', 'hybrid-host', 'v1-host'];
const filesEach = 30;

// Where a file that is missing in whole or in part leaves another true answer, and that cannot be told by the file.
const tolerated: readonly { name: string; kinds: RegExp; files: RegExp; series?: RegExp; why: string }[] = [
  { name: 'arp', kinds: /truncated/, files: /./, why: 'a count of lines' },
  { name: 'conntrack', kinds: /truncated/, files: /net\/stat/, why: 'sums over the lines of CPUs' },
  { name: 'network_route', kinds: /./, files: /./, series: /^node_network_routes/, why: 'a count of lines' },
  { name: 'process', kinds: /./, files: /./, why: 'sums over the processes that can be read, and counts of those' },
  { name: 'processes', kinds: /./, files: /stat$/, why: 'counts of the processes that can be read' },
  { name: 'slabinfo', kinds: /truncated/, files: /./, why: 'sums over slabs of one name' },
  { name: 'tcpstat', kinds: /./, files: /./, why: 'counts of lines' },
  { name: 'udp_queues', kinds: /./, files: /./, why: 'sums over lines' },
  {
    name: 'cpufreq',
    kinds: /./,
    files: /offline$/,
    why: 'without the list of CPUs that are off, all are taken to be on',
  },
  {
    name: 'cpu',
    kinds: /truncated/,
    files: /^cpuinfo/,
    series: /_info/,
    why: 'what it does not say is an empty label',
  },
  { name: 'diskstats', kinds: /truncated/, files: /^b\d/, why: 'what udev does not say is an empty label' },
  { name: 'dmmultipath', kinds: /./, files: /state$/, why: 'the state is "unknown" then, and not counted as active' },
  { name: 'edac', kinds: /./, files: /dimm_label$/, why: 'the label is "unknown" then' },
  { name: 'filesystem', kinds: /./, files: /1\/mountinfo/, why: 'the mounts of this process are the next best' },
  { name: 'mountstats', kinds: /./, files: /mountinfo/, why: 'the address of the server is a label; it is left empty' },
  { name: 'nvmesubsystem', kinds: /./, files: /state$/, why: 'the state is "unknown" then' },
  { name: 'nvmesubsystem', kinds: /./, files: /transport$/, why: 'a label, left empty' },
  { name: 'os', kinds: /truncated/, files: /./, why: 'a file that people edit may lack its last line feed' },
  { name: 'pcidevice', kinds: /./, files: /_(?:speed|width)$/, why: "-1 is node_exporter's word for unknown" },
  { name: 'pcidevice', kinds: /ENOENT/, files: /sriov_/, why: 'a device without the file has no virtual functions' },
  { name: 'rapl', kinds: /./, files: /name$/, why: 'zones of one name are numbered as they can be read' },
  { name: 'selinux', kinds: /truncated/, files: /config$/, why: 'a file that people edit' },
  { name: 'selinux', kinds: /./, files: /enforce$/, why: 'without that file it is off' },
  { name: 'uname', kinds: /./, files: /./, why: 'an empty name is one, and Node.js is asked for a missing one' },
];

/** Series that are not in the pristine outcome, or have another value there. */
function strangers(pristine: ReadonlyMap<string, string>, outcome: Outcome): string[] {
  if (outcome instanceof Error) return [];
  return [...outcome]
    .filter(([series, value]) => pristine.get(series) !== value)
    .map(([series, value]) => `${series} ${value} was ${pristine.get(series) ?? 'absent'}`);
}

const hosts = new Map(scenes.map((scene) => [scene, new MutableHost(sceneFolder(scene))]));
const counts = new Map<string, number>();
afterAll(() => {
  for (const host of hosts.values()) host.remove();
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const kinds = [...counts].map(([kind, count]) => `${kind} ${count}`).join(', ');
  process.stdout.write(`${total} mutations of kernel files: ${kinds}\n`);
});

test.each(scenes.flatMap((scene) => ofTrees.map(({ name }) => [name, scene] as const)))(
  '%s on %s says nothing wrong of files that are garbage',
  async (name, scene) => {
    const definition = ofTrees.find((candidate) => candidate.name === name)!;
    const host = hosts.get(scene)!;
    host.forget();
    const problems: string[] = [];
    const pristine = await richestRun(definition, host.system);
    const files = [...host.asked.values()];
    const listed = [...host.listed];
    const dice = new Dice(20_240_607);
    const chosen = files.length <= filesEach ? files : Array.from({ length: filesEach }, () => dice.pick(files));

    const attempt = async (kind: string, where: string, spoil: () => Promise<Outcome>, steady: boolean) => {
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      try {
        const outcome = await spoil();
        if (!steady || pristine instanceof Error) return;
        const excuses = tolerated.filter(
          (one) => one.name === name && one.kinds.test(kind) && one.files.test(where.replace(/ at \d+$/, '')),
        );
        for (const stranger of strangers(pristine, outcome)) {
          // What cannot be read is an empty label of the facts.
          if (kind !== 'truncated' && /_info\{.*\} 1 was absent$/.test(stranger)) continue;
          if (excuses.some(({ series }) => series === undefined || series.test(stranger))) continue;
          problems.push(`${kind} ${where}: ${stranger}`);
        }
      } catch (error) {
        // The file says a thing twice, so nobody knows which is true: the run is refused as a whole.
        if (error instanceof BadSample && error.kind === 'duplicate' && kind in garblings) return;
        problems.push(`${kind} ${where}: ${(error as Error).stack?.split('\n').slice(0, 3).join(' ')}`);
      }
    };
    for (const file of chosen) {
      const bytes = host.contents(file);
      for (const code of ['EACCES', 'EIO', 'EINVAL', 'ENOENT']) {
        host.refuse = (path) => (path === file.path ? code : undefined);
        await attempt(code, file.relative, () => richestRun(definition, host.system), true);
      }
      host.refuse = () => undefined;
      if (bytes === undefined) continue;
      // The kernel hands out an attribute in one piece.
      if (file.manner === 'lines') {
        for (let round = 0; round < 6; round += 1) {
          const cut = (round % 2 ? truncated : cutNumber)(bytes, dice);
          const where = `${file.relative} at ${cut.length}`;
          await attempt(
            'truncated',
            where,
            () => host.having(file, cut, () => richestRun(definition, host.system)),
            true,
          );
        }
      }
      for (const [kind, mutation] of Object.entries(garblings)) {
        const garbled = mutation(bytes, dice);
        await attempt(
          kind,
          file.relative,
          () => host.having(file, garbled, () => richestRun(definition, host.system)),
          false,
        );
      }
    }
    for (const folder of listed.slice(0, filesEach)) {
      const names = [
        '0',
        '1',
        '99',
        'ghost',
        'ghost0',
        'cpu99',
        'node9',
        'mc9',
        'card9',
        'md9',
        'hwmon99',
        'temp9_input',
      ];
      host.ghosts = (path) => (path === folder ? names : []);
      await attempt('ghosts', folder, () => richestRun(definition, host.system), false);
      host.ghosts = () => [];
      host.refuse = (path) => (path.startsWith(`${folder}/`) ? 'ENOENT' : undefined);
      await attempt('vanished', folder, () => richestRun(definition, host.system), false);
      host.refuse = () => undefined;
    }
    expect(problems).toEqual([]);
  },
);
