/**
 * A fresh stream connection to an address that is resolved already, or to a Unix socket. Nothing is kept for the next
 * probe: the caller owns the socket and destroys it.
 */
import { connect, type OnReadOpts, type Socket, type TcpNetConnectOpts } from 'node:net';
import { causeOf, ProbeFailure, timedOut } from './failure.ts';

/** Where to connect and from where. */
export type DialTarget = { readonly address: string; readonly port: number } | { readonly path: string };

/** What a dial heeds. */
export interface DialOptions {
  readonly signal: AbortSignal;
  /** The `source_ip_address` of a module; empty or absent lets the kernel choose. */
  readonly sourceAddress?: string | undefined;
  /** `ProbeRequest.allows`: asked before the first packet; a refusal is the reason `config`. */
  readonly allows?: ((address: string, port: number) => boolean) | undefined;
  /** False where one write asks and one reply answers, which saves a system call; small writes go at once elsewhere. */
  readonly noDelay?: boolean;
  /** Where what the socket reads goes; as `data` events where absent. */
  readonly inlet?: Inlet | undefined;
}

/** Takes what a socket reads out of one buffer that all such sockets share, with no stream between. */
export interface Inlet {
  /** The next bytes, valid until this returns; false lets the ones after it wait for `socket.resume()`. */
  take(bytes: Buffer): boolean;
}

/** A connected socket, without listeners but one for `error`, and how long the connecting took. */
export interface Dialled {
  readonly socket: Socket;
  readonly seconds: number;
}

/** Connects; fails with a `ProbeFailure` of reason `connect`, `config` or `timeout`, leaving no socket behind. */
export function dial(
  target: DialTarget,
  { signal, sourceAddress, allows, noDelay = true, inlet }: DialOptions,
): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(timedOut('connect'));
      return;
    }
    if ('address' in target && allows !== undefined && !allows(target.address, target.port)) {
      reject(new ProbeFailure('config', `the address ${hostPort(target)} may not be probed`));
      return;
    }
    const start = performance.now();
    let socket: Socket;
    try {
      socket = connect({ ...connectOptions(target, sourceAddress, noDelay), ...(inlet && readInto(inlet)) });
    } catch (error) {
      // Such as a port out of range.
      reject(new ProbeFailure('connect', causeOf(error), { cause: error }));
      return;
    }
    const onAbort = () => {
      socket.destroy();
      reject(timedOut('connect'));
    };
    // Stays on: an error of a socket that nobody listens to would end the process.
    socket.on('error', (error) => {
      signal.removeEventListener('abort', onAbort);
      reject(new ProbeFailure('connect', `${causeOf(error)} at ${hostPort(target)}`, { cause: error }));
    });
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      resolve({ socket, seconds: (performance.now() - start) / 1000 });
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** `address:port` with an IPv6 address in brackets, or the path. */
export function hostPort(target: DialTarget): string {
  if ('path' in target) return target.path;
  return target.address.includes(':') ? `[${target.address}]:${target.port}` : `${target.address}:${target.port}`;
}

function connectOptions(target: DialTarget, sourceAddress: string | undefined, noDelay: boolean) {
  if ('path' in target) return { path: target.path };
  const options: TcpNetConnectOpts = { host: target.address, port: target.port, noDelay };
  // A zone that names no interface must not become a lookup.
  options.lookup = (address, _options, callback) => callback(null, address, address.includes(':') ? 6 : 4);
  if (sourceAddress !== undefined && sourceAddress !== '') options.localAddress = sourceAddress;
  return options;
}

// A read is over before the next one begins, whichever socket it is of.
let buffer: Buffer | undefined;

function readInto(inlet: Inlet): { onread: OnReadOpts } {
  const lent = (buffer ??= Buffer.allocUnsafeSlow(64 * 1024));
  return { onread: { buffer: lent, callback: (length) => inlet.take(lent.subarray(0, length)) } };
}
