/**
 * The grpc prober: asks the health service of a gRPC server.
 *
 * Options and families are blackbox_exporter's. Differences: the deadline holds and the chosen address is the one that
 * is dialled; the status code is 14 (UNAVAILABLE) where the server was not reached and 4 (DEADLINE_EXCEEDED) after the
 * deadline; certificate families are served only with TLS, and for a refused certificate too.
 */
import { gauge, type Sample } from '../../src/collector.ts';
import { secret, z } from '../../src/config/schema.ts';
import { defineProber, type ProbeRequest } from '../../src/prober.ts';
import { addressFamilies, addressSamples } from './address.ts';
import { dial } from './dial.ts';
import { addressOf, everyAddressOf } from './each-address.ts';
import { failedOutcome, ProbeFailure } from './failure.ts';
import { checkHealth, codeName, grpcCode, servingStatuses, type HealthAnswer } from './grpc-health.ts';
import { isHeaderName, isHeaderValue } from './http-client-options.ts';
import { utf8Bytes } from './http-message.ts';
import type { ResolvedAddress } from './address.ts';
import { addressChoiceOptions } from './resolve.ts';
import { splitHostPort } from './tcp-target.ts';
import {
  CertificateRefused,
  TlsClient,
  tlsConfigOptions,
  tlsFamilies,
  tlsSamples,
  type CertificateFacts,
} from './tls.ts';

const duration = gauge('probe_grpc_duration_seconds', 'Duration of gRPC request by phase', ['phase']);
const ssl = gauge('probe_grpc_ssl', 'Indicates if SSL was used for the connection');
const statusCode = gauge('probe_grpc_status_code', 'Response gRPC status code');
const healthResponse = gauge('probe_grpc_healthcheck_response', 'Response HealthCheck response', ['serving_status']);

const phases = ['resolve', 'connect', 'tls', 'check'] as const;

const config = z
  .strictObject({
    ...addressChoiceOptions,
    service: z.string().default('').describe('Service to ask for; the empty name stands for the whole server.'),
    tls: z.boolean().default(false).describe('Whether to speak TLS.'),
    tls_config: tlsConfigOptions.prefault({}).describe('TLS of the connection.'),
    metadata: z
      .record(z.string(), z.union([secret(), z.array(secret())]))
      .default({})
      .describe('Metadata to send; values of names that end in `-bin` are sent as base64.'),
  })
  .superRefine(({ metadata }, context) => {
    for (const [name, values] of Object.entries(metadata)) {
      const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['metadata', name], message });
      if (!isHeaderName(name)) refuse(`${JSON.stringify(name)} is not a name that metadata can have`);
      else if (/^grpc-/i.test(name)) refuse('names that begin with grpc- belong to the protocol');
      else if (isReserved(name)) refuse(`the prober sets ${name} itself`);
      if (![values].flat().every((value) => isHeaderValue(value.reveal())))
        refuse('not a value that metadata can have');
    }
  });

function isReserved(name: string): boolean {
  return ['te', 'content-type', 'user-agent', 'host', 'connection', 'content-length'].includes(name.toLowerCase());
}

/** What one probe has found out so far. */
class Findings {
  phase: (typeof phases)[number] = 'resolve';
  address: ResolvedAddress | undefined;
  readonly seconds = { resolve: 0, check: 0 };
  secure = false;
  certificate: CertificateFacts | undefined;
  code: number = grpcCode.unavailable;
  serving: number | undefined;

  samples(): Sample[] {
    const { address, seconds, certificate } = this;
    const samples = [
      ...addressSamples(address, seconds.resolve),
      duration.sample(seconds.resolve, { phase: 'resolve' }),
      ssl.sample(this.secure ? 1 : 0),
      statusCode.sample(this.code),
    ];
    if (address !== undefined) {
      samples.push(duration.sample(seconds.check, { phase: 'check' }));
      for (const [number, serving_status] of servingStatuses.entries()) {
        samples.push(healthResponse.sample(number === this.serving ? 1 : 0, { serving_status }));
      }
    }
    if (certificate !== undefined) samples.push(...tlsSamples(certificate));
    return samples;
  }
}

