/**
 * Addresses as kernel tables write them, in the usual notation.
 */
import { SocketAddress } from 'node:net';
import { endianness } from 'node:os';

/** An IPv4 address of 8 hexadecimal digits, first byte first, such as `C000020A`; undefined for other text. */
export function ipv4OfHex(digits: string): string | undefined {
  if (!/^[\da-fA-F]{8}$/.test(digits)) return undefined;
  return [...Buffer.from(digits, 'hex')].join('.');
}

/** As `ipv4OfHex`, for tables that print the address as a number of this machine, as /proc/net/route does. */
export function ipv4OfHostHex(digits: string, little = endianness() === 'LE'): string | undefined {
  const address = ipv4OfHex(digits);
  return little ? address?.split('.').toReversed().join('.') : address;
}

/**
 * An IPv6 address of 32 hexadecimal digits, with or without colons, in its short form (RFC 5952), or that of the IPv4
 * address that it stands for; undefined for other text.
 */
export function ipv6OfHex(text: string): string | undefined {
  const digits = text.replaceAll(':', '');
  if (!/^[\da-fA-F]{32}$/.test(digits)) return undefined;
  const groups = digits.match(/.{4}/g)!;
  if (/^0{20}ffff/i.test(digits)) return ipv4OfHex(digits.slice(24));
  const short = new SocketAddress({ family: 'ipv6', address: groups.join(':') }).address;
  // The first 96 bits being zero does not make it an address of IPv4 (RFC 4291 deprecates those).
  const [, tail] = /^::(\d+\.[\d.]+)$/.exec(short) ?? [];
  return tail === undefined ? short : `::${groups.slice(6).map(withoutZeros).join(':')}`;
}

const withoutZeros = (group: string): string => Number.parseInt(group, 16).toString(16);
