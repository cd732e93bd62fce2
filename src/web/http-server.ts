/** A server for HTTP, HTTPS or HTTP/2, with bounds for whoever sends slowly, much, or nothing. */
import { createServer, type Server as HttpServer } from 'node:http';
import type { Server as NetServer } from 'node:net';
import type { Server as TlsServer, TlsOptions as NodeTlsOptions, TLSSocket } from 'node:tls';
import { isAdmitted } from './client-certificate.ts';
import type { Handler } from './guard.ts';
import type { TlsOptions } from './tls-options.ts';

// A request of a scrape is a few hundred bytes in one packet; Prometheus scrapes at least every two minutes.
const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 125_000,
  connectionsCheckingInterval: 2_000,
} as const;
const handshakeTimeoutMs = 10_000;
const silentForMs = 130_000;
const maxHeaders = 100;

/** A server that does not listen yet. */
export interface ProtocolServer {
  readonly server: NetServer;
  /** Takes certificates and the like for connections to come. */
  setTls(options: TlsOptions): void;
}

type Limited = Pick<
  HttpServer,
  'headersTimeout' | 'requestTimeout' | 'keepAliveTimeout' | 'maxHeadersCount' | 'timeout'
>;

function applyLimits(server: Limited): void {
  server.headersTimeout = limits.headersTimeout;
  server.requestTimeout = limits.requestTimeout;
  server.keepAliveTimeout = limits.keepAliveTimeout;
  server.maxHeadersCount = maxHeaders;
  server.timeout = silentForMs;
}

function nodeOptions({ context, clientAuth }: TlsOptions): NodeTlsOptions {
  return {
    ...context,
    requestCert: clientAuth.request,
    // Where a certificate is not needed, or any will do, OpenSSL must not end the handshake over it.
    rejectUnauthorized: clientAuth.require && clientAuth.verify,
    handshakeTimeout: handshakeTimeoutMs,
  };
}

async function createTlsServer(tls: TlsOptions, http2: boolean, handler: Handler): Promise<TlsServer> {
  const options = { ...nodeOptions(tls), ...limits };
  if (!http2) {
    const { createServer: createHttpsServer } = await import('node:https');
    return createHttpsServer(options, handler);
  }
  const { createSecureServer } = await import('node:http2');
  const settings = { maxConcurrentStreams: 64, maxHeaderListSize: limits.maxHeaderSize };
  const server = createSecureServer(
    { ...options, allowHTTP1: true, settings, unknownProtocolTimeout: handshakeTimeoutMs },
    // The compatibility layer is made to pass for what HTTP/1 has.
    handler as never,
  );
  server.on('session', (session) => {
    session.setTimeout(silentForMs, () => session.destroy());
  });
  return server;
}

/** Makes a server; `tls` undefined makes one without TLS. */
export async function createProtocolServer(
  tls: TlsOptions | undefined,
  http2: boolean,
  handler: Handler,
): Promise<ProtocolServer> {
  if (tls === undefined) {
    const server = createServer(limits, handler);
    applyLimits(server);
    return { server, setTls: () => {} };
  }
  let current = tls;
  const server = await createTlsServer(tls, http2, handler);
  applyLimits(server as unknown as Limited);
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    if (!isAdmitted(socket, current)) socket.destroy();
  });
  // A client that speaks something else, or breaks off, is its own trouble.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return {
    server,
    setTls(options) {
      current = options;
      server.setSecureContext(options.context);
    },
  };
}
