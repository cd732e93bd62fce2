/** Whether the certificate of a client lets it in, where that is more than what OpenSSL decides in the handshake. */
import type { X509Certificate } from 'node:crypto';
import { SocketAddress } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { TlsOptions } from './tls-options.ts';

// An entry as Node.js prints it: where its text holds anything unusual it is a JSON string.
const entry = /(DNS|IP Address|email|URI|[^,:]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/y;
const compared = new Set(['DNS', 'IP Address', 'email', 'URI']);

/** The short form of an address, as both OpenSSL's and a person's spelling of IPv6 vary. */
function canonicalAddress(address: string): string {
  try {
    const isV6 = address.includes(':');
    // The parser of URLs knows the one short form of an IPv6 address; SocketAddress refuses what is none.
    const parsed = new SocketAddress({ address, family: isV6 ? 'ipv6' : 'ipv4' });
    return isV6 ? new URL(`http://[${parsed.address}]`).hostname.slice(1, -1) : parsed.address;
  } catch {
    return address;
  }
}

/** The alternative names of a certificate: DNS names, addresses, e-mail addresses and URIs. */
export function alternativeNames({ subjectAltName }: Pick<X509Certificate, 'subjectAltName'>): string[] {
  const names: string[] = [];
  const text = subjectAltName ?? '';
  entry.lastIndex = 0;
  while (entry.lastIndex < text.length) {
    const match = entry.exec(text);
    // Of a text that is not understood nothing is believed.
    if (match === null) return [];
    const [, kind = '', written = ''] = match;
    if (!compared.has(kind)) continue;
    const name = written.startsWith('"') ? (JSON.parse(written) as string) : written;
    names.push(kind === 'IP Address' ? canonicalAddress(name) : name);
  }
  return names;
}

/** Whether a connection may go on. */
export function isAdmitted(socket: TLSSocket, { clientAuth, allowedSans }: TlsOptions): boolean {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return !clientAuth.require;
  if (clientAuth.verify && !socket.authorized) return false;
  if (allowedSans === undefined) return true;
  return alternativeNames(certificate).some((name) => allowedSans.has(name));
}
