/** The websocket prober against servers of the test. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { websocket } from '../../../collectors/probe/websocket.ts';
import { certificateEnds, testCertificates } from '../../support/certificates.ts';
import { closedTarget, probe, refusal, standing, tcpServer, value, watchOpenThings } from './tcp-harness.ts';

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** A WebSocket server; gives its URL. */
async function webSocketServer(
  onConnection: (socket: WebSocket, request: IncomingMessage) => void,
  server = createServer(),
): Promise<string> {
  const sockets = new WebSocketServer({ server, path: '/chat' });
  sockets.on('connection', (socket, request) => {
    socket.on('error', () => undefined);
    onConnection(socket, request);
  });
  onTestFinished(() => sockets.close());
  return `ws://127.0.0.1:${await listen(server)}/chat`;
}

/** Says hello and answers what it is told. */
const echo = (socket: WebSocket) => {
  socket.send('incoming_test');
  socket.on('message', (data: Buffer) => socket.send(`passed ${data.toString()}`));
};

const dialogue = [{ expect: 'incoming_(.+)', send: 'outgoing_${1}' }, { expect: '^passed outgoing_test$' }];

test('an upgrade is enough where nothing else is asked', async () => {
  let code: number | undefined;
  const url = await webSocketServer((socket) => socket.on('close', (closed) => (code = closed)));
  const open = watchOpenThings();
  const { verdict, scrape } = await probe(websocket, {}, url);

  expect(verdict).toBe('success');
  expect(standing(scrape)).toBe(
    [
      'probe_dns_lookup_time_seconds T',
      'probe_ip_addr_hash 3668918509',
      'probe_ip_protocol 4',
      'probe_websocket_connection_upgraded 1',
      'probe_websocket_duration_seconds{phase="resolve"} T',
      'probe_websocket_duration_seconds{phase="connect"} T',
      'probe_websocket_duration_seconds{phase="processing"} T',
      'probe_websocket_duration_seconds{phase="transfer"} T',
      'probe_websocket_failed_due_to_regex 0',
      'probe_websocket_status_code 101',
    ].join('\n'),
  );
  await open.settled();
  expect(code).toBe(1000);
});

test('exchanges messages', async () => {
  const { verdict, scrape } = await probe(websocket, { query_response: dialogue }, await webSocketServer(echo));

  expect(verdict).toBe('success');
  expect(value(scrape, 'probe_websocket_duration_seconds{phase="transfer"}')).toBeGreaterThan(0);
});

test('a message that does not match', async () => {
  const url = await webSocketServer(echo);
  const { verdict, scrape } = await probe(websocket, { query_response: [{ expect: '^else' }] }, url);

  expect(verdict).toBe('body in transfer');
  expect(value(scrape, 'probe_websocket_failed_due_to_regex')).toBe(1);
  expect(value(scrape, 'probe_websocket_connection_upgraded')).toBe(1);
});

test('sends headers and credentials', async () => {
  let request: IncomingMessage | undefined;
  const url = await webSocketServer((_socket, received) => (request = received));
  const options = {
    headers: {
      Origin: 'https://shop.example',
      'X-Many': { values: ['a'], secrets: ['b'] },
      'Sec-WebSocket-Protocol': 'chat, x',
    },
    http_config: { basic_auth: { username: 'me', password: 'pass' }, http_headers: { 'X-More': { values: ['c'] } } },
  };
  const { verdict } = await probe(websocket, options, url.replace('//', '//user:secret@'), {
    hostname: 'shop.example',
  });

  expect(verdict).toBe('success');
  expect(request!.headers).toMatchObject({
    authorization: 'Basic bWU6cGFzcw==',
    origin: 'https://shop.example',
    'x-many': 'a, b',
    'x-more': 'c',
    'sec-websocket-protocol': 'chat,x',
    host: `shop.example:${new URL(url).port}`,
  });
});

test('speaks TLS', async () => {
  const { good, root } = testCertificates();
  const url = await webSocketServer(echo, createTlsServer({ cert: good.cert, key: good.key }));
  const options = { query_response: dialogue, http_config: { tls_config: { ca_file: root.certFile } } };
  const { verdict, scrape } = await probe(websocket, options, url.replace('ws:', 'wss:'));
  const refused = await probe(websocket, {}, url.replace('ws:', 'wss:'));

  expect(verdict).toBe('success');
  expect(value(scrape, 'probe_ssl_earliest_cert_expiry')).toBe(certificateEnds.leaf);
  expect(refused.verdict).toBe('tls in tls');
  expect(value(refused.scrape, 'probe_ssl_earliest_cert_expiry')).toBe(certificateEnds.leaf);
});

