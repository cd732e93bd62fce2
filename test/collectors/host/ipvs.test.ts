import { expect, test } from 'vitest';
import { ipvs, parseBackends, parseTotals } from '../../../collectors/host/ipvs.ts';
import { expose, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = (): string => sceneFolder('rich-server', ['ipvs']);

test('reports the totals and each backend of each service', async () => {
  const scrape = await expose(ipvs, server());

  expect(scrape.match(/^node_ipvs_[^b].*$/gm)).toEqual([
    'node_ipvs_connections_total 23765872',
    'node_ipvs_incoming_bytes_total 89991519156915',
    'node_ipvs_incoming_packets_total 3811989221',
    'node_ipvs_outgoing_bytes_total 0',
    'node_ipvs_outgoing_packets_total 0',
  ]);
  expect(scrape).toContain(text`
    # HELP node_ipvs_backend_connections_active The current active connections by local and remote address.
    # TYPE node_ipvs_backend_connections_active gauge
    node_ipvs_backend_connections_active{local_address="192.168.0.22",local_mark="",local_port="80",proto="TCP",remote_address="192.168.82.20",remote_port="80"} 248
    node_ipvs_backend_connections_active{local_address="192.168.0.22",local_mark="",local_port="80",proto="TCP",remote_address="192.168.82.21",remote_port="80"} 0
    node_ipvs_backend_connections_active{local_address="192.168.0.22",local_mark="",local_port="443",proto="TCP",remote_address="192.168.82.20",remote_port="443"} 12
    node_ipvs_backend_connections_active{local_address="",local_mark="10001000",local_port="0",proto="FWM",remote_address="192.168.50.21",remote_port="0"} 64
    node_ipvs_backend_connections_active{local_address="2001:db8::22",local_mark="",local_port="80",proto="TCP",remote_address="2001:db8::23",remote_port="80"} 7
  `);
});

test('backends that share the chosen labels are added up', async () => {
  const scrape = await expose(ipvs, server(), { backend_labels: 'remote_address,proto' });

  expect(scrape.match(/^node_ipvs_backend_(?:connections_inactive|weight).*192\.168\.82.*$/gm)).toEqual([
    'node_ipvs_backend_connections_inactive{proto="TCP",remote_address="192.168.82.20"} 5',
    'node_ipvs_backend_connections_inactive{proto="TCP",remote_address="192.168.82.21"} 0',
    'node_ipvs_backend_weight{proto="TCP",remote_address="192.168.82.20"} 200',
    'node_ipvs_backend_weight{proto="TCP",remote_address="192.168.82.21"} 0',
  ]);
});

test('without labels there is one series for all backends', async () => {
  const scrape = await expose(ipvs, server(), { backend_labels: '' });

  expect(scrape).toContain('node_ipvs_backend_connections_active 331\n');
});

test('a label that there is not is a mistake of the config', () => {
  expect(() => ipvs.config.parse({ backend_labels: 'proto,colour' })).toThrow(/local_address/);
});

test('says which file is missing', async () => {
  await expect(expose(ipvs, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});

test.each(['', 'a\nb\n1 2 3 4\n', 'a\nb\n1 2 3 4 x\n'])('refuses torn totals: %j', (torn) => {
  expect(() => parseTotals(torn)).toThrow(/ip_vs_stats/);
});

test.each([
  ['a backend without a service', '  -> C0A85214:0050 Tunnel 100 248 2'],
  ['a backend cut short', 'TCP  C0A80016:0050 wlc\n  -> C0A85214:0050 Tunnel 100'],
  ['an address that is none', 'TCP  C0A8:0050 wlc'],
  ['a port that is none', 'TCP  C0A80016:zz wlc'],
])('refuses %s', (_, torn) => {
  expect(() => parseBackends(`IP Virtual Server\nProt\n  -> RemoteAddress:Port\n${torn}\n`)).toThrow(/ip_vs/);
});
