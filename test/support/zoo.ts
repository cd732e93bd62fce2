/**
 * Bad endpoints for HTTP probes, each a server of its own on loopback that does one thing wrong. A server counts its
 * open connections, so that a test can wait until a probe left none.
 */
import { once } from 'node:events';
import { createSecureServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { createGzip } from 'node:zlib';
import { testCertificates, type TestCertificate } from './certificates.ts';

/** One endpoint of the zoo. */
export interface Beast {
  readonly url: string;
  readonly port: number;
  /** How many connections it accepted so far. */
  readonly accepted: number;
  /** Resolves once no connection is open. */
  left(): Promise<void>;
  close(): Promise<void>;
}

type Serve = (socket: Socket) => void;

/** A server that does with each plain connection what `serve` does. */
export function plainBeast(serve: Serve): Promise<Beast> {
  return open(createServer(serve), 'http');
}

/** A server that does with each TLS connection what `serve` does. */
export function tlsBeast(serve: Serve, certificate: TestCertificate, options: TlsOptions = {}): Promise<Beast> {
  const { cert, key } = certificate;
  const server = createTlsServer({ cert, key, ...options }, serve);
  server.on('tlsClientError', () => undefined);
  return open(server, 'https');
}

/** Answers every request with `response` and closes. */
export function answering(response: string | Buffer): Serve {
  return (socket) => {
    socket.once('data', () => socket.end(response));
  };
}

/** A response with a body and its length. */
export function ok(body = 'fine', headers = ''): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
}

const oneByteEvery = (ms: number, text: string, socket: Socket) => {
  let at = 0;
  const timer = setInterval(() => socket.write(text[at++ % text.length]!), ms);
  socket.once('close', () => clearInterval(timer));
};

/** Writes chunks as fast as they are taken, without end. */
const forEver = (socket: Socket, chunk: Buffer) => {
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', more);
  more();
};

const afterRequest =
  (serve: Serve): Serve =>
  (socket) => {
    socket.once('data', () => serve(socket));
  };

/** Every beast by name. */
export const zoo = {
  neverAnswers: () => plainBeast((socket) => socket.resume()),

  resetsAfterAccept: () => plainBeast((socket) => socket.resetAndDestroy()),

  resetsAfterRequest: () => plainBeast(afterRequest((socket) => socket.resetAndDestroy())),

  dripsBody: () =>
    plainBeast(
      afterRequest((socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nx');
        oneByteEvery(900, 'x', socket);
      }),
    ),

  dripsHead: () => plainBeast(afterRequest((socket) => oneByteEvery(20, 'HTTP/1.1 200 OK\r\nX-Slow: yes', socket))),

  closesMidBody: () => plainBeast(answering('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf a body')),

  closesMidChunk: () => plainBeast(answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf')),

  twoLengths: () => plainBeast(answering('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 7\r\n\r\nfine')),

  badLength: () => plainBeast(answering('HTTP/1.1 200 OK\r\nContent-Length: four\r\n\r\nfine')),

  lengthAndChunks: () =>
    plainBeast(
      answering('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n'),
    ),

  speaksSsh: () => plainBeast((socket) => socket.resume().write('SSH-2.0-OpenSSH_9.2p1\r\n')),

  floodsHeaders: () =>
    plainBeast(
      afterRequest((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        forEver(socket, Buffer.from(`X-Flood: ${'y'.repeat(1000)}\r\n`));
      }),
    ),

  redirectsToItself: () => plainBeast(answering('HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n')),

  redirectsNowhere: () =>
    plainBeast(answering('HTTP/1.1 302 Found\r\nLocation: ftp://example.org/\r\nContent-Length: 0\r\n\r\n')),

  switchesProtocols: () =>
    plainBeast(answering('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')),

  infiniteBody: () =>
    plainBeast(
      afterRequest((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        forEver(socket, Buffer.alloc(65_536, 'x'));
      }),
    ),

  /** Half a gigabyte of zeros in half a megabyte. */
  gzipBomb: () =>
    plainBeast(
      afterRequest((socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n');
        const gzip = createGzip();
        const zeros = Buffer.alloc(1_048_576);
        let left = 512;
        const feed = () => {
          while (left > 0 && !socket.destroyed) {
            left -= 1;
            if (!gzip.write(zeros)) return;
          }
          gzip.end();
        };
        gzip.on('drain', feed);
        gzip.pipe(socket);
        socket.once('close', () => gzip.destroy());
        feed();
      }),
    ),

  notGzip: () => plainBeast(answering(ok('this is plain text'))),

  stallsHandshake: () => plainBeast((socket) => socket.resume()).then(secure),

  closesHandshake: () => plainBeast(afterRequest((socket) => socket.end())).then(secure),

  plainOnTlsPort: () => plainBeast(answering('HTTP/1.1 400 Bad Request\r\n\r\n')).then(secure),

  expired: () => tlsBeast(answering(ok()), testCertificates().expired),
  notYetValid: () => tlsBeast(answering(ok()), testCertificates().notYetValid),
  selfSigned: () => tlsBeast(answering(ok()), testCertificates().selfSigned),
  wrongHost: () => tlsBeast(answering(ok()), testCertificates().wrongHost),
  commonNameOnly: () => tlsBeast(answering(ok()), testCertificates().commonNameOnly),
  untrusted: () => tlsBeast(answering(ok()), testCertificates().untrusted),

  oldTls: () =>
    tlsBeast(answering(ok()), testCertificates().good, {
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    }),

  wantsClientCertificate: () =>
    tlsBeast(answering(ok()), testCertificates().good, { requestCert: true, ca: testCertificates().root.cert }),

  http2GoesAway: () => http2Beast((session) => session.goaway(11)),
  http2Silent: () => http2Beast(() => undefined),
  http2ResetsStream: () => http2Beast((_session, stream) => stream.close(2)),
} as const satisfies Record<string, () => Promise<Beast>>;

function http2Beast(serve: (session: ServerHttp2Session, stream: ServerHttp2Stream) => void): Promise<Beast> {
  const { cert, key } = testCertificates().good;
  const server = createSecureServer({ cert, key });
  server.on('session', (session) => session.on('error', () => undefined));
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    if (stream.session !== undefined) serve(stream.session as ServerHttp2Session, stream);
  });
  return open(server, 'https');
}

function secure(beast: Beast): Beast {
  return Object.assign(Object.create(beast) as Beast, { url: beast.url.replace('http:', 'https:') });
}

/** Listens on loopback and counts connections. */
async function open(server: Server, scheme: 'http' | 'https'): Promise<Beast> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  let emptied: (() => void) | undefined;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) emptied?.();
    });
  });
  server.on('secureConnection', (socket: Socket) => socket.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}/`,
    port,
    get accepted() {
      return accepted;
    },
    left: () => (sockets.size === 0 ? Promise.resolve() : new Promise((resolve) => (emptied = resolve))),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
