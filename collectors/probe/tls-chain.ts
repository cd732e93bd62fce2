/** The certificates of a peer and what is wrong with them, in words for a person who traces a probe. */
import type { X509Certificate } from 'node:crypto';
import type { TracedCertificate } from '../../src/prober.ts';
import { alternativeNames } from './tls-certificate.ts';
import { certificateNames } from './tls-name.ts';

/** The certificates that a peer sent, its own first. */
export function tracedChain(leaf: X509Certificate | undefined): TracedCertificate[] {
  const chain: TracedCertificate[] = [];
  for (let at = leaf; at !== undefined; at = at.issuerCertificate) {
    const { subjectAltName } = at;
    chain.push({
      ...certificateNames(at),
      names: ['DNS', 'IP Address', 'email', 'URI'].flatMap((kind) => alternativeNames(subjectAltName, kind)),
      valid_from: isoTime(at.validFrom),
      valid_until: isoTime(at.validTo),
    });
  }
  return chain;
}

/** A time as OpenSSL prints it in ISO 8601; as it is where a peer sent what is no time. */
function isoTime(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? text : new Date(time).toISOString();
}

// What OpenSSL's verification answers, as Node.js names it.
const problems: Readonly<Record<string, string>> = {
  CERT_CHAIN_TOO_LONG: 'the chain is too long',
  CERT_HAS_EXPIRED: 'a certificate of the chain has expired',
  CERT_NOT_YET_VALID: 'a certificate of the chain is not valid yet',
  CERT_REJECTED: 'the root does not admit this use',
  CERT_REVOKED: 'a certificate of the chain was revoked',
  CERT_SIGNATURE_FAILURE: 'a signature of the chain is wrong',
  CERT_UNTRUSTED: 'the root is not trusted for this use',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is signed by itself and not among those that are trusted',
  INVALID_CA: 'a certificate of the chain signed another without being an authority',
  INVALID_PURPOSE: 'the certificate is not for servers',
  PATH_LENGTH_EXCEEDED: 'the chain is longer than one of its authorities admits',
  SELF_SIGNED_CERT_IN_CHAIN: 'the root of the chain is not among those that are trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'an issuer of the chain is not known; an intermediate certificate may be missing',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer is not known; it is not trusted, or an intermediate was not sent',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the issuer is not known; it is not trusted, or an intermediate was not sent',
};

/** Why a verification failed. */
export function verificationWords(code: string): string {
  const words = problems[code];
  return words === undefined ? code : `${words} (${code})`;
}
