/** `tls_server_config` of a web config: what it may say, and what Node.js is told. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { type Problems, type Source, suggestion } from '../config/problems.ts';
import { z } from '../config/schema.ts';
import { messageOf } from '../errors.ts';
import { lateTls } from '../late-modules.ts';
import { onOff, text } from './scalars.ts';
import {
  type ClientAuthPolicy,
  clientAuthTypes,
  curves,
  http2Ciphers,
  insecureCiphers,
  tls12Ciphers,
  tls13Ciphers,
  tlsVersions,
} from './tls-names.ts';

/** TLS as the server is set up with it. */
export interface TlsOptions {
  readonly context: SecureContextOptions;
  readonly clientAuth: ClientAuthPolicy;
  /** The alternative names one of which a client's certificate must have; undefined where any will do. */
  readonly allowedSans: ReadonlySet<string> | undefined;
}

type Version = keyof typeof tlsVersions;

const oneOf = (names: readonly string[], what: string) =>
  z.string().superRefine((name, context) => {
    if (names.includes(name)) return;
    const hint = insecureCiphers.has(name)
      ? ' is not offered: Go counts it as insecure'
      : ` is not known here${suggestion(name, names)}`;
    context.addIssue({ code: 'custom', message: `${what} ${JSON.stringify(name)}${hint}` });
  });

const version = (fallback: Version) =>
  oneOf(Object.keys(tlsVersions), 'the TLS version')
    .nullish()
    .transform((name) => (name ?? fallback) as Version);

/** The section as the file has it. */
export const tlsSection = z.strictObject({
  cert: text,
  key: text,
  client_ca: text,
  cert_file: text,
  key_file: text,
  client_ca_file: text,
  client_auth_type: oneOf(['', ...Object.keys(clientAuthTypes)], 'the client auth type')
    .nullish()
    .transform((name) => name ?? ''),
  client_allowed_sans: z.array(z.string()).nullish(),
  min_version: version('TLS12'),
  max_version: version('TLS13'),
  cipher_suites: z.array(oneOf([...Object.keys(tls12Ciphers), ...tls13Ciphers], 'the cipher suite')).nullish(),
  prefer_server_cipher_suites: onOff(true),
  curve_preferences: z.array(oneOf(Object.keys(curves), 'the curve')).nullish(),
});

type TlsSection = z.output<typeof tlsSection>;

interface Reading {
  readonly folder: string;
  readonly http2: boolean;
  readonly source: Source;
  readonly problems: Problems;
}

/** The PEM text of one thing that may stand inline or in a file, and the key of the section that gave it. */
interface Pem {
  readonly key: string;
  readonly text: string;
  readonly file: string | undefined;
}

/** Reads one thing; a file wins over the inline text, as with the exporters. */
function readPem(section: TlsSection, name: 'cert' | 'key' | 'client_ca', reading: Reading): Pem | undefined {
  const fileKey = `${name}_file` as const;
  const named = section[fileKey];
  if (named === '') return section[name] === '' ? undefined : { key: name, text: section[name], file: undefined };
  const file = isAbsolute(named) ? named : join(reading.folder, named);
  try {
    return { key: fileKey, text: readFileSync(file, 'utf8'), file };
  } catch (error) {
    complain(reading, fileKey, `cannot be read: ${messageOf(error)}`);
    return { key: fileKey, text: '', file };
  }
}

function complain({ source, problems }: Reading, key: string, message: string): void {
  problems.add(source, key === '' ? ['tls_server_config'] : ['tls_server_config', key], message);
}

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function certificatesOf(pem: Pem, reading: Reading): X509Certificate[] {
  if (pem.text === '') return [];
  try {
    const certificates = (pem.text.match(certificateBlock) ?? []).map((block) => new X509Certificate(block));
    if (certificates.length === 0) complain(reading, pem.key, 'holds no certificate in PEM form');
    return certificates;
  } catch {
    complain(reading, pem.key, 'holds a certificate that cannot be read');
    return [];
  }
}

function privateKeyOf(pem: Pem, reading: Reading): KeyObject | undefined {
  if (pem.text === '') return undefined;
  if (/ENCRYPTED/.test(pem.text)) {
    complain(reading, pem.key, 'is a key under a passphrase, which there is no way to give');
    return undefined;
  }
  try {
    return createPrivateKey(pem.text);
  } catch {
    // OpenSSL's reason says nothing that helps, and might quote the key.
    complain(reading, pem.key, 'holds no private key in PEM form');
    return undefined;
  }
}

function checkPair(cert: Pem | undefined, key: Pem | undefined, reading: Reading): void {
  if (cert === undefined) complain(reading, '', 'needs a certificate: cert or cert_file');
  if (key === undefined) complain(reading, '', 'needs the key of its certificate: key or key_file');
  const [leaf] = cert === undefined ? [] : certificatesOf(cert, reading);
  const privateKey = key === undefined ? undefined : privateKeyOf(key, reading);
  if (leaf !== undefined && privateKey !== undefined && !leaf.checkPrivateKey(privateKey)) {
    complain(reading, key!.key, `is not the key of the certificate in ${cert!.key}`);
  }
}

