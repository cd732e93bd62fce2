import type { Http2ServerResponse } from 'node:http2';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { httpOptions } from '../../../collectors/probe/http-options.ts';
import { testCertificates } from '../../support/certificates.ts';
import { probe, serve, text, value } from '../../support/http-probes.ts';
import { tcpServer } from './tcp-harness.ts';

const { root, client } = testCertificates();

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

test('a Last-Modified that is no date of HTTP has no sample', async () => {
  const { url } = await serve(text('hello', { 'Last-Modified': '0' }));

  expect(value(await probe(url), 'probe_http_last_modified_timestamp_seconds')).toBeUndefined();
});

describe('an upgrade', () => {
  const answer = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';
  const asking = { headers: { Upgrade: 'websocket', Connection: 'keep-alive, Upgrade' } };

  test.each([
    [{ ...asking, valid_status_codes: [101] }, undefined],
    [asking, 'status'],
    [{ headers: { Upgrade: 'websocket' }, valid_status_codes: [101] }, 'protocol'],
    [{ valid_status_codes: [101] }, 'protocol'],
  ])('that is answered to a request with %j ends with the reason %s', async (options, reason) => {
    const { target } = await tcpServer((socket) => socket.once('data', () => socket.write(answer)));
    const outcome = await probe(target, options);

    expect(outcome.success ? undefined : outcome.reason).toBe(reason);
    expect(value(outcome, 'probe_http_status_code')).toBe(reason === 'protocol' ? 0 : 101);
    expect(value(outcome, 'probe_http_content_length')).toBe(0);
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

  test.each([
    ['GET', { ':status': 200 }, true, 0],
    ['GET', { ':status': 200 }, false, -1],
    ['HEAD', { ':status': 200 }, true, -1],
    ['HEAD', { ':status': 200, 'content-length': '7' }, true, 7],
    ['GET', { ':status': 204 }, true, 0],
    ['GET', { ':status': 204 }, false, 0],
  ])(
    'tells of a %s by HTTP/2 with the headers %j, over with them: %s, the length %i',
    async (method, head, over, length) => {
      const { url } = await serve((_request, response) => {
        const { stream } = response as unknown as Http2ServerResponse;
        stream.respond(head, { endStream: over });
        if (!over) stream.end();
      }, 'h2');
      const outcome = await probe(url, { method });

      expect(outcome.success).toBe(true);
      expect(value(outcome, 'probe_http_content_length')).toBe(length);
    },
  );

  test('takes many large headers by HTTP/2', async () => {
    const headers = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`x-${at}`, 'y'.repeat(500)]));
    const { url } = await serve(text('ok', headers), 'h2', { maxSendHeaderBlockLength: 1_048_576 });

    expect((await probe(url, { fail_if_header_not_matches: [{ header: 'X-199', regexp: '^y{500}$' }] })).success).toBe(
      true,
    );
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
    const silent = await tcpServer(() => undefined);
    const outcome = await probe(
      `http://${silent.target}`,
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
  [{ proxy_url: 'http://us%zzer@proxy' }, ['proxy_url']],
  [{ proxy_connect_header: { X: ['y'] } }, ['proxy_connect_header']],
  [{ no_proxy: 'x' }, ['no_proxy']],
  [{ proxy_from_environment: true, proxy_url: 'http://p' }, ['proxy_url']],
  [{ http_headers: { Host: { values: ['x'] } } }, ['http_headers', 'Host']],
])('refuses %j at %j', (options, path) => {
  expect(httpOptions.safeParse(options).error?.issues.map((issue) => issue.path)).toContainEqual(path);
});
