/** Certificates of any names and times, put together byte by byte, as openssl makes no odd ones. */
import { generateKeyPairSync, sign, X509Certificate, type KeyObject } from 'node:crypto';

/** One attribute of a name: its type, the tag of its value, and the bytes of its value as Latin-1. */
export type DerAttribute = readonly [type: string, tag: number, value: string];

/** A name: the attributes of each of its sets. */
export type DerName = readonly (readonly DerAttribute[])[];

/** A certificate in DER and PEM with its key. */
export interface DerCertificate {
  readonly name: DerName;
  readonly der: Buffer;
  readonly cert: string;
  readonly key: string;
  readonly privateKey: KeyObject;
}

/** Tags of the kinds of strings. */
export const tags = { utf8: 0x0c, numeric: 0x12, printable: 0x13, t61: 0x14, ia5: 0x16, universal: 0x1c, bmp: 0x1e };

/** A certificate from 2020 to the end of a year, for localhost and for signing; signed by itself unless said otherwise. */
export function derCertificate(name: DerName, year = 2045, issuer?: DerCertificate): DerCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = element(0x30, oid('1.2.840.10045.4.3.2'));
  const extension = (type: string, value: Buffer) => element(0x30, oid(type), element(0x04, value));
  const signed = element(
    0x30,
    element(0xa0, element(0x02, '\x02')),
    element(0x02, `\x01${String.fromCharCode(Math.floor(Math.random() * 256), year % 256)}`),
    algorithm,
    nameOf((issuer ?? { name }).name),
    element(0x30, element(0x17, '200101000000Z'), element(0x17, `${year % 100}1231000000Z`)),
    nameOf(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    element(
      0xa3,
      element(
        0x30,
        extension('2.5.29.17', element(0x30, element(0x82, 'localhost'))),
        extension('2.5.29.19', element(0x30, element(0x01, '\xff'))),
      ),
    ),
  );
  const signature = sign('sha256', signed, issuer?.privateKey ?? privateKey);
  const der = element(0x30, signed, algorithm, element(0x03, '\0', signature));
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { name, der, cert: new X509Certificate(der).toString(), key, privateKey };
}

function nameOf(name: DerName): Buffer {
  const pair = ([type, tag, value]: DerAttribute) => element(0x30, oid(type), element(tag, value));
  return element(0x30, ...name.map((set) => element(0x31, ...set.map(pair))));
}

/** An element of DER. */
function element(tag: number, ...contents: (string | Buffer)[]): Buffer {
  const content = Buffer.concat(
    contents.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
  );
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >>> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

function oid(type: string): Buffer {
  const [top = 0, second = 0, ...rest] = type.split('.').map(Number);
  const bytes = [top * 40 + second, ...rest].flatMap((number) => {
    const groups = [number % 128];
    for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift(128 + (left % 128));
    return groups;
  });
  return element(0x06, Buffer.from(bytes));
}
