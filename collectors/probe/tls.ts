/**
 * TLS on a socket that is connected already. The socket itself accepts any certificate, so that the facts of a bad one
 * are known too; whether it is good is then decided here, and a bad one ends the connection.
 */
import type { Duplex } from 'node:stream';
import { isIP } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { gauge, type Sample } from '../../src/collector.ts';
import { causeOf, ProbeFailure, timedOut } from './failure.ts';
import { lateTls } from '../../src/late-modules.ts';
import type { CertificateStep, ProbeRequest } from '../../src/prober.ts';
import { tracedChain, verificationWords } from './tls-chain.ts';
import { CertificateReader, hostMismatch, type CertificateFacts, type ReadCertificate } from './tls-certificate.ts';
import { SecureContextSource, type TlsConfig, type Trust } from './tls-config.ts';

export { tlsConfigOptions, type TlsConfig } from './tls-config.ts';
export type { CertificateFacts } from './tls-certificate.ts';

const earliestCertExpiry = gauge('probe_ssl_earliest_cert_expiry', 'Returns last SSL chain expiry in unixtime');
const lastChainExpiry = gauge(
  'probe_ssl_last_chain_expiry_timestamp_seconds',
  'Returns last SSL chain expiry in timestamp',
);
const lastChainInfo = gauge('probe_ssl_last_chain_info', 'Contains SSL leaf certificate information', [
  'fingerprint_sha256',
  'subject',
  'issuer',
  'subjectalternative',
  'serialnumber',
]);
const versionInfo = gauge('probe_tls_version_info', 'Returns the TLS version used or NaN when unknown', ['version']);
const cipherInfo = gauge('probe_tls_cipher_info', 'Returns the TLS cipher negotiated during handshake', ['cipher']);

/** For `families` of a prober that speaks TLS. blackbox_exporter has `probe_tls_cipher_info` for http only. */
export const tlsFamilies = [earliestCertExpiry, lastChainExpiry, lastChainInfo, versionInfo] as const;

/** The family that blackbox_exporter's http prober has beside `tlsFamilies`. */
export const tlsCipherFamily = cipherInfo;

/** The samples of one handshake, those of a refused certificate included. */
export function tlsSamples(facts: CertificateFacts, withCipher = false): Sample[] {
  const samples = [
    earliestCertExpiry.sample(facts.earliestExpiry),
    lastChainInfo.sample(1, { ...facts.leaf }),
    versionInfo.sample(1, { version: facts.version }),
  ];
  if (facts.chainExpiry !== undefined) samples.push(lastChainExpiry.sample(facts.chainExpiry));
  if (withCipher) samples.push(cipherInfo.sample(1, { cipher: facts.cipher }));
  return samples;
}

/** A certificate that does not convince: reason `tls`, or `expired`. The handshake itself was done. */
export class CertificateRefused extends ProbeFailure {
  /** What the certificates say all the same; undefined where the peer sent none. */
  readonly facts: CertificateFacts | undefined;
  /** How long the handshake took. */
  readonly seconds: number;

  constructor(reason: 'tls' | 'expired', detail: string, facts: CertificateFacts | undefined, seconds: number) {
    super(reason, detail);
    this.facts = facts;
    this.seconds = seconds;
  }
}

/** What a handshake heeds. */
export interface UpgradeOptions {
  /** The name or address that the certificate must be for; sent as SNI if it is a name. `server_name` goes before it. */
  readonly serverName: string;
  readonly signal: AbortSignal;
  /** ALPN protocols to offer, best first. */
  readonly alpn?: readonly string[];
  /** True where `server_name` is not meant for this peer, such as the host of a redirect or a proxy. */
  readonly ignoreConfiguredName?: boolean;
  /** Hears the step `certificate`. */
  readonly trace?: ProbeRequest['trace'] | undefined;
}

/** A TLS connection to a peer whose certificate was accepted, and how long the handshake took. */
export interface Upgraded {
  readonly socket: TLSSocket;
  readonly seconds: number;
  readonly facts: CertificateFacts | undefined;
}

