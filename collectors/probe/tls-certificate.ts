/**
 * What the certificates of a TLS peer say, in the words of blackbox_exporter: expiry times, and the leaf as labels.
 *
 * Two views of Node.js are needed. `getPeerCertificate(true)` goes from the leaf to the root, also where the root came
 * from the trust store and not from the peer: the verified chain. `getPeerX509Certificate()` holds what the peer sent
 * and no more, but takes the list out of the connection, so it can be read only once and only after the other.
 */
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';

/** The facts of one handshake. */
export interface CertificateFacts {
  /** `TLS 1.3`, as Go writes it. */
  readonly version: string;
  /** Its IANA name, which is Go's too. */
  readonly cipher: string;
  /** The least notAfter of the certificates that the peer sent, in seconds since 1970. */
  readonly earliestExpiry: number;
  /** The least notAfter of the verified chain, root included; undefined where the chain was not verified. */
  readonly chainExpiry: number | undefined;
  readonly leaf: LeafLabels;
}

/** The labels of `probe_ssl_last_chain_info`. */
export interface LeafLabels {
  readonly fingerprint_sha256: string;
  readonly subject: string;
  readonly issuer: string;
  readonly subjectalternative: string;
  readonly serialnumber: string;
}

/** Reads the facts of a finished handshake; undefined where the peer sent no certificate. Call it once per socket. */
export function certificateFacts(socket: TLSSocket, chain: DetailedPeerCertificate): CertificateFacts | undefined {
  if (chain.fingerprint256 === undefined) return undefined;
  return {
    version: versionName(socket.getProtocol()),
    cipher: socket.getCipher().standardName,
    chainExpiry: socket.authorized ? leastExpiry(chain) : undefined,
    earliestExpiry: leastSentExpiry(socket.getPeerX509Certificate()) ?? seconds(chain.valid_to),
    leaf: {
      fingerprint_sha256: chain.fingerprint256.replaceAll(':', '').toLowerCase(),
      subject: distinguishedName(chain.subject),
      issuer: distinguishedName(chain.issuer),
      subjectalternative: alternativeNames(chain.subjectaltname, 'DNS').join(','),
      serialnumber: chain.serialNumber.toLowerCase(),
    },
  };
}

/** What is wrong with a certificate for this host; undefined where it fits. Common names do not count (RFC 9525). */
export function hostMismatch(host: string, certificate: DetailedPeerCertificate): string | undefined {
  const wanted = host.replace(/\.$/u, '').toLowerCase();
  const ip = isIP(wanted) !== 0;
  const names = alternativeNames(certificate.subjectaltname, ip ? 'IP Address' : 'DNS');
  const fits = ip
    ? names.some((name) => addressKey(name) === addressKey(wanted))
    : names.some((name) => nameFits(wanted, name.toLowerCase()));
  return fits ? undefined : `the certificate is not valid for ${host}`;
}

/** Entries of one kind of a subjectAltName as Node.js prints it: `DNS:a, IP Address:::1`, quoted where ambiguous. */
export function alternativeNames(text: string | undefined, kind: string): string[] {
  const names: string[] = [];
  for (const [, name = '', quoted, plain = ''] of (text ?? '').matchAll(
    /(?:^|, )([^:,"]+):(?:("(?:[^"\\]|\\.)*")|([^,"]*))/gu,
  )) {
    if (name === kind) names.push(quoted === undefined ? plain : (JSON.parse(quoted) as string));
  }
  return names;
}

function nameFits(wanted: string, pattern: string): boolean {
  if (!pattern.startsWith('*.')) return wanted === pattern.replace(/\.$/u, '');
  // A wildcard stands for one whole label.
  const dot = wanted.indexOf('.');
  return dot > 0 && wanted.slice(dot + 1) === pattern.slice(2).replace(/\.$/u, '');
}

function addressKey(address: string): string {
  // The URL parser brings every spelling of an IPv6 address to one; Node.js prints them uncompressed.
  return address.includes(':') ? new URL(`http://[${address}]/`).hostname : address;
}

function leastExpiry(chain: DetailedPeerCertificate): number {
  let least = Infinity;
  for (let at: DetailedPeerCertificate | undefined = chain; at !== undefined;) {
    least = Math.min(least, seconds(at.valid_to));
    // A root is its own issuer.
    at = at.issuerCertificate === at ? undefined : at.issuerCertificate;
  }
  return least;
}

function leastSentExpiry(leaf: X509Certificate | undefined): number | undefined {
  let least: number | undefined;
  for (let at = leaf; at !== undefined; at = at.issuerCertificate) {
    least = Math.min(least ?? Infinity, seconds(at.validTo));
  }
  return least;
}

function seconds(date: string): number {
  return Date.parse(date) / 1000;
}

function versionName(protocol: string | null): string {
  if (protocol === 'TLSv1') return 'TLS 1.0';
  return protocol?.startsWith('TLSv') === true ? `TLS ${protocol.slice(4)}` : 'unknown';
}

// The order in which Go prints the attributes of a name, with its spelling of each.
const attributes = [
  ['serialNumber', 'SERIALNUMBER'],
  ['CN', 'CN'],
  ['postalCode', 'POSTALCODE'],
  ['street', 'STREET'],
  ['ST', 'ST'],
  ['L', 'L'],
  ['OU', 'OU'],
  ['O', 'O'],
  ['C', 'C'],
] as const;

// Go knows no short names for other attributes; these two are the ones that certificates have.
const byOid: Readonly<Record<string, { oid: string; tag: number }>> = {
  emailAddress: { oid: '1.2.840.113549.1.9.1', tag: 0x16 },
  DC: { oid: '0.9.2342.19200300.100.1.25', tag: 0x16 },
};

/** A name as Go's `pkix.Name` prints it, most specific attribute first. */
export function distinguishedName(name: object): string {
  const fields = name as Readonly<Record<string, string | readonly string[]>>;
  const parts: string[] = [];
  for (const [key, shown] of attributes) {
    const value = fields[key];
    if (value !== undefined)
      parts.push(
        listOf(value)
          .map((text) => `${shown}=${escapeValue(text)}`)
          .join('+'),
      );
  }
  for (const key of Object.keys(fields).toReversed()) {
    const other = byOid[key];
    const value = fields[key];
    if (other === undefined || value === undefined) continue;
    for (const text of listOf(value).toReversed()) {
      const bytes = Buffer.from(text);
      parts.push(`${other.oid}=#${Buffer.from([other.tag, bytes.length]).toString('hex')}${bytes.toString('hex')}`);
    }
  }
  return parts.join(',');
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

function escapeValue(text: string): string {
  return text.replaceAll(/[,+"\\<>;]|^[ #]| $/gu, String.raw`\$&`);
}
