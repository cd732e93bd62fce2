/**
 * Statistics of each NFS mount: bytes, events, operations and transports.
 *
 * Source  /proc/PID/mountstats (fs/nfs/super.c, version 1.0 and 1.1), and the option `addr` in /proc/PID/mountinfo, of
 *         the host's first process, or of the daemon itself where the former may not be read.
 * Units   bytes, events, pages; times in seconds, which the kernel counts in milliseconds.
 * Labels  export, protocol, mountaddr: the server's address; mountpoint, transport: its number, operation.
 * Quirks  An export that is mounted more than once has one set of statistics. Blanks in names are written as `\040`.
 *         Times may wrap below zero, which node_exporter takes modulo 2^53. The families are in mountstats/families.ts.
 */
import { defineCollector, malformed, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { unsigned, words } from '../../src/system/numbers.ts';
import type { Tree } from '../../src/system/index.ts';
import {
  age,
  bytes,
  events,
  mountpointInfo,
  operationCounts,
  operationErrors,
  operationTimes,
  transport,
  type MountLabel,
} from './mountstats/families.ts';

export const mountstats = defineCollector({
  name: 'mountstats',
  summary: 'Bytes, events, operations and transports of each NFS mount.',
  source: '/proc/1/mountstats or /proc/self/mountstats',
  differences: [
    'Reads the mounts of the first process of the host where it may, so that a container sees those of its host.',
    'Names with blanks are reported as they are, not as the kernel escapes them, and a mount is matched to its server by its name.',
    'Reports the errors of operations; leaves out what a transport does not count, where node_exporter reports 0.',
  ],
  enabled: false,
  schedule: '15s',
  families: [
    mountpointInfo,
    age,
    ...bytes,
    ...events.filter((family) => family !== undefined),
    ...operationCounts,
    ...operationTimes,
    operationErrors,
    ...Object.values(transport),
  ],
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      collect() {
        const [stats, info] = readMounts(system.proc);
        return mountstatsSamples(parseMountstats(stats), serverAddresses(info));
      },
    };
  },
});

/** The statistics and the table of mounts of one and the same process. */
function readMounts(proc: Tree): [stats: string, info: string] {
  const first = proc.textIfAny('1/mountstats');
  const process = first === undefined ? 'self' : '1';
  return [first ?? proc.text('self/mountstats'), proc.textIfAny(`${process}/mountinfo`) ?? ''];
}

/** An NFS mount with its statistics, still as words. */
export interface NfsMount {
  readonly source: string;
  readonly mountpoint: string;
  /** The words of each line by its first, such as `bytes:`. */
  readonly lines: ReadonlyMap<string, readonly string[]>;
  readonly transports: readonly (readonly string[])[];
  readonly operations: readonly (readonly string[])[];
}

/** The NFS mounts of a table of statistics. */
export function parseMountstats(text: string): NfsMount[] {
  return text
    .split(/^(?=device |no device )/m)
    .map((block) => block.split('\n'))
    .flatMap(([head = '', ...rest]) => {
      const pattern = /^device (\S+) mounted on (\S+) with fstype nfs4? statvers=\S+$/;
      const [, source, mountpoint] = pattern.exec(head.trim()) ?? [];
      if (source === undefined || mountpoint === undefined) return [];
      const perOperation = rest.findIndex((line) => line.trim() === 'per-op statistics');
      const subjects = rest.slice(0, perOperation === -1 ? undefined : perOperation).map(words);
      const operations = perOperation === -1 ? [] : rest.slice(perOperation + 1).map(words);
      return [
        {
          source: unescaped(source),
          mountpoint: unescaped(mountpoint),
          lines: new Map(subjects.map(([key = '', ...values]) => [key, values])),
          transports: subjects.filter(([key]) => key === 'xprt:').map((line) => line.slice(1)),
          operations: operations.filter((line) => line.length > 0),
        },
      ];
    });
}

/** The address of the server of each mount, by source and mount point, of a table as /proc/self/mountinfo. */
export function serverAddresses(mountinfo: string): Map<string, string> {
  const addresses = new Map<string, string>();
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const mountpoint = before.split(' ')[4] ?? '';
    const [, source = '', options = ''] = after.split(' ');
    const [, address] = /(?:^|,)addr=([^,]*)/.exec(options) ?? [];
    if (address !== undefined) addresses.set(`${unescaped(source)} ${unescaped(mountpoint)}`, address);
  }
  return addresses;
}

