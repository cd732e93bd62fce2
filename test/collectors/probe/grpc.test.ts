/** The grpc prober against a real gRPC server, and against servers that are none. */
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type handleUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { decodeAnswer } from '../../../collectors/probe/grpc-health.ts';
import { grpc } from '../../../collectors/probe/grpc.ts';
import { certificateEnds, testCertificates } from '../../support/certificates.ts';
import { closedTarget, probe, refusal, standing, tcpServer, value, watchOpenThings } from './tcp-harness.ts';

const service: ServiceDefinition = {
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

/** A health service that gives the number of a serving status for the bytes of a request, or fails, or is silent. */
async function healthServer(
  answer: (request: Buffer, metadata: Metadata) => number | { code: status; details: string } | undefined,
  credentials = ServerCredentials.createInsecure(),
): Promise<string> {
  const server = new Server();
  const implementation: UntypedServiceImplementation = {
    Check: ((call, callback) => {
      const given = answer(call.request, call.metadata);
      if (typeof given === 'number') callback(null, given === 0 ? Buffer.alloc(0) : Buffer.from([8, given]));
      else if (given !== undefined) callback(given);
    }) satisfies handleUnaryCall<Buffer, Buffer>,
  };
  server.addService(service, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  onTestFinished(() => server.forceShutdown());
  return `127.0.0.1:${port}`;
}

/** An HTTP/2 server that is no gRPC server. */
async function http2Server(onStream: (stream: ServerHttp2Stream) => void): Promise<string> {
  const server = createHttp2Server();
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    onStream(stream);
  });
  server.on('sessionError', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a server that serves', async () => {
  const server = await healthServer(() => 1);
  const open = watchOpenThings();
  const { verdict, scrape } = await probe(grpc, {}, server);

  expect(verdict).toBe('success');
  expect(standing(scrape)).toBe(
    [
      'probe_dns_lookup_time_seconds T',
      'probe_grpc_duration_seconds{phase="resolve"} T',
      'probe_grpc_duration_seconds{phase="check"} T',
      'probe_grpc_healthcheck_response{serving_status="UNKNOWN"} 0',
      'probe_grpc_healthcheck_response{serving_status="SERVING"} 1',
      'probe_grpc_healthcheck_response{serving_status="NOT_SERVING"} 0',
      'probe_grpc_healthcheck_response{serving_status="SERVICE_UNKNOWN"} 0',
      'probe_grpc_ssl 0',
      'probe_grpc_status_code 0',
      'probe_ip_addr_hash 3668918509',
      'probe_ip_protocol 4',
    ].join('\n'),
  );
  await open.settled();
});

test.each([
  [0, 'UNKNOWN'],
  [2, 'NOT_SERVING'],
  [3, 'SERVICE_UNKNOWN'],
])('a serving status of %s is down', async (number, name) => {
  const { verdict, detail, scrape } = await probe(grpc, {}, await healthServer(() => number));

  expect(verdict).toBe('status in check');
  expect(detail).toContain(name);
  expect(value(scrape, `probe_grpc_healthcheck_response{serving_status="${name}"}`)).toBe(1);
  expect(value(scrape, 'probe_grpc_status_code')).toBe(0);
});

test('a status other than OK is down', async () => {
  const server = await healthServer(() => ({ code: status.NOT_FOUND, details: 'no such service: ü' }));
  const { verdict, detail, scrape } = await probe(grpc, {}, server);

  expect(verdict).toBe('status in check');
  expect(detail).toBe('the status is NOT_FOUND: no such service: ü');
  expect(value(scrape, 'probe_grpc_status_code')).toBe(5);
  expect(value(scrape, 'probe_grpc_healthcheck_response{serving_status="SERVING"}')).toBe(0);
});

test('asks for the service, with metadata and the time that is left', async () => {
  let asked: Buffer | undefined;
  let sent: Metadata | undefined;
  const server = await healthServer((request, metadata) => {
    [asked, sent] = [request, metadata];
    return 1;
  });
  const long = 'x'.repeat(200);
  const options = { service: long, metadata: { Authorization: 'Bearer abc', 'x-list': ['a', 'b'], 'raw-bin': 'ü' } };
  const { verdict } = await probe(grpc, options, server);

  expect(verdict).toBe('success');
  expect(asked!.toString('latin1')).toBe(`\n\u00c8\u0001${long}`);
  expect(sent!.get('authorization')).toEqual(['Bearer abc']);
  expect(sent!.get('x-list')).toEqual(['a, b']);
  expect(sent!.get('raw-bin')).toEqual([Buffer.from('ü')]);
});

test.each(['http://', 'https://', ''])('takes a target that begins with %j', async (scheme) => {
  const server = await healthServer(() => 1);

  expect((await probe(grpc, {}, `${scheme}${server}`)).verdict).toBe('success');
});

function tlsHealthServer(kind: 'good' | 'expired'): Promise<string> {
  const { [kind]: pair } = testCertificates();
  const keys = [{ private_key: readFileSync(pair.keyFile), cert_chain: readFileSync(pair.certFile) }];
  return healthServer(() => 1, ServerCredentials.createSsl(null, keys));
}

