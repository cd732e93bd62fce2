/**
 * The dns prober: one query to one DNS server, over UDP, TCP or TLS, and what its reply says.
 *
 * Options and families are blackbox_exporter's. Differences: a reply with the number of another query is waited past on
 * UDP; `query_type` and `query_class` also take numbers (`TYPE65`, `CLASS3`); certificate families are served for
 * `dns_over_tls` too; a name or response code that can never work is refused when the config is read.
 */
import { randomInt } from 'node:crypto';
import { gauge, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { defineProber, type ProbeRequest, type Prober } from '../../src/prober.ts';
import { addressFamilies, addressSamples } from './address.ts';
import { dial, hostPort } from './dial.ts';
import { classNumber, knownRcodes, rcodeName, rcodeNumber, typeNumber } from './dns-codes.ts';
import { connectUdp, exchangeStream, exchangeUdp } from './dns-exchange.ts';
import { encodeQuery, soaSerial, type DnsQuestion, type DnsReply } from './dns-message.ts';
import { addressOf, everyAddressOf } from './each-address.ts';
import { encodeName, MalformedMessage } from './dns-name.ts';
import { sectionCheck, sectionOptions } from './dns-validate.ts';
import { failedOutcome, ProbeFailure } from './failure.ts';
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

const duration = gauge('probe_dns_duration_seconds', 'Duration of DNS request by phase', ['phase']);
const answerRrs = gauge('probe_dns_answer_rrs', 'Returns number of entries in the answer resource record list');
const authorityRrs = gauge(
  'probe_dns_authority_rrs',
  'Returns number of entries in the authority resource record list',
);
const additionalRrs = gauge(
  'probe_dns_additional_rrs',
  'Returns number of entries in the additional resource record list',
);
const querySucceeded = gauge(
  'probe_dns_query_succeeded',
  'Displays whether or not the query was executed successfully',
);
const serial = gauge('probe_dns_serial', 'Returns the serial number of the zone');

const phases = ['resolve', 'connect', 'tls', 'request', 'validate'] as const;
type Phase = (typeof phases)[number];

const soaType = 6;

const config = z
  .strictObject({
    ...addressChoiceOptions,
    source_ip_address: z.string().optional().describe('Address to send from.'),
    transport_protocol: z.enum(['udp', 'tcp', '']).default('udp').describe('Protocol of the query.'),
    dns_over_tls: z
      .boolean()
      .default(false)
      .describe('Whether to speak DNS over TLS; needs `transport_protocol: tcp`.'),
    tls_config: tlsConfigOptions.prefault({}).describe('TLS of DNS over TLS.'),
    query_name: z.string().describe('Name to ask for.'),
    query_type: z.string().default('ANY').describe('Record type to ask for, such as `AAAA` or `TYPE65`.'),
    query_class: z.string().default('IN').describe('Class to ask for, such as `IN` or `CH`.'),
    recursion_desired: z.boolean().default(true).describe('Whether to ask the server to look further for the answer.'),
    valid_rcodes: z
      .array(z.string())
      .default([])
      .describe('Response codes that count as success; NOERROR where there are none.'),
    validate_answer_rrs: sectionOptions.prefault({}).describe('What to ask of the answer.'),
    validate_authority_rrs: sectionOptions.prefault({}).describe('What to ask of the authority section.'),
    validate_additional_rrs: sectionOptions.prefault({}).describe('What to ask of the additional section.'),
  })
  .superRefine((options, context) => {
    const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (options.query_name === '') refuse(['query_name'], 'a dns module needs a query_name');
    const name = encodeName(options.query_name);
    if ('problem' in name) refuse(['query_name'], `${JSON.stringify(options.query_name)} ${name.problem}`);
    if (options.query_type !== '' && typeNumber(options.query_type) === undefined) {
      refuse(['query_type'], `${JSON.stringify(options.query_type)} is no DNS type; write it like "AAAA" or "TYPE65"`);
    }
    if (options.query_class !== '' && classNumber(options.query_class) === undefined) {
      refuse(['query_class'], `${JSON.stringify(options.query_class)} is no DNS class; IN, CH and HS are`);
    }
    for (const [index, rcode] of options.valid_rcodes.entries()) {
      if (rcodeNumber(rcode) !== undefined) continue;
      refuse(
        ['valid_rcodes', index],
        `${JSON.stringify(rcode)} is no response code; these are: ${knownRcodes.join(', ')}`,
      );
    }
    if (options.dns_over_tls && options.transport_protocol !== 'tcp') {
      refuse(['transport_protocol'], 'dns_over_tls needs "transport_protocol: tcp"');
    }
  });

type Options = z.output<typeof config>;

/** What one probe has found out so far. */
class Findings {
  phase: Phase = 'resolve';
  address: ResolvedAddress | undefined;
  readonly seconds = { resolve: 0, connect: 0, request: 0 };
  reply: DnsReply | undefined;
  certificate: CertificateFacts | undefined;

  samples(type: number): Sample[] {
    const { address, seconds, reply, certificate } = this;
    const samples = [
      ...addressSamples(address, seconds.resolve),
      duration.sample(seconds.resolve, { phase: 'resolve' }),
      duration.sample(seconds.connect, { phase: 'connect' }),
      duration.sample(seconds.request, { phase: 'request' }),
      answerRrs.sample(reply?.answers.length ?? 0),
      authorityRrs.sample(reply?.authorities.length ?? 0),
      additionalRrs.sample(reply?.additionals.length ?? 0),
      querySucceeded.sample(reply === undefined ? 0 : 1),
    ];
    if (type === soaType && reply !== undefined) {
      samples.push(serial.sample(reply.answers.map(soaSerial).findLast((found) => found !== undefined) ?? 0));
    }
    if (certificate !== undefined) samples.push(...tlsSamples(certificate));
    return samples;
  }
}

function createProber(options: Options): Prober {
  const name = encodeName(options.query_name);
  if ('problem' in name) throw new TypeError(name.problem);
  const question: DnsQuestion = {
    name,
    type: typeNumber(options.query_type || 'ANY')!,
    class: classNumber(options.query_class || 'IN')!,
    recursionDesired: options.recursion_desired,
  };
  const validRcodes =
    options.valid_rcodes.length === 0 ? [0] : options.valid_rcodes.map((rcode) => rcodeNumber(rcode)!);
  const tls = options.dns_over_tls ? new TlsClient(options.tls_config) : undefined;
  const defaultPort = options.dns_over_tls ? 853 : 53;
  // Made at the first probe, as the patterns' engine is loaded then.
  let checks: Promise<Awaited<ReturnType<typeof sectionCheck>>[]> | undefined;

  async function ask(host: string, address: string, port: number, request: ProbeRequest, found: Findings) {
    const { signal, allows, trace } = request;
    const query = encodeQuery(randomInt(0x10000), question);
    const started = performance.now();
    let asked: number | undefined;
    try {
      if (options.transport_protocol !== 'tcp') {
        if (allows?.(address, port) === false) {
          throw new ProbeFailure('config', `the address ${hostPort({ address, port })} may not be probed`);
        }
        const socket = await connectUdp(address, port, options.source_ip_address, signal);
        try {
          found.phase = 'request';
          asked = performance.now();
          return await exchangeUdp(socket, query, signal);
        } finally {
          socket.close();
        }
      }
      const { socket } = await dial({ address, port }, { signal, allows, sourceAddress: options.source_ip_address });
      try {
        let stream: typeof socket = socket;
        if (tls !== undefined) {
          found.phase = 'tls';
          const upgraded = await tls.upgrade(socket, { serverName: host, signal, trace });
          found.certificate = upgraded.facts;
          stream = upgraded.socket;
        }
        found.phase = 'request';
        asked = performance.now();
        return await exchangeStream(stream, query, signal);
      } finally {
        socket.destroy();
      }
    } finally {
      const ended = performance.now();
      found.seconds.connect = ((asked ?? ended) - started) / 1000;
      found.seconds.request = asked === undefined ? 0 : (ended - asked) / 1000;
    }
  }

  async function validate(reply: DnsReply): Promise<void> {
    if (!validRcodes.includes(reply.rcode)) {
      throw new ProbeFailure('status', `the response code is ${rcodeName(reply.rcode)}`);
    }
    checks ??= Promise.all([
      sectionCheck('answer', options.validate_answer_rrs),
      sectionCheck('authority', options.validate_authority_rrs),
      sectionCheck('additional', options.validate_additional_rrs),
    ]);
    const [answer, authority, additional] = await checks;
    const problem = answer?.(reply.answers) ?? authority?.(reply.authorities) ?? additional?.(reply.additionals);
    if (problem !== undefined) throw new ProbeFailure('body', problem);
  }

  async function run(request: ProbeRequest, found: Findings): Promise<void> {
    const target = splitHostPort(request.target);
    if (target === undefined) throw new ProbeFailure('config', 'the target is not written host or host:port');
    const started = performance.now();
    try {
      found.address = await addressOf(target.host, options, request);
    } finally {
      found.seconds.resolve = (performance.now() - started) / 1000;
    }
    found.phase = 'connect';
    const { address } = found.address;
    found.reply = await ask(target.host, address, target.port ?? defaultPort, request, found);
    found.phase = 'validate';
    await validate(found.reply);
  }

  return {
    async probe(request) {
      const found = new Findings();
      try {
        await run(request, found);
        return { success: true, samples: found.samples(question.type) };
      } catch (error) {
        if (error instanceof CertificateRefused) found.certificate = error.facts;
        const samples = found.samples(question.type);
        const malformed = error instanceof MalformedMessage;
        const failure = malformed ? new ProbeFailure('protocol', `malformed reply: ${error.message}`) : error;
        return failedOutcome(failure, found.phase, samples);
      }
    },
  };
}

/** Asks a DNS server one question. */
export const dns = defineProber({
  name: 'dns',
  summary: 'Asks a DNS server one question, over UDP, TCP or TLS.',
  everyAddress: (target, options, signal) => everyAddressOf(splitHostPort(target)?.host, options, signal),
  families: [
    ...addressFamilies,
    duration,
    answerRrs,
    authorityRrs,
    additionalRrs,
    querySucceeded,
    serial,
    ...tlsFamilies,
  ],
  phases,
  config,
  create: createProber,
});
