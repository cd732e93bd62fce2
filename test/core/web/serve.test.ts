import { cpSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { type ClientRequestArgs, request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { type RequestOptions, request as httpsRequest } from 'node:https';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import type { Logger } from '../../../src/log.ts';
import { serve, type Serving } from '../../../src/web/serve.ts';
import { testCertificates } from '../../support/certificates.ts';
import { temporaryFolder } from '../../support/program.ts';

const hashOfSesame = '$2b$04$YMUEuagLXxBgO7hBKeL7Xuh1Y0tHsvyAWfM2Xvr5sP9xRCEOFUQZC';
const sesame = `Basic ${Buffer.from('alice:open sesame').toString('base64')}`;
const certificates = testCertificates();
const tls = `tls_server_config: { cert_file: ${certificates.good.certFile}, key_file: ${certificates.good.keyFile}`;

interface Started extends Serving {
  readonly url: URL;
  readonly configFile: string;
  readonly logged: string[];
  /** Moves the clock on. */
  later(ms: number): void;
}

async function start(webConfig: string, addresses: readonly string[] = ['127.0.0.1:0']): Promise<Started> {
  const configFile = join(temporaryFolder(), 'web.yml');
  writeFileSync(configFile, webConfig);
  let passed = 0;
  const logged: string[] = [];
  const note = (fields: object, message: string): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const log: Logger = { debug: note, info: note, warn: note, error: note, child: () => log };
  const serving = await serve({
    web: {
      listen_addresses: addresses,
      unix_socket_mode: '0660',
      systemd_socket: false,
      max_connections: 100,
      config_file: configFile,
    },
    clock: { ...systemClock, monotonic: () => passed },
    log,
    handler: (request, response) => response.end(`served ${request.url}`),
  });
  onTestFinished(() => serving.close());
  const { addresses: inUse } = serving;
  const url = new URL(inUse[0]!.startsWith('unix:') ? 'http://unix/' : inUse[0]!);
  const later = (ms: number): void => void (passed += ms);
  return { ...serving, addresses: inUse, url, configFile, logged, later };
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

function ask(url: URL, options: RequestOptions & ClientRequestArgs = {}, body?: string): Promise<Answer> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, { agent: false, ca: certificates.root.cert, ...options }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode!, body: text, headers: response.headers }));
      response.on('error', reject);
    });
    request.on('error', reject).end(body);
  });
}

/** Shakes hands and says what came of it. */
function shake(url: URL, options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const to = { host: '127.0.0.1', port: Number(url.port), ca: certificates.root.cert, servername: 'localhost' };
    const socket = connectTls({ ...to, ...options }, () => resolve(socket));
    socket.on('error', reject);
    onTestFinished(() => void socket.destroy());
  });
}

const { cert, key } = certificates.client;

test('speaks HTTP/1.1 and HTTP/2 over TLS', async () => {
  const { url } = await start(`${tls} }`);

  expect(await ask(url)).toMatchObject({ status: 200, body: 'served /' });
  const session = connectHttp2(url, { ca: certificates.root.cert });
  onTestFinished(() => session.close());
  const stream = session.request({ ':path': '/h2' });
  const status = new Promise((resolve) => stream.once('response', (headers) => resolve(headers[':status'])));
  let body = '';
  for await (const chunk of stream.setEncoding('utf8')) body += String(chunk);
  expect([await status, body]).toEqual([200, 'served /h2']);
});

test('users are asked for a password over HTTP/2 as well', async () => {
  const { url } = await start(`${tls} }\nbasic_auth_users: { alice: "${hashOfSesame}" }\n`);
  const session = connectHttp2(url, { ca: certificates.root.cert });
  onTestFinished(() => session.close());
  const statusOf = (headers: Record<string, string>): Promise<unknown> =>
    new Promise((resolve) =>
      session
        .request(headers)
        .once('response', (answer) => resolve(answer[':status']))
        .resume(),
    );

  expect(await statusOf({ ':path': '/' })).toBe(401);
  expect(await statusOf({ ':path': '/', authorization: sesame })).toBe(200);
});

test('without http2 a client is given HTTP/1.1', async () => {
  const { url } = await start(`${tls} }\nhttp_server_config: { http2: false }\n`);

  const socket = await shake(url, { ALPNProtocols: ['h2', 'http/1.1'] });

  expect(socket.alpnProtocol).toBe('http/1.1');
});

test.each([
  ['NoClientCert', '', { none: true, untrusted: true, good: true }],
  ['RequestClientCert', '', { none: true, untrusted: true, good: true }],
  ['RequireAnyClientCert', '', { none: false, untrusted: true, good: true }],
  [
    'VerifyClientCertIfGiven',
    `client_ca_file: ${certificates.root.certFile}`,
    { none: true, untrusted: false, good: true },
  ],
  [
    'RequireAndVerifyClientCert',
    `client_ca_file: ${certificates.root.certFile}`,
    { none: false, untrusted: false, good: true },
  ],
])('%s lets in whom it says', async (type, more, expected) => {
  const { url } = await start(`${tls}, client_auth_type: ${type}, ${more} }`);
  const { untrusted } = certificates;
  const letsIn = async (options: RequestOptions): Promise<boolean> =>
    (await ask(url, options).catch(() => undefined))?.status === 200;

  expect({
    none: await letsIn({}),
    untrusted: await letsIn({ cert: untrusted.cert, key: untrusted.key }),
    good: await letsIn({ cert, key }),
  }).toEqual(expected);
});