function checkClientAuth(section: TlsSection, ca: Pem | undefined, reading: Reading): ClientAuthPolicy {
  const type = section.client_auth_type || 'NoClientCert';
  const policy = clientAuthTypes[type]!;
  if (ca !== undefined) certificatesOf(ca, reading);
  if (ca !== undefined && !policy.request) {
    complain(reading, ca.key, 'needs a client_auth_type that asks clients for a certificate');
  }
  if (ca === undefined && policy.verify) {
    const words = `${type} needs client_ca or client_ca_file; the roots of the host are not trusted for clients here`;
    complain(reading, 'client_auth_type', words);
  }
  if (section.client_allowed_sans && !policy.require) {
    const words = 'needs client_auth_type RequireAnyClientCert or RequireAndVerifyClientCert';
    complain(reading, 'client_allowed_sans', words);
  }
  return policy;
}

function cipherList(section: TlsSection, reading: Reading): string | undefined {
  const names = section.cipher_suites ?? [];
  const offered = new Set(lateTls().getCiphers());
  for (const [index, name] of names.entries()) {
    if (offered.has((tls12Ciphers[name] ?? name).toLowerCase())) continue;
    const path = ['tls_server_config', 'cipher_suites', index];
    reading.problems.add(
      reading.source,
      path,
      `the OpenSSL of this Node.js has no cipher suite ${JSON.stringify(name)}`,
    );
  }
  const canHttp2 = section.min_version === 'TLS13' || names.some((name) => http2Ciphers.includes(name));
  if (names.length > 0 && reading.http2 && !canHttp2) {
    const words = `HTTP/2 needs ${http2Ciphers.join(' or ')}; add one, or set http_server_config.http2 to false`;
    complain(reading, 'cipher_suites', words);
  }
  const chosen =
    names.length === 0
      ? lateTls().DEFAULT_CIPHERS
      : [...tls13Ciphers, ...names.flatMap((name) => tls12Ciphers[name] ?? [])].join(':');
  // OpenSSL 3 has versions before 1.2 on this level only: they sign with SHA-1.
  return section.min_version < 'TLS12' ? `${chosen}:@SECLEVEL=0` : chosen;
}

/** Whether anything in the section says that TLS is wanted; what does is as the exporters have it. */
function wantsTls(section: TlsSection): boolean {
  const { cert, cert_file, key, key_file, client_ca, client_ca_file, client_auth_type } = section;
  return [cert, cert_file, key, key_file, client_ca, client_ca_file, client_auth_type].some((value) => value !== '');
}

/**
 * The options for Node.js, and the files behind them; undefined where there is to be no TLS. Mistakes are noted, and
 * what is returned beside them must not be used.
 */
export function readTlsOptions(
  section: TlsSection,
  reading: Reading,
): { readonly options: TlsOptions; readonly files: readonly string[] } | undefined {
  if (!wantsTls(section)) {
    const document = reading.source.file?.document;
    const given = Object.keys(section).filter((key) => document?.hasIn(['tls_server_config', key]));
    for (const key of given) {
      const value = document?.getIn(['tls_server_config', key]);
      if (value !== null && value !== '')
        complain(reading, key, 'would do nothing: without cert and key there is no TLS');
    }
    return undefined;
  }
  const before = reading.problems.count;
  const cert = readPem(section, 'cert', reading);
  const key = readPem(section, 'key', reading);
  const ca = readPem(section, 'client_ca', reading);
  checkPair(cert, key, reading);
  const clientAuth = checkClientAuth(section, ca, reading);
  if (section.max_version < section.min_version) {
    complain(reading, 'max_version', 'must not be lower than min_version: no client could connect');
  }
  const context: SecureContextOptions = {
    cert: cert?.text,
    key: key?.text,
    ca: ca?.text,
    ciphers: cipherList(section, reading),
    honorCipherOrder: section.prefer_server_cipher_suites,
    minVersion: tlsVersions[section.min_version],
    maxVersion: tlsVersions[section.max_version],
    ...(section.curve_preferences?.length
      ? { ecdhCurve: section.curve_preferences.map((name) => curves[name]).join(':') }
      : {}),
  };
  if (reading.problems.count === before) {
    try {
      lateTls().createSecureContext(context);
    } catch (error) {
      complain(reading, '', `OpenSSL refuses it: ${messageOf(error)}`);
    }
  }
  const allowedSans = section.client_allowed_sans ? new Set(section.client_allowed_sans) : undefined;
  const files = [cert, key, ca].flatMap((pem) => pem?.file ?? []);
  return { options: { context, clientAuth, allowedSans }, files };
}
