/**
 * ICMP sockets, which Node.js cannot open itself: on Linux the optional package koffi makes the system calls, and
 * node:dgram then reads and writes the descriptor.
 *
 * A raw socket (root or CAP_NET_RAW) is tried first, as it shows the time to live of replies and the errors of routers;
 * then a datagram socket, which the sysctl net.ipv4.ping_group_range allows to groups. For those the kernel chooses the
 * number of the requests.
 */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { ProbeFailure } from './failure.ts';
import { icmpProtocol, wantedTypes } from './icmp-packet.ts';

/** What a socket is to be like. */
export interface IcmpSocketOptions {
  readonly family: 4 | 6;
  readonly ttl: number;
  readonly dontFragment: boolean;
  /** Sixteen or four bytes, of the same family. */
  readonly source: Buffer | undefined;
}

/** A socket ready to send and to hear replies. */
export interface IcmpSocket {
  readonly socket: Socket;
  readonly raw: boolean;
}

interface SystemCalls {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Buffer, length: number): number;
  setsockopt(fd: number, level: number, name: number, value: Buffer, length: number): number;
  dup2(from: number, to: number): number;
  close(fd: number): number;
  errno(): number;
}

// Linux, the same on all architectures that Node.js runs on.
const domain = { 4: 2, 6: 10 } as const;
const datagram = 2;
const rawType = 3;
const closeOnExec = 0o2000000;
const nonBlocking = 0o4000;
const solIp = 0;
const ipTtl = 2;
const ipMtuDiscover = 10;
const pmtuDo = 2;
const solIpv6 = 41;
const ipv6UnicastHops = 16;
const solRaw = 255;
const icmpFilter = 1;

let calls: Promise<SystemCalls | undefined> | undefined;

async function loadCalls(): Promise<SystemCalls | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const { default: koffi } = await import('koffi');
    const libc = koffi.load(null);
    return {
      socket: libc.func('int socket(int, int, int)'),
      bind: libc.func('int bind(int, const void *, uint)'),
      setsockopt: libc.func('int setsockopt(int, int, int, const void *, uint)'),
      dup2: libc.func('int dup2(int, int)'),
      close: libc.func('int close(int)'),
      errno: () => koffi.errno(),
    };
  } catch {
    // The package is optional.
    return undefined;
  }
}

/** Why there is no socket. */
export type IcmpRefusal = 'no-koffi' | 'not-allowed';

/** Opens a socket; says why where this process cannot have one. Fails with a `ProbeFailure` for a bad source address. */
export async function openIcmpSocket(options: IcmpSocketOptions): Promise<IcmpSocket | IcmpRefusal> {
  calls ??= loadCalls();
  const libc = await calls;
  if (libc === undefined) return 'no-koffi';
  const { family } = options;
  for (const type of [rawType, datagram]) {
    const fd = libc.socket(domain[family], type | closeOnExec | nonBlocking, icmpProtocol[family]);
    if (fd < 0) continue;
    try {
      configure(libc, fd, type === rawType, options);
      return { socket: adopt(libc, fd, type === rawType, family), raw: type === rawType };
    } catch (error) {
      libc.close(fd);
      throw error;
    }
  }
  return 'not-allowed';
}

function configure(libc: SystemCalls, fd: number, raw: boolean, options: IcmpSocketOptions): void {
  const { family, ttl, dontFragment, source } = options;
  const set = (level: number, name: number, value: number) => libc.setsockopt(fd, level, name, int32(value), 4);
  if (ttl > 0) set(family === 4 ? solIp : solIpv6, family === 4 ? ipTtl : ipv6UnicastHops, ttl);
  if (dontFragment && family === 4) set(solIp, ipMtuDiscover, pmtuDo);
  if (raw) {
    // Otherwise each socket would hear every ICMP message of the host.
    const filter = typeFilter(family);
    libc.setsockopt(fd, family === 4 ? solRaw : icmpProtocol[6], icmpFilter, filter, filter.length);
  }
  if (source === undefined) return;
  const address = socketAddress(family, source);
  if (libc.bind(fd, address, address.length) !== 0) {
    throw new ProbeFailure('connect', `${getSystemErrorName(-libc.errno())} at the source address`);
  }
}

/** Bits of the message types that the kernel is to keep back. */
function typeFilter(family: 4 | 6): Buffer {
  const filter = Buffer.alloc(family === 4 ? 4 : 32, 0xff);
  for (const type of wantedTypes(family)) {
    const word = type >> 5;
    const bits = readInt32(filter, 4 * word) & ~(1 << (type & 31));
    int32(bits).copy(filter, 4 * word);
  }
  return filter;
}

/** Hands a descriptor to node:dgram, which closes it. */
function adopt(libc: SystemCalls, fd: number, raw: boolean, family: 4 | 6): Socket {
  const socket = createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    // The addresses are addresses: do not let getaddrinfo look at them.
    lookup: (host, _options, callback) => callback(null, host, isIPv6(host) ? 6 : 4),
  });
  if (!raw) {
    socket.bind({ fd });
    return socket;
  }
  // dgram takes only datagram sockets. The event loop looks at the descriptor first when it polls, hence after this
  // function, so a plain UDP socket is bound and the raw one is put in its place at once.
  const stand = libc.socket(domain[family], datagram | closeOnExec | nonBlocking, 0);
  if (stand < 0) throw new ProbeFailure('config', `no socket: ${getSystemErrorName(-libc.errno())}`);
  socket.bind({ fd: stand });
  libc.dup2(fd, stand);
  libc.close(fd);
  return socket;
}

function socketAddress(family: 4 | 6, bytes: Buffer): Buffer {
  const address = Buffer.alloc(family === 4 ? 16 : 28);
  int16(domain[family]).copy(address);
  bytes.copy(address, family === 4 ? 4 : 8);
  return address;
}

// The kernel reads numbers in the byte order of the machine.
function int32(value: number): Buffer {
  return Buffer.from(Int32Array.of(value).buffer);
}

function int16(value: number): Buffer {
  return Buffer.from(Int16Array.of(value).buffer);
}

function readInt32(buffer: Buffer, offset: number): number {
  return new Int32Array(Uint8Array.from(buffer.subarray(offset, offset + 4)).buffer)[0]!;
}
