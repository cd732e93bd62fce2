/**
 * The icmp prober: echo requests to a host.
 *
 * Options and families are blackbox_exporter's, and `count` and `interval` beside them for more than one request, with
 * families of our own for loss and round-trip times. The requests go over an ICMP socket where koffi is installed and
 * this process may open one, else by the `ping` command.
 */
import { isIP, isIPv6 } from 'node:net';
import { gauge, type Sample } from '../../src/collector.ts';
import { duration, z } from '../../src/config/schema.ts';
import { defineProber, type ProbeRequest, type Prober, type ProberContext } from '../../src/prober.ts';
import { addressFamilies, addressSamples } from './address.ts';
import { addressOf, everyAddressOf } from './each-address.ts';
import { failedOutcome, ProbeFailure } from './failure.ts';
import { runPingCommand, type CommandRefusal } from './icmp-command.ts';
import { exchangeEchoes, type EchoPlan, type EchoResult } from './icmp-echo.ts';
import { openIcmpSocket, type IcmpRefusal } from './icmp-socket.ts';
import type { ResolvedAddress } from './address.ts';
import { addressChoiceOptions } from './resolve.ts';

const phaseSeconds = gauge('probe_icmp_duration_seconds', 'Duration of icmp request by phase', ['phase']);
const replyHopLimit = gauge('probe_icmp_reply_hop_limit', 'Replied packet hop limit (TTL for ipv4)');
const lossRatio = gauge('vitald_probe_icmp_loss_ratio', 'Share of the echo requests that were not answered.');
const rttMin = gauge('vitald_probe_icmp_rtt_min_seconds', 'Shortest round-trip time of the echo requests.');
const rttAvg = gauge('vitald_probe_icmp_rtt_avg_seconds', 'Mean round-trip time of the echo requests.');
const rttMax = gauge('vitald_probe_icmp_rtt_max_seconds', 'Longest round-trip time of the echo requests.');
const rttStddev = gauge(
  'vitald_probe_icmp_rtt_stddev_seconds',
  'Standard deviation of the round-trip times of the echo requests.',
);

const phases = ['resolve', 'setup', 'rtt'] as const;

/** As many bytes as blackbox_exporter sends unless told otherwise. */
const defaultPayloadSize = 28;

const config = z
  .strictObject({
    ...addressChoiceOptions,
    source_ip_address: z.string().optional().describe('Address to send from.'),
    payload_size: z
      .int()
      .min(0)
      .max(65_500)
      .default(0)
      .describe(`Bytes of payload; 0 stands for ${defaultPayloadSize}.`),
    dont_fragment: z.boolean().default(false).describe('Whether to set the DF bit; IPv4 only.'),
    ttl: z.int().min(0).max(255).default(64).describe('Time to live of the requests; 0 lets the kernel choose.'),
    count: z.int().min(1).max(100).default(1).describe('How many requests to send; one reply is enough to succeed.'),
    interval: duration('100ms').describe('Time between requests.'),
  })
  .superRefine(({ source_ip_address: source }, context) => {
    if (!source || isIP(source) !== 0) return;
    context.addIssue({ code: 'custom', path: ['source_ip_address'], message: `${source} is no IP address` });
  });

type Options = z.output<typeof config>;

/** What one probe has found out so far. */
class Findings {
  phase: (typeof phases)[number] = 'resolve';
  address: ResolvedAddress | undefined;
  readonly seconds = { resolve: 0, setup: 0 };
  echoes: EchoResult | undefined;

