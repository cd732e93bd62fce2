/**
 * Echo requests over an ICMP socket, one after the other at an interval, and their replies.
 */
import { randomFillSync, randomInt } from 'node:crypto';
import type { Clock, Timer } from '../../src/clock.ts';
import { ProbeFailure, timedOut } from './failure.ts';
import { decodeEchoAnswer, encodeEchoRequest } from './icmp-packet.ts';
import type { IcmpSocket } from './icmp-socket.ts';

/** What came of a number of requests. */
export interface EchoResult {
  readonly sent: number;
  /** Round-trip times of those that were answered, in seconds. */
  readonly rtts: readonly number[];
  /** Time to live of the last reply, where it is known. */
  readonly hopLimit: number | undefined;
}

/** What to send. */
export interface EchoPlan {
  readonly address: string;
  readonly family: 4 | 6;
  readonly count: number;
  readonly intervalMs: number;
  readonly payloadSize: number;
  /** How long to wait for the last replies once there is one; undefined to wait for the deadline. */
  readonly patienceMs: number | undefined;
}

const tokenLength = 16;

/** Sends and waits; fails with a `ProbeFailure` where nothing came back. The caller closes the socket. */
export function exchangeEchoes(
  socket: IcmpSocket,
  plan: EchoPlan,
  signal: AbortSignal,
  clock: Clock,
): Promise<EchoResult> {
  return new Promise((resolve, reject) => {
    const { address, family, count } = plan;
    const { raw } = socket;
    const id = randomInt(0x10000);
    const first = randomInt(0x10000);
    const payload = Buffer.alloc(plan.payloadSize, 'vitald ');
    // So that no late reply to another probe is taken for ours.
    randomFillSync(payload, 0, Math.min(tokenLength, payload.length));
    const sentAt: number[] = [];
    const answered = new Set<number>();
    const rtts: number[] = [];
    let hopLimit: number | undefined;
    let trouble: string | undefined;
    let timer: Timer | undefined;
    let patience: Timer | undefined;
    let over = false;

    const settle = (failure?: ProbeFailure) => {
      over = true;
      timer?.cancel();
      patience?.cancel();
      signal.removeEventListener('abort', onAbort);
      if (failure === undefined) resolve({ sent: sentAt.length, rtts, hopLimit });
      else reject(failure);
    };
    const conclude = () => settle(rtts.length > 0 ? undefined : new ProbeFailure('connect', trouble ?? 'no reply'));
    const onAbort = () => settle(timedOut('rtt'));
    const onMessage = (packet: Buffer, hops: number | undefined) => {
      if (over) return;
      const answer = decodeEchoAnswer(family, packet, raw && family === 4);
      const number = ((answer?.sequence ?? 0) - first) & 0xffff;
      const sent = sentAt[number];
      // The kernel numbers the requests of datagram sockets itself, and hands over only their replies.
      if (answer === undefined || sent === undefined || answered.has(number) || (raw && answer.id !== id)) return;
      if (answer.payload !== undefined) {
        if (!answer.payload.equals(payload)) return;
        rtts.push((performance.now() - sent) / 1000);
        hopLimit = hops ?? hopLimit;
      }
      trouble ??= answer.error;
      answered.add(number);
      if (answered.size === count) conclude();
    };
    const sendNext = () => {
      const number = sentAt.length;
      const request = encodeEchoRequest(family, { id, sequence: (first + number) & 0xffff }, payload);
      sentAt.push(performance.now());
      const refused = socket.send(request, address);
      if (refused !== undefined) settle(new ProbeFailure(refused === 'EMSGSIZE' ? 'size' : 'connect', refused));
      else if (sentAt.length < count) timer = clock.after(plan.intervalMs, sendNext);
    };

    if (signal.aborted) {
      reject(timedOut('rtt'));
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    socket.listen({ onMessage, onError: (name) => settle(new ProbeFailure('connect', name)) });
    if (plan.patienceMs !== undefined) {
      // With no reply at all it is the deadline that ends the probe.
      patience = clock.after(plan.patienceMs, () => {
        if (rtts.length > 0) conclude();
      });
    }
    sendNext();
  });
}
