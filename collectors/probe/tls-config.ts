/**
 * The `tls_config` block that every prober shares, as prometheus/common has it, and the secure context made of it:
 * built once for a module, and again when one of its files changed.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SecureContext, SecureContextOptions, SecureVersion } from 'node:tls';
import { secret, z } from '../../src/config/schema.ts';
import { lateTls } from '../../src/late-modules.ts';
import { fileIdentity } from '../../src/system/file-identity.ts';
import { causeOf, ProbeFailure } from './failure.ts';
import { expiryOf, type TrustedCertificates } from './tls-certificate.ts';
import { certificatesIn, hostTrust } from './tls-host-trust.ts';

const versions = ['TLS10', 'TLS11', 'TLS12', 'TLS13'] as const;
type Version = (typeof versions)[number];

const nodeVersion: Record<Version, SecureVersion> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
};

/** The schema of a `tls_config`. */
export const tlsConfigOptions = z
  .strictObject({
    ca: z.string().optional().describe('CA certificates in PEM to trust instead of those of the host.'),
    ca_file: z.string().optional().describe('File of CA certificates in PEM to trust instead of those of the host.'),
    cert: z.string().optional().describe('Client certificate in PEM.'),
    cert_file: z.string().optional().describe('File of the client certificate in PEM.'),
    key: secret().optional().describe('Private key of the client certificate in PEM.'),
    key_file: z.string().optional().describe('File of the private key of the client certificate in PEM.'),
    server_name: z
      .string()
      .optional()
      .describe("Name to send (SNI) and to look for in the certificate instead of the target's."),
    insecure_skip_verify: z.boolean().default(false).describe('Do not verify the certificate of the target.'),
    min_version: z.enum(versions).optional().describe('Lowest TLS version to accept; TLS12 where absent.'),
    max_version: z.enum(versions).optional().describe('Highest TLS version to accept.'),
  })
  .superRefine((config, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (config.ca && config.ca_file) refuse('ca_file', 'set only one of ca and ca_file');
    if (config.cert && config.cert_file) refuse('cert_file', 'set only one of cert and cert_file');
    if (config.key?.reveal() && config.key_file) refuse('key_file', 'set only one of key and key_file');
    const hasCert = Boolean(config.cert || config.cert_file);
    const hasKey = Boolean(config.key?.reveal() || config.key_file);
    if (hasCert && !hasKey) refuse('cert', 'a client certificate needs key or key_file');
    if (hasKey && !hasCert) refuse('key', 'a client key needs cert or cert_file');
    if (config.min_version && config.max_version && config.max_version < config.min_version) {
      refuse('max_version', 'max_version must not be lower than min_version');
    }
  });

/** A `tls_config` as a prober gets it. */
export type TlsConfig = z.output<typeof tlsConfigOptions>;

/** A secure context, and what it trusts; read only when somebody asks. */
export interface Trust {
  readonly context: SecureContext;
  readonly trusted: () => TrustedCertificates;
}

/** Gives the secure context of one `tls_config`. */
export class SecureContextSource {
  readonly #config: TlsConfig;
  readonly #files: readonly string[];
  #trust: Trust | undefined;
  #identity = '';

  constructor(config: TlsConfig) {
    this.#config = config;
    const { ca_file, cert_file, key_file } = config;
    this.#files = [ca_file, cert_file, key_file].filter((file) => file !== undefined && file !== '') as string[];
  }

  /** The context for now; fails with a `ProbeFailure` of reason `config` where a file cannot be used. */
  get(): Trust {
    const config = this.#config;
    try {
      if (this.#files.length === 0 && !config.ca && !config.cert) return plainTrust(config);
      const host = config.ca || config.ca_file ? undefined : hostTrust();
      const identity = [...this.#files.map(fileIdentity), host?.identity].join('\n');
      if (this.#trust === undefined || identity !== this.#identity) {
        const ca = textOf(config.ca, config.ca_file);
        const cert = textOf(config.cert, config.cert_file);
        const key = textOf(config.key?.reveal(), config.key_file);
        this.#trust =
          host === undefined
            ? { context: contextOf(config, ca, cert, key), trusted: once(() => trustedIn(ca ?? '')) }
            : { ...plainTrust(config), context: contextOf(config, host.read(), cert, key) };
        this.#identity = identity;
      }
      return this.#trust;
    } catch (error) {
      throw new ProbeFailure('config', `tls_config cannot be used: ${causeOf(error)}`, { cause: error });
    }
  }
}

// Building a context of a hundred CA certificates takes some 10 ms, so modules without files of their own share one.
const plainTrusts = new Map<string, Trust & { readonly identity: string }>();

function plainTrust(config: TlsConfig): Trust {
  const key = `${config.min_version} ${config.max_version}`;
  const { identity, read } = hostTrust();
  let known = plainTrusts.get(key);
  if (known === undefined || known.identity !== identity) {
    // A host that keeps no certificates gets those that Node.js carries.
    const trusted = once(() => trustedIn(read()?.toString() ?? lateTls().rootCertificates.join('\n')));
    known = { context: contextOf(config, read(), undefined, undefined), trusted, identity };
    plainTrusts.set(key, known);
  }
  return known;
}

function contextOf(
  config: TlsConfig,
  ca: string | Buffer | undefined,
  cert: string | undefined,
  key: string | undefined,
): SecureContext {
  const options = versionOptions(config);
  // As for Go, each certificate that is trusted ends a chain, whoever signed it.
  options.allowPartialTrustChain = true;
  // Node.js takes an empty text for none and trusts its own certificates then.
  if (ca !== undefined) options.ca = ca.length === 0 ? [] : ca;
  if (cert !== undefined) options.cert = cert;
  if (key !== undefined) options.key = key;
  return lateTls().createSecureContext(options);
}

/** The certificates of a PEM bundle. */
function trustedIn(bundle: string): TrustedCertificates {
  const ends = new Map<string, number>();
  const fingerprints = new Set<string>();
  for (const pem of certificatesIn(bundle)) {
    try {
      const certificate = new X509Certificate(pem);
      const { subject } = certificate;
      ends.set(subject, Math.max(expiryOf(certificate), ends.get(subject) ?? -Infinity));
      fingerprints.add(certificate.fingerprint256);
    } catch {
      // OpenSSL does not take it either.
    }
  }
  return { ends, fingerprints };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

// In the order of Go, so that targets choose what they choose for blackbox_exporter; the first is the cheapest, too.
const tls13Ciphers = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256';
const defaultCiphers = once(() => {
  const older = lateTls()
    .DEFAULT_CIPHERS.split(':')
    .filter((name) => !name.startsWith('TLS_'));
  return [tls13Ciphers, ...older].join(':');
});

function versionOptions({ min_version, max_version }: TlsConfig): SecureContextOptions {
  const options: SecureContextOptions = { minVersion: nodeVersion[min_version ?? 'TLS12'], ciphers: defaultCiphers() };
  if (max_version !== undefined) {
    options.maxVersion = nodeVersion[max_version];
    if (min_version === undefined && max_version < 'TLS12') options.minVersion = nodeVersion[max_version];
  }
  // OpenSSL 3 has the old versions only at security level 0, as they sign with SHA-1.
  if (options.minVersion === 'TLSv1' || options.minVersion === 'TLSv1.1')
    options.ciphers = `${tls13Ciphers}:DEFAULT@SECLEVEL=0`;
  return options;
}

function textOf(text: string | undefined, file: string | undefined): string | undefined {
  return text || (file ? readFileSync(file, 'utf8') : undefined);
}
