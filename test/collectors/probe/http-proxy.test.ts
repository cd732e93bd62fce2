import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { connect, createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ProbeFailure } from '../../../collectors/probe/failure.ts';
import { HttpProber } from '../../../collectors/probe/http.ts';
import { httpOptions } from '../../../collectors/probe/http-options.ts';
import { ProxyChooser } from '../../../collectors/probe/http-proxy.ts';
import type { ProbeOutcome, ProbeRequest } from '../../../src/prober.ts';
import { testCertificates } from '../../support/certificates.ts';
import { answering, ok, plainBeast, tlsBeast, type Beast } from '../../support/zoo.ts';

const { root, good } = testCertificates();
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function target(kind: 'http' | 'https'): Promise<Beast> {
  const beast = await (kind === 'http' ? plainBeast(answering(ok())) : tlsBeast(answering(ok()), good));
  closers.push(() => beast.close());
  return beast;
}

interface TestProxy {
  readonly port: number;
  readonly asked: { line: string; headers: IncomingHttpHeaders }[];
}

/** A proxy that answers CONNECT with a tunnel, or with `status`, and everything else itself. */
async function httpProxy(secure = false, status = 200): Promise<TestProxy> {
  const asked: TestProxy['asked'] = [];
  const server = secure ? createHttpsServer({ cert: good.cert, key: good.key }) : createServer();
  server.on('request', (request, response) => {
    asked.push({ line: `${request.method} ${request.url}`, headers: request.headers });
    response.end('from the proxy');
  });
  server.on('connect', (request, socket: Socket) => {
    asked.push({ line: `CONNECT ${request.url}`, headers: request.headers });
    socket.on('error', () => undefined);
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      return;
    }
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    join(socket, Number(/:(\d+)$/u.exec(request.url!)![1]));
  });
  return { port: await listen(server), asked };
}

/** A SOCKS5 proxy; wants `user` and `pass` where they are given. */
async function socksProxy(password?: string): Promise<TestProxy> {
  const asked: TestProxy['asked'] = [];
  const server = createTcpServer((socket) => {
    void (async () => {
      await once(socket, 'data');
      socket.write(Buffer.from([5, password === undefined ? 0 : 2]));
      if (password !== undefined) {
        const [given] = (await once(socket, 'data')) as [Buffer];
        const name = given.subarray(2, 2 + given[1]!);
        const right = given.subarray(3 + name.length).toString() === password;
        socket.write(Buffer.from([1, right ? 0 : 1]));
        if (!right) return;
      }
      const [request] = (await once(socket, 'data')) as [Buffer];
      const length = request[3] === 1 ? 4 : request[4]! + 1;
      const port = request.readUInt16BE(4 + length);
      asked.push({
        line: request[3] === 1 ? request.subarray(4, 8).join('.') : request.toString('latin1', 5, 4 + length),
        headers: {},
      });
      socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
      join(socket, port);
    })().catch(() => undefined);
  });
  return { port: await listen(server), asked };
}

function join(socket: Socket, port: number): void {
  const onward = connect(port, '127.0.0.1');
  onward.on('error', () => socket.destroy());
  socket.on('error', () => onward.destroy());
  socket.pipe(onward).pipe(socket);
}

async function listen(server: Pick<Server, 'listen' | 'close' | 'address'> & NodeJS.EventEmitter): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

function probe(url: string, options: object, more: Partial<ProbeRequest> = {}): Promise<ProbeOutcome> {
  const parsed = httpOptions.parse({
    preferred_ip_protocol: 'ip4',
    tls_config: { ca_file: root.certFile },
    ...options,
  });
  return new HttpProber(parsed).probe({ target: url, signal: AbortSignal.timeout(3000), timeoutMs: 3000, ...more });
}

test('a plain request asks the proxy for the whole URL', async () => {
  const proxy = await httpProxy();
  const outcome = await probe('http://localhost:81/x?y', { proxy_url: `http://u:p%40@127.0.0.1:${proxy.port}` });

  expect(outcome.success).toBe(true);
  expect(proxy.asked).toMatchObject([
    {
      line: 'GET http://localhost:81/x?y',
      headers: { host: 'localhost:81', 'proxy-authorization': `Basic ${btoa('u:p@')}` },
    },
  ]);
});

test('a TLS request goes through a tunnel to the address, with the headers for the proxy only there', async () => {
  const { port } = await target('https');
  const proxy = await httpProxy();
  const outcome = await probe(`https://localhost:${port}/`, {
    proxy_url: `http://127.0.0.1:${proxy.port}`,
    proxy_connect_header: { 'X-Pass': ['s'] },
  });

  expect(outcome.success).toBe(true);
  expect(proxy.asked).toMatchObject([{ line: `CONNECT 127.0.0.1:${port}`, headers: { 'x-pass': 's' } }]);
});

test('HTTP/2 without TLS goes through a tunnel', async () => {
  const server = createHttp2Server((_request, response) => void response.end('clear'));
  const port = await listen(server);
  const proxy = await httpProxy();
  const outcome = await probe(`http://127.0.0.1:${port}/`, {
    proxy_url: `http://127.0.0.1:${proxy.port}`,
    enable_h2c: true,
    valid_http_versions: ['HTTP/2.0'],
  });

  expect(outcome.success).toBe(true);
  expect(proxy.asked).toMatchObject([{ line: `CONNECT 127.0.0.1:${port}` }]);
});

test('the proxy may resolve the target itself', async () => {
  const { port } = await target('https');
  const proxy = await httpProxy();
  const outcome = await probe(`https://localhost:${port}/`, {
    proxy_url: `http://127.0.0.1:${proxy.port}`,
    skip_resolve_phase_with_proxy: true,
  });

  expect(outcome.success).toBe(true);
  expect(proxy.asked[0]!.line).toBe(`CONNECT localhost:${port}`);
  expect(outcome.samples.some(({ family }) => family.name === 'probe_ip_protocol')).toBe(false);
});

