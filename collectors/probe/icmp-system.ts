/**
 * The system calls that ICMP sockets take, which Node.js does not have: made by the optional package koffi, on Linux.
 */
import { isIPv4 } from 'node:net';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { addressBytes } from './address.ts';

/** A call that failed, by the name of its error, such as `EACCES`. */
export interface Refused {
  readonly refused: string;
}

/** A datagram as it was received. */
export interface Received {
  /** Valid until the next call. */
  readonly packet: Buffer;
  /** Time to live, or hop limit, where the socket was asked to tell it. */
  readonly hopLimit: number | undefined;
}

/** System calls on descriptors. */
export interface SystemCalls {
  /** A descriptor that does not block and that children do not inherit. */
  socket(domain: number, type: number, protocol: number): number | Refused;
  /** Sets an option whose value is a number, or bytes. */
  set(fd: number, level: number, name: number, value: number | Buffer): void;
  bind(fd: number, address: string): Refused | undefined;
  send(fd: number, message: Buffer, address: string): Refused | undefined;
  /** The next datagram; undefined where there is none. */
  receive(fd: number): Received | Refused | undefined;
  /** A descriptor that is readable as long as the given one is, although it cannot be read itself. */
  readinessOf(fd: number): number | Refused;
  /** Puts a descriptor in the place of another, which is closed. */
  replace(fd: number, by: number): void;
  close(fd: number): void;
}

/** The address families of the kernel. */
export const domainOf = { 4: 2, 6: 10 } as const;

// Linux, the same on all architectures that Node.js runs on.
const closeOnExec = 0o2000000;
const nonBlocking = 0o4000;
const dontWait = 0x40;
const nothingThere = constants.errno.EAGAIN;
const epollAdd = 1;
const epollIn = 1;
const hopLimitMessages: readonly (readonly [level: number, type: number])[] = [
  [0, 2],
  [41, 52],
];

let calls: Promise<SystemCalls | undefined> | undefined;

/** The system calls; undefined where they cannot be made. */
export function systemCalls(): Promise<SystemCalls | undefined> {
  calls ??= load();
  return calls;
}

async function load(): Promise<SystemCalls | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const { default: koffi } = await import('koffi');
    const libc = koffi.load(null);
    const iovec = koffi.struct({ base: 'void *', length: 'size_t' });
    const msghdr = koffi.struct({
      name: 'void *',
      nameLength: 'uint32_t',
      vectors: koffi.pointer(iovec),
      vectorCount: 'size_t',
      control: 'void *',
      controlLength: 'size_t',
      flags: 'int',
    });
    const socket = libc.func('int socket(int, int, int)');
    const setsockopt = libc.func('int setsockopt(int, int, int, const void *, uint32_t)');
    const bind = libc.func('int bind(int, const void *, uint32_t)');
    const sendto = libc.func('long sendto(int, const void *, size_t, int, const void *, uint32_t)');
    const recvmsg = libc.func('recvmsg', 'long', ['int', koffi.inout(koffi.pointer(msghdr)), 'int']);
    const epollCreate = libc.func('int epoll_create1(int)');
    const epollControl = libc.func('int epoll_ctl(int, int, int, const void *)');
    const dup2 = libc.func('int dup2(int, int)');
    const close = libc.func('int close(int)');
    const interfaceIndex = libc.func('uint32_t if_nametoindex(const char *)');
    const refusal = (): Refused => ({ refused: getSystemErrorName(-koffi.errno()) });
    const addressOf = (address: string) =>
      socketAddress(address, (zone) => (/^\d+$/u.test(zone) ? Number(zone) : interfaceIndex(zone)));
    // One at a time is looked at, so one buffer serves all sockets.
    const data = Buffer.alloc(65_536);
    const control = new Int32Array(16);
    const vectors = [{ base: data, length: data.length }];
    return {
      socket(domain, type, protocol) {
        const fd: number = socket(domain, type | closeOnExec | nonBlocking, protocol);
        return fd < 0 ? refusal() : fd;
      },
      set(fd, level, name, value) {
        const bytes = typeof value === 'number' ? numbers(value) : value;
        setsockopt(fd, level, name, bytes, bytes.length);
      },
      bind(fd, address) {
        const bytes = addressOf(address);
        return bind(fd, bytes, bytes.length) === 0 ? undefined : refusal();
      },
      send(fd, message, address) {
        const bytes = addressOf(address);
        const sent: number = sendto(fd, message, message.length, dontWait, bytes, bytes.length);
        return sent < 0 ? refusal() : undefined;
      },
      receive(fd) {
        const header = {
          name: null,
          nameLength: 0,
          vectors,
          vectorCount: 1,
          control,
          controlLength: control.byteLength,
          flags: 0,
        };
        const length: number = recvmsg(fd, header, dontWait);
        if (length < 0) return koffi.errno() === nothingThere ? undefined : refusal();
        return {
          packet: data.subarray(0, length),
          hopLimit: hopLimitIn(control.subarray(0, header.controlLength / 4)),
        };
      },
      readinessOf(fd) {
        const readiness: number = epollCreate(closeOnExec);
        if (readiness < 0) return refusal();
        if (epollControl(readiness, epollAdd, fd, numbers(epollIn, 0, 0, 0)) === 0) return readiness;
        const refused = refusal();
        close(readiness);
        return refused;
      },
      replace: (fd, by) => void dup2(by, fd),
      close: (fd) => void close(fd),
    };
  } catch {
    // The package is optional.
    return undefined;
  }
}

/** A `sockaddr` for an address without a port; `indexOf` gives the number of an interface. */
function socketAddress(text: string, indexOf: (zone: string) => number): Buffer {
  const bytes = addressBytes(text);
  const ipv4 = isIPv4(text);
  const address = Buffer.alloc(ipv4 ? 16 : 28);
  Buffer.from(Uint16Array.of(domainOf[ipv4 ? 4 : 6]).buffer).copy(address);
  address.set(ipv4 ? bytes.subarray(12) : bytes, ipv4 ? 4 : 8);
  const [, zone] = text.split('%', 2);
  if (zone !== undefined) numbers(indexOf(zone)).copy(address, 24);
  return address;
}

/** What control messages (cmsg(3)) say of the time to live. */
function hopLimitIn(words: Int32Array): number | undefined {
  // A length as large as a pointer, of which one word is zero; level, type and value. Each begins at eight bytes.
  for (let at = 0; at + 4 < words.length;) {
    const found = hopLimitMessages.some(([level, type]) => words[at + 2] === level && words[at + 3] === type);
    if (found) return words[at + 4];
    const length = words[at]! + words[at + 1]!;
    if (length < 16) return undefined;
    at += 2 * Math.ceil(length / 8);
  }
  return undefined;
}

/** Numbers of 32 bits in the byte order of the machine, as the kernel reads them. */
export function numbers(...values: readonly number[]): Buffer {
  return Buffer.from(Int32Array.from(values).buffer);
}
