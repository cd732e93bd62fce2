/**
 * What services, containers and virtual machines use, by the control groups that they are in: CPU time and throttling,
 * memory, processes killed for want of it, pressure, input and output, processes.
 *
 * Source  /sys/fs/cgroup, version 2 (Documentation/admin-guide/cgroup-v2.rst), version 1 (cgroup-v1/) and hybrid.
 * Labels  cgroup: the path, such as "/system.slice/nginx.service"; slice, unit and container: what it says of systemd
 *         and container engines. vitald_cgroup_info has the engine and the pod besides.
 * Cost    some 15 us for each file: 0.2 ms for a group of version 2 with all controllers, which has 14; 57 ms for 200
 *         groups of a hybrid host, which have 19. To keep descriptors would save half of that, but there would be
 *         thousands, and groups come and go. The event loop is given a turn every 25 groups.
 * Quirks  The root is left out, as the host's own figures tell of it. A group's figures include those of the groups below
 *         it: do not add up a slice and its units. Groups vanish while they are read.
 */
import { setImmediate } from 'node:timers/promises';
import { defineCollector, gauge, NoDataError, type Sample } from '../../src/collector.ts';
import { nameFilter, pattern, patternWithDefault, z, type NameFilter, type Pattern } from '../../src/config/schema.ts';
import { addSamples, figureFamilies } from './cgroup/families.ts';
import { memoryItems, noFigures, type Wanted } from './cgroup/figures.ts';
import { groupsOf, hierarchiesOf, type Group } from './cgroup/hierarchy.ts';
import { identify, type Identity } from './cgroup/identity.ts';
import { readVersion1 } from './cgroup/version-1.ts';
import { readVersion2 } from './cgroup/version-2.ts';

const info = gauge('vitald_cgroup_info', 'What the path of the group says of it; always 1.', [
  'cgroup',
  'container?',
  'pod?',
  'runtime?',
  'slice?',
  'unit?',
]);
const count = gauge('vitald_cgroup_groups', 'Groups that were reported, and those left out for want of room.', [
  'state',
]);

/** What to leave out by default yields to what is asked for. */
function filterOf(include: Pattern | undefined, exclude: Pattern | undefined): NameFilter {
  return include === undefined || include.source === ''
    ? nameFilter(undefined, exclude)
    : nameFilter(include, undefined);
}

// Some 3 ms of reading.
const groupsATurn = 25;

// A file that so many groups lack, and none has, is one that this kernel does not have.
const missesEnough = 3;

export const cgroup = defineCollector({
  name: 'cgroup',
  summary: 'What services and containers use, by control group: CPU, memory, pressure, input and output, processes.',
  source: '/sys/fs/cgroup',
  differences: [
    "Our own: the figures of each group. The collector `cgroups` is node_exporter's count of groups, another thing.",
  ],
  enabled: false,
  schedule: '15s',
  timeout: '10s',
  families: [info, count, ...figureFamilies],
  config: z.strictObject({
    cgroups_include: pattern().optional().describe('Regexp of paths of groups to report.'),
    cgroups_exclude: patternWithDefault('\\.(?:mount|socket|swap)$').describe(
      'Regexp of paths of groups to leave out. Those below are looked at all the same.',
    ),
    depth: z.int().min(1).default(5).describe('How deep below the root groups are looked for.'),
    max_cgroups: z
      .int()
      .min(1)
      .default(300)
      .describe('Groups to report at most: those already reported before others, those near the root before the rest.'),
    memory_stat: z
      .array(z.enum(memoryItems))
      .default(['anon', 'file', 'kernel', 'slab'])
      .describe('What is told of memory.stat, by the names of version 2.'),
    pressure: z.boolean().default(true).describe('Whether to report pressure, which is 3 files of each group.'),
    devices_include: pattern().optional().describe('Regexp of block devices to report.'),
    devices_exclude: patternWithDefault('^(?:fd|loop|ram)\\d+$').describe('Regexp of block devices to leave out.'),
  }),
  create(config, { system: { sys } }) {
    const wantedGroup = filterOf(config.cgroups_include, config.cgroups_exclude);
    const wantedDevice = filterOf(config.devices_include, config.devices_exclude);
    let identities = new Map<string, Identity>();

    /** The groups to report, and how many there is no room for. */
    function chosen(groups: readonly Group[]): { groups: Group[]; leftOut: number } {
      const wanted = groups.filter(({ path }) => wantedGroup(path));
      if (wanted.length <= config.max_cgroups) return { groups: wanted, leftOut: 0 };
      // Those that have series already go first, so that a group which comes does not end those of another.
      const first = wanted.filter(({ path }) => identities.has(path));
      const rest = wanted.filter(({ path }) => !identities.has(path));
      return {
        groups: [...first, ...rest].slice(0, config.max_cgroups),
        leftOut: wanted.length - config.max_cgroups,
      };
    }

    /** Reads files, but not those that this kernel does not have; made anew for each run. */
    function reader(): (path: string) => (file: string) => string | undefined {
      const misses = new Map<string, number>();
      return (folder) => (file) => {
        const missed = misses.get(file) ?? 0;
        if (missed >= missesEnough) return undefined;
        const bytes = sys.attributeBytes(`${folder}/${file}`);
        if (bytes !== undefined) misses.set(file, -Infinity);
        else misses.set(file, missed + 1);
        return bytes?.toString('latin1');
      };
    }

    function deviceNamer(): Wanted['deviceName'] {
      const names = new Map<string, string | undefined>();
      return (numbers) => {
        if (!names.has(numbers)) {
          const name = sys.link(`dev/block/${numbers}`)?.split('/').at(-1) ?? numbers;
          names.set(numbers, wantedDevice(name) ? name : undefined);
        }
        return names.get(numbers);
      };
    }

    return {
      async collect(signal) {
        const hierarchies = hierarchiesOf(sys);
        if (hierarchies.length === 0) throw new NoDataError('no hierarchy of control groups is mounted');
        const { groups, leftOut } = chosen(groupsOf(sys, hierarchies, config.depth));
        const textIn = reader();
        const deviceName = deviceNamer();
        const samples: Sample[] = [];
        const known = new Map<string, Identity>();
        for (const [index, { path, places }] of groups.entries()) {
          if (index % groupsATurn === groupsATurn - 1) {
            await setImmediate();
            signal.throwIfAborted();
          }
          const identity = identities.get(path) ?? identify(path);
          known.set(path, identity);
          const figures = noFigures();
          const cpuTime = !places.some(({ controllers }) => controllers.has('cpuacct'));
          for (const { hierarchy, controllers } of places) {
            const wanted: Wanted = {
              text: textIn(`${hierarchy.folder}${path}`),
              deviceName,
              memoryItems: config.memory_stat,
              pressure: config.pressure,
              cpuTime,
              recursiveIo: hierarchy.recursiveIo,
            };
            if (hierarchy.version === 1) readVersion1(wanted, controllers, figures);
            else readVersion2(wanted, controllers, figures);
          }
          const { slice, unit, container, runtime, pod } = identity;
          samples.push(info.sample(1, { cgroup: path, slice, unit, container, runtime, pod }));
          addSamples(samples, figures, { cgroup: path, slice, unit, container });
        }
        identities = known;
        samples.push(count.sample(known.size, { state: 'reported' }), count.sample(leftOut, { state: 'left_out' }));
        return samples;
      },
    };
  },
});
