/**
 * Names of DNS types, classes and response codes, spelled as blackbox_exporter's options and logs spell them.
 *
 * Source  IANA's registry of DNS parameters; RFC 3597 for `TYPE65` and `CLASS3`.
 */

const types: Readonly<Record<string, number>> = {
  None: 0,
  A: 1,
  NS: 2,
  MD: 3,
  MF: 4,
  CNAME: 5,
  SOA: 6,
  MB: 7,
  MG: 8,
  MR: 9,
  NULL: 10,
  PTR: 12,
  HINFO: 13,
  MINFO: 14,
  MX: 15,
  TXT: 16,
  RP: 17,
  AFSDB: 18,
  X25: 19,
  ISDN: 20,
  RT: 21,
  'NSAP-PTR': 23,
  SIG: 24,
  KEY: 25,
  PX: 26,
  GPOS: 27,
  AAAA: 28,
  LOC: 29,
  NXT: 30,
  EID: 31,
  NIMLOC: 32,
  SRV: 33,
  ATMA: 34,
  NAPTR: 35,
  KX: 36,
  CERT: 37,
  DNAME: 39,
  OPT: 41,
  APL: 42,
  DS: 43,
  SSHFP: 44,
  IPSECKEY: 45,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  DHCID: 49,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  SMIMEA: 53,
  HIP: 55,
  NINFO: 56,
  RKEY: 57,
  TALINK: 58,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  CSYNC: 62,
  ZONEMD: 63,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
  UINFO: 100,
  UID: 101,
  GID: 102,
  UNSPEC: 103,
  NID: 104,
  L32: 105,
  L64: 106,
  LP: 107,
  EUI48: 108,
  EUI64: 109,
  NXNAME: 128,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  MAILB: 253,
  MAILA: 254,
  ANY: 255,
  URI: 256,
  CAA: 257,
  AVC: 258,
  AMTRELAY: 260,
  RESINFO: 261,
  TA: 32_768,
  DLV: 32_769,
  Reserved: 65_535,
};

const classes: Readonly<Record<string, number>> = { IN: 1, CS: 2, CH: 3, HS: 4, NONE: 254, ANY: 255 };

const rcodes: Readonly<Record<string, number>> = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  NOTIMPL: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  DSOTYPENI: 11,
  STATEFULNOTIMP: 11,
  BADVERS: 16,
  BADSIG: 16,
  BADKEY: 17,
  BADTIME: 18,
  BADMODE: 19,
  BADNAME: 20,
  BADALG: 21,
  BADTRUNC: 22,
  BADCOOKIE: 23,
};

function reversed(names: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  const byNumber = new Map<number, string>();
  for (const [name, number] of Object.entries(names)) if (!byNumber.has(number)) byNumber.set(number, name);
  return byNumber;
}

const typeNames = reversed(types);
const classNames = reversed(classes);
const rcodeNames = reversed(rcodes);

/** The names that options offer, for messages. */
export const knownRcodes: readonly string[] = Object.keys(rcodes);

function numbered(prefix: string, text: string): number | undefined {
  if (!text.startsWith(prefix) || !/^\d{1,5}$/.test(text.slice(prefix.length))) return undefined;
  const number = Number(text.slice(prefix.length));
  return number <= 0xffff ? number : undefined;
}

/** The number of a type given as `AAAA` or as `TYPE28`. */
export function typeNumber(name: string): number | undefined {
  return Object.hasOwn(types, name) ? types[name] : numbered('TYPE', name);
}

/** The number of a class given as `IN` or as `CLASS1`. */
export function classNumber(name: string): number | undefined {
  return Object.hasOwn(classes, name) ? classes[name] : numbered('CLASS', name);
}

/** The number of a response code such as `NXDOMAIN`. */
export function rcodeNumber(name: string): number | undefined {
  return Object.hasOwn(rcodes, name) ? rcodes[name] : undefined;
}

/** The name of a type, `TYPE65280` where it has none. */
export function typeName(number: number): string {
  return typeNames.get(number) ?? `TYPE${number}`;
}

/** The name of a class, `CLASS42` where it has none. */
export function className(number: number): string {
  return classNames.get(number) ?? `CLASS${number}`;
}

/** The name of a response code, `RCODE15` where it has none. */
export function rcodeName(number: number): string {
  return rcodeNames.get(number) ?? `RCODE${number}`;
}
