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
import { addressOf, everyAddressOf } from './each-address.ts';
import { ProbeFailure } from './failure.ts';
import { Conversation, outcomeOf, StreamFindings, streamOptions } from './query-response-stream.ts';
import { queryResponseFamilies } from './query-response.ts';
import type { ResolvedAddress } from './address.ts';
import { addressChoiceOptions } from './resolve.ts';
import { splitHostPort } from './tcp-target.ts';
import { tlsFamilies } from './tls.ts';

/** Connects to a port and talks. */
export const tcp = defineProber({
  name: 'tcp',
  summary: 'Connects to a port, over TLS where asked, and holds a scripted dialogue.',
  families: [...addressFamilies, ...queryResponseFamilies, ...tlsFamilies],
  phases: ['resolve', 'connect', 'tls', 'query_response'],
  config: z.strictObject({
    ...addressChoiceOptions,
    source_ip_address: z.string().optional().describe('Address to connect from.'),
    ...streamOptions,
  }),
  everyAddress: (target, options, signal) => everyAddressOf(splitHostPort(target)?.host, options, signal),
  create(options, { clock }) {
    const conversation = new Conversation(options, clock);
    return {
      async probe(request: ProbeRequest) {
        const { target, hostname, signal, allows, trace } = request;
        const found = new StreamFindings();
        let resolved: ResolvedAddress | undefined;
        let lookupSeconds = 0;
        const samples = () => [...addressSamples(resolved, lookupSeconds), ...found.samples()];
        return outcomeOf(found, samples, async () => {
          found.phase = 'resolve';
          const where = splitHostPort(target);
          if (where?.port === undefined) throw new ProbeFailure('config', 'the target is not written host:port');
          const { host, port } = where;
          const started = performance.now();
          try {
            resolved = await addressOf(host, options, request);
          } finally {
            lookupSeconds = (performance.now() - started) / 1000;
          }
          found.phase = 'connect';
          const sourceAddress = options.source_ip_address;
          const { socket } = await dial({ address: resolved.address, port }, { signal, allows, sourceAddress });
          await conversation.hold(socket, { signal, trace, found, serverName: () => hostname || host });
        });
      },
    };
  },
});
