/**
 * The subject and the issuer of a certificate as Go's `pkix.Name` prints them, which is how blackbox_exporter has them
 * in its labels.
 *
 * Go knows nine attributes by name and prints them first, in an order of its own. The others follow from the last to
 * the first as `OID=#hex`, the value encoded anew: as PrintableString where its characters are of that kind and as
 * UTF8String otherwise, whatever it was in the certificate. Node.js drops some attributes and tells no types, so the
 * names are read from the DER; only where that cannot be read does what Node.js says of them serve.
 */
import type { X509Certificate } from 'node:crypto';

/** Whom a certificate is for and who signed it. */
export interface CertificateNames {
  readonly subject: string;
  readonly issuer: string;
}

/** One part of a name. */
interface Attribute {
  /** Such as `2.5.4.3`. */
  readonly type: string;
  /** As bytes of DER where it is no text. */
  readonly value: string | Buffer;
}

/** Reads the names of a certificate. */
export function certificateNames(certificate: X509Certificate): CertificateNames {
  return namesOfDer(certificate.raw) ?? namesOfNode(certificate);
}

/** The names of a certificate in DER; undefined where this is none. */
export function namesOfDer(der: Buffer): CertificateNames | undefined {
  const [certificate] = elementsOf(der) ?? [];
  const [signed] = contentOf(certificate, sequenceTag) ?? [];
  const fields = contentOf(signed, sequenceTag) ?? [];
  // Certificates of version 1 do not tell their version. Then come serial number, algorithm, issuer, validity, subject.
  const at = fields[0]?.tag === versionTag ? 1 : 0;
  const issuer = attributesOf(fields[at + 2]);
  const subject = attributesOf(fields[at + 4]);
  return issuer === undefined || subject === undefined
    ? undefined
    : { subject: nameText(subject), issuer: nameText(issuer) };
}

/** What Node.js makes of the names: an attribute it has no name for is missing, and so is all of a name it cannot read. */
function namesOfNode(certificate: X509Certificate): CertificateNames {
  const { subject, issuer } = certificate.toLegacyObject() as { subject?: object; issuer?: object };
  return { subject: distinguishedName(subject), issuer: distinguishedName(issuer) };
}

const nodeTypes: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  serialNumber: '2.5.4.5',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  street: '2.5.4.9',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  postalCode: '2.5.4.17',
  emailAddress: '1.2.840.113549.1.9.1',
  DC: '0.9.2342.19200300.100.1.25',
};

/** A name of which Node.js tells the attributes. */
export function distinguishedName(name: object = {}): string {
  const attributes: Attribute[] = [];
  for (const [key, values] of Object.entries(name as Readonly<Record<string, string | readonly string[]>>)) {
    const type = nodeTypes[key];
    if (type !== undefined) for (const value of [values].flat()) attributes.push({ type, value });
  }
  return nameText(attributes);
}

// In the order in which they are printed. Go keeps only the last of those that can be there once.
const printed: readonly { type: string; name: string; once?: true }[] = [
  { type: '2.5.4.5', name: 'SERIALNUMBER', once: true },
  { type: '2.5.4.3', name: 'CN', once: true },
  { type: '2.5.4.11', name: 'OU' },
  { type: '2.5.4.10', name: 'O' },
  { type: '2.5.4.17', name: 'POSTALCODE' },
  { type: '2.5.4.9', name: 'STREET' },
  { type: '2.5.4.7', name: 'L' },
  { type: '2.5.4.8', name: 'ST' },
  { type: '2.5.4.6', name: 'C' },
];
const printedTypes = new Set(printed.map(({ type }) => type));

function nameText(attributes: readonly Attribute[]): string {
  const parts: string[] = [];
  for (const { type, name, once } of printed) {
    let values = attributes.filter((attribute) => attribute.type === type).map(({ value }) => value);
    if (once) values = values.slice(-1).filter((value) => value.length > 0);
    if (values.length > 0) parts.push(values.map((value) => `${name}=${knownValue(value)}`).join('+'));
  }
  for (const { type, value } of attributes.toReversed()) {
    if (!printedTypes.has(type)) parts.push(`${type}=#${derOf(value).toString('hex')}`);
  }
  return parts.join(',');
}

