/**
 * A tunnel through a proxy to a host and port: CONNECT of HTTP (RFC 9110 section 9.3.6), or SOCKS5 (RFC 1928 with the
 * passwords of RFC 1929).
 */
import type { Socket } from 'node:net';
import { isIP, isIPv4 } from 'node:net';
import { addressBytes } from './address.ts';
import { causeOf, ProbeFailure, timedOut } from './failure.ts';
import { basicValue } from './http-credentials.ts';
import type { Proxy } from './http-proxy.ts';

/** Where a tunnel is to end, and what it takes to open it. */
export interface TunnelOptions {
  readonly host: string;
  readonly port: number;
  readonly proxy: Proxy;
  /** Headers of the CONNECT request, names and values by turns. */
  readonly headers: readonly string[];
  readonly signal: AbortSignal;
}

/** Opens a tunnel on a socket that is connected to the proxy; destroys the socket on failure. */
export async function openTunnel(socket: Socket, options: TunnelOptions): Promise<void> {
  const reader = new Reader(socket, options.signal);
  try {
    await (options.proxy.kind === 'socks5' ? socksTunnel(reader, options) : connectTunnel(reader, options));
    reader.release();
  } catch (error) {
    reader.release();
    socket.destroy();
    throw error;
  }
}

async function connectTunnel(reader: Reader, { host, port, proxy, headers }: TunnelOptions): Promise<void> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  for (let at = 0; at < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`);
  if (proxy.username !== '') lines.push(`Proxy-Authorization: ${basicValue(proxy.username, proxy.password)}`);
  reader.send(`${lines.join('\r\n')}\r\n\r\n`);
  const head = (await reader.until('\r\n\r\n', 16_384)).toString('latin1');
  const [, status] = /^HTTP\/1\.[01] (\d{3})/u.exec(head) ?? [];
  if (status === undefined) throw refused('it does not speak HTTP');
  if (!status.startsWith('2')) throw refused(`it answered CONNECT with status ${status}`);
}

const socksProblems: Readonly<Record<number, string>> = {
  1: 'general failure',
  2: 'not allowed',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  6: 'hop limit reached',
  7: 'command not supported',
  8: 'address type not supported',
};

async function socksTunnel(reader: Reader, { host, port, proxy }: TunnelOptions): Promise<void> {
  const withPassword = proxy.username !== '';
  reader.send(Buffer.from(withPassword ? [5, 2, 0, 2] : [5, 1, 0]));
  const [version, method] = await reader.take(2);
  if (version !== 5) throw refused('it does not speak SOCKS5');
  if (method === 2 && withPassword) {
    const [username, password] = [Buffer.from(proxy.username), Buffer.from(proxy.password)];
    if (username.length > 255 || password.length > 255) throw refused('its user name or password is too long');
    reader.send(Buffer.from([1, username.length, ...username, password.length, ...password]));
    if ((await reader.take(2))[1] !== 0) throw refused('it did not accept the user and password');
  } else if (method !== 0) throw refused('it wants an authentication that was not given');
  reader.send(Buffer.from([5, 1, 0, ...socksAddress(host), port >> 8, port & 0xff]));
  const [, reply = 1, , kind = 1] = await reader.take(4);
  if (reply !== 0) throw refused(socksProblems[reply] ?? `SOCKS reply ${reply}`);
  // The bound address is of no use, but has to be taken off the stream.
  const length = kind === 1 ? 4 : kind === 4 ? 16 : (await reader.take(1))[0]!;
  await reader.take(length + 2);
}

function socksAddress(host: string): number[] {
  if (isIPv4(host)) return [1, ...addressBytes(host).subarray(12)];
  if (isIP(host) === 6) return [4, ...addressBytes(host)];
  const name = Buffer.from(host);
  return [3, name.length, ...name];
}

function refused(detail: string): ProbeFailure {
  return new ProbeFailure('connect', `the proxy refused: ${detail}`);
}

/** Takes bytes off a socket and leaves the rest to whoever comes after. */
class Reader {
  readonly #socket: Socket;
  readonly #signal: AbortSignal;
  #wake: (() => void) | undefined;
  #failure: ProbeFailure | undefined;
  readonly #onAbort = () => this.#fail(timedOut('connect'));
  readonly #onError = (error: Error) => this.#fail(refused(causeOf(error)));
  readonly #onEnd = () => this.#fail(refused('it closed the connection'));
  readonly #onReadable = () => this.#wake?.();

  constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
    if (signal.aborted) this.#onAbort();
    signal.addEventListener('abort', this.#onAbort, { once: true });
    socket.on('error', this.#onError).on('end', this.#onEnd).on('close', this.#onEnd).on('readable', this.#onReadable);
  }

  send(data: string | Buffer): void {
    this.#socket.write(data);
  }

  /** Exactly so many bytes. */
  async take(count: number): Promise<Buffer> {
    for (;;) {
      const chunk = count === 0 ? Buffer.alloc(0) : (this.#socket.read(count) as Buffer | null);
      if (chunk !== null && chunk.length === count) return chunk;
      await this.#more();
    }
  }

  /** Everything up to and with `end`. */
  async until(end: string, limit: number): Promise<Buffer> {
    let held = Buffer.alloc(0);
    for (;;) {
      const chunk = this.#socket.read() as Buffer | null;
      if (chunk === null) {
        await this.#more();
        continue;
      }
      held = Buffer.concat([held, chunk]);
      const at = held.indexOf(end);
      if (at >= 0) {
        if (at + end.length < held.length) this.#socket.unshift(held.subarray(at + end.length));
        return held.subarray(0, at + end.length);
      }
      if (held.length > limit) throw refused('its answer is too long');
    }
  }

  release(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#socket.off('error', this.#onError).off('end', this.#onEnd).off('close', this.#onEnd);
    this.#socket.off('readable', this.#onReadable);
  }

  async #more(): Promise<void> {
    if (this.#failure === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = undefined;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #fail(failure: ProbeFailure): void {
    this.#failure ??= failure;
    this.#wake?.();
  }
}