describe('TLS', () => {
  test('serves the certificate', async () => {
    const tls_config = { ca_file: testCertificates().root.certFile };
    const { verdict, scrape } = await probe(grpc, { tls: true, tls_config }, await tlsHealthServer('good'));

    expect(verdict).toBe('success');
    expect(value(scrape, 'probe_grpc_ssl')).toBe(1);
    expect(value(scrape, 'probe_ssl_earliest_cert_expiry')).toBe(certificateEnds.leaf);
  });

  test('serves a refused certificate too', async () => {
    const tls_config = { ca_file: testCertificates().root.certFile };
    const { verdict, scrape } = await probe(grpc, { tls: true, tls_config }, await tlsHealthServer('expired'));

    expect(verdict).toBe('expired in tls');
    expect(value(scrape, 'probe_ssl_earliest_cert_expiry')).toBe(certificateEnds.expired);
    expect(value(scrape, 'probe_grpc_status_code')).toBe(14);
  });
});

describe('a server that misbehaves', () => {
  test('refuses the connection', async () => {
    const { verdict, scrape } = await probe(grpc, {}, await closedTarget());

    expect(verdict).toBe('connect in connect');
    expect(value(scrape, 'probe_grpc_status_code')).toBe(14);
  });

  test('never answers the call', async () => {
    const server = await healthServer(() => undefined);
    const open = watchOpenThings();
    const { verdict, scrape } = await probe(grpc, {}, server, { timeoutMs: 200 });

    // The server may be first to end the call, as it is told the deadline.
    expect(['timeout in check', 'status in check']).toContain(verdict);
    expect(value(scrape, 'probe_grpc_status_code')).toBe(4);
    await open.settled();
  });

  test('is silent', async () => {
    const server = await tcpServer(() => undefined);
    const open = watchOpenThings();

    expect((await probe(grpc, {}, server.target, { timeoutMs: 200 })).verdict).toBe('timeout in check');
    await open.settled();
  });

  test('closes at once', async () => {
    const server = await tcpServer((socket) => socket.end());

    expect((await probe(grpc, {}, server.target)).verdict).toBe('protocol in check');
  });

  test('speaks HTTP/1.1', async () => {
    const server = await tcpServer((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const open = watchOpenThings();

    expect((await probe(grpc, {}, server.target)).verdict).toBe('protocol in check');
    await open.settled();
  });

  test.each<[string, (stream: ServerHttp2Stream) => void, string, number]>([
    ['answers in HTTP', (s) => (s.respond({ ':status': 503 }), s.end('down')), 'status in check', 14],
    ['answers 404', (s) => (s.respond({ ':status': 404 }), s.end()), 'status in check', 12],
    ['gives no status', (s) => (s.respond({ ':status': 200 }), s.end('hello')), 'protocol in check', 14],
    ['resets the stream', (s) => s.close(8), 'protocol in check', 14],
    ['sends far too much', (s) => (s.respond({ ':status': 200 }), s.write(Buffer.alloc(500_000))), 'size in check', 14],
    ['drips', (s) => (s.respond({ ':status': 200 }), s.write('a')), 'timeout in check', 4],
    [
      'says OK without a message',
      (s) => s.respond({ ':status': 200, 'grpc-status': '0' }, { endStream: true }),
      'protocol in check',
      14,
    ],
  ])('%s', async (_title, act, verdict, code) => {
    const server = await http2Server(act);
    const open = watchOpenThings();
    const probed = await probe(grpc, {}, server, { timeoutMs: 400 });

    expect(probed.verdict).toBe(verdict);
    expect(value(probed.scrape, 'probe_grpc_status_code')).toBe(code);
    await open.settled();
  });
});

test.each([
  ['0000000000', 0],
  ['00000000020802', 2],
  ['000000000712030102030801', 1],
])('the message %s has serving status %s', (hex, serving) => {
  expect(decodeAnswer(Buffer.from(hex, 'hex'))).toBe(serving);
});

test.each([
  '',
  '00000000',
  '0100000000',
  '000000000208',
  '000000000108',
  '0000000001ff',
  '00000000010b',
  '000000000608ffffffffff',
])('the message %j is malformed', (hex) => {
  expect(() => decodeAnswer(Buffer.from(hex, 'hex'))).toThrow('malformed answer');
});

test.each([
  [{ metadata: { 'a b': 'x' } }, 'metadata.a b: "a b" is not a name'],
  [{ metadata: { a: 'x\ny' } }, 'metadata.a: not a value'],
  [{ metadata: { 'grpc-timeout': '1' } }, 'metadata.grpc-timeout: '],
  [{ metadata: { TE: '1' } }, 'metadata.TE: the prober sets TE itself'],
  [{ services: 'a' }, 'services'],
])('%j is refused', (options, message) => {
  expect(refusal(grpc, options)).toContain(message);
});
