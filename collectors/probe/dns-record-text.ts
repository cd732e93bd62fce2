/**
 * Records of a DNS reply as text, for the regexps of a module: name, TTL, class, type and data with tabs between them.
 *
 * blackbox_exporter hands its regexps what the Go package miekg/dns prints, so this spells data as that does: upper-case
 * hexadecimal where it does, quotes around texts, a dot at the end of each name. Types without a layout here are
 * written as RFC 3597 says: `\# 4 0a000001`.
 */
import { className, typeName, typeNumber } from './dns-codes.ts';
import type { DnsRecord } from './dns-message.ts';
import { MalformedMessage } from './dns-name.ts';
import { Data } from './dns-record-data.ts';
import { parametersText } from './dns-service-binding.ts';

/** Text in quotes; what is not printable becomes `\DDD`. */
function quoted(bytes: Buffer): string {
  let text = '"';
  for (const byte of bytes) {
    if (byte < 0x20 || byte > 0x7e) text += `\\${String(byte).padStart(3, '0')}`;
    else text += byte === 0x22 || byte === 0x5c ? `\\${String.fromCharCode(byte)}` : String.fromCharCode(byte);
  }
  return `${text}"`;
}

function ip6Text(bytes: Buffer): string {
  // URL writes an address in its shortest form (RFC 5952), as Go does, but for IPv4-mapped ones.
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16)).join(':');
  const mapped = groups.startsWith('0:0:0:0:0:ffff:');
  return mapped ? `::ffff:${bytes.subarray(12).join('.')}` : new URL(`http://[${groups}]`).hostname.slice(1, -1);
}

/** Types in the bit map of NSEC (RFC 4034 section 4.1.2). */
function typeBitMap(data: Data): string {
  const names: string[] = [];
  while (data.position < data.end) {
    const window = data.u8();
    for (const [index, byte] of data.bytes(data.u8()).entries()) {
      for (let bit = 0; bit < 8; bit++) {
        if ((byte & (0x80 >> bit)) !== 0) names.push(typeName(window * 256 + index * 8 + bit));
      }
    }
  }
  return names.join(' ');
}

const base32Digits = '0123456789ABCDEFGHIJKLMNOPQRSTUV';

function base32Hex(bytes: Buffer): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += base32Digits[(held >> (bits - 5)) & 31]!;
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + base32Digits[(held << (5 - bits)) & 31]!;
}

/** Signature times are 32 bits that wrap around; the one nearest to now is meant (RFC 4034 section 3.1.5). */
function signatureTime(seconds: number): string {
  const now = Date.now() / 1000;
  const wrapped = seconds + Math.round((now - seconds) / 2 ** 32) * 2 ** 32;
  return new Date(wrapped * 1000).toISOString().replaceAll(/[-T:]|\..*/g, '');
}

const certificateTypes: Readonly<Record<number, string>> = {
  1: 'PKIX',
  2: 'SPKI',
  3: 'PGP',
  4: 'IPIX',
  5: 'ISPKI',
  6: 'IPGP',
  7: 'ACPKIX',
  8: 'IACPKIX',
  253: 'URI',
  254: 'OID',
};

const algorithms: Readonly<Record<number, string>> = {
  1: 'RSAMD5',
  2: 'DH',
  3: 'DSA',
  5: 'RSASHA1',
  6: 'DSA-NSEC3-SHA1',
  7: 'RSASHA1-NSEC3-SHA1',
  8: 'RSASHA256',
  10: 'RSASHA512',
  12: 'ECC-GOST',
  13: 'ECDSAP256SHA256',
  14: 'ECDSAP384SHA384',
  15: 'ED25519',
  16: 'ED448',
  252: 'INDIRECT',
  253: 'PRIVATEDNS',
  254: 'PRIVATEOID',
};

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

function degrees(value: number, [positive, negative]: readonly [string, string]): string {
  const milliseconds = Math.abs(value - 2 ** 31);
  const minutes = Math.floor(milliseconds / 60_000);
  const seconds = ((milliseconds % 60_000) / 1000).toFixed(3);
  const letter = value >= 2 ** 31 ? positive : negative;
  return `${twoDigits(Math.floor(minutes / 60))} ${twoDigits(minutes % 60)} ${seconds} ${letter}`;
}

/** A size in centimetres, a digit and a power of ten (RFC 1876 section 2), in metres. */
function metres(byte: number): string {
  const centimetres = (byte >> 4) * 10 ** (byte & 15);
  return centimetres % 100 === 0 ? `${centimetres / 100}m` : `${(centimetres / 100).toFixed(2)}m`;
}