const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** The samples of all mounts, the statistics of each export once. */
export function mountstatsSamples(mounts: readonly NfsMount[], addresses: ReadonlyMap<string, string>): Sample[] {
  const samples: Sample[] = [];
  const seen = new Set<string>();
  const isNew = (...parts: string[]): boolean => seen.size < seen.add(parts.join('\n')).size;
  for (const mount of mounts) {
    const { source, mountpoint } = mount;
    const mountaddr = addresses.get(`${source} ${mountpoint}`) ?? '';
    for (const [protocol = ''] of mount.transports) {
      const labels = { export: source, protocol, mountaddr };
      if (isNew('mountpoint', source, protocol, mountaddr, mountpoint)) {
        samples.push(mountpointInfo.sample(1, { ...labels, mountpoint }));
      }
      if (!isNew('export', source, protocol, mountaddr)) break;
      samples.push(...exportSamples(mount, labels));
    }
  }
  return samples;
}

function exportSamples(mount: NfsMount, labels: Readonly<Record<MountLabel, string>>): Sample[] {
  const samples: Sample[] = [];
  const line = (key: string): number[] => (mount.lines.get(key) ?? []).map((word) => counted(word, mount));
  line('age:').forEach((seconds) => samples.push(age.sample(seconds, labels)));
  line('bytes:').forEach((value, index) => {
    const family = bytes[index];
    if (family !== undefined) samples.push(family.sample(value, labels));
  });
  line('events:').forEach((value, index) => {
    const family = events[index];
    if (family !== undefined) samples.push(family.sample(value, labels));
  });
  mount.transports.forEach((numbers, index) => {
    for (const [name, text] of transportNumbers(numbers)) {
      // The time without traffic is signed, and below zero means nothing.
      if (name === 'idle' && text.startsWith('-')) continue;
      const value = name === 'idle' ? duration(text, mount) : counted(text, mount);
      samples.push(transport[name].sample(value, { ...labels, transport: String(index) }));
    }
  });
  for (const [head = '', ...numbers] of mount.operations) {
    const ofOperation = { ...labels, operation: head.replace(/:$/, '') };
    if (numbers.length < 8) throw malformed('mountstats', `${mount.mountpoint}: ${JSON.stringify(head)} is cut short`);
    operationCounts.forEach((family, index) => {
      samples.push(family.sample(counted(numbers[index]!, mount), ofOperation));
    });
    operationTimes.forEach((family, index) => {
      samples.push(family.sample(duration(numbers[index + 5]!, mount) / 1000, ofOperation));
    });
    if (numbers[8] !== undefined) samples.push(operationErrors.sample(counted(numbers[8], mount), ofOperation));
  }
  return samples;
}

type TransportNumber = keyof typeof transport;

// What follows the protocol on a line `xprt:`; undefined for what has no family. RDMA goes on with numbers of its own,
// which have none either.
const waiting: (TransportNumber | undefined)[] = ['sends', 'receives', 'badIds', undefined, 'backlog'];
const queues: TransportNumber[] = ['slots', 'sending', 'pending'];
const connected: (TransportNumber | undefined)[] = ['bind', 'connect', undefined, 'idle', ...waiting];
const numbersOf: Readonly<Record<string, readonly (TransportNumber | undefined)[]>> = {
  tcp: [undefined, ...connected, ...queues],
  'tcp-tls': [undefined, ...connected, ...queues],
  udp: [undefined, 'bind', ...waiting, ...queues],
  rdma: [undefined, ...connected],
  local: [...connected, ...queues],
};

/** The numbers of a transport that have a family, as the protocol has them. */
function transportNumbers([protocol = '', ...numbers]: readonly string[]): [TransportNumber, string][] {
  return (numbersOf[protocol] ?? []).flatMap((name, index) => {
    const value = numbers[index];
    return name === undefined || value === undefined ? [] : [[name, value]];
  });
}

/** A number; throws `CollectError` where the text is none. */
function counted(text: string, mount: NfsMount): number {
  const value = unsigned(text);
  if (value === undefined) throw malformed('mountstats', `${mount.mountpoint}: ${JSON.stringify(text)} is no number`);
  return value;
}

/** A time, which the kernel may have let wrap below zero; taken modulo 2^53, as node_exporter does. */
function duration(text: string, mount: NfsMount): number {
  const value = counted(text, mount);
  return value <= Number.MAX_SAFE_INTEGER ? value : Number(BigInt(text) % 2n ** 53n);
}
