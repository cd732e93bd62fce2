/**
 * The unix prober: the tcp prober for a Unix domain socket. The target is its path.
 *
 * Options and families are blackbox_exporter's; there is no address, hence no address family. A certificate is for a
 * name, which a path is not, so TLS needs `server_name` or `insecure_skip_verify`.
 */
import { z } from '../../src/config/schema.ts';
import { defineProber, type ProbeRequest } from '../../src/prober.ts';
import { dial } from './dial.ts';
import { ProbeFailure } from './failure.ts';
import { Dialogue, DialogueFindings, queryResponseFamilies, queryResponseOptions } from './query-response.ts';
import {
  CertificateRefused,
  TlsClient,
  tlsConfigOptions,
  tlsFamilies,
  tlsSamples,
  type CertificateFacts,
} from './tls.ts';

const phases = ['connect', 'tls', 'query_response'] as const;

const config = z.strictObject({
  query_response: queryResponseOptions.describe('What to expect from the target and to send it, step by step.'),
  tls: z.boolean().default(false).describe('Whether to speak TLS from the start.'),
  tls_config: tlsConfigOptions.prefault({}).describe('TLS of `tls` and of `starttls`.'),
});

/** What one probe has found out so far. */
class Findings {
  phase: (typeof phases)[number] = 'connect';
  certificate: CertificateFacts | undefined;
  readonly dialogue = new DialogueFindings();

  samples() {
    const samples = this.dialogue.samples();
    if (this.certificate !== undefined) samples.push(...tlsSamples(this.certificate));
    return samples;
  }
}

/** Connects to a Unix domain socket and talks. */
export const unix = defineProber({
  name: 'unix',
  summary: 'Connects to a Unix domain socket, over TLS where asked, and holds a scripted dialogue.',
  families: [...queryResponseFamilies, ...tlsFamilies],
  phases,
  config,
  create(options, { clock }) {
    const dialogue = new Dialogue(options.query_response);
    const tls = new TlsClient(options.tls_config);
    const { server_name: serverName = '', insecure_skip_verify: unverified } = options.tls_config;

    async function run({ target, hostname, signal }: ProbeRequest, found: Findings): Promise<void> {
      if (!target.startsWith('/')) throw new ProbeFailure('config', 'the target is not the absolute path of a socket');
      const { socket } = await dial({ path: target }, { signal });
      try {
        const startTls = async (plain: Parameters<typeof tls.upgrade>[0]) => {
          found.phase = 'tls';
          const name = serverName || hostname || '';
          if (name === '' && !unverified) {
            throw new ProbeFailure('config', 'TLS on a Unix socket needs tls_config.server_name to verify against');
          }
          const upgraded = await tls.upgrade(plain, { serverName: name, signal });
          found.certificate = upgraded.facts;
          found.phase = 'query_response';
          return upgraded.socket;
        };
        const stream = options.tls ? await startTls(socket) : socket;
        found.phase = 'query_response';
        await dialogue.run(stream, { signal, clock, findings: found.dialogue, startTls });
      } finally {
        socket.destroy();
      }
    }

    return {
      async probe(request) {
        const found = new Findings();
        try {
          await run(request, found);
          return { success: true, samples: found.samples() };
        } catch (error) {
          if (!(error instanceof ProbeFailure)) throw error;
          if (error instanceof CertificateRefused) found.certificate = error.facts;
          const { reason, message: detail } = error;
          return { success: false, reason, phase: found.phase, detail, samples: found.samples() };
        }
      },
    };
  },
});