function location(data: Data): string {
  if (data.u8() !== 0) throw new MalformedMessage('a location of an unknown version');
  const [size, horizontal, vertical] = [data.u8(), data.u8(), data.u8()];
  const latitude = degrees(data.u32(), ['N', 'S']);
  const longitude = degrees(data.u32(), ['E', 'W']);
  const altitude = data.u32() - 10_000_000;
  const height = altitude % 100 === 0 ? String(altitude / 100) : (altitude / 100).toFixed(2);
  return `${latitude} ${longitude} ${height}m ${metres(size)} ${metres(horizontal)} ${metres(vertical)}`;
}

/** Address prefixes (RFC 3123), trailing zero bytes left out on the wire. */
function prefixes(data: Data): string {
  const texts: string[] = [];
  while (data.position < data.end) {
    const [family, length, mark] = [data.u16(), data.u8(), data.u8()];
    const size = family === 1 ? 4 : 16;
    const address = Buffer.alloc(Math.max(size, mark & 0x7f));
    data.bytes(mark & 0x7f).copy(address);
    const text = family === 1 ? address.join('.') : ip6Text(address);
    texts.push(`${mark > 0x7f ? '!' : ''}${family}:${text}/${length}`);
  }
  return texts.join(' ');
}

/** A host identity, its key and where to meet the host (RFC 8005). */
function hostIdentity(data: Data): string {
  const [identityLength, algorithm, keyLength] = [data.u8(), data.u8(), data.u16()];
  const texts = [String(algorithm), hex(data.bytes(identityLength)), data.bytes(keyLength).toString('base64')];
  while (data.position < data.end) texts.push(data.name());
  return texts.join(' ');
}

const hex = (bytes: Buffer) => bytes.toString('hex');
const upperHex = (bytes: Buffer) => hex(bytes).toUpperCase();

/** How a field is read and written; fields without text leave no blank behind. */
const fields = {
  u8: (data: Data) => String(data.u8()),
  u16: (data: Data) => String(data.u16()),
  u32: (data: Data) => String(data.u32()),
  name: (data: Data) => data.name(),
  ip4: (data: Data) => data.bytes(4).join('.'),
  ip6: (data: Data) => ip6Text(data.bytes(16)),
  type: (data: Data) => typeName(data.u16()),
  types: typeBitMap,
  time: (data: Data) => signatureTime(data.u32()),
  string: (data: Data) => quoted(data.string()),
  tag: (data: Data) => data.string().toString('latin1'),
  strings(data: Data) {
    const texts: string[] = [];
    while (data.position < data.end) texts.push(quoted(data.string()));
    return texts.join(' ');
  },
  quotedRest: (data: Data) => quoted(data.rest()),
  hexRest: (data: Data) => hex(data.rest()),
  upperHexRest: (data: Data) => upperHex(data.rest()),
  base64Rest: (data: Data) => data.rest().toString('base64'),
  salt: (data: Data) => upperHex(data.string()) || '-',
  hash: (data: Data) => base32Hex(data.string()),
  certificate(data: Data) {
    const type = data.u16();
    return certificateTypes[type] ?? String(type);
  },
  algorithm(data: Data) {
    const algorithm = data.u8();
    return algorithms[algorithm] ?? String(algorithm);
  },
  locator: (data: Data) => hex(data.bytes(8)).match(/..../g)!.join(':'),
  upperLocator: (data: Data) => upperHex(data.bytes(8)).match(/..../g)!.join(':'),
  mac: (data: Data) => hex(data.rest()).match(/../g)?.join('-') ?? '',
  parameters: (data: Data) => parametersText(data.rest()),
  prefixes,
  hostIdentity,
  location,
} satisfies Record<string, (data: Data) => string>;

type Field = keyof typeof fields;

