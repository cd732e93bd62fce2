import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createSecureServer, createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { HttpProber } from '../../../collectors/probe/http.ts';
import { loadCelEngine } from '../../../collectors/probe/http-cel.ts';
import { httpOptions } from '../../../collectors/probe/http-options.ts';
import { loadPatternEngine } from '../../../src/config/pattern.ts';
import type { ProbeOutcome, ProbeRequest } from '../../../src/prober.ts';
import { certificateEnds, testCertificates } from '../../support/certificates.ts';

interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly requests: { method: string; url: string; headers: IncomingHttpHeaders; body: string }[];
}

const closers: (() => unknown)[] = [];
const { root, good, client } = testCertificates();
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'vitald-http-'));
  // As the config loader does where an option needs one.
  await Promise.all([loadPatternEngine(), loadCelEngine()]);
});

afterAll(() => rmSync(directory, { recursive: true }));

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function file(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

async function serve(
  answer: RequestListener,
  kind: 'http' | 'https' | 'h2' | 'h2c' = 'http',
  options: object = {},
): Promise<TestServer> {
  const requests: TestServer['requests'] = [];
  const listener: RequestListener = (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      requests.push({ method: request.method!, url: request.url!, headers: request.headers, body });
      answer(request, response);
    });
  };
  const pair = { cert: good.cert, key: good.key, ...options };
  const server =
    kind === 'http'
      ? createServer(listener)
      : kind === 'https'
        ? createHttpsServer(pair, listener)
        : kind === 'h2c'
          ? createHttp2Server({}, listener as never)
          : createSecureServer({ ...pair, allowHTTP1: true }, listener as never);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const scheme = kind === 'http' || kind === 'h2c' ? 'http' : 'https';
  return { url: `${scheme}://127.0.0.1:${port}`, port, requests };
}

const text =
  (body: string | Buffer, headers: Record<string, string | string[]> = {}, status = 200): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'Content-Length': `${Buffer.byteLength(body)}`, ...headers }).end(body);
  };

function probe(target: string, options: object = {}, more: Partial<ProbeRequest> = {}): Promise<ProbeOutcome> {
  const parsed = httpOptions.parse({
    preferred_ip_protocol: 'ip4',
    tls_config: { ca_file: root.certFile },
    ...options,
  });
  return new HttpProber(parsed).probe({ target, signal: AbortSignal.timeout(5000), timeoutMs: 5000, ...more });
}

function value({ samples }: ProbeOutcome, name: string, label?: string): number | undefined {
  return samples.find(
    ({ family, labels }) =>
      family.name === name && (label === undefined || Object.values(labels ?? {}).includes(label)),
  )?.value;
}

test('a good response has every family of a plain probe', async () => {
  const { url, requests } = await serve(text('hello', { 'Last-Modified': 'Sun, 06 Nov 1994 08:49:37 GMT' }));
  const outcome = await probe(`${url}/path?x=1#no`);

  expect(outcome.success).toBe(true);
  const known = outcome.samples.filter(({ family }) => !/duration|lookup/u.test(family.name));
  expect(Object.fromEntries(known.map(({ family, value }) => [family.name, value]))).toEqual({
    probe_ip_protocol: 4,
    probe_ip_addr_hash: 3_668_918_509,
    probe_http_content_length: 5,
    probe_http_uncompressed_body_length: 5,
    probe_http_redirects: 0,
    probe_http_ssl: 0,
    probe_http_status_code: 200,
    probe_http_version: 1.1,
    probe_failed_due_to_regex: 0,
    probe_http_last_modified_timestamp_seconds: 784_111_777,
  });
  for (const phase of ['resolve', 'connect', 'processing']) {
    expect(value(outcome, 'probe_http_duration_seconds', phase)).toBeGreaterThan(0);
  }
  // Head and body came in one piece.
  expect(value(outcome, 'probe_http_duration_seconds', 'transfer')).toBe(0);
  expect(value(outcome, 'probe_http_duration_seconds', 'tls')).toBe(0);
  expect(requests[0]).toMatchObject({ method: 'GET', url: '/path?x=1' });
  expect(requests[0]!.headers).toMatchObject({ 'user-agent': 'vitald', connection: 'close' });
});

test('a target without a scheme is probed over http', async () => {
  const { port } = await serve(text('hello'));

  expect((await probe(`localhost:${port}`)).success).toBe(true);
});