/** Takes `host`, `host:port` and `http://host:port` apart; a path behind it is passed over. */
function hostAndPort(target: string): ReturnType<typeof splitHostPort> {
  const [authority = ''] = target.replace(/^https?:\/\//, '').split('/', 1);
  return splitHostPort(authority.slice(authority.lastIndexOf('@') + 1));
}

function verdict({ code, message, serving }: HealthAnswer): ProbeFailure | undefined {
  if (code !== grpcCode.ok) {
    return new ProbeFailure('status', `the status is ${codeName(code)}${message === '' ? '' : `: ${message}`}`);
  }
  const name = servingStatuses[serving ?? 0] ?? String(serving);
  return name === 'SERVING' ? undefined : new ProbeFailure('status', `the service is ${name}`);
}

/** Asks a gRPC server for its health. */
export const grpc = defineProber({
  name: 'grpc',
  summary: 'Asks the health service of a gRPC server.',
  families: [...addressFamilies, duration, ssl, statusCode, healthResponse, ...tlsFamilies],
  phases,
  everyAddress: (target, options, signal) => everyAddressOf(hostAndPort(target)?.host, options, signal),
  config,
  create(options) {
    const tls = options.tls ? new TlsClient(options.tls_config) : undefined;

    function metadata(): Record<string, string[]> {
      const entries = Object.entries(options.metadata).map(([name, values]): [string, string[]] => {
        const texts = [values].flat().map((value) => value.reveal());
        const binary = name.toLowerCase().endsWith('-bin');
        return [
          name.toLowerCase(),
          binary ? texts.map((text) => Buffer.from(text).toString('base64')) : texts.map(utf8Bytes),
        ];
      });
      return Object.fromEntries(entries);
    }

    async function run(request: ProbeRequest, found: Findings): Promise<void> {
      const { target, hostname, signal, timeoutMs, allows, trace } = request;
      const where = hostAndPort(target);
      if (where === undefined) throw new ProbeFailure('config', 'the target is not written host or host:port');
      const { host, port = tls === undefined ? 80 : 443 } = where;
      const started = performance.now();
      try {
        found.address = await addressOf(host, options, request);
      } finally {
        found.seconds.resolve = (performance.now() - started) / 1000;
      }
      const asked = performance.now();
      try {
        found.phase = 'connect';
        let { socket } = await dial({ address: found.address.address, port }, { signal, allows });
        if (tls !== undefined) {
          found.phase = 'tls';
          const upgraded = await tls.upgrade(socket, { serverName: hostname || host, signal, trace, alpn: ['h2'] });
          found.secure = true;
          found.certificate = upgraded.facts;
          socket = upgraded.socket;
        }
        found.phase = 'check';
        const name = hostname || (host.includes(':') ? `[${host}]` : host);
        const answer = await checkHealth(
          socket,
          {
            scheme: tls === undefined ? 'http' : 'https',
            authority: `${name}:${port}`,
            service: options.service,
            metadata: metadata(),
            timeoutMs: timeoutMs - (performance.now() - started),
          },
          signal,
        );
        found.code = answer.code;
        found.serving = answer.serving;
        const failure = verdict(answer);
        if (failure !== undefined) throw failure;
      } finally {
        found.seconds.check = (performance.now() - asked) / 1000;
      }
    }

    return {
      async probe(request) {
        const found = new Findings();
        try {
          await run(request, found);
          return { success: true, samples: found.samples() };
        } catch (error) {
          if (error instanceof CertificateRefused) found.certificate = error.facts;
          if (error instanceof ProbeFailure && error.reason === 'timeout') found.code = grpcCode.deadlineExceeded;
          return failedOutcome(error, found.phase, found.samples());
        }
      },
    };
  },
});
