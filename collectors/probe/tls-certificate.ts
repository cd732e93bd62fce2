/**
 * What the certificates of a TLS peer say, in the words of blackbox_exporter: expiry times, and the leaf as labels.
 *
 * `getPeerX509Certificate()` holds what the peer sent and no more, while the chain of `getPeerCertificate(true)` goes
 * on into the trust store and costs a third of a handshake. So only the first is read, what it says of names is kept
 * for each chain seen, and the verified chain is followed to a trusted certificate by the names.
 */
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { certificateNames } from './tls-name.ts';

/** The facts of one handshake. */
export interface CertificateFacts {
  /** `TLS 1.3`, as Go writes it. */
  readonly version: string;
  /** Its IANA name, which is Go's too. */
  readonly cipher: string;
  /** The least notAfter of the certificates that the peer sent, in seconds since 1970. */
  readonly earliestExpiry: number;
  /** The least notAfter of the verified chain, what is trusted included; undefined where the chain was not verified. */
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

/** What following a chain needs of the certificates that are trusted. Each of them ends a chain, roots or not. */
export interface TrustedCertificates {
  /** When they end, by subject, in seconds since 1970. Of several with one name the one that ends last counts. */
  readonly ends: ReadonlyMap<string, number>;
  /** Their SHA-256 fingerprints as Node.js writes them. */
  readonly fingerprints: ReadonlySet<string>;
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
  return { leaf: leafLabels(leaf), subjectAltName: leaf.subjectAltName, earliestExpiry };
}

/**
 * When the verified chain ends: the least notAfter from the leaf to the certificate that is trusted. Of several chains
 * the one that ends last counts, as for blackbox_exporter.
 */
function verifiedExpiry(leaf: X509Certificate, trusted: TrustedCertificates): number {
  const own = expiryOf(leaf);
  if (trusted.fingerprints.has(leaf.fingerprint256)) return own;
  const sent: { subject: string; issuer: string; expiry: number }[] = [];
  for (let at = leaf.issuerCertificate; at !== undefined; at = at.issuerCertificate) {
    sent.push({ subject: at.subject, issuer: at.issuer, expiry: expiryOf(at) });
  }
  // How long what each subject signed is good for, found from those that are trusted downwards.
  const ends = new Map<string, number>();
  const endOf = (subject: string) => Math.max(trusted.ends.get(subject) ?? -Infinity, ends.get(subject) ?? -Infinity);
  for (let changed = true; changed;) {
    changed = false;
    for (const { subject, issuer, expiry } of sent) {
      const end = Math.min(expiry, endOf(issuer));
      // Not turned round: whatever a peer sends as a time, this comes to an end.
      if (!(end > endOf(subject))) continue;
      ends.set(subject, end);
      changed = true;
    }
  }
  const end = endOf(leaf.issuer);
  // OpenSSL finds names alike that are written differently; then all that was sent counts.
  return Math.min(own, ...(end === -Infinity ? sent.map(({ expiry }) => expiry) : [end]));
}

/** When a certificate ends, in seconds since 1970. */
export function expiryOf({ validTo }: X509Certificate): number {
  return Date.parse(validTo) / 1000;
}

function leafLabels(certificate: X509Certificate): LeafLabels {
  return {
    fingerprint_sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    ...certificateNames(certificate),
    subjectalternative: alternativeNames(certificate.subjectAltName, 'DNS').join(','),
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