test('a target that is no URL is a mistake and is not repeated', async () => {
  const outcome = await probe('http://user:secret@[::1');

  expect(outcome).toMatchObject({ success: false, reason: 'config', detail: 'the target is not a URL' });
});

test('a failed lookup has the one phase that there was', async () => {
  const outcome = await probe('no..name');

  expect(outcome).toMatchObject({ success: false, reason: 'dns', phase: 'resolve' });
  const phases = outcome.samples.filter(({ family }) => family.name === 'probe_http_duration_seconds');
  expect(phases.map(({ labels }) => labels)).toEqual([{ phase: 'resolve' }]);
  expect(value(outcome, 'probe_http_status_code')).toBe(0);
});

test('an address that may not be probed is not dialled, on no hop', async () => {
  const inner = await serve(text('secret'));
  const { url, port } = await serve(text('', { Location: inner.url }, 302));
  const allows = (_address: string, to: number) => to === port;

  expect(await probe(url, {}, { allows })).toMatchObject({ success: false, reason: 'config', phase: 'connect' });
  expect(inner.requests).toEqual([]);
});

describe('status', () => {
  test.each([
    [204, [], true],
    [302, [], false],
    [404, [404, 410], true],
    [200, [404], false],
  ])('%i with the valid codes %j: %s', async (status, valid_status_codes, success) => {
    const { url } = await serve(text('', {}, status));

    expect((await probe(url, { valid_status_codes })).success).toBe(success);
  });

  test('a bad one is the reason and the body is read all the same', async () => {
    const { url } = await serve(text('oops', {}, 500));
    const outcome = await probe(url, { fail_if_body_matches_regexp: ['oops'] });

    expect(outcome).toMatchObject({ success: false, reason: 'status', detail: 'status 500', phase: 'processing' });
    expect(value(outcome, 'probe_http_uncompressed_body_length')).toBe(4);
    expect(value(outcome, 'probe_failed_due_to_regex')).toBe(0);
  });
});