  samples(count: number): Sample[] {
    const { address, seconds, echoes } = this;
    const rtts = echoes?.rtts ?? [];
    const mean = rtts.length === 0 ? 0 : rtts.reduce((sum, rtt) => sum + rtt, 0) / rtts.length;
    const samples = [
      ...addressSamples(address, seconds.resolve),
      phaseSeconds.sample(seconds.resolve, { phase: 'resolve' }),
      phaseSeconds.sample(seconds.setup, { phase: 'setup' }),
      phaseSeconds.sample(mean, { phase: 'rtt' }),
    ];
    if (echoes?.hopLimit !== undefined) samples.push(replyHopLimit.sample(echoes.hopLimit));
    if (count > 1) samples.push(lossRatio.sample(echoes === undefined ? 1 : 1 - rtts.length / echoes.sent));
    if (count > 1 && rtts.length > 0) {
      const variance = rtts.reduce((sum, rtt) => sum + (rtt - mean) ** 2, 0) / rtts.length;
      samples.push(
        rttMin.sample(Math.min(...rtts)),
        rttAvg.sample(mean),
        rttMax.sample(Math.max(...rtts)),
        rttStddev.sample(Math.sqrt(variance)),
      );
    }
    return samples;
  }
}

/** The ways to send; tests take one away. */
export interface IcmpWays {
  readonly open: typeof openIcmpSocket;
  readonly command: string;
}

function refused(socket: IcmpRefusal, command: CommandRefusal): ProbeFailure {
  const permit = 'allow it by CAP_NET_RAW or by the sysctl net.ipv4.ping_group_range';
  const install = command === 'no-command' ? 'install the ping command (iputils-ping)' : '';
  const advice =
    socket === 'not-allowed' || command === 'not-allowed'
      ? [permit, install]
      : [install, 'install the npm package koffi'];
  return new ProbeFailure(
    'config',
    `ICMP cannot be sent from here: ${advice.filter((words) => words !== '').join(', or ')}`,
  );
}

/** A prober that sends in the given ways. */
export function createIcmpProber(options: Options, { clock }: Pick<ProberContext, 'clock'>, ways: IcmpWays): Prober {
  const source = options.source_ip_address || undefined;

  async function run(request: ProbeRequest, found: Findings): Promise<void> {
    const { target, signal, timeoutMs, allows } = request;
    const began = performance.now();
    try {
      found.address = await addressOf(target, options, request);
    } finally {
      found.seconds.resolve = (performance.now() - began) / 1000;
    }
    const { address, family } = found.address;
    found.phase = 'setup';
    if (allows?.(address, 0) === false) throw new ProbeFailure('config', `the address ${address} may not be probed`);
    if (source !== undefined && isIPv6(source) !== (family === 6)) {
      throw new ProbeFailure('config', 'source_ip_address and the address of the target are of different protocols');
    }
    const { count, interval: intervalMs, dont_fragment: dontFragment, ttl } = options;
    const payloadSize = options.payload_size || defaultPayloadSize;
    const setup = performance.now();
    const opened = await ways.open({ family, ttl, dontFragment, source });
    found.seconds.setup = (performance.now() - setup) / 1000;
    found.phase = 'rtt';
    // Some time before the deadline, so that what was lost is told instead of a timeout.
    const patienceMs = count > 1 ? Math.max(0, timeoutMs * 0.95 - (performance.now() - began) - 10) : undefined;
    const plan: EchoPlan = { address, family, count, intervalMs, payloadSize, patienceMs };
    if (typeof opened === 'string') {
      const commandOptions = { ttl, dontFragment, sourceAddress: source, timeoutMs };
      const result = await runPingCommand(plan, commandOptions, signal, ways.command);
      if (typeof result === 'string') throw refused(opened, result);
      found.echoes = result;
      return;
    }
    try {
      found.echoes = await exchangeEchoes(opened, plan, signal, clock);
    } finally {
      opened.close();
    }
  }

  return {
    async probe(request) {
      const found = new Findings();
      try {
        await run(request, found);
        return { success: true, samples: found.samples(options.count) };
      } catch (error) {
        return failedOutcome(error, found.phase, found.samples(options.count));
      }
    },
  };
}

/** Pings a host. */
export const icmp = defineProber({
  name: 'icmp',
  summary: 'Sends ICMP echo requests to a host.',
  families: [...addressFamilies, phaseSeconds, replyHopLimit, lossRatio, rttMin, rttAvg, rttMax, rttStddev],
  phases,
  config,
  everyAddress: (target, options, signal) => everyAddressOf(target, options, signal),
  create: (options, context) => createIcmpProber(options, context, { open: openIcmpSocket, command: 'ping' }),
});
