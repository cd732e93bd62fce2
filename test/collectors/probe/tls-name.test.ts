/** The texts that are expected are those that blackbox_exporter 0.23 has for the same certificates. */
import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { certificateNames, distinguishedName, namesOfDer } from '../../../collectors/probe/tls-name.ts';
import { derCertificate, tags, type DerName } from '../../support/der-certificate.ts';

const { utf8, numeric, printable, t61, ia5, universal, bmp } = tags;
const cn = '2.5.4.3';
const serial = '2.5.4.5';
const c = '2.5.4.6';
const l = '2.5.4.7';
const st = '2.5.4.8';
const street = '2.5.4.9';
const o = '2.5.4.10';
const ou = '2.5.4.11';
const title = '2.5.4.12';
const postalCode = '2.5.4.17';
const givenName = '2.5.4.42';

function subjectOf(name: DerName): string {
  const { der } = derCertificate(name);
  const names = namesOfDer(der);
  expect(names?.issuer).toBe(names?.subject);
  expect(certificateNames(new X509Certificate(der))).toEqual(names);
  return names!.subject;
}

test('the attributes that Go knows come first, in its order', () => {
  const name: DerName = [
    [[c, printable, 'US']],
    [[st, utf8, 'California']],
    [[l, utf8, 'San Francisco']],
    [[street, utf8, 'Street 1']],
    [[postalCode, utf8, '94107']],
    [[o, utf8, 'GitHub, Inc.']],
    [[ou, utf8, 'Unit']],
    [[cn, utf8, 'localhost']],
    [[serial, printable, '123']],
  ];

  expect(subjectOf(name)).toBe(
    String.raw`SERIALNUMBER=123,CN=localhost,OU=Unit,O=GitHub\, Inc.,POSTALCODE=94107,STREET=Street 1,` +
      'L=San Francisco,ST=California,C=US',
  );
});

test('others follow by number, the last one first, in the type that Go would give them', () => {
  const name: DerName = [
    [[cn, utf8, 'localhost']],
    [['2.5.4.15', utf8, 'Private Organization']],
    [['1.3.6.1.4.1.311.60.2.1.3', printable, 'US']],
    [['2.5.4.97', utf8, 'VATCH-1']],
    [[title, utf8, 'Dr.']],
    [[givenName, utf8, 'J\xc3\xbcrg']],
    [['0.9.2342.19200300.100.1.25', ia5, 'corp']],
    [['1.2.840.113549.1.9.1', ia5, 'a@b']],
  ];

  expect(subjectOf(name)).toBe(
    'CN=localhost,1.2.840.113549.1.9.1=#0c03614062,0.9.2342.19200300.100.1.25=#1304636f7270,' +
      '2.5.4.42=#0c054ac3bc7267,2.5.4.12=#130344722e,2.5.4.97=#130756415443482d31,' +
      '1.3.6.1.4.1.311.60.2.1.3=#13025553,2.5.4.15=#131450726976617465204f7267616e697a6174696f6e',
  );
});

