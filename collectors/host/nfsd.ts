/**
 * What the NFS server does: requests, its reply cache, traffic, threads and errors.
 *
 * Source  /proc/net/rpc/nfsd (fs/nfsd/stats.c), a line of numbers for each subject, those of procedures as in
 *         /proc/net/rpc/nfs. There only while the module nfsd is loaded.
 * Labels  proto: the version of NFS, or udp and tcp; method: the procedure; error: what was wrong with a call.
 * Quirks  Newer kernels have no read-ahead cache and no line `ra`, and NFS 2 may be left out.
 */
import { counter, defineCollector, gauge, NoDataError, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { methodCounts, parseRpcCounts, version2, version3 } from './nfs.ts';

const requests = counter('node_nfsd_requests_total', 'Total number NFSd Requests by method and protocol.', [
  'proto',
  'method',
]);
const packets = counter('node_nfsd_packets_total', 'Total NFSd network packets (sent+received) by protocol type.', [
  'proto',
]);
const errors = counter('node_nfsd_rpc_errors_total', 'Total number of NFSd RPC errors by error type.', ['error']);

// Families of one series each, by line and column.
const plain = [
  {
    line: 'rc',
    column: 0,
    family: counter(
      'node_nfsd_reply_cache_hits_total',
      'Total number of NFSd Reply Cache hits (client lost server response).',
    ),
  },
  {
    line: 'rc',
    column: 1,
    family: counter(
      'node_nfsd_reply_cache_misses_total',
      'Total number of NFSd Reply Cache an operation that requires caching (idempotent).',
    ),
  },
  {
    line: 'rc',
    column: 2,
    family: counter(
      'node_nfsd_reply_cache_nocache_total',
      'Total number of NFSd Reply Cache non-idempotent operations (rename/delete/…).',
    ),
  },
  {
    line: 'fh',
    column: 0,
    family: counter('node_nfsd_file_handles_stale_total', 'Total number of NFSd stale file handles'),
  },
  { line: 'io', column: 0, family: counter('node_nfsd_disk_bytes_read_total', 'Total NFSd bytes read.') },
  { line: 'io', column: 1, family: counter('node_nfsd_disk_bytes_written_total', 'Total NFSd bytes written.') },
  {
    line: 'th',
    column: 0,
    family: gauge('node_nfsd_server_threads', 'Total number of NFSd kernel threads that are running.'),
  },
  {
    line: 'ra',
    column: 0,
    family: gauge('node_nfsd_read_ahead_cache_size_blocks', 'How large the read ahead cache is in blocks.'),
  },
  {
    line: 'ra',
    column: 11,
    family: counter('node_nfsd_read_ahead_cache_not_found_total', 'Total number of NFSd read ahead cache not found.'),
  },
  { line: 'net', column: 3, family: counter('node_nfsd_connections_total', 'Total number of NFSd TCP connections.') },
  { line: 'rpc', column: 0, family: counter('node_nfsd_server_rpcs_total', 'Total number of NFSd RPCs.') },
];

// The operations of NFS 4 in the order of their numbers (RFC 7530); the first three numbers have no operation.
const version4 = (
  '- - - Access Close Commit Create DelegPurge DelegReturn GetAttr GetFH Link Lock Lockt Locku Lookup LookupRoot ' +
  'Nverify Open OpenAttr OpenConfirm OpenDgrd PutFH PutPubFH PutRootFH Read ReadDir ReadLink Remove Rename Renew ' +
  'RestoreFH SaveFH SecInfo SetAttr SetClientID SetClientIDConfirm Verify Write RelLockOwner'
).split(' ');

// What node_exporter leaves out.
const unreported = new Set(['-', 'Null', 'PutPubFH', 'PutRootFH', 'SetClientID', 'SetClientIDConfirm']);

const procedures = [
  { line: 'proc2', proto: '2', methods: version2 },
  { line: 'proc3', proto: '3', methods: version3 },
  { line: 'proc4ops', proto: '4', methods: version4 },
  { line: 'wdeleg_getattr', proto: '4', methods: ['WdelegGetattr'] },
];

export const nfsd = defineCollector({
  name: 'nfsd',
  summary: 'Requests, reply cache, traffic and threads of the NFS server.',
  source: '/proc/net/rpc/nfsd',
  differences: ['What the kernel does not count is left out, where node_exporter reports 0.'],
  enabled: true,
  families: [requests, packets, errors, ...plain.map(({ family }) => family)],
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      collect() {
        const text = system.proc.textIfAny('net/rpc/nfsd');
        if (text === undefined) throw new NoDataError('the host is no NFS server');
        const counts = parseRpcCounts('net/rpc/nfsd', text);
        const samples: Sample[] = [];
        const add = (line: string, column: number, sample: (value: number) => Sample): void => {
          const value = counts.get(line)?.[column];
          if (value !== undefined) samples.push(sample(value));
        };
        for (const { line, column, family } of plain) add(line, column, (value) => family.sample(value));
        add('net', 1, (value) => packets.sample(value, { proto: 'udp' }));
        add('net', 2, (value) => packets.sample(value, { proto: 'tcp' }));
        add('rpc', 2, (value) => errors.sample(value, { error: 'fmt' }));
        add('rpc', 3, (value) => errors.sample(value, { error: 'auth' }));
        add('rpc', 4, (value) => errors.sample(value, { error: 'cInt' }));
        for (const { line, proto, methods } of procedures) {
          for (const [method, count] of methodCounts(methods, counts.get(line))) {
            if (!unreported.has(method)) samples.push(requests.sample(count, { proto, method }));
          }
        }
        return samples;
      },
    };
  },
});
