/** The zoo of HTTP endpoints: what a probe of each must come to. */
import type { HttpConfig } from '../../collectors/probe/http-options.ts';
import type { FailureReason } from '../../src/prober.ts';
import { testCertificates } from './certificates.ts';
import { zoo } from './zoo.ts';
import type { Encounter } from './zoo-protocols.ts';

/** A beast, and the reason, the phase and the options to meet it with. */
export type HttpCase = [name: keyof typeof zoo, reason: FailureReason, phase: string, options?: Partial<HttpConfig>];

/** Every beast whose end is no race. */
export const httpCases: readonly HttpCase[] = [
  ['neverAnswers', 'timeout', 'processing'],
  ['resetsAfterRequest', 'protocol', 'processing'],
  ['dripsBody', 'timeout', 'transfer'],
  ['dripsHead', 'timeout', 'processing'],
  ['closesMidBody', 'protocol', 'transfer'],
  ['closesMidChunk', 'protocol', 'transfer'],
  ['twoLengths', 'protocol', 'processing'],
  ['badLength', 'protocol', 'processing'],
  ['speaksSsh', 'protocol', 'processing'],
  ['floodsHeaders', 'size', 'processing'],
  ['redirectsToItself', 'redirect', 'processing'],
  ['redirectsNowhere', 'redirect', 'processing'],
  ['switchesProtocols', 'protocol', 'processing'],
  ['infiniteBody', 'size', 'transfer'],
  ['infiniteBody', 'size', 'transfer', { body_size_limit: 1000 }],
  ['gzipBomb', 'size', 'transfer', { compression: 'gzip' }],
  ['notGzip', 'body', 'transfer', { compression: 'gzip' }],
  ['notGzip', 'body', 'transfer', { compression: 'br' }],
  ['notGzip', 'body', 'transfer', { compression: 'deflate' }],
  ['stallsHandshake', 'timeout', 'tls'],
  ['closesHandshake', 'tls', 'tls'],
  ['plainOnTlsPort', 'tls', 'tls'],
  ['expired', 'expired', 'tls'],
  ['notYetValid', 'tls', 'tls'],
  ['selfSigned', 'tls', 'tls'],
  ['wrongHost', 'tls', 'tls'],
  ['commonNameOnly', 'tls', 'tls'],
  ['untrusted', 'tls', 'tls'],
  ['oldTls', 'tls', 'tls'],
  ['wantsClientCertificate', 'tls', 'processing'],
  ['http2GoesAway', 'protocol', 'processing'],
  ['http2Silent', 'timeout', 'processing'],
  ['http2ResetsStream', 'protocol', 'processing'],
];

/** The same as encounters of a prober, and the beast that resets before it was asked. */
export const httpZoo: readonly Encounter[] = [
  ...httpCases.map(([name, reason, phase, options]): Encounter => encounter(name, reason, phase, options)),
  // Whether the kernel tells of the connection or of the reset first is a race.
  encounter('resetsAfterAccept', ['connect', 'protocol'], ''),
];

function encounter(
  name: keyof typeof zoo,
  reason: Encounter['reason'],
  phase: string,
  options?: Partial<HttpConfig>,
): Encounter {
  return {
    name: options === undefined ? name : `${name} ${JSON.stringify(options)}`,
    prober: 'http',
    get options() {
      return {
        preferred_ip_protocol: 'ip4',
        tls_config: { ca_file: testCertificates().root.certFile },
        ...options,
      };
    },
    open: async () => {
      const { url, close } = await zoo[name]();
      return { target: url, close };
    },
    reason,
    phase,
  };
}