test('a proxy may speak TLS itself', async () => {
  const { port } = await target('https');
  const proxy = await httpProxy(true);

  expect((await probe(`https://localhost:${port}/`, { proxy_url: `https://localhost:${proxy.port}` })).success).toBe(
    true,
  );
});

test('a proxy that refuses is a failure of the connection', async () => {
  const proxy = await httpProxy(false, 403);
  const outcome = await probe('https://127.0.0.1:1/', { proxy_url: `http://127.0.0.1:${proxy.port}` });

  expect(outcome).toMatchObject({
    success: false,
    reason: 'connect',
    phase: 'connect',
    detail: 'the proxy refused: it answered CONNECT with status 403',
  });
});

test('a proxy that keeps silent ends with the deadline and leaves nothing behind', async () => {
  const silent = await plainBeast((socket) => socket.resume());
  closers.push(() => silent.close());
  const signal = AbortSignal.timeout(50);

  expect(
    await probe('https://127.0.0.1:1/', { proxy_url: `http://127.0.0.1:${silent.port}` }, { signal }),
  ).toMatchObject({ success: false, reason: 'timeout', phase: 'connect' });
  await silent.left();
});

test.each([undefined, 'pass'])('goes through SOCKS5 with the password %s', async (password) => {
  const { port } = await target('http');
  const proxy = await socksProxy(password);
  const user = password === undefined ? '' : `user:${password}@`;
  const options = { proxy_url: `socks5://${user}127.0.0.1:${proxy.port}` };

  expect((await probe(`http://localhost:${port}/`, options)).success).toBe(true);
  expect((await probe(`http://localhost:${port}/`, { ...options, skip_resolve_phase_with_proxy: true })).success).toBe(
    true,
  );
  expect(proxy.asked.map(({ line }) => line)).toEqual(['127.0.0.1', 'localhost']);
});

test('a SOCKS5 proxy that wants another password refuses', async () => {
  const proxy = await socksProxy('right');
  const outcome = await probe('http://127.0.0.1:1/', { proxy_url: `socks5://user:wrong@127.0.0.1:${proxy.port}` });

  expect(outcome).toMatchObject({ reason: 'connect', detail: expect.stringContaining('user and password') });
  expect(JSON.stringify(outcome)).not.toContain('wrong');
});

test('a target that may not be probed is not probed through a proxy either', async () => {
  const proxy = await httpProxy();
  const options = { proxy_url: `http://127.0.0.1:${proxy.port}` };
  expect(await probe('http://127.0.0.1:81/', options, { allows: () => false })).toMatchObject({ reason: 'config' });
  expect(
    await probe('http://127.0.0.1:81/', { ...options, skip_resolve_phase_with_proxy: true }, { allows: () => true }),
  ).toMatchObject({ reason: 'config' });
  expect(proxy.asked).toEqual([]);
});

const chooser = (options: object, environment: NodeJS.ProcessEnv = {}) =>
  new ProxyChooser(httpOptions.parse(options), environment);
const plain = (host: string, address?: string, port = 80) => ({ secure: false, host, port, address });

describe('the choice of a proxy', () => {
  test.each([
    ['shop.example', true],
    ['other.example', true],
    ['inside.example', false],
    ['deep.inside.example', false],
    ['notinside.example', true],
    ['sub.only.example', false],
    ['only.example', true],
    ['10.1.2.3', false],
    ['11.1.2.3', true],
    ['192.0.2.1', false],
    ['ported.example', true],
    ['localhost', false],
    ['127.0.0.1', false],
  ])('with exceptions sends %s through it: %s', (host, proxied) => {
    const proxies = chooser({
      proxy_url: 'http://proxy:3128',
      no_proxy: 'inside.example, .only.example, 10.0.0.0/8, 192.0.2.1, ported.example:8080',
    });

    expect(proxies.choose(plain(host)) !== undefined).toBe(proxied);
  });

  test('without exceptions sends everything through it, loopback too', () => {
    expect(chooser({ proxy_url: 'http://proxy:3128' }).choose(plain('localhost'))).toMatchObject({
      kind: 'http',
      host: 'proxy',
      port: 3128,
    });
  });

  test('looks at the port and the address of an exception', () => {
    const proxies = chooser({ proxy_url: 'http://proxy', no_proxy: 'a.example:8080,10.0.0.0/8' });

    expect(proxies.choose(plain('a.example', '192.0.2.1', 8080))).toBeUndefined();
    expect(proxies.choose(plain('b.example', '10.0.0.1'))).toBeUndefined();
  });

  test('takes it from the environment', () => {
    const proxies = chooser(
      { proxy_from_environment: true },
      { HTTP_PROXY: 'plain:1', https_proxy: 'socks5://secure', NO_PROXY: '*.example' },
    );

    expect(proxies.choose(plain('a.test'))).toMatchObject({ kind: 'http', host: 'plain', port: 1 });
    expect(proxies.choose({ ...plain('a.test'), secure: true })).toMatchObject({ kind: 'socks5', port: 1080 });
    expect(proxies.choose(plain('a.example'))).toBeUndefined();
    expect(chooser({ proxy_from_environment: true }, {}).any).toBe(false);
  });

  test.each(['http://us%zzer:hush@proxy', 'http://[bad'])('of the environment cannot be %s', (proxy) => {
    const proxies = chooser({ proxy_from_environment: true }, { HTTP_PROXY: proxy });

    expect(() => proxies.choose(plain('a.test'))).toThrow(ProbeFailure);
    expect(() => proxies.choose(plain('a.test'))).not.toThrow(/hush/u);
  });
});
