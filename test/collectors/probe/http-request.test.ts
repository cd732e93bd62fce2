/** What the http prober sends, and where redirects take it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HttpProber } from '../../../collectors/probe/http.ts';
import { httpOptions } from '../../../collectors/probe/http-options.ts';
import { certificateEnds } from '../../support/certificates.ts';
import { probe, serve, text, value } from '../../support/http-probes.ts';
import { temporaryFolder } from '../../support/program.ts';

/** A file that goes with the test. */
function file(name: string, content: string): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

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
