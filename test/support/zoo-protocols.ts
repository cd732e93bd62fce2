/** Bad endpoints for the probers beside http: what each does wrong, how it is probed, and what a probe must say. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createHash } from 'node:crypto';
import type { FailureReason } from '../../src/prober.ts';
import { testCertificates } from './certificates.ts';
import { answering, ok, plainBeast, tlsBeast } from './zoo.ts';

/** A target that is up and does wrong. */
export interface Animal {
  readonly target: string;
  close(): Promise<void> | void;
}

/** An animal, the prober and options to meet it with, and what comes of it. */
export interface Encounter {
  readonly name: string;
  readonly prober: string;
  readonly options?: object;
  readonly open: () => Promise<Animal>;
  /** The reasons that are right; where the kernel decides a race, both. */
  readonly reason: FailureReason | readonly FailureReason[];
  readonly phase: string;
}

const ip4 = { preferred_ip_protocol: 'ip4' };
const trusting = () => ({ tls_config: { ca_file: testCertificates().root.certFile } });

/** A stream server as a target without a scheme. */
async function stream(serve: (socket: Socket) => void): Promise<Animal> {
  const { port, close } = await plainBeast(serve);
  return { target: `127.0.0.1:${port}`, close };
}

async function overTls(serve: (socket: Socket) => void, kind: 'good' | 'expired' | 'selfSigned'): Promise<Animal> {
  const { port, close } = await tlsBeast(serve, testCertificates()[kind]);
  return { target: `127.0.0.1:${port}`, close };
}

