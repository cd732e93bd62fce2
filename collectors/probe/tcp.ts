/**
 * The tcp prober: connects, over TLS where asked, and holds the dialogue that the module scripts.
 *
 * Options and families are blackbox_exporter's. Difference: certificate families are served for a refused certificate
 * too.
 */
import { z } from '../../src/config/schema.ts';
import { defineProber, type ProbeRequest } from '../../src/prober.ts';
import { addressFamilies, addressSamples } from './address.ts';
import { dial } from './dial.ts';
import { ProbeFailure } from './failure.ts';
import { Dialogue, DialogueFindings, queryResponseFamilies, queryResponseOptions } from './query-response.ts';
import { addressChoiceOptions, systemResolver, type ResolvedAddress } from './resolve.ts';
import { splitHostPort } from './tcp-target.ts';
import {
  CertificateRefused,
  TlsClient,
  tlsConfigOptions,
  tlsFamilies,
  tlsSamples,
  type CertificateFacts,
} from './tls.ts';

const phases = ['resolve', 'connect', 'tls', 'query_response'] as const;

const config = z.strictObject({
  ...addressChoiceOptions,
  source_ip_address: z.string().optional().describe('Address to connect from.'),
  query_response: queryResponseOptions.describe('What to expect from the target and to send it, step by step.'),
  tls: z.boolean().default(false).describe('Whether to speak TLS from the start.'),
  tls_config: tlsConfigOptions.prefault({}).describe('TLS of `tls` and of `starttls`.'),
});

/** What one probe has found out so far. */
class Findings {
  phase: (typeof phases)[number] = 'resolve';
  address: ResolvedAddress | undefined;
  lookupSeconds = 0;
  certificate: CertificateFacts | undefined;
  readonly dialogue = new DialogueFindings();

  samples() {
    const samples = [...addressSamples(this.address, this.lookupSeconds), ...this.dialogue.samples()];
    if (this.certificate !== undefined) samples.push(...tlsSamples(this.certificate));
    return samples;
  }
}

/** Connects to a port and talks. */
export const tcp = defineProber({
  name: 'tcp',
  summary: 'Connects to a port, over TLS where asked, and holds a scripted dialogue.',
  families: [...addressFamilies, ...queryResponseFamilies, ...tlsFamilies],
  phases,
  config,
  create(options, { clock }) {
    const dialogue = new Dialogue(options.query_response);
    const tls = new TlsClient(options.tls_config);

    async function run({ target, hostname, signal, allows }: ProbeRequest, found: Findings): Promise<void> {
      const where = splitHostPort(target);
      if (where?.port === undefined) throw new ProbeFailure('config', 'the target is not written host:port');
      const { host, port } = where;
      const started = performance.now();
      try {
        found.address = await systemResolver.resolve(host, options, signal);
      } finally {
        found.lookupSeconds = (performance.now() - started) / 1000;
      }
      found.phase = 'connect';
      const { address } = found.address;
      const { socket } = await dial({ address, port }, { signal, allows, sourceAddress: options.source_ip_address });
      try {
        const startTls = async (plain: Parameters<typeof tls.upgrade>[0]) => {
          found.phase = 'tls';
          const upgraded = await tls.upgrade(plain, { serverName: hostname || host, signal });
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
