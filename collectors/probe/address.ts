/**
 * The families of every prober that resolves its target: which address was chosen and how long that took.
 */
import { gauge, type Sample } from '../../src/collector.ts';
import { addressBytes } from '../../src/ip-address.ts';

export { addressBytes } from '../../src/ip-address.ts';

/** An address that a name resolved to. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

const ipProtocol = gauge('probe_ip_protocol', 'Specifies whether probe ip protocol is IP4 or IP6');
const ipAddrHash = gauge(
  'probe_ip_addr_hash',
  "Specifies the hash of IP address. It's useful to detect if the IP address changes.",
);
const dnsLookupTime = gauge('probe_dns_lookup_time_seconds', 'Returns the time taken for probe dns lookup in seconds');

/** For `families` of a prober. */
export const addressFamilies = [ipProtocol, ipAddrHash, dnsLookupTime] as const;

/** Their samples; zeros for protocol and hash where the lookup failed. */
export function addressSamples(resolved: ResolvedAddress | undefined, lookupSeconds: number): Sample[] {
  return [
    ipProtocol.sample(resolved?.family ?? 0),
    ipAddrHash.sample(resolved === undefined ? 0 : addressHash(resolved.address)),
    dnsLookupTime.sample(lookupSeconds),
  ];
}

/** FNV-1a, 32 bits, of the four or sixteen bytes of an address; an IPv6-mapped IPv4 address counts as IPv4. */
export function addressHash(address: string): number {
  if (!address.includes(':')) return ipv4Hash(address);
  const bytes = addressBytes(address);
  let hash = offsetBasis;
  for (let at = isMapped(bytes) ? 12 : 0; at < 16; at += 1) hash = Math.imul(hash ^ bytes[at]!, prime);
  return hash >>> 0;
}

const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;
const dot = 0x2e;
const zero = 0x30;

/** Without a list of the bytes, as each probe asks for it. */
function ipv4Hash(address: string): number {
  let hash = offsetBasis;
  let byte = 0;
  for (let at = 0; at < address.length; at += 1) {
    const code = address.charCodeAt(at);
    if (code === dot) {
      hash = Math.imul(hash ^ byte, prime);
      byte = 0;
    } else byte = byte * 10 + code - zero;
  }
  return Math.imul(hash ^ byte, prime) >>> 0;
}

/** An IPv6-mapped IPv4 address as IPv4, so that it is treated, and allowed or refused, as what it is. */
export function unmapped(address: string): string {
  if (!address.includes(':')) return address;
  const bytes = addressBytes(address);
  return isMapped(bytes) ? bytes.subarray(12).join('.') : address;
}

function isMapped(bytes: Uint8Array): boolean {
  return bytes[10] === 0xff && bytes[11] === 0xff && bytes.subarray(0, 10).every((byte) => byte === 0);
}
