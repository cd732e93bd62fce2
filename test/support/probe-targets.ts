/** Well-behaved targets for every prober, on ports of loopback: what two programs are compared on. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import {
  Server as GrpcServer,
  ServerCredentials,
  status,
  type handleUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import packet, { type Answer, type Packet } from 'dns-packet';
import type { TestCertificate, TestCertificates } from './certificates.ts';

/** Where each target is, as `127.0.0.1:port`. */
export interface ProbeTargets {
  readonly http: string;
  readonly https: string;
  readonly http2: string;
  readonly expired: string;
  readonly selfSigned: string;
  readonly wrongHost: string;
  readonly chained: string;
  readonly banner: string;
  readonly smtp: string;
  readonly tls: string;
  readonly tlsExpired: string;
  readonly silent: string;
  readonly dns: string;
  readonly grpc: string;
  readonly grpcTls: string;
  /** Nobody listens there. */
  readonly closed: string;
  close(): void;
}

/** Starts them all. */
export async function startProbeTargets(certificates: TestCertificates): Promise<ProbeTargets> {
  const { good, expired, selfSigned, wrongHost, chained } = certificates;
  const closers: (() => void)[] = [];
  const listen = async (server: Server): Promise<string> => {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => sockets.delete(socket));
    });
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const https = (certificate: TestCertificate) => listen(createHttpsServer(pair(certificate), answer));
  const grpc = async (credentials: ServerCredentials) => {
    const server = healthServer();
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
    });
    closers.push(() => server.forceShutdown());
    return `127.0.0.1:${port}`;
  };
  const closed = createServer();
  const closedTarget = await listen(closed);
  closed.close();
  const grpcKeys = [{ private_key: Buffer.from(good.key), cert_chain: Buffer.from(good.cert) }];
  return {
    http: await listen(createHttpServer(answer)),
    https: await https(good),
    http2: await listen(
      createSecureServer({ ...pair(good), allowHTTP1: true }, (request, response) =>
        answer(request as unknown as IncomingMessage, response as unknown as ServerResponse),
      ),
    ),
    expired: await https(expired),
    selfSigned: await https(selfSigned),
    wrongHost: await https(wrongHost),
    chained: await https(chained),
    banner: await listen(createServer((socket) => void socket.resume().write('SSH-2.0-Test_1.0 unit\r\n'))),
    smtp: await listen(createServer((socket) => serveSmtp(socket, good))),
    tls: await listen(createTlsServer(pair(good), (socket) => void socket.on('error', () => undefined).resume())),
    tlsExpired: await listen(createTlsServer(pair(expired), (socket) => void socket.on('error', () => undefined))),
    silent: await listen(createServer((socket) => void socket.resume())),
    dns: await startDns(closers),
    grpc: await grpc(ServerCredentials.createInsecure()),
    grpcTls: await grpc(ServerCredentials.createSsl(null, grpcKeys)),
    closed: closedTarget,
    close: () => {
      for (const close of closers) close();
    },
  };
}

function pair({ cert, key }: TestCertificate): { cert: string; key: string } {
  return { cert, key };
}

const modified = 'Tue, 05 Mar 2024 10:20:30 GMT';

