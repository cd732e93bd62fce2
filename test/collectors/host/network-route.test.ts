import { expect, test } from 'vitest';
import { networkRoute, parseIpv6Routes, parseRoutes } from '../../../collectors/host/network-route.ts';
import { expose } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const heading = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n';

test('reports the routes to other hosts, and their number by device', async () => {
  const scrape = await expose(networkRoute, sceneFolder('rich-server', ['network_route']));

  expect(scrape).toContain('# HELP node_network_route_info network routing table information\n');
  expect(scrape).toContain('# HELP node_network_routes network routes by interface\n');
  expect(scrape.match(/^node.*$/gm)).toEqual([
    'node_network_route_info{dest="default",device="bond0",gw="192.0.2.1",priority="100"} 1',
    'node_network_route_info{dest="192.0.2.0/24",device="bond0",gw="",priority="0"} 1',
    'node_network_route_info{dest="172.16.0.0/12",device="tun0",gw="192.168.1.1",priority="50"} 1',
    'node_network_route_info{dest="2001:db8::/64",device="bond0",gw="",priority="256"} 1',
    'node_network_route_info{dest="default",device="bond0",gw="2001:db8::1",priority="1024"} 1',
    'node_network_routes{device="bond0"} 4',
    'node_network_routes{device="tun0"} 1',
  ]);
});

test('reads the addresses of a machine whose big end is first', () => {
  expect(parseRoutes(`${heading}eth0\tC0000200\t00000000\t0001\t0\t0\t0\tFFFFFF00\n`, false)).toEqual([
    { device: 'eth0', dest: '192.0.2.0/24', gw: '', priority: '0' },
  ]);
});

test('routes that look alike are one series, and two in the count', async () => {
  const line = 'eth0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\n';
  const scrape = await expose(networkRoute, sceneOf(`== proc/net/route\n${heading}${line}${line}`));

  expect(scrape.match(/^node.*$/gm)).toEqual([
    'node_network_route_info{dest="default",device="eth0",gw="",priority="0"} 1',
    'node_network_routes{device="eth0"} 2',
  ]);
});

test('an address that only starts like multicast is reported', () => {
  const zeros = '0'.repeat(32);
  const route = `00ff${'0'.repeat(28)} 10 ${zeros} 00 ${zeros} 00000400 00000001 00000000 00000001 eth0`;

  expect(parseIpv6Routes(route)).toMatchObject([{ dest: 'ff::/16' }]);
});

test('says which file is missing', async () => {
  await expect(expose(networkRoute, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});

test.each(['eth0\t000200C0\t00000000\t0001', 'eth0\t000200C0\t00000000\t0001\t0\t0\tx\t00FFFFFF'])(
  'refuses a torn IPv4 route: %j',
  (torn) => {
    expect(() => parseRoutes(`${heading}${torn}\n`)).toThrow(/net\/route/);
  },
);

test('refuses a torn IPv6 route', () => {
  expect(() => parseIpv6Routes('20010db8000000000000000000000000 40 0000\n')).toThrow(/ipv6_route/);
});