describe('conditions', () => {
  test.each([
    [{ fail_if_body_matches_regexp: ['h.llo'] }, 'body', 1],
    [{ fail_if_body_matches_regexp: ['absent', 'x+'] }, undefined, 0],
    [{ fail_if_body_not_matches_regexp: ['(?i)HELLO', String.raw`\pL+`] }, undefined, 0],
    [{ fail_if_body_not_matches_regexp: ['hello', 'absent'] }, 'body', 1],
    [{ fail_if_header_matches: [{ header: 'x-Test', regexp: '^two$' }] }, 'header', 1],
    [{ fail_if_header_matches: [{ header: 'X-Test', regexp: 'three' }] }, undefined, 0],
    [{ fail_if_header_matches: [{ header: 'X-No', regexp: 'x' }] }, 'header', 1],
    [{ fail_if_header_matches: [{ header: 'X-No', regexp: 'x', allow_missing: true }] }, undefined, 0],
    [{ fail_if_header_not_matches: [{ header: 'X-Test', regexp: 'two' }] }, undefined, 0],
    [{ fail_if_header_not_matches: [{ header: 'X-Test', regexp: 'three' }] }, 'header', 1],
    [{ fail_if_header_not_matches: [{ header: 'X-No', regexp: 'x' }] }, 'header', 1],
    [{ valid_http_versions: ['HTTP/1.1'] }, undefined, 0],
    [{ valid_http_versions: ['HTTP/2.0'] }, 'protocol', 0],
    [{ fail_if_not_ssl: true }, 'tls', 0],
    [{ fail_if_ssl: true }, undefined, 0],
  ])('%j end with the reason %s', async (options, reason, failedRegex) => {
    const { url } = await serve(text('say hello', { 'X-Test': ['one', 'two'] }));
    const outcome = await probe(url, options);

    expect(outcome.success ? undefined : outcome.reason).toBe(reason);
    expect(value(outcome, 'probe_failed_due_to_regex')).toBe(failedRegex);
  });

  test('a regexp that would take JavaScript minutes takes no time', async () => {
    const { url } = await serve(text(`${'a'.repeat(50_000)}!`));
    const start = performance.now();

    expect((await probe(url, { fail_if_body_matches_regexp: ['^(a+)+$'] })).success).toBe(true);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('a body that is matched is read up to 1 MiB, or to what the module allows', async () => {
    const { url } = await serve(text(Buffer.alloc(1_100_000, 'x')));
    const wish = { fail_if_body_not_matches_regexp: ['x'] };

    expect(await probe(url, wish)).toMatchObject({ success: false, reason: 'size' });
    expect((await probe(url, { ...wish, body_size_limit: '2MB' })).success).toBe(true);
    expect((await probe(url)).success).toBe(true);
  });
});

describe('CEL', () => {
  const json = JSON.stringify({ n: 3, s: 'aaaa', list: [{ id: 1 }, { id: 2 }], deep: { ok: true } });

  test.each([
    [{ fail_if_body_json_matches_cel: 'body.n > 5' }, true],
    [{ fail_if_body_json_matches_cel: 'body.n == 3' }, false],
    [{ fail_if_body_json_not_matches_cel: 'body.deep.ok && size(body.list) == 2' }, true],
    [{ fail_if_body_json_not_matches_cel: 'body.list.exists(e, e.id == 3)' }, false],
    [{ fail_if_body_json_not_matches_cel: 'body.absent == 1' }, false],
    [{ fail_if_body_json_not_matches_cel: 'body.n' }, false],
    [{ fail_if_body_json_not_matches_cel: 'body.s.matches("^a+$") && !body.s.matches("b")' }, true],
    [{ fail_if_body_json_not_matches_cel: String.raw`matches(body.s, "^\\pL{4}$")` }, true],
  ])('%j', async (options, success) => {
    const { url } = await serve(text(json));
    const outcome = await probe(url, options);

    expect(outcome.success ? undefined : outcome.reason).toBe(success ? undefined : 'body');
    expect(value(outcome, 'probe_failed_due_to_cel')).toBe(success ? 0 : 1);
  });

  test('a body that is not JSON fails, and modules without CEL have no such family', async () => {
    const { url } = await serve(text('{"n": '));

    expect(await probe(url, { fail_if_body_json_matches_cel: 'body.n == 1' })).toMatchObject({ reason: 'body' });
    expect(value(await probe(url), 'probe_failed_due_to_cel')).toBeUndefined();
  });

  test('matches() is linear in hostile text', async () => {
    const { url } = await serve(text(JSON.stringify({ s: `${'a'.repeat(20_000)}!` })));
    const start = performance.now();
    const options = { fail_if_body_json_matches_cel: 'body.s.matches("^(a+)+$")' };

    expect((await probe(url, options)).success).toBe(true);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test.each(['body.n ==', '1 + 1', 'other == 1'])('the expression %s is refused', (expression) => {
    expect(httpOptions.safeParse({ fail_if_body_json_matches_cel: expression }).error?.issues[0]).toMatchObject({
      path: ['fail_if_body_json_matches_cel'],
      message: expect.stringMatching(/^not a CEL expression: /u),
    });
  });
});

describe('compression', () => {
  const body = Buffer.from('hello '.repeat(100));

  test.each([
    ['gzip', gzipSync(body)],
    ['br', brotliCompressSync(body)],
    ['deflate', deflateSync(body)],
    ['deflate', deflateRawSync(body)],
    ['identity', body],
  ])('%s is asked for and decoded', async (compression, bytes) => {
    const { url, requests } = await serve(text(bytes));
    const outcome = await probe(url, { compression, fail_if_body_not_matches_regexp: ['(?:hello ){100}'] });

    expect(outcome.success).toBe(true);
    expect(value(outcome, 'probe_http_uncompressed_body_length')).toBe(600);
    expect(value(outcome, 'probe_http_content_length')).toBe(bytes.length);
    expect(requests[0]!.headers['accept-encoding']).toBe(compression);
  });

  test('is left alone where the module does not name it', async () => {
    const { url } = await serve(text(gzipSync(body), { 'Content-Encoding': 'gzip' }));

    expect(value(await probe(url), 'probe_http_uncompressed_body_length')).toBe(gzipSync(body).length);
  });

  test('counts against body_size_limit once decoded', async () => {
    const { url } = await serve(text(gzipSync(body)));

    expect(await probe(url, { compression: 'gzip', body_size_limit: '500B' })).toMatchObject({ reason: 'size' });
  });

  test('that is cut short is a bad body', async () => {
    const { url } = await serve(text(gzipSync(body).subarray(0, 30)));

    expect(await probe(url, { compression: 'gzip' })).toMatchObject({ success: false, reason: 'body' });
  });
});

describe('the request', () => {
  test('has the method, headers and body of the module', async () => {
    const { url, requests } = await serve(text('ok'));
    await probe(url, { method: 'POST', body: 'x=1', headers: { Host: 'shop.example', 'X-A': 'b', 'User-Agent': 'u' } });

    expect(requests[0]).toMatchObject({
      method: 'POST',
      body: 'x=1',
      headers: { host: 'shop.example', 'x-a': 'b', 'user-agent': 'u', 'content-length': '3' },
    });
  });

  test('takes the body from a file', async () => {
    const { url, requests } = await serve(text('ok'));
    await probe(url, { method: 'PUT', body_file: file('body', 'from file') });

    expect(requests[0]!.body).toBe('from file');
    expect(await probe(url, { body_file: '/nowhere' })).toMatchObject({ success: false, reason: 'config' });
  });

  test('takes its Host from the caller before the module', async () => {
    const { url, requests } = await serve(text('ok'));
    await probe(url, { headers: { host: 'module.example' } }, { hostname: 'caller.example' });

    expect(requests[0]!.headers.host).toBe('caller.example');
  });

  test('without a body has none of its own', async () => {
    const { url, requests } = await serve(text('ok'));
    await probe(url, { method: 'POST' });
    const outcome = await probe(url, { method: 'HEAD', compression: 'gzip' });

    expect(requests[0]!.headers['content-length']).toBe('0');
    expect(outcome.success).toBe(true);
    expect(value(outcome, 'probe_http_content_length')).toBe(2);
  });

  test.each([
    [{ basic_auth: { username: 'u', password: 'p' } }, `Basic ${btoa('u:p')}`],
    [{ authorization: { credentials: 'c' } }, 'Bearer c'],
    [{ authorization: { type: 'Token', credentials: 'c' } }, 'Token c'],
    [{ bearer_token: 't' }, 'Bearer t'],
    [{ headers: { Authorization: 'mine' }, bearer_token: 't' }, 'mine'],
  ])('with %j authenticates', async (options, expected) => {
    const { url, requests } = await serve(text('ok'));
    await probe(url, options);

    expect(requests[0]!.headers.authorization).toBe(expected);
  });

  test('reads credentials from files at each probe', async () => {
    const { url, requests } = await serve(text('ok'));
    const password_file = file('password', 'one\n');
    const options = { basic_auth: { username_file: file('user', 'u'), password_file } };
    const prober = new HttpProber(httpOptions.parse(options));
    const request = { target: url, signal: AbortSignal.timeout(5000), timeoutMs: 5000 };
    await prober.probe(request);
    writeFileSync(password_file, 'two\n');
    await prober.probe(request);

    expect(requests.map(({ headers }) => headers.authorization)).toEqual([
      `Basic ${btoa('u:one')}`,
      `Basic ${btoa('u:two')}`,
    ]);
  });

  test('authenticates as the URL says before the module', async () => {
    const { url, requests } = await serve(text('ok'));
    await probe(url.replace('://', '://me:p%40ss@'), { bearer_token: 't' });

    expect(requests[0]!.headers.authorization).toBe(`Basic ${btoa('me:p@ss')}`);
  });

  test('has http_headers with values, secrets and files', async () => {
    const { url, requests } = await serve(text('ok'));
    await probe(url, {
      headers: { 'x-one': 'plain' },
      http_headers: { 'X-One': { values: ['1', '2'] }, 'X-Two': { secrets: ['s'], files: [file('h', 'f\n')] } },
    });

    expect(requests[0]!.headers).toMatchObject({ 'x-one': '1, 2', 'x-two': 's, f' });
  });

  test('gets its token by OAuth 2.0 once for several probes', async () => {
    const { url, requests } = await serve(text('ok'));
    const tokens = await serve(text('{"access_token":"tok","token_type":"bearer","expires_in":3600}'));
    const prober = new HttpProber(
      httpOptions.parse({
        oauth2: { client_id: 'id', client_secret: 'se cret', token_url: `${tokens.url}/t`, scopes: ['a', 'b'] },
      }),
    );
    const request = { target: url, signal: AbortSignal.timeout(5000), timeoutMs: 5000 };
    await prober.probe(request);
    await prober.probe(request);

    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer tok', 'Bearer tok']);
    expect(tokens.requests).toHaveLength(1);
    expect(tokens.requests[0]).toMatchObject({
      body: 'grant_type=client_credentials&scope=a+b',
      headers: { authorization: `Basic ${btoa('id:se%20cret')}` },
    });
  });

  test('fails with the reason why there is no token, and without the secret', async () => {
    const tokens = await serve(text('no', {}, 403));
    const outcome = await probe('http://127.0.0.1:1', {
      oauth2: { client_id: 'id', client_secret: 'hush', token_url: tokens.url },
    });

    expect(outcome).toMatchObject({
      success: false,
      reason: 'status',
      detail: 'no token from the token_url: status 403',
    });
    expect(JSON.stringify(outcome)).not.toContain('hush');
  });
});

describe('redirects', () => {
  const secrets = {
    headers: { 'X-Api-Key': 'k', Authorization: 'a', Cookie: 'c=1' },
    http_headers: { 'X-More': { secrets: ['m'] } },
  };

  test('are followed and counted', async () => {
    const { url, requests } = await serve((request, response) => {
      if (request.url === '/end') response.end('end');
      else response.writeHead(302, { Location: request.url === '/' ? '/middle' : 'end' }).end('skip');
    });
    const outcome = await probe(url, secrets);

    expect(outcome.success).toBe(true);
    expect(value(outcome, 'probe_http_redirects')).toBe(2);
    expect(value(outcome, 'probe_http_uncompressed_body_length')).toBe(3);
    expect(requests.map(({ url, headers }) => [url, headers['x-api-key']])).toEqual([
      ['/', 'k'],
      ['/middle', 'k'],
      ['/end', 'k'],
    ]);
  });

  test('to another origin take nothing along that was configured, nor back', async () => {
    const target = await serve((request, response) => {
      if (request.url === '/back') response.end('ok');
      else response.writeHead(302, { Location: other.url }).end();
    });
    const other = await serve(text('', { Location: `${target.url}/back` }, 302));
    const outcome = await probe(target.url.replace('://', '://user:pass@'), { ...secrets, headers: secrets.headers });

    expect(outcome.success).toBe(true);
    expect(target.requests[0]!.headers).toMatchObject({ authorization: 'a', 'x-api-key': 'k', 'x-more': 'm' });
    for (const request of [other.requests[0]!, target.requests[1]!]) {
      expect(request.headers).not.toHaveProperty('authorization');
      expect(request.headers).not.toHaveProperty('x-api-key');
      expect(request.headers).not.toHaveProperty('x-more');
      expect(request.headers).not.toHaveProperty('cookie');
    }
  });

  test.each([
    [302, 'GET', ''],
    [303, 'GET', ''],
    [307, 'POST', 'data'],
    [308, 'POST', 'data'],
  ])('with status %i go on with %s', async (status, method, body) => {
    const { url, requests } = await serve((request, response) => {
      if (request.url === '/') response.writeHead(status, { Location: '/next' }).end();
      else response.end('ok');
    });
    await probe(url, { method: 'POST', body: 'data' });

    expect(requests[1]).toMatchObject({ method, body });
  });

  test('do not carry a body to another origin', async () => {
    const other = await serve(text('ok'));
    const { url } = await serve(text('', { Location: other.url }, 307));

    expect(await probe(url, { method: 'POST', body: 'data' })).toMatchObject({ success: false, reason: 'redirect' });
    expect(other.requests).toEqual([]);
  });

  test('keep the cookies that the target sets for its own host', async () => {
    const { url, requests } = await serve((request, response) => {
      if (request.url === '/in') response.end('ok');
      else
        response.writeHead(302, { Location: '/in', 'Set-Cookie': ['s=1; Path=/', 'x=2; Domain=evil.example'] }).end();
    });
    await probe(url);

    expect(requests[1]!.headers.cookie).toBe('s=1');
  });

  test.each([{ follow_redirects: false }, { no_follow_redirects: true }])(
    'are not followed with %j',
    async (options) => {
      const { url, requests } = await serve(text('moved', { Location: '/next' }, 301));
      const outcome = await probe(url, { ...options, valid_status_codes: [301] });

      expect(outcome.success).toBe(true);
      expect(value(outcome, 'probe_http_redirects')).toBe(1);
      expect(requests).toHaveLength(1);
    },
  );

  test('without a place to go are responses', async () => {
    const { url } = await serve(text('lost', {}, 302));

    expect(await probe(url)).toMatchObject({ success: false, reason: 'status', detail: 'status 302' });
  });

  test('from TLS tell when the certificate of each hop ends', async () => {
    const plain = await serve(text('ok'));
    const { url } = await serve(text('', { Location: plain.url }, 302), 'https');
    const outcome = await probe(url);

    expect(outcome.success).toBe(true);
    expect(value(outcome, 'vitald_probe_hop_cert_expiry_timestamp_seconds', '0')).toBe(certificateEnds.leaf);
    expect(value(outcome, 'probe_ssl_earliest_cert_expiry')).toBeUndefined();
    expect(value(outcome, 'probe_http_ssl')).toBe(0);
  });
});

describe('TLS', () => {
  test('speaks HTTP/2 where the target does', async () => {
    const { url, requests } = await serve(text('two', { 'X-Two': 'yes' }), 'h2');
    const outcome = await probe(url, {
      method: 'POST',
      body: 'data',
      headers: { Host: 'localhost', 'X-A': 'b' },
      valid_http_versions: ['HTTP/2.0'],
      fail_if_header_not_matches: [{ header: 'x-two', regexp: 'yes' }],
    });

    expect(outcome.success).toBe(true);
    expect(value(outcome, 'probe_http_version')).toBe(2);
    expect(value(outcome, 'probe_http_ssl')).toBe(1);
    expect(value(outcome, 'probe_http_content_length')).toBe(3);
    expect(value(outcome, 'probe_tls_cipher_info')).toBe(1);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      body: 'data',
      headers: { ':authority': 'localhost', 'x-a': 'b' },
    });
  });

  test('speaks HTTP/1.1 where HTTP/2 is off', async () => {
    const { url } = await serve(text('one'), 'h2');

    expect(value(await probe(url, { enable_http2: false }), 'probe_http_version')).toBe(1.1);
  });

  test('fails where it must not be used', async () => {
    const { url } = await serve(text('one'), 'https');

    expect(await probe(url, { fail_if_ssl: true })).toMatchObject({ success: false, reason: 'tls', phase: 'transfer' });
  });

  test('looks for the name that the Host header gives', async () => {
    const { url } = await serve(text('one'), 'https');

    expect((await probe(url, { headers: { Host: 'a.test.example:443' } })).success).toBe(true);
    expect(await probe(url, { headers: { Host: 'b.example' } })).toMatchObject({ reason: 'tls' });
    expect((await probe(url, {}, { hostname: 'c.test.example' })).success).toBe(true);
  });

  test('shows a client certificate', async () => {
    const { url } = await serve(text('one'), 'https', { requestCert: true, ca: root.cert });
    const tls_config = { ca_file: root.certFile, cert_file: client.certFile, key_file: client.keyFile };

    expect((await probe(url, { tls_config })).success).toBe(true);
    expect(await probe(url)).toMatchObject({ success: false, reason: 'tls' });
  });
});

describe('HTTP/2 without TLS', () => {
  test('has every phase and the facts of the response', async () => {
    const { url, requests } = await serve(text('clear', { 'X-Two': 'yes' }), 'h2c');
    const outcome = await probe(`${url}/a?b`, {
      enable_h2c: true,
      method: 'POST',
      body: 'data',
      headers: { Host: 'shop.example', 'X-A': 'b' },
      valid_http_versions: ['HTTP/2.0'],
      fail_if_header_not_matches: [{ header: 'x-two', regexp: 'yes' }],
      fail_if_body_not_matches_regexp: ['^clear$'],
    });

    expect(outcome.success).toBe(true);
    expect(value(outcome, 'probe_http_version')).toBe(2);
    expect(value(outcome, 'probe_http_ssl')).toBe(0);
    expect(value(outcome, 'probe_http_content_length')).toBe(5);
    expect(value(outcome, 'probe_http_uncompressed_body_length')).toBe(5);
    for (const phase of ['resolve', 'connect', 'processing', 'transfer']) {
      expect(value(outcome, 'probe_http_duration_seconds', phase)).toBeGreaterThan(0);
    }
    expect(value(outcome, 'probe_http_duration_seconds', 'tls')).toBe(0);
    expect(requests).toMatchObject([
      { method: 'POST', url: '/a?b', body: 'data', headers: { ':authority': 'shop.example', 'x-a': 'b' } },
    ]);
  });

  test('follows redirects by HTTP/2, and over TLS by what the target chooses', async () => {
    const secure = await serve(text('at last'), 'https');
    const clear = await serve(text('', { location: `${secure.url}/end` }, 302), 'h2c');
    const { url } = await serve(text('', { location: `${clear.url}/next` }, 302), 'h2c');
    const outcome = await probe(url, { enable_h2c: true });

    expect(outcome.success).toBe(true);
    expect(value(outcome, 'probe_http_redirects')).toBe(2);
    expect(value(outcome, 'probe_http_version')).toBe(1.1);
    expect(clear.requests).toMatchObject([{ url: '/next', headers: { ':scheme': 'http' } }]);
  });

  test('is asked for, as a target that knows it alone answers nothing else', async () => {
    const { url } = await serve(text('clear'), 'h2c');

    expect(await probe(url)).toMatchObject({ success: false, reason: 'protocol', phase: 'processing' });
  });

  test('fails at a target that does not know it', async () => {
    const { url } = await serve(text('one'));

    expect(await probe(url, { enable_h2c: true })).toMatchObject({
      success: false,
      reason: 'protocol',
      phase: 'processing',
    });
  });

  test('ends at the deadline where the target is silent', async () => {
    const silent = createTcpServer((socket) => void socket.on('error', () => socket.destroy()).resume());
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    closers.push(() => silent.close());
    const { port } = silent.address() as AddressInfo;
    const outcome = await probe(
      `http://127.0.0.1:${port}`,
      { enable_h2c: true },
      { signal: AbortSignal.timeout(200), timeoutMs: 200 },
    );

    expect(outcome).toMatchObject({ success: false, reason: 'timeout', phase: 'processing' });
  });
});

test('says each step to whoever debugs, without secrets', async () => {
  const { url } = await serve(text('', { Location: '/next?token=t' }, 302));
  const steps: string[] = [];
  await probe(
    `${url.replace('://', '://user:pass@')}/?q=secret`,
    { headers: { 'X-Key': 'hush' } },
    {
      trace: (step, facts) => steps.push(`${step} ${JSON.stringify(facts)}`),
    },
  );

  expect(steps.map((step) => step.split(' ', 1)[0])).toContain('redirected');
  expect(steps.join('\n')).not.toMatch(/pass|secret|hush|token/u);
});

test.each([
  [{ enable_http3: true }, ['enable_http3']],
  [{ enable_h2c: true, enable_http2: false }, ['enable_h2c']],
  [{ body: 'x', body_file: 'y' }, ['body_file']],
  [{ method: 'G ET' }, ['method']],
  [{ method: 'CONNECT' }, ['method']],
  [{ headers: { 'X Y': 'z' } }, ['headers', 'X Y']],
  [{ headers: { X: 'a\r\nb' } }, ['headers', 'X']],
  [{ compression: 'gzip', headers: { 'Accept-Encoding': 'br, gzip;q=0' } }, ['headers', 'Accept-Encoding']],
  [{ compression: 'zstd' }, ['compression']],
  [{ body_size_limit: '10 potatoes' }, ['body_size_limit']],
  [{ valid_http_versions: ['HTTP/4'] }, ['valid_http_versions', 0]],
  [{ fail_if_body_matches_regexp: ['('] }, ['fail_if_body_matches_regexp', 0]],
  [{ fail_if_header_matches: [{ header: 'x', regexp: '' }] }, ['fail_if_header_matches', 0, 'regexp']],
  [{ basic_auth: { username: 'u' }, bearer_token: 't' }, ['bearer_token']],
  [{ basic_auth: { password: 'p', password_file: 'f' } }, ['basic_auth', 'password_file']],
  [{ authorization: { type: 'Basic' } }, ['authorization', 'type']],
  [{ oauth2: { client_id: 'i' } }, ['oauth2', 'token_url']],
  [{ proxy_url: 'gopher://x' }, ['proxy_url']],
  [{ proxy_connect_header: { X: ['y'] } }, ['proxy_connect_header']],
  [{ no_proxy: 'x' }, ['no_proxy']],
  [{ proxy_from_environment: true, proxy_url: 'http://p' }, ['proxy_url']],
  [{ http_headers: { Host: { values: ['x'] } } }, ['http_headers', 'Host']],
])('refuses %j at %j', (options, path) => {
  expect(httpOptions.safeParse(options).error?.issues.map((issue) => issue.path)).toContainEqual(path);
});