/** Says what the path asks for. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? '/';
  const reply = (code: number, headers: Record<string, string>, body = '') => {
    response.writeHead(code, { 'Content-Length': `${Buffer.byteLength(body)}`, ...headers });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
  if (/^\/\d{3}$/u.test(path)) reply(Number(path.slice(1)), {});
  else if (path === '/moved') reply(302, { Location: '/' });
  else if (path === '/twice') reply(301, { Location: '/moved' });
  else if (path === '/loop') reply(302, { Location: '/loop' });
  else if (path === '/kept') reply(307, { Location: '/echo' });
  else if (path === '/nowhere') reply(302, {});
  else if (path === '/chunked') {
    response.writeHead(200);
    response.write('part one, ');
    response.end('part two');
  } else if (path === '/gzip') {
    const body = gzipSync('squeezed '.repeat(100));
    response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': `${body.length}` });
    response.end(body);
  } else if (path === '/echo') {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => reply(200, {}, `${request.method} ${body}`));
  } else if (path === '/private') {
    const wanted = `Basic ${Buffer.from('user:pass word').toString('base64')}`;
    if (request.headers.authorization === wanted) reply(200, {}, 'welcome');
    else reply(401, { 'WWW-Authenticate': 'Basic realm="x"' });
  } else if (path === '/never') request.resume();
  else reply(200, { 'Last-Modified': modified, 'X-Colour': 'green', 'Content-Type': 'text/plain' }, 'all is well\n');
}

function serveSmtp(socket: Socket, certificate: TestCertificate): void {
  socket.write('220 mail.example ESMTP\r\n');
  const talk = (stream: Socket) => {
    stream.on('data', (bytes: Buffer) => {
      const line = bytes.toString();
      if (line.startsWith('EHLO')) stream.write('250-mail.example\r\n250-STARTTLS\r\n250 SIZE\r\n');
      else if (line.startsWith('QUIT')) stream.end('221 bye\r\n');
      else if (line.startsWith('STARTTLS')) {
        stream.removeAllListeners('data');
        stream.write('220 go ahead\r\n');
        const secure = new TLSSocket(stream, { isServer: true, ...pair(certificate) });
        secure.on('error', () => undefined);
        talk(secure);
      }
    });
  };
  talk(socket);
}

const records: Readonly<Record<string, readonly Answer[]>> = {
  'A shop.example': [
    { type: 'A', name: 'shop.example', ttl: 300, data: '192.0.2.1' },
    { type: 'A', name: 'shop.example', ttl: 300, data: '192.0.2.2' },
  ],
  'TXT shop.example': [{ type: 'TXT', name: 'shop.example', ttl: 60, data: ['v=spf1 -all', 'two words'] }],
  'MX shop.example': [{ type: 'MX', name: 'shop.example', ttl: 60, data: { preference: 10, exchange: 'mx.example' } }],
};

const zone: Answer = {
  type: 'SOA',
  name: 'example',
  ttl: 60,
  data: {
    mname: 'ns.example',
    rname: 'admin.example',
    serial: 2024051900,
    refresh: 1,
    retry: 2,
    expire: 3,
    minimum: 4,
  },
};

function dnsReply(bytes: Buffer): Buffer {
  const query = packet.decode(bytes);
  const [question] = query.questions ?? [];
  const parts: Packet = { type: 'response', id: query.id!, questions: query.questions! };
  const key = `${question?.type} ${question?.name}`;
  if (key === 'SOA example') return packet.encode({ ...parts, answers: [zone] });
  const answers = records[key];
  if (answers !== undefined) {
    const additionals: Answer[] = [{ type: 'A', name: 'ns.example', ttl: 60, data: '192.0.2.53' }];
    return packet.encode({ ...parts, answers: [...answers], authorities: [zone], additionals });
  }
  // The response code takes the lower bits of the flags; 3 is NXDOMAIN and 5 is REFUSED.
  const flags = question?.name.endsWith('.test') ? 5 : 3;
  return packet.encode({ ...parts, flags, authorities: [zone] });
}

/** One server for both transports on one port. */
async function startDns(closers: (() => void)[]): Promise<string> {
  const overTcp = createServer((socket) => {
    socket.on('error', () => undefined);
    let kept = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      kept = Buffer.concat([kept, chunk]);
      if (kept.length < 2 || kept.length < 2 + kept.readUInt16BE()) return;
      const reply = dnsReply(kept.subarray(2));
      const length = Buffer.alloc(2);
      length.writeUInt16BE(reply.length);
      socket.write(Buffer.concat([length, reply]));
    });
  });
  overTcp.listen(0, '127.0.0.1');
  await once(overTcp, 'listening');
  const { port } = overTcp.address() as AddressInfo;
  const overUdp = createSocket('udp4');
  overUdp.on('message', (bytes, peer) => overUdp.send(dnsReply(bytes), peer.port, peer.address));
  overUdp.bind(port, '127.0.0.1');
  await once(overUdp, 'listening');
  closers.push(
    () => overUdp.close(),
    () => overTcp.close(),
  );
  return `127.0.0.1:${port}`;
}

const health: ServiceDefinition = {
  Check: {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes) => bytes,
    responseSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: (bytes) => bytes,
  },
};

/** Serves the service without a name and `up`, knows `down`, which does not serve, and no other. */
function healthServer(): GrpcServer {
  const check: handleUnaryCall<Buffer, Buffer> = (call, callback) => {
    const service = call.request.subarray(2).toString();
    if (service === '' || service === 'up') callback(null, Buffer.from([8, 1]));
    else if (service === 'down') callback(null, Buffer.from([8, 2]));
    else callback({ code: status.NOT_FOUND, details: 'unknown service' });
  };
  const server = new GrpcServer();
  server.addService(health, { Check: check });
  return server;
}
