import { expect, test } from 'vitest';
import { ipv4OfHex, ipv4OfHostHex, ipv6OfHex } from '../../../collectors/host/ip-address.ts';

test.each([
  ['C000020A', '192.0.2.10'],
  ['00000000', '0.0.0.0'],
  ['C000020', undefined],
  ['C000020G', undefined],
])('reads the IPv4 address %s', (digits, address) => {
  expect(ipv4OfHex(digits)).toBe(address);
});

test('the bytes of a number are in the order of the machine', () => {
  expect(ipv4OfHostHex('0A0200C0', true)).toBe('192.0.2.10');
  expect(ipv4OfHostHex('C000020A', false)).toBe('192.0.2.10');
});

test.each([
  ['20010db8000000000000000000000001', '2001:db8::1'],
  ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
  ['00000000000000000000000000000000', '::'],
  ['0000:0000:0000:0000:0000:ffff:0a00:0001', '10.0.0.1'],
  ['0000:0000:0000:0000:0000:0000:0a00:0001', '::a00:1'],
  ['00000000000000000000000000000001', '::1'],
  ['2001', undefined],
])('reads the IPv6 address %s', (text, address) => {
  expect(ipv6OfHex(text)).toBe(address);
});
