/** Where a server listens: TCP addresses, unix sockets, and sockets that systemd passed. */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { type AddressInfo, connect, type Server } from 'node:net';
import { parseListenAddress } from '../config/listen-address.ts';

/** A thing to listen on. */
export type Listening =
  | { readonly host: string; readonly port: number }
  | { readonly path: string; readonly mode: number }
  | { readonly fd: number };

/** The options that say where to listen. */
export interface ListenOptions {
  readonly listen_addresses: readonly string[];
  readonly unix_socket_mode: string;
  readonly systemd_socket: boolean;
}

// systemd passes descriptors from this one on (sd_listen_fds(3)).
const firstPassed = 3;

/**
 * The sockets that systemd passed to this process. The descriptor that a unit may be given for notifications comes the
 * same way, under its own name.
 */
export function passedSockets(environment: NodeJS.ProcessEnv, pid: number): { readonly fd: number }[] {
  const { LISTEN_PID: forPid, LISTEN_FDS: count = '', LISTEN_FDNAMES: names = '' } = environment;
  if (forPid !== String(pid) || !/^\d{1,4}$/.test(count)) return [];
  const nameOf = names.split(':');
  return Array.from({ length: Number(count) }, (_, index) => index)
    .filter((index) => nameOf[index] !== 'notify')
    .map((index) => ({ fd: firstPassed + index }));
}

/** What a config says to listen on; throws where there is nothing. */
export function listeningOf(
  web: ListenOptions,
  environment: NodeJS.ProcessEnv = process.env,
  pid: number = process.pid,
): Listening[] {
  if (web.systemd_socket) {
    const passed = passedSockets(environment, pid);
    if (passed.length === 0) throw new Error('systemd passed no socket to serve on; is there a socket unit?');
    return passed;
  }
  return web.listen_addresses.map((written) => {
    const address = parseListenAddress(written);
    if (address === undefined) throw new Error(`"${written}" is not an address to listen on`);
    return 'path' in address ? { ...address, mode: Number.parseInt(web.unix_socket_mode, 8) } : address;
  });
}

/** Whether somebody answers at a unix socket. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (answered: boolean) => () => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', end(true)).once('error', end(false));
  });
}

/** Removes the socket of a daemon that is no more; a file of another kind stays, and listening fails over it. */
async function removeStale(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true || (await answers(path))) return;
  unlinkSync(path);
}

function start(server: Server, options: Exclude<Listening, { mode: number }> | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ backlog: 511, ...options }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Starts to listen. */
export async function listenOn(server: Server, at: Listening): Promise<void> {
  if ('path' in at) {
    await removeStale(at.path);
    // The socket comes to be within the call: nobody whom the mode shuts out finds it open in between.
    const before = process.umask(0o777 & ~at.mode);
    let started: Promise<void>;
    try {
      started = start(server, { path: at.path });
    } finally {
      process.umask(before);
    }
    await started;
    chmodSync(at.path, at.mode);
    return;
  }
  try {
    await start(server, at);
  } catch (error) {
    // A host without IPv6 has no `::`.
    const { code } = error as NodeJS.ErrnoException;
    if (!('host' in at) || at.host !== '::' || code !== 'EAFNOSUPPORT') throw error;
    await start(server, { host: '0.0.0.0', port: at.port });
  }
}

/** The address of a server that listens, as a URL. */
export function urlOf(server: Server, scheme: 'http' | 'https'): string {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') return `unix:${address ?? ''}`;
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `${scheme}://${host}:${address.port}`;
}
