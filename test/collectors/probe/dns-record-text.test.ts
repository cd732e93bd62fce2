/**
 * Records as text. The texts are what blackbox_exporter 0.23 printed for the same bytes, but for IPv4-mapped addresses,
 * which its later versions write as here.
 */
import { describe, expect, test } from 'vitest';
import { typeNumber } from '../../../collectors/probe/dns-codes.ts';
import { decodeReply } from '../../../collectors/probe/dns-message.ts';
import { encodeName, MalformedMessage } from '../../../collectors/probe/dns-name.ts';
import { recordText } from '../../../collectors/probe/dns-record-text.ts';

/** A reply with one record, which is for the name `x.`, and a name at byte 12 to point to. */
function reply(type: number, data: Buffer): Buffer {
  const fixed = Buffer.from('00008180000100010000000001780000010001c00c000000010000012c0000', 'hex');
  fixed.writeUInt16BE(type, fixed.length - 10);
  fixed.writeUInt16BE(data.length, fixed.length - 2);
  return Buffer.concat([fixed, data]);
}

function textOf(type: number, hex: string): string {
  return recordText(decodeReply(reply(type, Buffer.from(hex, 'hex'))).answers[0]!);
}

test.each([
  ['A', 'c0000201', '192.0.2.1'],
  ['AAAA', '20010db8000000000000000000000001', '2001:db8::1'],
  ['AAAA', '00000000000000000000ffffc0000201', '::ffff:192.0.2.1'],
  ['AAAA', '00010002000300040005000600070008', '1:2:3:4:5:6:7:8'],
  ['AAAA', '00000000000000000000000000000000', '::'],
  ['AAAA', '20010000000000010000000000000001', '2001:0:0:1::1'],
  ['AAAA', '20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
  ['NS', '026e73076578616d706c6500', 'ns.example.'],
  ['CNAME', '087765276972644078076578616d706c6500', String.raw`we\'ird\@x.example.`],
  [
    'SOA',
    '026e73076578616d706c65000561646d696e076578616d706c6500000007e8000000010000000200000003ffffffff',
    'ns.example. admin.example. 2024 1 2 3 4294967295',
  ],
  ['PTR', '00', '.'],
  ['HINFO', '054350552078024f53', '"CPU x" "OS"'],
  ['MINFO', '01610162000163016400', 'a.b. c.d.'],
  ['MX', '000a046d61696c076578616d706c6500', '10 mail.example.'],
  ['TXT', '0b763d73706631202d616c6c0c736522636f6e645c2001ff3b', String.raw`"v=spf1 -all" "se\"cond\\ \001\255;"`],
  ['RP', '01610162000163016400', 'a.b. c.d.'],
  ['AFSDB', '00010161016200', '1 a.b.'],
  ['X25', '0c333131303631373030393536', '311061700956'],
  ['RT', '00010161016200', '1 a.b.'],
  ['NSAP-PTR', '0178017900', 'x.y.'],
  [
    'SIG',
    '000108020000012c713fb3006553f10004d202657802616d000102030405',
    'A 8 2 300 20300317174640 20231114221320 1234 ex.am. AQIDBAU=',
  ],
  ['KEY', '0101030801020304', '257 3 8 AQIDBA=='],
  ['PX', '000501610162000163016400', '5 a.b. c.d.'],
  ['LOC', '00121613891700008ac5000000989fe0', '42 21 42.272 N 50 11 22.752 E 24m 1m 10000m 10m'],
  ['LOC', '00331613700000007123456700986647', '74 33 55.456 S 69 15 46.713 W -123.45m 30m 10000m 10m'],
  ['EID', 'abcd', 'ABCD'],
  ['NIMLOC', 'abcdef', 'ABCDEF'],
  ['SRV', '0001000201bb03737276076578616d706c6500', '1 2 443 srv.example.'],
  [
    'NAPTR',
    '0064000a0175074532552b73697017215e2e2a24217369703a69226e5c666f40652e636f6d2100',
    String.raw`100 10 "u" "E2U+sip" "!^.*$!sip:i\"n\\fo@e.com!" .`,
  ],
  ['KX', '0001016b017800', '1 k.x.'],
  ['CERT', '0001000208010203', 'PKIX 2 RSASHA256 AQID'],
  ['CERT', '0063000263010203', '99 2 99 AQID'],
  ['DNAME', '0164076578616d706c6500', 'd.example.'],
  ['DS', 'ec4505012bb183af5f22588179a53b0a98631fad1a292118', '60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118'],
  ['SSHFP', '0101abcdef', '1 1 ABCDEF'],
  [
    'RRSIG',
    '00010d020000012c713fb3006553f10004d202657802616d000102030405',
    'A 13 2 300 20300317174640 20231114221320 1234 ex.am. AQIDBAU=',
  ],
  ['NSEC', '046e657874076578616d706c6500000640010000000304020001', 'next.example. A MX RRSIG NSEC TYPE1039'],
  ['DNSKEY', '0101030d010203040506', '257 3 13 AQIDBAUG'],
  [
    'DHCID',
    '000201636fc0b8271c82825bb1ac5c41cf5351aa69b4febd94e8f17cdb95000da48c40',
    'AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=',
  ],
  [
    'NSEC3',
    '0101000c04aabbccdd140102030405060708090a0b0c0d0e0f1011121314000140',
    '1 1 12 AABBCCDD 041061050O3GG28A1C60Q3GF208H44OK A',
  ],
  [
    'NSEC3',
    '0101000c0014ff02030405060708090a0b0c0d0e0f10111213ff000140',
    '1 1 12 - VS1061050O3GG28A1C60Q3GF208H44VV A',
  ],
  ['NSEC3PARAM', '0100000a00', '1 0 10 -'],
  ['TLSA', '030101aabbcc', '3 1 1 aabbcc'],
  ['SMIMEA', '030101aabbcc', '3 1 1 aabbcc'],
  ['NINFO', '01610162', '"a" "b"'],
  ['RKEY', '000003080102', '0 3 8 AQI='],
  ['TALINK', '01610162000163016400', 'a.b. c.d.'],
  ['CDS', 'ec4505012bb1', '60485 5 1 2BB1'],
  ['CDNSKEY', '0101030d010203', '257 3 13 AQID'],
  ['OPENPGPKEY', '01020304', 'AQIDBA=='],
  ['CSYNC', '000000420003000460000008', '66 3 A NS AAAA'],
  ['ZONEMD', '000007e20101c6ab', '2018 1 1 c6ab'],
  ['SVCB', '000003737663076578616d706c6500', '0 svc.example.'],
  [
    'HTTPS',
    '000100000100060268320268330003000220fb00040008c0000201c0000202000500030102030006001020010db8000000000000000000000001',
    '1 . alpn="h2,h3" port="8443" ipv4hint="192.0.2.1,192.0.2.2" ech="AQID" ipv6hint="2001:db8::1"',
  ],
  [
    'HTTPS',
    '000100000000040001000300010003026832000200000003000220fb',
    '1 . mandatory="alpn,port" alpn="h2" no-default-alpn="" port="8443"',
  ],
  [
    'HTTPS',
    '0001000001000807662c6f5c2278ff029b0006686920225c00',
    String.raw`1 . alpn="f\\\044o\\\092\"x\255" key667="hi\ \"\\\000"`,
  ],
  ['SPF', '06763d73706631', '"v=spf1"'],
  ['UINFO', '04696e666f', '"info"'],
  ['UID', '00000005', '5'],
  ['GID', '00000006', '6'],
  ['NID', '000a00144ffffe000001', '10 0014:4fff:fe00:0001'],
  ['L32', '000a0a010203', '10 10.1.2.3'],
  ['L64', '000a20010db811401000', '10 2001:0DB8:1140:1000'],
  ['LP', '000a016c017800', '10 l.x.'],
  ['EUI48', '00005e005300', '00-00-5e-00-53-00'],
  ['EUI64', '00005e0053000001', '00-00-5e-00-53-00-00-01'],
  ['AVC', '03617663', '"avc"'],
  ['TA', 'ec4505012bb1', '60485 5 1 2BB1'],
  ['DLV', 'ec4505012bb1', '60485 5 1 2BB1'],
  ['TYPE65280', '0a000001', String.raw`\# 4 0a000001`],
  ['TYPE65281', '', String.raw`\# 0 `],
  ['MD', '026d64017800', 'md.x.'],
  ['MF', '026d66017800', 'mf.x.'],
  ['MB', '026d62017800', 'mb.x.'],
  ['MG', '026d67017800', 'mg.x.'],
  ['MR', '026d72017800', 'mr.x.'],
  ['GPOS', '082d33322e36383832083131362e383635320431302e30', '-32.6882 116.8652 10.0'],
  ['TYPE20', '0f31353038363230323830303332313703303034', String.raw`\# 20 0f31353038363230323830303332313703303034`],
  ['APL', '00011503c00002', '1:192.0.2.0/21'],
  ['HIP', '04020003aabbccdd01020303727673076578616d706c6500', '2 aabbccdd AQID rvs.example.'],
  ['TYPE45', '0a0102c0000226010203', String.raw`\# 10 0a0102c0000226010203`],
  ['CAA', '00056973737565636122', String.raw`0 issue "ca\""`],
  ['URI', '000a0001667470', '10 1 "ftp"'],
])('%s %s', (type, hex, data) => {
  const header = type.startsWith('TYPE') ? `x.\t300\tCLASS1\t${type}` : `x.\t300\tIN\t${type}`;

  expect(textOf(typeNumber(type)!, hex)).toBe(`${header}\t${data}`);
});

test('a name that points back is followed', () => {
  expect(textOf(15, '000a046d61696cc00c')).toBe('x.\t300\tIN\tMX\t10 mail.x.');
});

test('data that is cut anywhere is malformed, whatever the type', () => {
  const surprises: unknown[] = [];
  for (let type = 1; type < 300; type++) {
    for (let length = 0; length < 12; length++) {
      try {
        textOf(type, '00ff3f40c00c0001ffff0102'.slice(0, 2 * length));
      } catch (error) {
        if (!(error instanceof MalformedMessage)) surprises.push({ type, length, error });
      }
    }
  }

  expect(surprises).toEqual([]);
});

describe('names', () => {
  test.each([
    ['', '00'],
    ['.', '00'],
    ['a.bc', '016102626300'],
    ['a.bc.', '016102626300'],
    ['a\\.b', '03612e6200'],
    ['a\\046b', '03612e6200'],
    ['bücher', '0d786e2d2d62636865722d6b766100'],
  ])('%s is encoded', (name, hex) => {
    expect((encodeName(name) as Buffer).toString('hex')).toBe(hex);
  });

  test.each([
    ['a..b', 'has an empty label'],
    ['.a', 'has an empty label'],
    ['a\\999', String.raw`has the escape \999, above \255`],
    ['a\\', 'ends in a backslash'],
    ['x'.repeat(64), 'has a label of more than 63 bytes'],
    ['abcdefg.'.repeat(32), 'is longer than 255 bytes'],
  ])('%s is refused', (name, problem) => {
    expect(encodeName(name)).toEqual({ problem });
  });
});
