/**
 * Remote procedure calls of the NFS client.
 *
 * Source  /proc/net/rpc/nfs (net/sunrpc/stats.c): a line of numbers for the network, one for RPC, and one for each version
 *         of NFS, which starts with how many procedures it counts. There only while the module nfs is loaded.
 * Labels  protocol: udp or tcp; proto: the version of NFS; method: the procedure.
 */
import { counter, defineCollector, malformed, NoDataError, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { lines, unsigned, words } from '../../src/system/numbers.ts';

const packets = counter('node_nfs_packets_total', 'Total NFSd network packets (sent+received) by protocol type.', [
  'protocol',
]);
const connections = counter('node_nfs_connections_total', 'Total number of NFSd TCP connections.');
const rpcs = counter('node_nfs_rpcs_total', 'Total number of RPCs performed.');
const retransmissions = counter('node_nfs_rpc_retransmissions_total', 'Number of RPC transmissions performed.');
const refreshes = counter(
  'node_nfs_rpc_authentication_refreshes_total',
  'Number of RPC authentication refreshes performed.',
);
const requests = counter('node_nfs_requests_total', 'Number of NFS procedures invoked.', ['proto', 'method']);

/** The procedures of NFS 2, in the order of the protocol (RFC 1094). */
export const version2 = (
  'Null GetAttr SetAttr Root Lookup ReadLink Read WrCache Write Create Remove Rename Link SymLink MkDir RmDir ' +
  'ReadDir FsStat'
).split(' ');

/** The procedures of NFS 3, in the order of the protocol (RFC 1813). */
export const version3 = (
  'Null GetAttr SetAttr Lookup Access ReadLink Read Write Create MkDir SymLink MkNod Remove RmDir Rename Link ' +
  'ReadDir ReadDirPlus FsStat FsInfo PathConf Commit'
).split(' ');

// In the order of the client's own list (include/linux/nfs4.h), spelt as node_exporter does.
const version4 = (
  'Null Read Write Commit Open OpenConfirm OpenNoattr OpenDowngrade Close Setattr FsInfo Renew SetClientID ' +
  'SetClientIDConfirm Lock Lockt Locku Access Getattr Lookup LookupRoot Remove Rename Link Symlink Create Pathconf ' +
  'StatFs ReadLink ReadDir ServerCaps DelegReturn GetACL SetACL FsLocations ReleaseLockowner Secinfo FsidPresent ' +
  'ExchangeID CreateSession DestroySession Sequence GetLeaseTime ReclaimComplete LayoutGet GetDeviceInfo LayoutCommit ' +
  'LayoutReturn SecinfoNoName TestStateID FreeStateID GetDeviceList BindConnToSession DestroyClientID Seek Allocate ' +
  'DeAllocate LayoutStats Clone'
).split(' ');

const versions = [
  { key: 'proc2', proto: '2', methods: version2 },
  { key: 'proc3', proto: '3', methods: version3 },
  { key: 'proc4', proto: '4', methods: version4 },
];

export const nfs = defineCollector({
  name: 'nfs',
  summary: 'Remote procedure calls of the NFS client.',
  source: '/proc/net/rpc/nfs',
  differences: [
    'A procedure that the kernel does not count is left out, where node_exporter reports 0.',
    'LayoutGet and GetDeviceInfo of version 4 are told apart as the kernel counts them; node_exporter 1.12 takes one for the other.',
  ],
  enabled: true,
  families: [packets, connections, rpcs, retransmissions, refreshes, requests],
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      collect() {
        const text = system.proc.textIfAny('net/rpc/nfs');
        if (text === undefined) throw new NoDataError('the host is no NFS client');
        const counts = parseRpcCounts('net/rpc/nfs', text);
        const [, udp, tcp, connected] = counts.get('net') ?? [];
        const [calls, sentAgain, refreshed] = counts.get('rpc') ?? [];
        const samples: Sample[] = [];
        if (udp !== undefined) samples.push(packets.sample(udp, { protocol: 'udp' }));
        if (tcp !== undefined) samples.push(packets.sample(tcp, { protocol: 'tcp' }));
        if (connected !== undefined) samples.push(connections.sample(connected));
        if (calls !== undefined) samples.push(rpcs.sample(calls));
        if (sentAgain !== undefined) samples.push(retransmissions.sample(sentAgain));
        if (refreshed !== undefined) samples.push(refreshes.sample(refreshed));
        for (const { key, proto, methods } of versions) {
          for (const [method, count] of methodCounts(methods, counts.get(key))) {
            samples.push(requests.sample(count, { proto, method }));
          }
        }
        return samples;
      },
    };
  },
});

/**
 * The numbers of each line by its first word. A line of procedures says first how many follow; it is refused where that
 * is not so, as the rest may be missing. Fractions, which the line `th` has, end a line.
 */
export function parseRpcCounts(source: string, text: string): Map<string, number[]> {
  const counts = new Map<string, number[]>();
  for (const line of lines(text)) {
    const [key = '', ...values] = words(line);
    const numbers: number[] = [];
    for (const value of values) {
      const number = unsigned(value);
      if (number === undefined) {
        if (key === 'th') break;
        throw malformed(source, JSON.stringify(line));
      }
      numbers.push(number);
    }
    const isProcedures = key.startsWith('proc');
    if (isProcedures && numbers[0] !== numbers.length - 1) throw malformed(source, JSON.stringify(line));
    counts.set(key, isProcedures ? numbers.slice(1) : numbers);
  }
  return counts;
}

/** Each procedure with its count, as far as the kernel counts. */
export function methodCounts(methods: readonly string[], counts: readonly number[] = []): [string, number][] {
  return methods.slice(0, counts.length).map((method, index) => [method, counts[index]!]);
}
