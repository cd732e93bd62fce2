/**
 * Which addresses may be probed on demand: those that a rule names and no others.
 *
 * IPv6 addresses that only stand for an IPv4 address are judged by that one, as that is where the packets go: mapped
 * (::ffff:0:0/96), compatible (::/96), NAT64 (64:ff9b::/96) and 6to4 (2002::/16).
 */
import { BlockList, isIP } from 'node:net';
import { parseNetwork, parsePorts, type PortRange } from './config/probe-options.ts';
import { addressBytes } from './ip-address.ts';

/** One rule: networks, and the ports that are meant there; all where absent. */
export interface AddressRule {
  readonly cidr: readonly string[];
  readonly ports?: readonly (string | number)[] | undefined;
}

/** Whether an address and a port may be probed; port 0 where there is none. */
export type Allows = (address: string, port: number) => boolean;

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, at) => bytes[at] === byte);
}

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

// Prefixes behind which an IPv4 address stands, and where it begins.
const embeddings: readonly { prefix: readonly number[]; at: number }[] = [
  { prefix: [...zeros(10), 0xff, 0xff], at: 12 },
  { prefix: [0x00, 0x64, 0xff, 0x9b, ...zeros(8)], at: 12 },
  { prefix: [0x20, 0x02], at: 2 },
  { prefix: zeros(12), at: 12 },
];

/** The IPv4 address that an IPv6 address stands for; the address itself where it stands for none. */
export function unwrapped(address: string): string {
  if (isIP(address) !== 6) return address;
  const bytes = addressBytes(address);
  // The unspecified and the loopback address are of IPv6.
  if (startsWith(bytes, zeros(15)) && bytes[15]! <= 1) return address;
  const found = embeddings.find(({ prefix }) => startsWith(bytes, prefix));
  return found === undefined ? address : bytes.subarray(found.at, found.at + 4).join('.');
}

/** What the rules allow. */
export function addressRules(rules: readonly AddressRule[]): Allows {
  const compiled = rules.map(({ cidr, ports }) => {
    // One for each family: a BlockList takes ::/0 for all of IPv4 too.
    const networks = { ipv4: new BlockList(), ipv6: new BlockList() };
    for (const text of cidr) {
      const network = parseNetwork(text);
      if (network !== undefined) networks[network.family].addSubnet(network.address, network.bits, network.family);
    }
    const ranges = ports?.map(parsePorts).filter((range): range is PortRange => range !== undefined);
    return { networks, ranges };
  });
  return (address, port) => {
    const [plain = ''] = unwrapped(address).split('%', 1);
    const version = isIP(plain);
    if (version === 0) return false;
    const family = version === 4 ? 'ipv4' : 'ipv6';
    return compiled.some(
      ({ networks, ranges }) =>
        networks[family].check(plain, family) &&
        (ranges === undefined || ranges.some(([from, to]) => port >= from && port <= to)),
    );
  };
}
