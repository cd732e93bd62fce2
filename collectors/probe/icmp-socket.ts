/**
 * ICMP sockets, which Node.js cannot open itself.
 *
 * A raw socket (root or CAP_NET_RAW) is tried first, as it shows the errors of routers; then a datagram socket, which the
 * sysctl net.ipv4.ping_group_range allows to groups. For those the kernel chooses the number of the requests.
 */
import { createSocket, type Socket } from 'node:dgram';
import { ProbeFailure } from './failure.ts';
import { icmpProtocol, wantedTypes } from './icmp-packet.ts';
import { domainOf, numbers, systemCalls, type Refused, type SystemCalls } from './icmp-system.ts';

/** What a socket is to be like. */
export interface IcmpSocketOptions {
  readonly family: 4 | 6;
  readonly ttl: number;
  readonly dontFragment: boolean;
  /** Address to send from, of the same family. */
  readonly source: string | undefined;
}

/** Who hears what a socket receives. */
export interface IcmpListener {
  /** A message, behind its IPv4 header on a raw socket, and its time to live; the bytes are valid during the call. */
  onMessage(packet: Buffer, hopLimit: number | undefined): void;
  /** An error of the socket, by its name. */
  onError(name: string): void;
}

/** A socket ready to send and to hear replies. */
export interface IcmpSocket {
  readonly raw: boolean;
  /** Sends a message; gives the name of the error where the kernel does not take it. */
  send(message: Buffer, address: string): string | undefined;
  listen(listener: IcmpListener): void;
  close(): void;
}

// Linux, the same on all architectures that Node.js runs on.
const datagram = 2;
const rawType = 3;
const solIp = 0;
const ipTtl = 2;
const ipMtuDiscover = 10;
const ipRecvTtl = 12;
const pmtuDo = 2;
const solIpv6 = 41;
const ipv6UnicastHops = 16;
const ipv6RecvHopLimit = 51;
const solRaw = 255;
const icmpFilter = 1;

/** Why there is no socket. */
export type IcmpRefusal = 'no-koffi' | 'not-allowed';

/** Opens a socket; says why where this process cannot have one. Fails with a `ProbeFailure` for a bad source address. */
export async function openIcmpSocket(options: IcmpSocketOptions): Promise<IcmpSocket | IcmpRefusal> {
  const calls = await systemCalls();
  if (calls === undefined) return 'no-koffi';
  const { family } = options;
  for (const type of [rawType, datagram]) {
    const fd = calls.socket(domainOf[family], type, icmpProtocol[family]);
    if (typeof fd !== 'number') continue;
    try {
      const raw = type === rawType;
      configure(calls, fd, raw, options);
      return new PolledSocket(calls, fd, raw);
    } catch (error) {
      calls.close(fd);
      throw error;
    }
  }
  return 'not-allowed';
}

function configure(calls: SystemCalls, fd: number, raw: boolean, options: IcmpSocketOptions): void {
  const { family, ttl, dontFragment, source } = options;
  if (ttl > 0) calls.set(fd, family === 4 ? solIp : solIpv6, family === 4 ? ipTtl : ipv6UnicastHops, ttl);
  if (dontFragment && family === 4) calls.set(fd, solIp, ipMtuDiscover, pmtuDo);
  calls.set(fd, family === 4 ? solIp : solIpv6, family === 4 ? ipRecvTtl : ipv6RecvHopLimit, 1);
  // Otherwise each socket would hear every ICMP message of the host.
  if (raw) calls.set(fd, family === 4 ? solRaw : icmpProtocol[6], icmpFilter, typeFilter(family));
  const refused = source === undefined ? undefined : calls.bind(fd, source);
  if (refused !== undefined) throw new ProbeFailure('connect', `${refused.refused} at the source address`);
}

/** Bits of the message types that the kernel is to keep back. */
function typeFilter(family: 4 | 6): Buffer {
  const words = Array.from({ length: family === 4 ? 1 : 8 }, () => -1);
  for (const type of wantedTypes(family)) words[type >> 5]! &= ~(1 << (type & 31));
  return numbers(...words);
}

/** A descriptor of our own, with node:dgram only to tell when there is something to read. */
class PolledSocket implements IcmpSocket {
  readonly raw: boolean;
  readonly #calls: SystemCalls;
  readonly #fd: number;
  readonly #poll: Socket;
  #open = true;

  constructor(calls: SystemCalls, fd: number, raw: boolean) {
    this.raw = raw;
    this.#calls = calls;
    this.#fd = fd;
    // The event loop hands over data, but neither the time to live that comes with it nor the mere news that there is
    // some. So it is given a descriptor that is readable when ours is and that no datagram can be read from, which it
    // reports as an error. It takes only datagram sockets, but looks at the descriptor first when it polls, hence after
    // this function: a plain UDP socket is bound and the other is put in its place at once.
    const readiness = fdOf(calls.readinessOf(fd));
    try {
      const stand = fdOf(calls.socket(domainOf[4], datagram, 0));
      this.#poll = createSocket('udp4');
      this.#poll.bind({ fd: stand });
      calls.replace(stand, readiness);
    } finally {
      calls.close(readiness);
    }
  }

  send(message: Buffer, address: string): string | undefined {
    return this.#calls.send(this.#fd, message, address)?.refused;
  }

  listen({ onMessage, onError }: IcmpListener): void {
    this.#poll.on('error', () => {
      while (this.#open) {
        const received = this.#calls.receive(this.#fd);
        if (received === undefined) return;
        if ('refused' in received) {
          onError(received.refused);
          return;
        }
        onMessage(received.packet, received.hopLimit);
      }
    });
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#poll.close();
    this.#calls.close(this.#fd);
  }
}

function fdOf(made: number | Refused): number {
  if (typeof made === 'number') return made;
  throw new ProbeFailure('config', `no socket: ${made.refused}`);
}