test.each([
  ['localhost', true],
  ['"::1"', true],
  ['local', false],
])('of clients with certificates those with the name %s: %s', async (name, admitted) => {
  const { url } = await start(`${tls}, client_auth_type: RequireAnyClientCert, client_allowed_sans: [${name}] }`);
  const { good, client } = certificates;

  const withNames = await ask(url, { cert: good.cert, key: good.key }).catch(() => undefined);
  const withoutNames = await ask(url, { cert: client.cert, key: client.key }).catch(() => undefined);

  expect(withNames?.status).toBe(admitted ? 200 : undefined);
  expect(withoutNames).toBeUndefined();
});

test('versions, cipher suites and curves are those of the config', async () => {
  const { url } = await start(
    `${tls}, max_version: TLS12, curve_preferences: [CurveP384], ` +
      'cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256] }',
  );

  const socket = await shake(url, {});
  expect(socket.getProtocol()).toBe('TLSv1.2');
  expect(socket.getCipher().name).toBe('ECDHE-ECDSA-AES256-GCM-SHA384');
  expect(socket.getEphemeralKeyInfo()).toMatchObject({ name: 'secp384r1' });
  await expect(shake(url, { ecdhCurve: 'X25519' })).rejects.toThrow('handshake failure');
  await expect(shake(url, { minVersion: 'TLSv1.3' })).rejects.toThrow('protocol version');
  await expect(shake(url, { ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' })).rejects.toThrow('handshake failure');
});

test('a client of TLS 1.0 is served where the config says so, and not otherwise', async () => {
  const old: ConnectionOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' };
  const lenient = await start(`${tls}, min_version: TLS10 }`);
  const strict = await start(`${tls} }`);

  expect((await shake(lenient.url, old)).getProtocol()).toBe('TLSv1');
  await expect(shake(strict.url, old)).rejects.toThrow('protocol version');
});

test('everything but health is closed to those without a password', async () => {
  const { url } = await start(`basic_auth_users: { alice: "${hashOfSesame}" }`);
  const at = (path: string, options: RequestOptions = {}) => ask(url, { path, ...options });
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  expect(await at('/metrics')).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="vitald", charset="UTF-8"' },
  });
  for (const path of [
    '/',
    '/config',
    '/-/reload',
    '/api/v1/slots',
    '//-/healthy',
    '/-/healthy/',
    '/-/healthy/../config',
  ]) {
    expect((await at(path)).status).toBe(401);
  }
  expect((await at('/-/healthy', { method: 'POST' })).status).toBe(401);
  expect((await at('/-/healthy')).status).toBe(200);
  expect((await at('/-/ready?x')).status).toBe(200);
  for (const wrong of [basic('alice:'), basic('bob:open sesame'), basic('alice'), 'Bearer x']) {
    expect((await at('/metrics', { headers: { authorization: wrong } })).status).toBe(401);
  }
  expect(await at('/metrics', { headers: { authorization: sesame } })).toMatchObject({
    status: 200,
    body: 'served /metrics',
  });
});

test('headers of the config are on every response, also on those that refuse', async () => {
  const { url } = await start(
    `basic_auth_users: { alice: "${hashOfSesame}" }\nhttp_server_config: { headers: { X-Frame-Options: sameorigin, X-XSS-Protection: 0 } }\n`,
  );
  const expected = {
    'x-frame-options': 'sameorigin',
    'x-xss-protection': '0',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };

  expect((await ask(url)).headers).toMatchObject(expected);
  expect((await ask(url, { headers: { authorization: sesame } })).headers).toMatchObject(expected);
});

test('past the rate limit a request is refused, but never one for health', async () => {
  const started = await start('rate_limit: { interval: 1s, burst: 2 }');
  const statuses = async (path: string) => {
    const answers: number[] = [];
    for (let count = 0; count < 3; count += 1) answers.push((await ask(new URL(path, started.url))).status);
    return answers;
  };

  expect(await statuses('/metrics')).toEqual([200, 200, 429]);
  expect(await statuses('/-/healthy')).toEqual([200, 200, 200]);
  started.later(1_000);
  expect(await statuses('/metrics')).toEqual([200, 429, 429]);
});

test('a request with a large body, or a GET with any, is refused unread', async () => {
  const { url } = await start('');

  expect((await ask(url, { method: 'POST', headers: { 'content-length': 70_000 } }, 'x'.repeat(70_000))).status).toBe(
    413,
  );
  expect((await ask(url, { method: 'GET', headers: { 'transfer-encoding': 'chunked' } }, 'x')).status).toBe(413);
});

test('headers beyond the limit are refused', async () => {
  const { url } = await start('');

  expect((await ask(url, { headers: { 'x-long': 'x'.repeat(20_000) } })).status).toBe(431);
});

test('a renewed certificate is served to new connections, and the old ones stay', async () => {
  const folder = temporaryFolder();
  const [certFile, keyFile] = [join(folder, 'tls.pem'), join(folder, 'tls.key')];
  cpSync(certificates.good.certFile, certFile);
  cpSync(certificates.good.keyFile, keyFile);
  const started = await start(`tls_server_config: { cert_file: ${certFile}, key_file: ${keyFile} }`);
  const commonName = async () => (await shake(started.url, { rejectUnauthorized: false })).getPeerCertificate().subject;
  const before = await shake(started.url, {});
  expect(await commonName()).toMatchObject({ O: 'Acme, Inc.' });

  // The key comes after its certificate: in between the two do not belong together.
  cpSync(certificates.selfSigned.certFile, certFile);
  started.later(1_500);
  expect(await commonName()).toMatchObject({ O: 'Acme, Inc.' });
  expect(started.logged.join('\n')).toContain('is not the key of the certificate');
  cpSync(certificates.selfSigned.keyFile, keyFile);
  started.later(500);
  expect(await commonName()).toMatchObject({ O: 'Acme, Inc.' });
  started.later(1_000);
  const renewed = await commonName();

  expect(renewed).toMatchObject({ CN: 'localhost' });
  expect(renewed).not.toHaveProperty('O');
  expect(before.destroyed).toBe(false);
});

test('a changed password counts from the next look at the file, and a bad file changes nothing', async () => {
  const started = await start(`basic_auth_users: { alice: "${hashOfSesame}" }`);
  const status = async () => (await ask(started.url, { headers: { authorization: sesame } })).status;
  const change = (text: string): void => {
    writeFileSync(`${started.configFile}.new`, text);
    renameSync(`${started.configFile}.new`, started.configFile);
    started.later(1_000);
  };
  expect(await status()).toBe(200);

  change('basic_auth_users: { alice: hunter2 }');
  expect(await status()).toBe(200);
  expect(started.logged.filter((line) => line.includes('stays as it was'))).toHaveLength(1);
  expect(started.logged.join('\n')).not.toContain('hunter2');

  change(`basic_auth_users: { bob: "${hashOfSesame}" }`);
  expect(await status()).toBe(401);

  change(`${tls} }`);
  expect(await status()).toBe(401);
  expect(started.logged.at(-1)).toContain('TLS cannot be turned on or off before the next start');
});

test('listens on several addresses, IPv6 and a unix socket, and changes them without touching the others', async () => {
  const path = join(temporaryFolder(), 'web.sock');
  const started = await start('', ['127.0.0.1:0', '[::1]:0', `unix:${path}`]);
  const [v4, v6, unix] = started.addresses.map(String);
  const open = createConnection({ host: '127.0.0.1', port: Number(new URL(v4!).port) });
  onTestFinished(() => void open.destroy());
  const web = {
    unix_socket_mode: '0660',
    systemd_socket: false,
    max_connections: 100,
    config_file: started.configFile,
  };

  expect(await ask(new URL(v4!))).toMatchObject({ status: 200 });
  expect(v6).toMatch(/^http:\/\/\[::1\]:\d+$/);
  expect(await ask(new URL(v6!))).toMatchObject({ status: 200 });
  expect(unix).toBe(`unix:${path}`);
  expect(statSync(path).mode & 0o777).toBe(0o660);
  expect(await ask(new URL('http://x/'), { socketPath: path })).toMatchObject({ status: 200 });

  const taken = new URL(v6!).host;
  await expect(started.set({ ...web, listen_addresses: ['127.0.0.1:0', `unix:${path}`, taken] })).rejects.toThrow(
    'EADDRINUSE',
  );
  expect(await ask(new URL(v6!))).toMatchObject({ status: 200 });
  const another = { ...web, listen_addresses: ['127.0.0.1:0'], config_file: '/another.yml' };
  await expect(started.set(another)).rejects.toThrow('web.config_file cannot be changed before the next start');
  await started.set({ ...web, listen_addresses: ['127.0.0.1:0'] });
  expect(await ask(new URL(v4!))).toMatchObject({ status: 200 });
  await expect(ask(new URL(v6!))).rejects.toThrow('ECONNREFUSED');
  await expect(ask(new URL('http://x/'), { socketPath: path })).rejects.toThrow('ENOENT');
});

test('a close ends within the moment, connections that were never of use included', async () => {
  const started = await start(`${tls} }`);
  // One that never shakes hands.
  const silent = createConnection({ host: '127.0.0.1', port: Number(started.url.port) });
  await new Promise((resolve) => silent.once('connect', resolve));
  const closed = new Promise((resolve) => silent.once('close', resolve));

  await started.close();

  await expect(closed).resolves.toBe(false);
  await expect(ask(started.url)).rejects.toThrow('ECONNREFUSED');
});