test('goes through a proxy', async () => {
  const url = await webSocketServer(echo);
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, client) => {
    asked.push(request.url!);
    const upstream = connect(Number(request.url!.split(':')[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
    client.on('close', () => upstream.destroy());
  });
  const proxy_url = `http://127.0.0.1:${await listen(proxy)}`;
  const open = watchOpenThings();
  const { verdict } = await probe(websocket, { query_response: dialogue, http_config: { proxy_url } }, url);

  expect(verdict).toBe('success');
  expect(asked).toEqual([new URL(url).host]);
  await open.settled();
});

describe('a server that misbehaves', () => {
  test('refuses the connection', async () => {
    expect((await probe(websocket, {}, `ws://${await closedTarget()}/`)).verdict).toBe('connect in connect');
  });

  test.each([
    [403, 'status in processing'],
    [301, 'status in processing'],
    [200, 'status in processing'],
  ])('answers %s in place of the upgrade', async (code, verdict) => {
    const server = createServer((_request, response) => void response.writeHead(code, { location: '/' }).end('no'));
    const open = watchOpenThings();
    const probed = await probe(websocket, {}, `ws://127.0.0.1:${await listen(server)}/`);

    expect(probed.verdict).toBe(verdict);
    expect(value(probed.scrape, 'probe_websocket_status_code')).toBe(code);
    expect(value(probed.scrape, 'probe_websocket_connection_upgraded')).toBe(0);
    await open.settled();
  });

  test.each<[string, string, string]>([
    ['garbage', 'hello\r\n\r\n', 'protocol in processing'],
    [
      'a wrong key',
      'HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n',
      'protocol in processing',
    ],
    ['headers without end', `HTTP/1.1 101 X\r\n${'X: y\r\n'.repeat(10_000)}`, 'size in processing'],
    ['half a response', 'HTTP/1.1 101', 'timeout in processing'],
    ['nothing', '', 'timeout in processing'],
  ])('sends %s', async (_title, bytes, verdict) => {
    const server = await tcpServer((socket) => socket.write(bytes));
    const open = watchOpenThings();

    expect((await probe(websocket, {}, `ws://${server.target}/`, { timeoutMs: 300 })).verdict).toBe(verdict);
    await open.settled();
  });

  test.each<[string, (socket: WebSocket) => void, string, number]>([
    ['is silent', () => undefined, 'timeout in transfer', 0],
    ['closes', (socket) => socket.close(), 'body in transfer', 1],
    ['breaks off', (socket) => socket.terminate(), 'body in transfer', 1],
    ['sends far too much', (socket) => socket.send('x'.repeat(2_000_000)), 'size in transfer', 0],
  ])('%s', async (_title, act, verdict, failedDueToRegex) => {
    const url = await webSocketServer(act);
    const open = watchOpenThings();
    const probed = await probe(websocket, { query_response: [{ expect: 'x' }] }, url, { timeoutMs: 300 });

    expect(probed.verdict).toBe(verdict);
    expect(value(probed.scrape, 'probe_websocket_failed_due_to_regex')).toBe(failedDueToRegex);
    await open.settled();
  });
});

test.each(['shop.example', 'ftp://shop.example/', 'ws://'])('%s is no target', async (target) => {
  expect((await probe(websocket, {}, target)).verdict).toBe('config in resolve');
});

test('an address that may not be probed', async () => {
  expect((await probe(websocket, {}, 'ws://127.0.0.1:1/', { allows: () => false })).verdict).toBe('config in connect');
});

test.each([
  [{ headers: { 'a b': 'x' } }, 'headers.a b: "a b" is not a header name'],
  [{ headers: { a: 'x\ny' } }, 'headers.a: not a value that a header can have'],
  [{ http_config: { proxy_url: 'nonsense' } }, 'http_config.proxy_url: '],
  [{ query_response: [{ expect: '(' }] }, 'query_response.0.expect: '],
  [{ query_response: [{ starttls: true }] }, 'query_response.0: '],
])('%j is refused', (options, message) => {
  expect(refusal(websocket, options)).toContain(message);
});
