/**
 * The routing table: each route, and how many each network device has.
 *
 * Source  /proc/net/route: IPv4, the main table; /proc/net/ipv6_route: IPv6, all tables (net/ipv4/fib_trie.c,
 *         net/ipv6/route.c). Addresses are hexadecimal, those of IPv4 in the byte order of the machine.
 * Labels  device, dest (`default` or a prefix), gw (empty where the destination is on the link), priority: the metric.
 * Quirks  The IPv6 file lists the host's own addresses and multicast as well; only routes to others are reported.
 */
import { defineCollector, gauge, malformed, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { hexadecimal, lines, unsigned, words } from '../../src/system/numbers.ts';
import { ipv4OfHostHex, ipv6OfHex } from './ip-address.ts';

const routeInfo = gauge('node_network_route_info', 'network routing table information', [
  'device',
  'src?',
  'dest',
  'gw',
  'priority',
  'proto?',
  'weight?',
]);
const routes = gauge('node_network_routes', 'network routes by interface', ['device']);

/** A route to other hosts. */
export interface Route {
  readonly device: string;
  readonly dest: string;
  readonly gw: string;
  readonly priority: string;
}

// include/uapi/linux/route.h and ipv6_route.h.
const reject = 0x0200;
const anycast = 0x00100000;
const local = 0x80000000;

export const networkRoute = defineCollector({
  name: 'network_route',
  summary: 'The routes of the host, and their number by network device.',
  source: '/proc/net/route, /proc/net/ipv6_route',
  differences: [
    'Reads text files, which lack what node_exporter has by netlink: the labels `src`, `proto` and `weight`, IPv4 routes outside the main table, and all but the first hop of an IPv4 route of several.',
  ],
  enabled: false,
  schedule: '1m',
  families: [routeInfo, routes],
  config: z.strictObject({}),
  create(_config, { system }) {
    const { proc } = system;
    return {
      collect() {
        const all = parseRoutes(proc.text('net/route'));
        const ofVersion6 = proc.readIfPresent('net/ipv6_route');
        if (ofVersion6 !== undefined) all.push(...parseIpv6Routes(ofVersion6.toString('utf8')));
        return routeSamples(all);
      },
    };
  },
});

function routeSamples(all: readonly Route[]): Sample[] {
  const counts = new Map<string, number>();
  const infos = new Map<string, Sample>();
  for (const route of all) {
    counts.set(route.device, (counts.get(route.device) ?? 0) + 1);
    // Routes that differ only in what the files lack, such as their table, look alike.
    infos.set(Object.values(route).join(' '), routeInfo.sample(1, { ...route }));
  }
  return [...infos.values(), ...Array.from(counts, ([device, count]) => routes.sample(count, { device }))];
}

/** The routes of /proc/net/route; throws `CollectError` where a line is no route. */
export function parseRoutes(text: string, little?: boolean): Route[] {
  return lines(text)
    .slice(1)
    .flatMap((line) => {
      const [device = '', destText = '', gatewayText = '', flagsText, , , metricText, maskText = ''] = words(line);
      const dest = ipv4OfHostHex(destText, little);
      const gateway = ipv4OfHostHex(gatewayText, little);
      const mask = ipv4OfHostHex(maskText, little);
      const flags = hexadecimal(flagsText);
      const metric = unsigned(metricText);
      if (dest === undefined || gateway === undefined || mask === undefined || flags === undefined) {
        throw malformed('net/route', JSON.stringify(line));
      }
      if (metric === undefined) throw malformed('net/route', JSON.stringify(line));
      if (flags & reject) return [];
      return [{ device, dest: prefix(dest, prefixLength(mask)), gw: known(gateway), priority: String(metric) }];
    });
}

/** The routes to other hosts of /proc/net/ipv6_route; throws `CollectError` where a line is no route. */
export function parseIpv6Routes(text: string): Route[] {
  return lines(text).flatMap((line) => {
    const [destText = '', lengthText, , , gatewayText = '', metricText, , , flagsText, device] = words(line);
    const dest = ipv6OfHex(destText);
    const length = hexadecimal(lengthText);
    const gateway = ipv6OfHex(gatewayText);
    const metric = hexadecimal(metricText);
    const flags = hexadecimal(flagsText);
    if (dest === undefined || length === undefined || gateway === undefined || metric === undefined) {
      throw malformed('net/ipv6_route', JSON.stringify(line));
    }
    if (flags === undefined || device === undefined) throw malformed('net/ipv6_route', JSON.stringify(line));
    if (flags & (reject | anycast | local) || /^ff/i.test(destText)) return [];
    return [{ device, dest: prefix(dest, length), gw: known(gateway), priority: String(metric) }];
  });
}

/** The number of bits set in a mask such as 255.255.255.0. */
function prefixLength(mask: string): number {
  return mask
    .split('.')
    .map((byte) => unsigned(byte)!.toString(2).replaceAll('0', '').length)
    .reduce((sum, bits) => sum + bits, 0);
}

const prefix = (dest: string, length: number): string => (length === 0 ? 'default' : `${dest}/${length}`);

const known = (gateway: string): string => (gateway === '0.0.0.0' || gateway === '::' ? '' : gateway);
