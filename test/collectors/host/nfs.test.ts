import { expect, test } from 'vitest';
import { nfs, parseRpcCounts } from '../../../collectors/host/nfs.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

test('reports network, calls and procedures, each where the kernel counts it', async () => {
  const scrape = await expose(nfs, sceneFolder('rich-server', ['nfs']));
  const [before, requests = ''] = scrape.split(/(?=# HELP node_nfs_requests_total)/);
  const [, after] = requests.split(/(?=# HELP node_nfs_rpc_auth)/);

  expect(`${before}${after}`).toBe(text`
    # HELP node_nfs_connections_total Total number of NFSd TCP connections.
    # TYPE node_nfs_connections_total counter
    node_nfs_connections_total 4455
    # HELP node_nfs_packets_total Total NFSd network packets (sent+received) by protocol type.
    # TYPE node_nfs_packets_total counter
    node_nfs_packets_total{protocol="udp"} 1
    node_nfs_packets_total{protocol="tcp"} 69
    # HELP node_nfs_rpc_authentication_refreshes_total Number of RPC authentication refreshes performed.
    # TYPE node_nfs_rpc_authentication_refreshes_total counter
    node_nfs_rpc_authentication_refreshes_total 1218815394
    # HELP node_nfs_rpc_retransmissions_total Number of RPC transmissions performed.
    # TYPE node_nfs_rpc_retransmissions_total counter
    node_nfs_rpc_retransmissions_total 374636
    # HELP node_nfs_rpcs_total Total number of RPCs performed.
    # TYPE node_nfs_rpcs_total counter
    node_nfs_rpcs_total 1218785755
  `);
  const series = requests.match(/^node_nfs_requests_total.*$/gm)!;
  expect(series.filter((line) => line.includes('proto="3"'))).toHaveLength(22);
  expect(series.filter((line) => line.includes('proto="4"'))).toHaveLength(59);
  expect(series).toContain('node_nfs_requests_total{method="Commit",proto="3"} 39');
  expect(series).toContain('node_nfs_requests_total{method="Null",proto="4"} 98');
  expect(series).toContain('node_nfs_requests_total{method="LayoutGet",proto="4"} 90');
  expect(series).toContain('node_nfs_requests_total{method="GetDeviceInfo",proto="4"} 1');
  expect(series).toContain('node_nfs_requests_total{method="Clone",proto="4"} 15');
});

test('a kernel that counts fewer procedures reports fewer', async () => {
  const scrape = await expose(nfs, sceneOf('== proc/net/rpc/nfs\nproc4 2 5 6\n'));

  expect(scrape.match(/^node.*$/gm)).toEqual([
    'node_nfs_requests_total{method="Null",proto="4"} 5',
    'node_nfs_requests_total{method="Read",proto="4"} 6',
  ]);
});

test('a host that mounts nothing has nothing to report', async () => {
  await expect(expose(nfs, sceneOf(''))).rejects.toThrow(/no NFS client/);
});

test.each(['proc3 22 1 2 3', 'proc3', 'rpc 1 x 3', 'net 1 2.5'])('refuses a torn line: %j', (torn) => {
  expect(() => parseRpcCounts('net/rpc/nfs', torn)).toThrow(/net\/rpc\/nfs/);
});
