/** What the http prober sends. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HttpProber } from '../../../collectors/probe/http.ts';
import { httpOptions } from '../../../collectors/probe/http-options.ts';
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

  test('has the values of headers in UTF-8', async () => {
    const { url, requests } = await serve(text('ok'));
    const options = {
      headers: { 'X-Module': 'Grüße', 'X-Wide': '見本 ✓' },
      http_headers: { 'X-Client': { values: ['ä'], secrets: ['ö'], files: [file('header', 'ü\n')] } },
      authorization: { type: 'Token', credentials: 'é' },
    };
    const outcome = await probe(url, options);

    expect(outcome.success).toBe(true);
    // Node.js tells each byte as a character.
    const sent = (value: string) => Buffer.from(value).toString('latin1');
    expect(requests[0]!.headers).toMatchObject({
      'x-module': sent('Grüße'),
      'x-wide': sent('見本 ✓'),
      'x-client': sent('ä, ö, ü'),
      authorization: sent('Token é'),
    });
    expect(httpOptions.safeParse({ headers: { 'X-A': 'a\u0001b' } }).success).toBe(false);
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

describe('the URL of the target', () => {
  test.each(['/a/../ok', '/a/%2e%2e/ok', "/?q='a'", '/a%2Fb', '/x?', "/it's"])('is asked for as %s', async (path) => {
    const { url, requests } = await serve(text('ok'));
    await probe(url + path);

    expect(requests[0]!.url).toBe(path);
  });

  test('with a bad escape in its password is a mistake, with every family', async () => {
    const outcome = await probe('http://us%zzer:hush@127.0.0.1:1/');

    expect(outcome).toMatchObject({
      success: false,
      reason: 'config',
      phase: 'resolve',
      detail: 'the user or password of the target has a bad escape',
    });
    expect(value(outcome, 'probe_http_status_code')).toBe(0);
    expect(JSON.stringify(outcome)).not.toContain('hush');
  });
});
