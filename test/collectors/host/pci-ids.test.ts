import { expect, test } from 'vitest';
import { parsePciIds } from '../../../collectors/host/pci-ids.ts';

const ids = parsePciIds(
  [
    '# comment',
    '8086  Intel Corporation',
    '\t1572  Ethernet Controller X710',
    '\t\t8086 0007  X710-2',
    'C0DE  Motorola',
    '\t1234  Board',
    'C 01  Mass storage controller',
    '\t08  Non-Volatile memory controller',
    '\t\t02  NVM Express',
  ].join('\n'),
);

test('finds vendors, devices and subsystems, and answers the number of those it does not know', () => {
  expect(ids.vendor('8086')).toBe('Intel Corporation');
  expect(ids.vendor('c0de')).toBe('Motorola');
  expect(ids.vendor('ffff')).toBe('ffff');
  expect(ids.device('8086', '1572')).toBe('Ethernet Controller X710');
  expect(ids.device('c0de', '1572')).toBe('1572');
  expect(ids.subsystem('8086', '1572', '8086', '0007')).toBe('X710-2');
  expect(ids.subsystem('8086', '1572', '8086', '0008')).toBe('0008');
});

test('names a class by the nearest of interface, subclass and class', () => {
  expect(ids.class('010802')).toBe('NVM Express');
  expect(ids.class('010803')).toBe('Non-Volatile memory controller');
  expect(ids.class('010100')).toBe('Mass storage controller');
  expect(ids.class('020000')).toBe('Unknown class (020000)');
});

test('reads nothing from a list that is empty or torn', () => {
  const torn = parsePciIds('\t1572  Orphan\n80');

  expect(torn.device('8086', '1572')).toBe('1572');
});
