/**
 * What the tcp and unix probers do once they are connected: TLS where the module asks for it, at the start or after
 * STARTTLS, and the dialogue.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../src/clock.ts';
import type { ProbeOutcome, ProbeRequest } from '../../src/prober.ts';
import { z } from '../../src/config/schema.ts';
import type { Sample } from '../../src/collector.ts';
import { failedOutcome } from './failure.ts';
import { Dialogue, DialogueFindings, queryResponseOptions } from './query-response.ts';
import { CertificateRefused, TlsClient, tlsConfigOptions, tlsSamples, type CertificateFacts } from './tls.ts';

/** The options that both probers have. */
export const streamOptions = {
  query_response: queryResponseOptions.describe('What to expect from the target and to send it, step by step.'),
  tls: z.boolean().default(false).describe('Whether to speak TLS from the start.'),
  tls_config: tlsConfigOptions.prefault({}).describe('TLS of `tls` and of `starttls`.'),
};

const schema = z.strictObject(streamOptions);

/** What a probe over a stream has found out so far. */
export class StreamFindings {
  phase: 'resolve' | 'connect' | 'tls' | 'query_response' = 'connect';
  certificate: CertificateFacts | undefined;
  readonly dialogue = new DialogueFindings();

  samples(): Sample[] {
    const samples = this.dialogue.samples();
    if (this.certificate !== undefined) samples.push(...tlsSamples(this.certificate));
    return samples;
  }
}

/** What a conversation heeds. */
export interface StreamContext {
  readonly signal: AbortSignal;
  readonly trace: ProbeRequest['trace'] | undefined;
  readonly found: StreamFindings;
  /** The name that a certificate must be for; asked for once TLS begins, and may throw a `ProbeFailure`. */
  readonly serverName: () => string;
}

/** The conversation of one module. */
export class Conversation {
  readonly #dialogue: Dialogue;
  readonly #tls: TlsClient;
  readonly #fromStart: boolean;
  readonly #clock: Clock;

  constructor(options: z.output<typeof schema>, clock: Clock) {
    this.#dialogue = new Dialogue(options.query_response);
    this.#tls = new TlsClient(options.tls_config);
    this.#fromStart = options.tls;
    this.#clock = clock;
  }

  /** Holds it on a connected socket; fails with a `ProbeFailure`. The socket is destroyed either way. */
  async hold(socket: Socket, { signal, trace, found, serverName }: StreamContext): Promise<void> {
    const startTls = async (plain: Duplex) => {
      found.phase = 'tls';
      const upgraded = await this.#tls.upgrade(plain, { serverName: serverName(), signal, trace });
      found.certificate = upgraded.facts;
      found.phase = 'query_response';
      return upgraded.socket;
    };
    try {
      const stream = this.#fromStart ? await startTls(socket) : socket;
      found.phase = 'query_response';
      await this.#dialogue.run(stream, { signal, clock: this.#clock, findings: found.dialogue, startTls });
    } finally {
      socket.destroy();
    }
  }
}

/** The outcome of `run`, with the samples that there are when it ends. */
export async function outcomeOf(
  found: StreamFindings,
  samples: () => Sample[],
  run: () => Promise<void>,
): Promise<ProbeOutcome> {
  try {
    await run();
    return { success: true, samples: samples() };
  } catch (error) {
    if (error instanceof CertificateRefused) found.certificate = error.facts;
    return failedOutcome(error, found.phase, samples());
  }
}
