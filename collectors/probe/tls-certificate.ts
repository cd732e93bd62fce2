/**
 * What the certificates of a TLS peer say, in the words of blackbox_exporter: expiry times, and the leaf as labels.
 *
 * `getPeerX509Certificate()` holds what the peer sent and no more, while the chain of `getPeerCertificate(true)` goes
 * on into the trust store and costs a third of a handshake. So only the first is read, what it says of names is kept
 * for each chain seen, and the verified chain is followed through the trusted certificates by their names.
 */
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { DetailedPeerCertificate, PeerCertificate, TLSSocket } from 'node:tls';

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

/** The facts of one handshake, and what tells whether the certificate is for a host. */
export interface ReadCertificate {
  readonly leaf: X509Certificate;
  readonly facts: CertificateFacts;
  readonly subjectAltName: string | undefined;
}

/** Certificates that are trusted, by subject. */
export type TrustedCertificates = ReadonlyMap<string, TrustedCertificate>;

/** What following a chain needs of a trusted certificate. */
export interface TrustedCertificate {
  readonly issuer: string;
  /** In seconds since 1970. */
  readonly expiry: number;
}

/** What is kept of a chain that was seen. */
interface Known {
  readonly leaf: LeafLabels;
  readonly subjectAltName: string | undefined;
  readonly earliestExpiry: number;
  /** Found when the chain is first seen verified. */
  chainExpiry?: number;
}

const mostKnown = 2000;

/** Reads certificates for one set of trusted roots. */
export class CertificateReader {
  readonly #known = new Map<string, Known>();
  #trusted: TrustedCertificates | undefined;

  /** To be called before the handshake: keeps Node.js from asking for the whole chain of every connection. */
  prepare(socket: TLSSocket): void {
    socket.getPeerCertificate = () => unread;
  }

  /**
   * Reads the facts of a finished handshake; undefined where the peer sent no certificate. Call it once per socket, as
   * the list of what was sent can be taken only once. `trusted` tells what is trusted now.
   */
  read(socket: TLSSocket, trusted: () => TrustedCertificates): ReadCertificate | undefined {
    const leaf = socket.getPeerX509Certificate();
    if (leaf === undefined) return undefined;
    if (socket.authorized && this.#trusted !== trusted()) {
      // What was found with the old roots does not count any more.
      this.#known.clear();
      this.#trusted = trusted();
    }
    let key = '';
    for (let at: X509Certificate | undefined = leaf; at !== undefined; at = at.issuerCertificate) {
      key += at.fingerprint256;
    }
    let known = this.#known.get(key);
    if (known === undefined) {
      known = knownOf(leaf);
      if (this.#known.size >= mostKnown) this.#known.clear();
      this.#known.set(key, known);
    }
    let chainExpiry: number | undefined;
    if (socket.authorized) chainExpiry = known.chainExpiry ??= verifiedExpiry(leaf, trusted());
    const { earliestExpiry, leaf: labels, subjectAltName } = known;
    const version = versionName(socket.getProtocol());
    const cipher = socket.getCipher().standardName;
    return { leaf, facts: { version, cipher, earliestExpiry, chainExpiry, leaf: labels }, subjectAltName };
  }
}

// What Node.js gets in place of the chain that it would check the name of; `hostMismatch` does that.
const unread = {} as DetailedPeerCertificate;

function knownOf(leaf: X509Certificate): Known {
  let earliestExpiry = Infinity;
  for (let at: X509Certificate | undefined = leaf; at !== undefined; at = at.issuerCertificate) {
    earliestExpiry = Math.min(earliestExpiry, expiryOf(at));
  }
  return { leaf: leafLabels(leaf.toLegacyObject()), subjectAltName: leaf.subjectAltName, earliestExpiry };
}

/** The least notAfter from the leaf to the root. Like OpenSSL, prefers a trusted issuer to one that was sent. */
function verifiedExpiry(leaf: X509Certificate, trusted: TrustedCertificates): number {
  const sent = new Map<string, TrustedCertificate>();
  for (let at = leaf.issuerCertificate; at !== undefined; at = at.issuerCertificate) {
    sent.set(at.subject, { issuer: at.issuer, expiry: expiryOf(at) });
  }
  let least = expiryOf(leaf);
  let { subject, issuer } = leaf;
  for (let depth = 0; issuer !== subject && depth < 10; depth += 1) {
    const above = trusted.get(issuer) ?? sent.get(issuer);
    if (above === undefined) break;
    least = Math.min(least, above.expiry);
    subject = issuer;
    issuer = above.issuer;
  }
  return least;
}

/** When a certificate ends, in seconds since 1970. */
export function expiryOf({ validTo }: X509Certificate): number {
  return Date.parse(validTo) / 1000;
}

function leafLabels(certificate: PeerCertificate): LeafLabels {
  return {
    fingerprint_sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    subject: distinguishedName(certificate.subject),
    issuer: distinguishedName(certificate.issuer),
    subjectalternative: alternativeNames(certificate.subjectaltname, 'DNS').join(','),
    serialnumber: certificate.serialNumber.toLowerCase(),
  };
}

/** What is wrong with a certificate for this host; undefined where it fits. Common names do not count (RFC 9525). */
export function hostMismatch(host: string, subjectAltName: string | undefined): string | undefined {
  const wanted = host.replace(/\.$/u, '').toLowerCase();
  const ip = isIP(wanted) !== 0;
  const names = alternativeNames(subjectAltName, ip ? 'IP Address' : 'DNS');
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
