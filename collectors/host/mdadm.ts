/**
 * State of Linux software RAID arrays.
 *
 * Source  /proc/mdstat (Documentation/admin-guide/md.rst): for each array a line with its state and its disks, then
 *         indented lines with its size, its bitmap and a running synchronisation. /sys/block/mdN/md/{raid_disks,degraded}.
 * Units   blocks are KiB. blocks_synced equals blocks unless a synchronisation runs.
 * Labels  device: such as "md0"; state: of the array, or of its disks.
 */
import { defineCollector, gauge, malformed, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { unsigned, words } from '../../src/system/numbers.ts';
import type { Tree } from '../../src/system/index.ts';

const disks = gauge('node_md_disks', 'Number of active/failed/spare disks of device.', ['device', 'state']);
const disksRequired = gauge('node_md_disks_required', 'Total number of disks of device.', ['device']);
const state = gauge('node_md_state', 'Indicates the state of md-device.', ['device', 'state']);
const blocks = gauge('node_md_blocks', 'Total number of blocks on device.', ['device']);
const blocksSynced = gauge('node_md_blocks_synced', 'Number of blocks synced on device.', ['device']);
const degraded = gauge('node_md_degraded', 'Number of degraded disks on device.', ['device']);
const raidDisks = gauge('node_md_raid_disks', 'Number of raid disks on device.', ['device']);

const states = ['active', 'inactive', 'recovering', 'resync', 'check'];
// What mdstat calls a running synchronisation, as the label has it. A reshape has no label of its own.
const labelOfSync: Readonly<Record<string, string>> = { recovery: 'recovering', resync: 'resync', check: 'check' };

export const mdadm = defineCollector({
  name: 'mdadm',
  summary: 'State of Linux software RAID arrays.',
  source: '/proc/mdstat, /sys/block/md*/md',
  differences: ['An array of an unknown kind loses only its numbers of disks, not the whole collector.'],
  enabled: true,
  families: [disks, disksRequired, state, blocks, blocksSynced, degraded, raidDisks],
  config: z.strictObject({}),
  create(_config, { system: { proc, sys } }) {
    return {
      *collect() {
        for (const array of parseMdstat(proc.text('mdstat'))) yield* samplesOf(array);
        for (const name of sys.list('block')) if (name.startsWith('md')) yield* sysfsSamples(sys, name);
      },
    };
  },
});

function* samplesOf(array: MdArray): Iterable<Sample> {
  const { device } = array;
  if (array.required !== undefined) yield disksRequired.sample(array.required, { device });
  if (array.active !== undefined) yield disks.sample(array.active, { device, state: 'active' });
  yield disks.sample(array.failed, { device, state: 'failed' });
  yield disks.sample(array.spare, { device, state: 'spare' });
  for (const each of states) yield state.sample(each === array.state ? 1 : 0, { device, state: each });
  yield blocks.sample(array.blocks, { device });
  if (array.synced !== undefined) yield blocksSynced.sample(array.synced, { device });
}

function* sysfsSamples(sys: Tree, device: string): Iterable<Sample> {
  const folder = `block/${device}/md`;
  // While it is reshaped the number of before follows in parentheses.
  const count = unsigned(words(sys.attribute(`${folder}/raid_disks`) ?? '')[0]);
  if (count !== undefined) yield raidDisks.sample(count, { device });
  const missing = unsigned(sys.attribute(`${folder}/degraded`));
  if (missing !== undefined) yield degraded.sample(missing, { device });
  // Only with redundancy there is such a file: others work with all their disks or not at all, a container holds none.
  else if (/^(?!raid(?:1|4|5|6|10)$)/.test(sys.attribute(`${folder}/level`) ?? 'raid1')) {
    yield degraded.sample(0, { device });
  }
}

/** One array of mdstat. */
export interface MdArray {
  readonly device: string;
  /** As the label has it; another word where the array is in none of the states reported. */
  readonly state: string;
  /** Undefined where the kernel does not say how many disks there are. */
  readonly required: number | undefined;
  readonly active: number | undefined;
  readonly failed: number;
  readonly spare: number;
  readonly blocks: number;
  /** Undefined where a synchronisation runs and does not say how far it is. */
  readonly synced: number | undefined;
}

/** Parses mdstat, as far as it is whole; throws `CollectError` where an array has no size. */
export function parseMdstat(text: string): MdArray[] {
  // An array starts with a line that is not indented; its other lines follow. The last words are of unused devices: where
  // they are missing, so may be what the last array is about to do.
  const sections = text.split(/\n(?=\S)/);
  if (sections.at(-1)?.startsWith('unused devices:') !== true) sections.pop();
  return sections.filter((section) => /^\S+ : /.test(section) && !section.startsWith('Personalities')).map(parseArray);
}

const diskCounts = /\[(\d+)\/(\d+)\] \[[U_]+\]/;
const syncLine = /(recovery|reshape|check|resync)\s*=\s*(?:(PENDING|DELAYED|REMOTE)|[\d.]+%\s*\((\d+)\/\d+\))?/;

function parseArray(section: string): MdArray {
  const [head = '', size = '', ...rest] = section.split('\n');
  const [device = '', , said = ''] = words(head);
  const total = unsigned(words(size)[0]);
  if (total === undefined) throw malformed('mdstat', `${device} has no size: ${JSON.stringify(size)}`);
  const [, sync, waiting, done] = syncLine.exec(rest.join('\n')) ?? [];
  return {
    device,
    state: sync === undefined ? said : (labelOfSync[sync] ?? sync),
    ...countDisks(head, size),
    failed: head.split('(F)').length - 1,
    spare: head.split('(S)').length - 1,
    blocks: total,
    synced: sync === undefined ? total : waiting === undefined ? unsigned(done) : 0,
  };
}

function countDisks(head: string, size: string): Pick<MdArray, 'required' | 'active'> {
  if (/ raid0 | linear /.test(`${head} `)) {
    const count = head.split('[').length - 1;
    return { required: count, active: count };
  }
  if (/ inactive /.test(`${head} `)) return { required: 0, active: 0 };
  const [, required, active] = diskCounts.exec(size) ?? [];
  return { required: unsigned(required), active: unsigned(active) };
}