const layoutsByName: Readonly<Record<string, readonly Field[]>> = {
  A: ['ip4'],
  NS: ['name'],
  MD: ['name'],
  MF: ['name'],
  CNAME: ['name'],
  SOA: ['name', 'name', 'u32', 'u32', 'u32', 'u32', 'u32'],
  MB: ['name'],
  MG: ['name'],
  MR: ['name'],
  PTR: ['name'],
  HINFO: ['string', 'string'],
  MINFO: ['name', 'name'],
  MX: ['u16', 'name'],
  TXT: ['strings'],
  RP: ['name', 'name'],
  AFSDB: ['u16', 'name'],
  X25: ['tag'],
  RT: ['u16', 'name'],
  'NSAP-PTR': ['name'],
  SIG: ['type', 'u8', 'u8', 'u32', 'time', 'time', 'u16', 'name', 'base64Rest'],
  KEY: ['u16', 'u8', 'u8', 'base64Rest'],
  PX: ['u16', 'name', 'name'],
  GPOS: ['tag', 'tag', 'tag'],
  AAAA: ['ip6'],
  LOC: ['location'],
  EID: ['upperHexRest'],
  NIMLOC: ['upperHexRest'],
  SRV: ['u16', 'u16', 'u16', 'name'],
  NAPTR: ['u16', 'u16', 'string', 'string', 'string', 'name'],
  KX: ['u16', 'name'],
  CERT: ['certificate', 'u16', 'algorithm', 'base64Rest'],
  DNAME: ['name'],
  APL: ['prefixes'],
  DS: ['u16', 'u8', 'u8', 'upperHexRest'],
  SSHFP: ['u8', 'u8', 'upperHexRest'],
  RRSIG: ['type', 'u8', 'u8', 'u32', 'time', 'time', 'u16', 'name', 'base64Rest'],
  NSEC: ['name', 'types'],
  DNSKEY: ['u16', 'u8', 'u8', 'base64Rest'],
  DHCID: ['base64Rest'],
  NSEC3: ['u8', 'u8', 'u16', 'salt', 'hash', 'types'],
  NSEC3PARAM: ['u8', 'u8', 'u16', 'salt'],
  TLSA: ['u8', 'u8', 'u8', 'hexRest'],
  SMIMEA: ['u8', 'u8', 'u8', 'hexRest'],
  HIP: ['hostIdentity'],
  NINFO: ['strings'],
  RKEY: ['u16', 'u8', 'u8', 'base64Rest'],
  TALINK: ['name', 'name'],
  CDS: ['u16', 'u8', 'u8', 'upperHexRest'],
  CDNSKEY: ['u16', 'u8', 'u8', 'base64Rest'],
  OPENPGPKEY: ['base64Rest'],
  CSYNC: ['u32', 'u16', 'types'],
  ZONEMD: ['u32', 'u8', 'u8', 'hexRest'],
  SVCB: ['u16', 'name', 'parameters'],
  HTTPS: ['u16', 'name', 'parameters'],
  SPF: ['strings'],
  UINFO: ['string'],
  UID: ['u32'],
  GID: ['u32'],
  NID: ['u16', 'locator'],
  L32: ['u16', 'ip4'],
  L64: ['u16', 'upperLocator'],
  LP: ['u16', 'name'],
  EUI48: ['mac'],
  EUI64: ['mac'],
  URI: ['u16', 'u16', 'quotedRest'],
  CAA: ['u8', 'tag', 'quotedRest'],
  AVC: ['strings'],
  RESINFO: ['strings'],
  TA: ['u16', 'u8', 'u8', 'upperHexRest'],
  DLV: ['u16', 'u8', 'u8', 'upperHexRest'],
};

const layouts = new Map(Object.entries(layoutsByName).map(([name, layout]) => [typeNumber(name)!, layout]));

const optType = 41;

/** The record that EDNS puts among the additional ones is no data; its fields mean other things (RFC 6891). */
function optText({ ttl, class: size }: DnsRecord): string {
  const flags = (ttl & 0x8000) === 0 ? 'flags:' : 'flags: do';
  return `\n;; OPT PSEUDOSECTION:\n; EDNS: version ${(ttl >>> 16) & 0xff}; ${flags}; udp: ${size}`;
}

/** A record on one line, as the regexps of a module see it; throws `MalformedMessage` for data that is cut. */
export function recordText(record: DnsRecord): string {
  if (record.type === optType) return optText(record);
  const layout = layouts.get(record.type);
  const { name, ttl } = record;
  if (layout === undefined) {
    const data = record.message.subarray(record.start, record.end);
    return `${name}\t${ttl}\tCLASS${record.class}\tTYPE${record.type}\t\\# ${data.length} ${hex(data)}`;
  }
  const data = new Data(record);
  const texts = layout.map((field) => fields[field](data)).filter((text) => text !== '');
  return `${name}\t${ttl}\t${className(record.class)}\t${typeName(record.type)}\t${texts.join(' ')}`;
}