/** The TLS client of one module. */
export class TlsClient {
  readonly #config: TlsConfig;
  readonly #contexts: SecureContextSource;
  readonly #reader = new CertificateReader();

  constructor(config: TlsConfig) {
    this.#config = config;
    this.#contexts = new SecureContextSource(config);
  }

  /**
   * Does the handshake on a connected socket. Fails with a `ProbeFailure` (`tls`, `expired`, `timeout`, `config`), of
   * class `CertificateRefused` where only the certificate was bad; the socket is then destroyed.
   */
  upgrade(plain: Duplex, options: UpgradeOptions): Promise<Upgraded> {
    const { serverName, signal, alpn, ignoreConfiguredName, trace } = options;
    return new Promise((resolve, reject) => {
      const host = (ignoreConfiguredName === true ? undefined : this.#config.server_name) || serverName;
      const start = performance.now();
      let socket: TLSSocket | undefined;
      let trust: Trust;
      const fail = (error: unknown) => {
        signal.removeEventListener('abort', onAbort);
        socket?.destroy();
        plain.destroy();
        reject(error);
      };
      const onAbort = () => fail(timedOut('tls'));
      const onClose = () => fail(new ProbeFailure('tls', 'the peer closed the connection during the handshake'));
      if (signal.aborted) {
        onAbort();
        return;
      }
      try {
        trust = this.#contexts.get();
        const connection: ConnectionOptions = {
          socket: plain,
          secureContext: trust.context,
          rejectUnauthorized: false,
          // The name is checked below.
          checkServerIdentity: acceptAny,
        };
        if (isIP(host) === 0) connection.servername = host.replace(/\.$/u, '');
        if (alpn !== undefined) connection.ALPNProtocols = [...alpn];
        socket = lateTls().connect(connection);
      } catch (error) {
        fail(error instanceof ProbeFailure ? error : new ProbeFailure('tls', causeOf(error)));
        return;
      }
      const tls = socket;
      this.#reader.prepare(tls);
      signal.addEventListener('abort', onAbort, { once: true });
      tls.once('close', onClose);
      // Stays on: an error of a socket that nobody listens to would end the process.
      tls.on('error', (error) => fail(new ProbeFailure('tls', causeOf(error), { cause: error })));
      tls.once('secureConnect', () => {
        const seconds = (performance.now() - start) / 1000;
        signal.removeEventListener('abort', onAbort);
        tls.removeListener('close', onClose);
        const certificate = this.#reader.read(tls, trust.trusted);
        const facts = certificate?.facts;
        const unverified = this.#config.insecure_skip_verify;
        const refusal = unverified && trace === undefined ? undefined : refusalOf(tls, host, certificate);
        trace?.('certificate', {
          server_name: host,
          version: facts?.version,
          cipher: facts?.cipher,
          chain: tracedChain(certificate?.leaf),
          problem: refusal?.problem,
          accepted: unverified || refusal === undefined,
        } satisfies CertificateStep);
        if (unverified || refusal === undefined) {
          resolve({ socket: tls, seconds, facts });
          return;
        }
        fail(new CertificateRefused(refusal.reason, refusal.detail, facts, seconds));
      });
    });
  }
}

function acceptAny(): undefined {
  return undefined;
}

function refusalOf(
  socket: TLSSocket,
  host: string,
  certificate: ReadCertificate | undefined,
): { reason: 'tls' | 'expired'; detail: string; problem: string } | undefined {
  if (!socket.authorized) {
    // The code of the verification, which the types take for an error.
    const code = String(socket.authorizationError);
    const reason = code === 'CERT_HAS_EXPIRED' ? 'expired' : 'tls';
    return { reason, detail: `certificate refused: ${code}`, problem: verificationWords(code) };
  }
  const mismatch = hostMismatch(host, certificate?.subjectAltName);
  return mismatch === undefined ? undefined : { reason: 'tls', detail: mismatch, problem: mismatch };
}