/** Answers each datagram with what `reply` makes of it. */
async function datagrams(reply: (query: Buffer) => readonly Buffer[]): Promise<Animal> {
  const socket = createSocket('udp4');
  socket.on('message', (query, peer) => {
    for (const bytes of reply(query)) socket.send(bytes, peer.port, peer.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { target: `127.0.0.1:${socket.address().port}`, close: () => void socket.close() };
}

async function nobody(): Promise<Animal> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return { target: `127.0.0.1:${port}`, close: () => undefined };
}

const flooding = (chunk: Buffer) => (socket: Socket) => {
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', more);
  socket.resume();
  more();
};

/** The query as a response with these flags and nothing in it. */
function echoed(query: Buffer, flags: number, answers = 0, rest = Buffer.alloc(0)): Buffer {
  const reply = Buffer.from(query);
  reply.writeUInt16BE(0x8000 | flags, 2);
  reply.writeUInt16BE(answers, 6);
  return Buffer.concat([reply, rest]);
}

// A record whose name is a pointer to itself; the pointer stands at the end of what was asked.
const loop = (query: Buffer) =>
  Buffer.from([0xc0 | (query.length >> 8), query.length & 0xff, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);

const question = { ...ip4, query_name: 'shop.example', query_type: 'A' };
const framed = (bytes: Buffer) => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);

async function http2(serve: (stream: ServerHttp2Stream) => void): Promise<Animal> {
  const server = createHttp2Server();
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  });
  server.on('sessionError', () => undefined);
  server.on('session', (session) => session.on('error', () => undefined));
  server.on('stream', (opened) => {
    opened.on('error', () => undefined);
    serve(opened);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const grpcHead = { ':status': 200, 'content-type': 'application/grpc' };

/** Upgrades to WebSocket, then hands over the socket. */
const upgraded =
  (then: (socket: Socket) => void, accept = (key: string) => key) =>
  (socket: Socket) => {
    socket.once('data', (bytes: Buffer) => {
      const key = /sec-websocket-key: *(\S+)/iu.exec(bytes.toString())?.[1] ?? '';
      const proof = createHash('sha1')
        .update(`${accept(key)}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${proof}\r\n\r\n`,
      );
      then(socket);
    });
  };

const web = async (serve: (socket: Socket) => void): Promise<Animal> => {
  const { target, close } = await stream(serve);
  return { target: `ws://${target}/`, close };
};

const expecting = { ...ip4, query_response: [{ expect: '^220 (.*)$' }] };
const awaiting = { ...ip4, query_response: [{ expect: 'hello' }] };

/** All encounters but those over HTTP. */
export const protocolZoo: readonly Encounter[] = [
  { name: 'tcp refused', prober: 'tcp', options: ip4, open: nobody, reason: 'connect', phase: 'connect' },
  {
    name: 'tcp says nothing',
    prober: 'tcp',
    options: expecting,
    open: () => stream((socket) => void socket.resume()),
    reason: 'timeout',
    phase: 'query_response',
  },
  {
    name: 'tcp says something else and ends',
    prober: 'tcp',
    options: expecting,
    open: () => stream((socket) => void socket.end('554 go away\r\n')),
    reason: 'body',
    phase: 'query_response',
  },
  {
    name: 'tcp floods without a line',
    prober: 'tcp',
    options: expecting,
    open: () => stream(flooding(Buffer.alloc(65_536, 'x'))),
    reason: 'size',
    phase: 'query_response',
  },
  {
    name: 'tcp floods lines',
    prober: 'tcp',
    options: expecting,
    open: () => stream(flooding(Buffer.from('nothing to see here\r\n'.repeat(3000)))),
    reason: 'size',
    phase: 'query_response',
  },
  {
    name: 'tcp resets',
    prober: 'tcp',
    options: expecting,
    open: () => stream((socket) => void setImmediate(() => socket.resetAndDestroy())),
    reason: ['connect', 'protocol', 'body'],
    phase: '',
  },
  {
    name: 'tcp stalls the handshake',
    prober: 'tcp',
    options: { ...ip4, tls: true },
    open: () => stream((socket) => void socket.resume()),
    reason: 'timeout',
    phase: 'tls',
  },
  {
    name: 'tcp speaks plainly on a TLS port',
    prober: 'tcp',
    options: { ...ip4, tls: true },
    open: () => stream((socket) => void socket.resume().write('220 hello\r\n')),
    reason: 'tls',
    phase: 'tls',
  },
  {
    name: 'tcp with an expired certificate',
    prober: 'tcp',
    get options() {
      return { ...ip4, tls: true, ...trusting() };
    },
    open: () => overTls((socket) => void socket.resume(), 'expired'),
    reason: 'expired',
    phase: 'tls',
  },
  {
    name: 'tcp with a certificate of its own',
    prober: 'tcp',
    get options() {
      return { ...ip4, tls: true, ...trusting() };
    },
    open: () => overTls((socket) => void socket.resume(), 'selfSigned'),
    reason: 'tls',
    phase: 'tls',
  },
  {
    name: 'tcp promises STARTTLS and does not do it',
    prober: 'tcp',
    options: { ...ip4, query_response: [{ send: 'STARTTLS' }, { expect: '^220' }, { starttls: true }] },
    open: () => stream((socket) => void socket.resume().write('220 go ahead\r\n')),
    reason: 'timeout',
    phase: 'tls',
  },
  {
    name: 'unix without a socket',
    prober: 'unix',
    open: () => Promise.resolve({ target: '/nowhere/at/all.sock', close: () => undefined }),
    reason: 'connect',
    phase: 'connect',
  },
  {
    name: 'unix with a file that is no socket',
    prober: 'unix',
    open: () => Promise.resolve({ target: '/etc/hosts', close: () => undefined }),
    reason: 'connect',
    phase: 'connect',
  },
  {
    name: 'dns says nothing over UDP',
    prober: 'dns',
    options: question,
    open: () => datagrams(() => []),
    reason: 'timeout',
    phase: 'request',
  },
  { name: 'dns refused over UDP', prober: 'dns', options: question, open: nobody, reason: 'connect', phase: 'request' },
  {
    name: 'dns answers with noise',
    prober: 'dns',
    options: question,
    open: () =>
      datagrams((query) => [Buffer.concat([query.subarray(0, 2), Buffer.from([0x80, 0]), Buffer.alloc(40, 0xff)])]),
    reason: 'protocol',
    phase: 'request',
  },
  {
    name: 'dns answers another question',
    prober: 'dns',
    options: question,
    open: () => datagrams((query) => [Buffer.concat([Buffer.from([1, 2]), echoed(query, 0).subarray(2)])]),
    reason: 'timeout',
    phase: 'request',
  },
  {
    name: 'dns answers in a circle',
    prober: 'dns',
    options: question,
    open: () => datagrams((query) => [echoed(query, 0, 1, loop(query))]),
    reason: 'protocol',
    phase: 'request',
  },
  ...([1, 2, 3, 4, 5] as const).map((rcode): Encounter => ({
    name: `dns answers with response code ${rcode}`,
    prober: 'dns',
    options: question,
    open: () => datagrams((query) => [echoed(query, rcode)]),
    reason: 'status',
    phase: 'validate',
  })),
  {
    name: 'dns refused over TCP',
    prober: 'dns',
    options: { ...question, transport_protocol: 'tcp' },
    open: nobody,
    reason: 'connect',
    phase: 'connect',
  },
  {
    name: 'dns says nothing over TCP',
    prober: 'dns',
    options: { ...question, transport_protocol: 'tcp' },
    open: () => stream((socket) => void socket.resume()),
    reason: 'timeout',
    phase: 'request',
  },
  {
    name: 'dns promises more over TCP than it sends',
    prober: 'dns',
    options: { ...question, transport_protocol: 'tcp' },
    open: () => stream((socket) => void socket.once('data', () => socket.write(Buffer.from([255, 255, 1, 2, 3])))),
    reason: 'timeout',
    phase: 'request',
  },
  {
    name: 'dns ends within its answer over TCP',
    prober: 'dns',
    options: { ...question, transport_protocol: 'tcp' },
    open: () =>
      stream(
        (socket) =>
          void socket.once('data', (query) => socket.end(framed(echoed(query.subarray(2), 0)).subarray(0, 9))),
      ),
    reason: 'protocol',
    phase: 'request',
  },
  { name: 'grpc refused', prober: 'grpc', options: ip4, open: nobody, reason: 'connect', phase: 'connect' },
  {
    name: 'grpc says nothing',
    prober: 'grpc',
    options: ip4,
    open: () => stream((socket) => void socket.resume()),
    reason: 'timeout',
    phase: 'check',
  },
  {
    name: 'grpc speaks HTTP/1.1',
    prober: 'grpc',
    options: ip4,
    open: () => stream(answering(ok())),
    reason: 'protocol',
    phase: 'check',
  },
  {
    name: 'grpc never answers the call',
    prober: 'grpc',
    options: ip4,
    open: () => http2(() => undefined),
    reason: 'timeout',
    phase: 'check',
  },
  {
    name: 'grpc resets the stream',
    prober: 'grpc',
    options: ip4,
    open: () => http2((opened) => opened.close(2)),
    reason: 'protocol',
    phase: 'check',
  },
  {
    name: 'grpc sends messages without end',
    prober: 'grpc',
    options: ip4,
    open: () =>
      http2((opened) => {
        opened.respond(grpcHead);
        const chunk = Buffer.alloc(65_536);
        const more = () => {
          while (!opened.destroyed && opened.write(chunk));
        };
        opened.on('drain', more);
        more();
      }),
    reason: ['size', 'protocol'],
    phase: 'check',
  },
  {
    name: 'grpc announces a message of four gigabytes',
    prober: 'grpc',
    options: ip4,
    open: () =>
      http2((opened) => {
        opened.respond(grpcHead);
        opened.write(Buffer.from([0, 255, 255, 255, 255, 1]));
      }),
    reason: ['size', 'protocol', 'timeout'],
    phase: 'check',
  },
  {
    name: 'websocket says nothing',
    prober: 'websocket',
    options: awaiting,
    open: () => web((socket) => void socket.resume()),
    reason: 'timeout',
    phase: 'processing',
  },
  {
    name: 'websocket does not upgrade',
    prober: 'websocket',
    options: awaiting,
    open: () => web(answering(ok())),
    reason: 'status',
    phase: 'processing',
  },
  {
    name: 'websocket proves another key',
    prober: 'websocket',
    options: awaiting,
    open: () =>
      web(
        upgraded(
          () => undefined,
          () => 'wrong',
        ),
      ),
    reason: 'protocol',
    phase: 'processing',
  },
  {
    name: 'websocket says nothing after the upgrade',
    prober: 'websocket',
    options: awaiting,
    open: () => web(upgraded((socket) => void socket.resume())),
    reason: 'timeout',
    phase: 'transfer',
  },
  {
    name: 'websocket sends frames that are none',
    prober: 'websocket',
    options: awaiting,
    open: () => web(upgraded((socket) => void socket.write(Buffer.alloc(64, 0xff)))),
    reason: 'protocol',
    phase: 'transfer',
  },
  {
    name: 'websocket announces a frame without end',
    prober: 'websocket',
    options: awaiting,
    open: () =>
      web(
        upgraded((socket) => {
          socket.write(Buffer.from([0x82, 127, 0, 0, 0, 255, 255, 255, 255, 255]));
          flooding(Buffer.alloc(65_536))(socket);
        }),
      ),
    reason: 'size',
    phase: 'transfer',
  },
];
