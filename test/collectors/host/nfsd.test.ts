import { expect, test } from 'vitest';
import { nfsd } from '../../../collectors/host/nfsd.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports each subject, each where the kernel counts it', async () => {
  const scrape = await expose(nfsd, sceneFolder('rich-server', ['nfsd']));
  const [before, requests = ''] = scrape.split(/(?=# HELP node_nfsd_requests_total)/);
  const [, after] = requests.split(/(?=# HELP node_nfsd_rpc_errors)/);

  expect(`${before}${after}`).toBe(text`
    # HELP node_nfsd_connections_total Total number of NFSd TCP connections.
    # TYPE node_nfsd_connections_total counter
    node_nfsd_connections_total 6
    # HELP node_nfsd_disk_bytes_read_total Total NFSd bytes read.
    # TYPE node_nfsd_disk_bytes_read_total counter
    node_nfsd_disk_bytes_read_total 157286400
    # HELP node_nfsd_disk_bytes_written_total Total NFSd bytes written.
    # TYPE node_nfsd_disk_bytes_written_total counter
    node_nfsd_disk_bytes_written_total 72864
    # HELP node_nfsd_file_handles_stale_total Total number of NFSd stale file handles
    # TYPE node_nfsd_file_handles_stale_total counter
    node_nfsd_file_handles_stale_total 7
    # HELP node_nfsd_packets_total Total NFSd network packets (sent+received) by protocol type.
    # TYPE node_nfsd_packets_total counter
    node_nfsd_packets_total{proto="udp"} 2
    node_nfsd_packets_total{proto="tcp"} 18626
    # HELP node_nfsd_reply_cache_hits_total Total number of NFSd Reply Cache hits (client lost server response).
    # TYPE node_nfsd_reply_cache_hits_total counter
    node_nfsd_reply_cache_hits_total 0
    # HELP node_nfsd_reply_cache_misses_total Total number of NFSd Reply Cache an operation that requires caching (idempotent).
    # TYPE node_nfsd_reply_cache_misses_total counter
    node_nfsd_reply_cache_misses_total 6
    # HELP node_nfsd_reply_cache_nocache_total Total number of NFSd Reply Cache non-idempotent operations (rename/delete/…).
    # TYPE node_nfsd_reply_cache_nocache_total counter
    node_nfsd_reply_cache_nocache_total 18622
    # HELP node_nfsd_rpc_errors_total Total number of NFSd RPC errors by error type.
    # TYPE node_nfsd_rpc_errors_total counter
    node_nfsd_rpc_errors_total{error="fmt"} 1
    node_nfsd_rpc_errors_total{error="auth"} 2
    node_nfsd_rpc_errors_total{error="cInt"} 0
    # HELP node_nfsd_server_rpcs_total Total number of NFSd RPCs.
    # TYPE node_nfsd_server_rpcs_total counter
    node_nfsd_server_rpcs_total 18628
    # HELP node_nfsd_server_threads Total number of NFSd kernel threads that are running.
    # TYPE node_nfsd_server_threads gauge
    node_nfsd_server_threads 8
  `);
  const series = requests.match(/^node_nfsd_requests_total.*$/gm)!;
  expect(series.filter((line) => line.includes('proto="3"'))).toHaveLength(21);
  expect(series.filter((line) => line.includes('proto="4"'))).toHaveLength(34);
  expect(series).toContain('node_nfsd_requests_total{method="GetAttr",proto="3"} 112');
  expect(series).toContain('node_nfsd_requests_total{method="Access",proto="4"} 1098');
  expect(series).toContain('node_nfsd_requests_total{method="Verify",proto="4"} 25');
  expect(series).toContain('node_nfsd_requests_total{method="RelLockOwner",proto="4"} 27');
  expect(series).toContain('node_nfsd_requests_total{method="WdelegGetattr",proto="4"} 28');
});

test('an older kernel has a read-ahead cache and NFS 2', async () => {
  const scrape = await expose(nfsd, sceneOf('== proc/net/rpc/nfsd\nra 32 1 2 3 4 5 6 7 8 9 10 11\nproc2 3 5 6 7\n'));

  expect(scrape.match(/^node.*$/gm)).toEqual([
    'node_nfsd_read_ahead_cache_not_found_total 11',
    'node_nfsd_read_ahead_cache_size_blocks 32',
    'node_nfsd_requests_total{method="GetAttr",proto="2"} 6',
    'node_nfsd_requests_total{method="SetAttr",proto="2"} 7',
  ]);
});

test('refuses a torn file', async () => {
  await expect(expose(nfsd, sceneOf('== proc/net/rpc/nfsd\nproc4ops 40 0 0 0 1098\n'))).rejects.toMatchObject({
    code: 'SOURCE_MALFORMED',
  });
});

test('a host that serves nothing has nothing to report', async () => {
  await expect(expose(nfsd, sceneOf(''))).rejects.toThrow(/no NFS server/);
});