test.each<[string, DerName, string]>([
  [
    'several of one type',
    [
      [[o, utf8, 'A']],
      [[o, utf8, 'B']],
      [
        [cn, utf8, 'first'],
        [ou, utf8, 'ou1'],
      ],
      [[cn, utf8, 'second']],
      [
        [serial, printable, '1'],
        [serial, printable, '2'],
      ],
      [
        [title, utf8, 't1'],
        [title, utf8, 't2'],
        [givenName, utf8, 'g'],
      ],
    ],
    'SERIALNUMBER=2,CN=second,OU=ou1,O=A+O=B,2.5.4.42=#130167,2.5.4.12=#13027432,2.5.4.12=#13027431',
  ],
  [
    'empty ones',
    [[[o, utf8, '']], [[cn, utf8, '']], [[title, utf8, '']], [[serial, printable, '']]],
    'O=,2.5.4.12=#1300',
  ],
  [
    'what needs a backslash',
    [[[o, utf8, '#a,b+"\\<>;=']], [[cn, utf8, ' x ']], [[ou, utf8, 'a#\n\u0001']], [[st, utf8, ' ']]],
    String.raw`CN=\ x\ ,OU=a#${'\n\u0001'},O=\#a\,b\+\"\\\<\>\;=,ST=\ `,
  ],
  [
    'strings of digits, and of all characters that PrintableString has and two that it has not',
    [
      [[serial, numeric, '12 3']],
      [[title, numeric, '12']],
      [[givenName, utf8, "a'()+,-./:=? *&"]],
      [[givenName, utf8, "a'()+,-./:=? "]],
      [[givenName, ia5, 'a_b']],
    ],
    'SERIALNUMBER=12 3,2.5.4.42=#0c03615f62,2.5.4.42=#130d612728292b2c2d2e2f3a3d3f20,' +
      '2.5.4.42=#0c0f612728292b2c2d2e2f3a3d3f202a26,2.5.4.12=#13023132',
  ],
  [
    'long ones',
    [[[title, utf8, 'x'.repeat(200)]], [[givenName, utf8, 'y'.repeat(300)]]],
    `2.5.4.42=#1382012c${'79'.repeat(300)},2.5.4.12=#1381c8${'78'.repeat(200)}`,
  ],
  ['T61String in UTF-8', [[[o, t61, 'caf\xc3\xa9']], [[title, t61, 'caf\xc3\xa9']]], 'O=café,2.5.4.12=#0c05636166c3a9'],
  ['BMPString', [[[o, bmp, '\0A\0\xe9']], [[title, bmp, '\0A']]], 'O=Aé,2.5.4.12=#130141'],
  ['an empty name', [], ''],
])('%s', (_title, name, text) => {
  expect(subjectOf(name)).toBe(text);
});

test.each<[string, DerName, string]>([
  ['T61String in Latin-1', [[[o, t61, 'caf\xe9']]], 'O=café'],
  ['UniversalString', [[[o, universal, '\0\0\0A\0\x01\xf6\0']]], 'O=A😀'],
  [
    'no string at all',
    [[[cn, utf8, 'x']], [['2.5.4.45', 0x03, '\0abc']], [[o, 0x03, '\0a']]],
    'CN=x,O=#03020061,2.5.4.45=#030400616263',
  ],
])('%s, which blackbox_exporter cannot show', (_title, name, text) => {
  expect(namesOfDer(derCertificate(name).der)?.subject).toBe(text);
});

test('bytes that are no certificate have no names, whatever they are', () => {
  const { der } = derCertificate([[[cn, utf8, 'localhost']], [[title, bmp, '\0A']], [['1.3.6.1.4.1.311', ia5, 'x']]]);
  expect(namesOfDer(Buffer.alloc(0))).toBeUndefined();
  expect(namesOfDer(Buffer.from('3080', 'hex'))).toBeUndefined();
  for (let end = 1; end < der.length; end += 1) expect(namesOfDer(der.subarray(0, end))).toBeUndefined();
  for (let at = 0; at < 200; at += 1) {
    for (const value of [0x00, 0x1f, 0x30, 0x7f, 0x80, 0x84, 0xff]) {
      const damaged = Buffer.from(der);
      damaged[at] = value;
      expect(() => namesOfDer(damaged)).not.toThrow();
    }
  }
});

test('what Node.js says of a name serves where the bytes cannot be read', () => {
  const legacy = { C: 'CH', ST: 'ZH', O: ['A', 'B'], CN: ' x+y ', emailAddress: 'a@b', unheard: 'of' };
  const unreadable = {
    raw: Buffer.from('30', 'hex'),
    toLegacyObject: () => ({ subject: legacy, issuer: undefined }),
  } as unknown as X509Certificate;
  const subject = String.raw`CN=\ x\+y\ ,O=A+O=B,ST=ZH,C=CH,1.2.840.113549.1.9.1=#0c03614062`;

  expect(distinguishedName(legacy)).toBe(subject);
  expect(certificateNames(unreadable)).toEqual({ subject, issuer: '' });
});
