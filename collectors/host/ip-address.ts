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

/** An IPv6 address of 32 hexadecimal digits, with or without colons, in its short form; undefined for other text. */
export function ipv6OfHex(text: string): string | undefined {
  const digits = text.replaceAll(':', '');
  if (!/^[\da-fA-F]{32}$/.test(digits)) return undefined;
  return new SocketAddress({ family: 'ipv6', address: digits.match(/.{4}/g)!.join(':') }).address;
}
