/**
 * The way to the host of one request: resolve, connect (through a proxy where there is one), TLS. What was reached and
 * how long it took is written down as it happens, so that a probe that fails on the way can tell.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ProbeRequest } from '../../src/prober.ts';
import { dial, type Inlet } from './dial.ts';
import { addressOf } from './each-address.ts';
import { ProbeFailure } from './failure.ts';
import { basicValue } from './http-credentials.ts';
import { openTunnel } from './http-tunnel.ts';
import type { Proxy, ProxyChooser } from './http-proxy.ts';
import type { ResolvedAddress } from './address.ts';
import type { AddressChoice, Resolver } from './resolve.ts';
import { CertificateRefused, type CertificateFacts, type TlsClient } from './tls.ts';

/** The phases of an HTTP probe. */
export type HttpPhase = 'resolve' | 'connect' | 'tls' | 'processing' | 'transfer';

/** What is known so far of a probe; filled by the steps. */
export interface Progress {
  phase: HttpPhase;
  readonly seconds: Record<HttpPhase, number>;
  /** What the target itself resolved to; hops of redirects do not change it. */
  resolved: ResolvedAddress | undefined;
  /** How long resolving the target itself took; undefined until it was tried. */
  lookupSeconds: number | undefined;
  /** The certificate facts of the last hop that got through a handshake. */
  facts: CertificateFacts | undefined;
}

/** What a module has to connect with. */
export interface Connector {
  readonly choice: AddressChoice;
  readonly resolver: Resolver;
  readonly proxies: ProxyChooser;
  readonly proxyHeaders: () => readonly string[];
  readonly tls: TlsClient;
  readonly alpn: readonly string[];
  /** Speak HTTP/2 without TLS too, of which the target is known to be capable (RFC 9113 section 3.3). */
  readonly h2c?: boolean;
  /** Leave resolving to the proxy. */
  readonly skipResolve: boolean;
  /** Give an inlet where that can be, for a caller that takes it. */
  readonly inlets?: boolean;
}

/** Where a request goes. */
export interface Destination {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  readonly serverName: string;
  /** False where `server_name` of the module is not meant for this host. */
  readonly ownHost: boolean;
}

/** A connection ready for a request. */
export interface Connection {
  readonly socket: Socket | TLSSocket;
  /** Where its bytes go instead of `data` events; on plain connections without a proxy. */
  readonly inlet: Inlet | undefined;
  readonly http2: boolean;
  /** A proxy that wants the whole URL in the request line, with its Proxy-Authorization; undefined elsewhere. */
  readonly proxied: { readonly authorization: string | undefined } | undefined;
}

type Heeds = Pick<ProbeRequest, 'signal' | 'allows' | 'trace' | 'address'>;

/** Goes the way; fails with a `ProbeFailure`, leaving no socket behind. */
export async function connectTo(
  destination: Destination,
  connector: Connector,
  heeds: Heeds,
  progress: Progress,
): Promise<Connection> {
  const address = await resolveHost(destination, connector, heeds, progress);
  const { secure, host, port } = destination;
  const { h2c = false } = connector;
  const proxy = connector.proxies.any ? connector.proxies.choose({ secure, host, port, address }) : undefined;
  progress.phase = 'connect';
  const start = performance.now();
  let socket: Socket | TLSSocket;
  let inlet: Inlet | undefined;
  if (proxy === undefined) {
    // With the phase skipped and an exception for this host, the host has to be resolved after all.
    const direct = address ?? (await connector.resolver.resolve(host, connector.choice, heeds.signal)).address;
    const { signal, allows } = heeds;
    inlet = secure || h2c || connector.inlets !== true ? undefined : { take: () => false };
    const dialled = await dial({ address: direct, port }, { signal, allows, noDelay: secure || h2c, inlet });
    progress.seconds.connect += dialled.seconds;
    socket = dialled.socket;
  } else {
    if (heeds.allows !== undefined && (address === undefined || !heeds.allows(address, port))) {
      throw new ProbeFailure('config', 'the target may not be probed through a proxy');
    }
    socket = await reachProxy(proxy, connector, heeds);
    // HTTP/2 has to reach the target itself, not a proxy that reads HTTP/1.
    if (secure || h2c || proxy.kind === 'socks5') {
      const headers = connector.proxyHeaders();
      await openTunnel(socket, { host: address ?? host, port, proxy, headers, signal: heeds.signal });
    }
    progress.seconds.connect += (performance.now() - start) / 1000;
  }
  heeds.trace?.('connected', { address: address ?? host, port, proxy: proxy?.host });
  if (secure) return secured(socket, destination, connector, heeds, progress);
  if (h2c) return { socket, inlet: undefined, http2: true, proxied: undefined };
  const proxied = proxy === undefined || proxy.kind === 'socks5' ? undefined : proxyCredentials(proxy);
  return { socket, inlet, http2: false, proxied };
}

async function resolveHost(
  { host, ownHost }: Destination,
  { choice, resolver, skipResolve }: Connector,
  { signal, trace, address }: Heeds,
  progress: Progress,
): Promise<string | undefined> {
  if (skipResolve) return undefined;
  progress.phase = 'resolve';
  const first = progress.lookupSeconds === undefined;
  const start = performance.now();
  try {
    const given = ownHost ? address : undefined;
    const resolved = await addressOf(
      host,
      choice,
      { signal, ...(given === undefined ? {} : { address: given }) },
      resolver,
    );
    if (first) progress.resolved = resolved;
    trace?.('resolved', { host, address: resolved.address });
    return resolved.address;
  } finally {
    const seconds = (performance.now() - start) / 1000;
    if (first) progress.lookupSeconds = seconds;
    progress.seconds.resolve += seconds;
  }
}

/** Connects to a proxy, which the operator chose: nobody is asked whether it may be dialled. */
async function reachProxy(proxy: Proxy, connector: Connector, { signal }: Heeds): Promise<Socket | TLSSocket> {
  const { address } = await connector.resolver.resolve(proxy.host, connector.choice, signal);
  const { socket } = await dial({ address, port: proxy.port }, { signal });
  if (proxy.kind !== 'https') return socket;
  const secure = await connector.tls.upgrade(socket, { serverName: proxy.host, signal, ignoreConfiguredName: true });
  return secure.socket;
}

async function secured(
  plain: Socket | TLSSocket,
  { serverName, ownHost }: Destination,
  { tls, alpn }: Connector,
  { signal, trace }: Heeds,
  progress: Progress,
): Promise<Connection> {
  progress.phase = 'tls';
  try {
    const { socket, seconds, facts } = await tls.upgrade(plain, {
      serverName,
      signal,
      trace,
      alpn,
      ignoreConfiguredName: !ownHost,
    });
    progress.seconds.tls += seconds;
    progress.facts = facts;
    trace?.('handshake done', { version: facts?.version, cipher: facts?.cipher, alpn: socket.alpnProtocol });
    return { socket, inlet: undefined, http2: socket.alpnProtocol === 'h2', proxied: undefined };
  } catch (error) {
    if (error instanceof CertificateRefused) {
      progress.seconds.tls += error.seconds;
      progress.facts = error.facts;
    }
    throw error;
  }
}

function proxyCredentials({ username, password }: Proxy): { authorization: string | undefined } {
  return { authorization: username === '' ? undefined : basicValue(username, password) };
}
