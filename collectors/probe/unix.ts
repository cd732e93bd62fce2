/**
 * The unix prober: the tcp prober for a Unix domain socket. The target is its path.
 *
 * Options and families are blackbox_exporter's; there is no address, hence no address family. A certificate is for a
 * name, which a path is not, so TLS needs `server_name` or `insecure_skip_verify`. Difference: at `/probe` every socket
 * is refused, as `probe.targets` is a list of networks and a path is in none.
 */
import { z } from '../../src/config/schema.ts';
import { defineProber, type ProbeRequest } from '../../src/prober.ts';
import { dial } from './dial.ts';
import { ProbeFailure } from './failure.ts';
import { Conversation, outcomeOf, StreamFindings, streamOptions } from './query-response-stream.ts';
import { queryResponseFamilies } from './query-response.ts';
import { tlsFamilies } from './tls.ts';

/** Connects to a Unix domain socket and talks. */
export const unix = defineProber({
  name: 'unix',
  summary:
    'Connects to a Unix domain socket, over TLS where asked, and holds a scripted dialogue. For checks only: `/probe` ' +
    'refuses a socket, as it has no address that `probe.targets` could allow.',
  families: [...queryResponseFamilies, ...tlsFamilies],
  phases: ['connect', 'tls', 'query_response'],
  config: z.strictObject(streamOptions),
  create(options, { clock }) {
    const conversation = new Conversation(options, clock);
    const { server_name: configuredName, insecure_skip_verify: unverified } = options.tls_config;
    return {
      async probe({ target, hostname, signal, allows, trace }: ProbeRequest) {
        const found = new StreamFindings();
        const serverName = () => {
          const name = configuredName || hostname || '';
          if (name !== '' || unverified) return name;
          throw new ProbeFailure('config', 'TLS on a Unix socket needs tls_config.server_name to verify against');
        };
        return outcomeOf(
          found,
          () => found.samples(),
          async () => {
            if (allows !== undefined) {
              throw new ProbeFailure(
                'config',
                'a Unix socket has no address that probe.targets could allow; make it a check of the configuration',
              );
            }
            if (!target.startsWith('/')) throw new ProbeFailure('config', 'the target is not the path of a socket');
            const { socket } = await dial({ path: target }, { signal });
            await conversation.hold(socket, { signal, trace, found, serverName });
          },
        );
      },
    };
  },
});
