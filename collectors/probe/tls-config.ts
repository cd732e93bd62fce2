/**
 * The `tls_config` block that every prober shares, as prometheus/common has it, and the secure context made of it:
 * built once for a module, and again when one of its files changed.
 */
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions, type SecureVersion } from 'node:tls';
import { secret, z } from '../../src/config/schema.ts';
import { causeOf, ProbeFailure } from './failure.ts';

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

// Where distributions keep the CA certificates of the host; Go looks in the same places.
const hostCaFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** Gives the secure context of one `tls_config`. */
export class SecureContextSource {
  readonly #config: TlsConfig;
  readonly #files: readonly string[];
  #context: SecureContext | undefined;
  #identity = '';

  constructor(config: TlsConfig) {
    this.#config = config;
    const { ca_file, cert_file, key_file } = config;
    this.#files = [ca_file, cert_file, key_file].filter((file) => file !== undefined && file !== '') as string[];
  }

  /** The context for now; fails with a `ProbeFailure` of reason `config` where a file cannot be used. */
  get(): SecureContext {
    const config = this.#config;
    if (this.#files.length === 0 && !config.ca && !config.cert) return plainContext(config);
    try {
      const identity = this.#files.map(fileIdentity).join('\n');
      if (this.#context === undefined || identity !== this.#identity) {
        this.#context = createSecureContext({
          ...versionOptions(config),
          ...given('ca', config.ca, config.ca_file),
          ...given('cert', config.cert, config.cert_file),
          ...given('key', config.key?.reveal(), config.key_file),
        });
        this.#identity = identity;
      }
      return this.#context;
    } catch (error) {
      throw new ProbeFailure('config', `tls_config cannot be used: ${causeOf(error)}`, { cause: error });
    }
  }
}

// Building a context of a hundred CA certificates takes some 10 ms, so modules without files of their own share one.
const plainContexts = new Map<string, { context: SecureContext; identity: string }>();

function plainContext(config: TlsConfig): SecureContext {
  const key = `${config.min_version} ${config.max_version}`;
  const caFile = process.env['SSL_CERT_FILE'] ?? hostCaFiles.find((file) => statSync(file, { throwIfNoEntry: false }));
  const identity = caFile === undefined ? '' : fileIdentity(caFile);
  let known = plainContexts.get(key);
  if (known === undefined || known.identity !== identity) {
    // Without a CA bundle on the host, the one that Node.js carries serves.
    known = {
      context: createSecureContext({ ...versionOptions(config), ...given('ca', undefined, caFile) }),
      identity,
    };
    plainContexts.set(key, known);
  }
  return known.context;
}

function versionOptions({ min_version, max_version }: TlsConfig): SecureContextOptions {
  const options: SecureContextOptions = { minVersion: nodeVersion[min_version ?? 'TLS12'] };
  if (max_version !== undefined) {
    options.maxVersion = nodeVersion[max_version];
    if (min_version === undefined && max_version < 'TLS12') options.minVersion = nodeVersion[max_version];
  }
  // OpenSSL 3 has the old versions only at security level 0, as they sign with SHA-1.
  if (options.minVersion === 'TLSv1' || options.minVersion === 'TLSv1.1') options.ciphers = 'DEFAULT@SECLEVEL=0';
  return options;
}

function given<Name extends 'ca' | 'cert' | 'key'>(
  name: Name,
  text: string | undefined,
  file: string | undefined,
): { [K in Name]?: string } {
  const value = text || (file ? readFileSync(file, 'utf8') : undefined);
  return (value === undefined ? {} : { [name]: value }) as { [K in Name]?: string };
}

function fileIdentity(file: string): string {
  const { ino, size, mtimeMs } = statSync(file);
  return `${file} ${ino} ${size} ${mtimeMs}`;
}
