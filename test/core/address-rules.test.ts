import { describe, expect, test } from 'vitest';
import { addressRules, unwrapped } from '../../src/address-rules.ts';
import { parseNetwork, parsePorts } from '../../src/config/probe-options.ts';

describe('an address that stands for an IPv4 address is taken for that one', () => {
  test.each([
    ['::ffff:169.254.169.254', '169.254.169.254'],
    ['::ffff:a9fe:a9fe', '169.254.169.254'],
    ['0:0:0:0:0:ffff:a9fe:a9fe', '169.254.169.254'],
    ['64:ff9b::a9fe:a9fe', '169.254.169.254'],
    ['64:ff9b::169.254.169.254', '169.254.169.254'],
    ['0064:FF9B:0:0:0:0:A9FE:A9FE', '169.254.169.254'],
    ['::a9fe:a9fe', '169.254.169.254'],
    ['::10.0.0.1', '10.0.0.1'],
    ['2002:a9fe:a9fe::1', '169.254.169.254'],
    ['::ffff:a00:1%eth0', '10.0.0.1'],
  ])('%s is %s', (address, plain) => {
    expect(unwrapped(address)).toBe(plain);
  });

  test.each(['::1', '::', 'fe80::1%eth0', '2001:db8::a9fe:a9fe', '64:ff9b:1::a9fe:a9fe', '127.0.0.1'])(
    '%s is itself',
    (address) => {
      expect(unwrapped(address)).toBe(address);
    },
  );
});

describe('rules', () => {
  test('allow nothing that they do not name', () => {
    expect(addressRules([])('10.0.0.1', 80)).toBe(false);
    const allows = addressRules([{ cidr: ['10.0.0.0/8', '192.0.2.7'], ports: [443, '8000-8099'] }]);

    expect(allows('10.255.0.1', 443)).toBe(true);
    expect(allows('192.0.2.7', 8099)).toBe(true);
    expect(allows('192.0.2.8', 443)).toBe(false);
    expect(allows('11.0.0.1', 443)).toBe(false);
    expect(allows('10.0.0.1', 80)).toBe(false);
    expect(allows('10.0.0.1', 8100)).toBe(false);
    expect(allows('not an address', 443)).toBe(false);
  });

  test('without ports allow all of them, and what has none', () => {
    expect(addressRules([{ cidr: ['10.0.0.0/8'] }])('10.0.0.1', 0)).toBe(true);
    expect(addressRules([{ cidr: ['10.0.0.0/8'], ports: [80] }])('10.0.0.1', 0)).toBe(false);
  });

  test('for IPv6 let no IPv4 address in by another door', () => {
    const everything6 = addressRules([{ cidr: ['::/0'] }]);
    for (const address of ['::ffff:10.0.0.1', '64:ff9b::a00:1', '::a00:1', '2002:a00:1::', '10.0.0.1']) {
      expect(everything6(address, 80), address).toBe(false);
    }
    expect(everything6('2001:db8::1', 80)).toBe(true);
    expect(everything6('fe80::1%eth0', 80)).toBe(true);
    expect(everything6('::1', 80)).toBe(true);

    const everything4 = addressRules([{ cidr: ['0.0.0.0/0'] }]);
    expect(everything4('64:ff9b::a00:1', 80)).toBe(true);
    expect(everything4('2001:db8::1', 80)).toBe(false);
    expect(everything4('::1', 80)).toBe(false);
  });
});

test('networks and ports are read, or refused', () => {
  expect(parseNetwork('fd00::/8')).toEqual({ address: 'fd00::', bits: 8, family: 'ipv6' });
  expect(parseNetwork('10.1.2.3')).toEqual({ address: '10.1.2.3', bits: 32, family: 'ipv4' });
  for (const wrong of ['10.0.0.0/33', '::/129', '10.0.0/8', 'host', '10.0.0.0/-1', '', 'fe80::1%eth0/64']) {
    expect(parseNetwork(wrong), wrong).toBeUndefined();
  }
  expect(parsePorts(443)).toEqual([443, 443]);
  expect(parsePorts('8000-8999')).toEqual([8000, 8999]);
  for (const wrong of [0, 65_536, '9-8', 'http', '1-', 1.5]) expect(parsePorts(wrong), String(wrong)).toBeUndefined();
});