function knownValue(value: string | Buffer): string {
  if (typeof value !== 'string') return `#${value.toString('hex')}`;
  return value.replaceAll(/[,+"\\<>;]|^[ #]| $/gu, String.raw`\$&`);
}

function derOf(value: string | Buffer): Buffer {
  if (typeof value !== 'string') return value;
  const content = Buffer.from(value);
  const tag = /^[A-Za-z0-9'()+,\-./:=? ]*$/u.test(value) ? printableTag : utf8Tag;
  const { length } = content;
  // The length of its length stands before a length of more than seven bits.
  let head = [tag, length];
  if (length > 0xffff) head = [tag, 0x83, length >>> 16, (length >>> 8) & 0xff, length & 0xff];
  else if (length > 0xff) head = [tag, 0x82, length >>> 8, length & 0xff];
  else if (length > 0x7f) head = [tag, 0x81, length];
  return Buffer.concat([Buffer.from(head), content]);
}

// DER, as far as names need it: X.690, and the types of RFC 5280, appendix A.

const oidTag = 0x06;
const utf8Tag = 0x0c;
const printableTag = 0x13;
const universalTag = 0x1c;
const bmpTag = 0x1e;
/** UTF8String, NumericString, PrintableString, T61String, IA5String, VisibleString. */
const byteStringTags = new Set([utf8Tag, 0x12, printableTag, 0x14, 0x16, 0x1a]);
const sequenceTag = 0x30;
const setTag = 0x31;
const versionTag = 0xa0;

interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** With tag and length. */
  readonly whole: Buffer;
}

/** The elements that fill some bytes one after the other; undefined where they do not. */
function elementsOf(bytes: Buffer): Element[] | undefined {
  const elements: Element[] = [];
  for (let start = 0; start < bytes.length;) {
    const tag = bytes[start]!;
    let length = bytes[start + 1];
    // No certificate has tags of several bytes in its names.
    if (length === undefined || (tag & 0x1f) === 0x1f) return undefined;
    let from = start + 2;
    if (length > 0x7f) {
      const size = length & 0x7f;
      if (size === 0 || size > 4 || from + size > bytes.length) return undefined;
      length = bytes.readUIntBE(from, size);
      from += size;
    }
    const end = from + length;
    if (end > bytes.length) return undefined;
    elements.push({ tag, content: bytes.subarray(from, end), whole: bytes.subarray(start, end) });
    start = end;
  }
  return elements;
}

function contentOf(element: Element | undefined, tag: number): Element[] | undefined {
  return element?.tag === tag ? elementsOf(element.content) : undefined;
}

/** The attributes of a Name: a sequence of sets of pairs of a type and a value. */
function attributesOf(name: Element | undefined): Attribute[] | undefined {
  const sets = contentOf(name, sequenceTag);
  if (sets === undefined) return undefined;
  const attributes: Attribute[] = [];
  for (const set of sets) {
    const pairs = contentOf(set, setTag);
    if (pairs === undefined) return undefined;
    for (const pair of pairs) {
      const [key, value, more] = contentOf(pair, sequenceTag) ?? [];
      const type = key?.tag === oidTag ? oidText(key.content) : undefined;
      if (type === undefined || value === undefined || more !== undefined) return undefined;
      attributes.push({ type, value: textOf(value) ?? value.whole });
    }
  }
  return attributes;
}

function oidText(content: Buffer): string | undefined {
  const numbers: number[] = [];
  let number = 0;
  let begun = false;
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f);
    if (number > Number.MAX_SAFE_INTEGER) return undefined;
    begun = byte > 0x7f;
    if (begun) continue;
    numbers.push(number);
    number = 0;
  }
  const [first, ...rest] = numbers;
  if (first === undefined || begun) return undefined;
  // The first two numbers share one, of which the first is 0, 1 or 2.
  const top = Math.min(Math.floor(first / 40), 2);
  return [top, first - top * 40, ...rest].join('.');
}

/** The text of a string of any type; undefined where it is no string. */
function textOf({ tag, content }: Element): string | undefined {
  if (byteStringTags.has(tag)) {
    // Go takes T61String for UTF-8, OpenSSL for Latin-1; as it may be either, Latin-1 is what is not UTF-8.
    const text = content.toString('utf8');
    return text.includes('\ufffd') && !Buffer.from(text).equals(content) ? content.toString('latin1') : text;
  }
  if (tag === bmpTag && content.length % 2 === 0) {
    // Some end with a NUL, which Go takes off.
    return Buffer.from(content).swap16().toString('utf16le').replace(/\0$/u, '');
  }
  if (tag === universalTag && content.length % 4 === 0) {
    let text = '';
    for (let at = 0; at < content.length; at += 4) {
      const point = content.readUInt32BE(at);
      text += point > 0x10_ffff ? '\ufffd' : String.fromCodePoint(point);
    }
    return text;
  }
  return undefined;
}
