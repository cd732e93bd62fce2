/**
 * NVMe subsystems and the state of each controller that leads to them.
 *
 * Source  /sys/class/nvme-subsystem/nvme-subsysN (drivers/nvme/host/sysfs.c): its attributes, its controllers as links
 *         such as nvme0, its namespaces as nvme0n1.
 * Labels  subsystem: such as "nvme-subsys0"; controller: such as "nvme0"; transport: such as "tcp".
 */
import { defineCollector, gauge, NoDataError, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import type { Tree } from '../../src/system/index.ts';

const info = gauge('node_nvmesubsystem_info', 'Non-numeric information about an NVMe subsystem.', [
  'subsystem',
  'nqn',
  'model',
  'serial',
  'iopolicy',
]);
const namespaceInfo = gauge(
  'node_nvmesubsystem_namespace_info',
  'Maps an NVMe namespace block device to its subsystem.',
  ['subsystem', 'device'],
);
const paths = gauge('node_nvmesubsystem_paths', 'Number of controller paths for an NVMe subsystem.', ['subsystem']);
const pathsLive = gauge(
  'node_nvmesubsystem_paths_live',
  'Number of controller paths in live state for an NVMe subsystem.',
  ['subsystem'],
);
const pathState = gauge(
  'node_nvmesubsystem_path_state',
  'Current NVMe controller path state (1 for the current state, 0 for all others).',
  ['subsystem', 'controller', 'transport', 'state'],
);

const states = ['connecting', 'dead', 'deleting', 'live', 'new', 'resetting', 'unknown'];

/** The state reported for what the kernel says of a controller. */
function stateOf(said: string): string {
  if (said === 'deleting (no IO)') return 'deleting';
  return states.includes(said) ? said : 'unknown';
}

const folder = 'class/nvme-subsystem';

export const nvmesubsystem = defineCollector({
  name: 'nvmesubsystem',
  summary: 'NVMe subsystems and the state of each controller that leads to them.',
  source: '/sys/class/nvme-subsystem',
  enabled: false,
  schedule: '15s',
  families: [info, namespaceInfo, paths, pathsLive, pathState],
  config: z.strictObject({}),
  create(_config, { system: { sys } }) {
    return {
      *collect() {
        const names = sys.listIfPresent(folder);
        if (names === undefined) throw new NoDataError('there are no NVMe subsystems');
        for (const subsystem of names) {
          if (subsystem.startsWith('nvme-subsys')) yield* samplesOf(sys, subsystem);
        }
      },
    };
  },
});

function* samplesOf(sys: Tree, subsystem: string): Iterable<Sample> {
  const attribute = (name: string): string => sys.attribute(`${folder}/${subsystem}/${name}`) ?? '';
  yield info.sample(1, {
    subsystem,
    nqn: attribute('subsysnqn'),
    model: attribute('model'),
    serial: attribute('serial'),
    iopolicy: attribute('iopolicy'),
  });
  let all = 0;
  let live = 0;
  for (const name of sys.list(`${folder}/${subsystem}`)) {
    if (/^nvme\d+n\d+$/.test(name)) yield namespaceInfo.sample(1, { subsystem, device: name });
    if (!/^nvme\d+$/.test(name)) continue;
    const state = stateOf(attribute(`${name}/state`));
    all += 1;
    if (state === 'live') live += 1;
    const own = { subsystem, controller: name, transport: attribute(`${name}/transport`) };
    for (const each of states) yield pathState.sample(each === state ? 1 : 0, { ...own, state: each });
  }
  yield paths.sample(all, { subsystem });
  yield pathsLive.sample(live, { subsystem });
}
