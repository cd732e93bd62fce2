import { expect, test } from 'vitest';
import { Fields, netstat, parsePairedLines } from '../../../collectors/host/netstat.ts';
import { expose } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const server = (): string => sceneFolder('rich-server', ['netstat']);
const everything = (): boolean => true;

test('reports the usual fields of IPv4 and IPv6, untyped as node_exporter has them', async () => {
  const scrape = await expose(netstat, server());

  expect(scrape).toMatch(/^# HELP node_netstat_Icmp6_InErrors Statistic Icmp6InErrors\.\n# TYPE \S+ untyped\n/);
  expect(scrape.match(/^[^#].*$/gm)).toEqual([
    'node_netstat_Icmp6_InErrors 2',
    'node_netstat_Icmp6_InMsgs 60',
    'node_netstat_Icmp6_OutMsgs 70',
    'node_netstat_Icmp_InErrors 4',
    'node_netstat_Icmp_InMsgs 104',
    'node_netstat_Icmp_OutMsgs 120',
    'node_netstat_Ip6_InOctets 600000',
    'node_netstat_Ip6_OutOctets 500000',
    'node_netstat_IpExt_InOctets 18446744073709552000',
    'node_netstat_IpExt_OutOctets 9007199254740992',
    'node_netstat_Ip_Forwarding 1',
    'node_netstat_TcpExt_ListenDrops 16',
    'node_netstat_TcpExt_ListenOverflows 15',
    'node_netstat_TcpExt_SyncookiesFailed 13',
    'node_netstat_TcpExt_SyncookiesRecv 12',
    'node_netstat_TcpExt_SyncookiesSent 11',
    'node_netstat_TcpExt_TCPOFOQueue 19',
    'node_netstat_TcpExt_TCPRcvQDrop 18',
    'node_netstat_TcpExt_TCPSynRetrans 20',
    'node_netstat_TcpExt_TCPTimeouts 17',
    'node_netstat_Tcp_ActiveOpens 3601',
    'node_netstat_Tcp_CurrEstab 812',
    'node_netstat_Tcp_InErrs 5',
    'node_netstat_Tcp_InSegs 7100000001',
    'node_netstat_Tcp_OutRsts 678',
    'node_netstat_Tcp_OutSegs 8200000002',
    'node_netstat_Tcp_PassiveOpens 98765',
    'node_netstat_Tcp_RetransSegs 4321',
    'node_netstat_Udp6_InDatagrams 80',
    'node_netstat_Udp6_InErrors 0',
    'node_netstat_Udp6_NoPorts 1',
    'node_netstat_Udp6_OutDatagrams 90',
    'node_netstat_Udp6_RcvbufErrors 0',
    'node_netstat_Udp6_SndbufErrors 0',
    'node_netstat_UdpLite6_InErrors 0',
    'node_netstat_UdpLite_InErrors 0',
    'node_netstat_Udp_InDatagrams 4000',
    'node_netstat_Udp_InErrors 2',
    'node_netstat_Udp_NoPorts 3',
    'node_netstat_Udp_OutDatagrams 5000',
    'node_netstat_Udp_RcvbufErrors 1',
    'node_netstat_Udp_SndbufErrors 0',
  ]);
});

test('fields chooses others, negative values and ICMP types among them', async () => {
  const scrape = await expose(netstat, server(), { fields: 'MaxConn|Type' });

  expect(scrape.match(/^[^#].*$/gm)).toEqual([
    'node_netstat_Icmp6_InType136 20',
    'node_netstat_IcmpMsg_InType3 104',
    'node_netstat_IcmpMsg_OutType3 120',
    'node_netstat_Tcp_MaxConn -1',
  ]);
});

test('a kernel without IPv6 has no snmp6', async () => {
  const host = sceneOf('== proc/net/netstat\nIpExt: InOctets\nIpExt: 7\n== proc/net/snmp\nIp: Forwarding\nIp: 2\n');
  const scrape = await expose(netstat, host);

  expect(scrape.match(/^[^#].*$/gm)).toEqual(['node_netstat_IpExt_InOctets 7', 'node_netstat_Ip_Forwarding 2']);
});

test('says which file is missing', async () => {
  const host = sceneOf('== proc/net/netstat\nIpExt: InOctets\nIpExt: 7\n');

  await expect(expose(netstat, host)).rejects.toMatchObject({
    code: 'SOURCE_MISSING',
    message: expect.stringContaining('net/snmp'),
  });
});

test.each([
  ['fewer values than names', 'Tcp: InSegs OutSegs\nTcp: 1\n'],
  ['names without values', 'Tcp: InSegs OutSegs\n'],
  ["another protocol's values", 'Tcp: InSegs\nUdp: 1\n'],
  ['no protocol', 'InSegs\n1\n'],
])('refuses %s', (_, torn) => {
  expect(() => parsePairedLines('net/snmp', torn, new Fields(everything), new Map())).toThrow(/net\/snmp/);
});

test('leaves out a value that is no number, and a name that is no name', () => {
  const values = new Map<string, number>();
  parsePairedLines('net/snmp', 'Tcp: InSegs Out-Segs CurrEstab\nTcp: x 1 3\n', new Fields(everything), values);

  expect([...values]).toEqual([['Tcp_CurrEstab', 3]]);
});
