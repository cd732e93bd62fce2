/** Where redirects take the http prober, and what goes along. */
import { expect, test } from 'vitest';
import { certificateEnds } from '../../support/certificates.ts';
import { probe, serve, text, value } from '../../support/http-probes.ts';

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

test('take the user of the target along where they name no host, and not where they do', async () => {
  const { url, requests } = await serve((request, response) => {
    if (request.url === '/') response.writeHead(302, { Location: '/next' }).end();
    else if (request.url === '/next') response.writeHead(302, { Location: `${url}/last` }).end();
    else response.end('ok');
  });
  await probe(url.replace('://', '://user:pass@'));

  const basic = `Basic ${btoa('user:pass')}`;
  expect(requests.map(({ headers }) => headers.authorization)).toEqual([basic, basic, undefined]);
});

test('to another origin take nothing along that may be a secret, nor back', async () => {
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

test('do not carry a body to another origin, but show that they would', async () => {
  const other = await serve(text('ok'));
  const { url } = await serve(text('', { Location: other.url }, 307));
  const outcome = await probe(url, { method: 'POST', body: 'data' });

  expect(outcome).toMatchObject({ success: false, reason: 'redirect' });
  expect(value(outcome, 'probe_http_status_code')).toBe(307);
  expect(value(outcome, 'probe_http_redirects')).toBe(1);
  expect(other.requests).toEqual([]);
});

test('take along what is no secret whatever its value', async () => {
  const other = await serve(text('ok'));
  const { url } = await serve(text('', { Location: other.url }, 302));
  await probe(url, {
    headers: { 'User-Agent': 'ours', accept: 'text/html', 'Accept-Encoding': 'br', 'X-Api-Key': 'k' },
    http_headers: {
      'Accept-Language': { values: ['de', 'en'] },
      'Cache-Control': { values: ['no-cache'], secrets: ['s'] },
      Accept: { values: ['text/plain'] },
    },
  });

  const { host, connection, ...headers } = other.requests[0]!.headers;
  expect([host, connection]).toEqual([new URL(other.url).host, 'close']);
  expect(headers).toEqual({
    'user-agent': 'ours',
    accept: 'text/plain',
    'accept-encoding': 'br',
    'accept-language': 'de, en',
    'cache-control': 'no-cache',
  });
});

test.each([
  ['/gr\xc3\xb6\xc3\x9fe?q=\xc3\xb6', '/gr%C3%B6%C3%9Fe?q=%C3%B6'],
  ['/gr\xf6\xdfe', '/gr%F6%DFe'],
  ["/it's?q='a'", "/it's?q='a'"],
  ['next', '/dir/next'],
  ['../a/./b/../c', '/a/c'],
])('go where the bytes of the Location %s say', async (location, expected) => {
  const { url, requests } = await serve((request, response) => {
    if (requests.length === 1) response.writeHead(302, { Location: location }).end();
    else response.end(request.url);
  });
  await probe(`${url}/dir/start`);

  expect(requests[1]!.url).toBe(expected);
});

test('keep the cookies that the target sets for its own host', async () => {
  const { url, requests } = await serve((request, response) => {
    if (request.url === '/in') response.end('ok');
    else response.writeHead(302, { Location: '/in', 'Set-Cookie': ['s=1; Path=/', 'x=2; Domain=evil.example'] }).end();
  });
  await probe(url);

  expect(requests[1]!.headers.cookie).toBe('s=1');
});

test.each([{ follow_redirects: false }, { no_follow_redirects: true }])('are not followed with %j', async (options) => {
  const { url, requests } = await serve(text('moved', { Location: '/next' }, 301));
  const outcome = await probe(url, { ...options, valid_status_codes: [301] });

  expect(outcome.success).toBe(true);
  expect(value(outcome, 'probe_http_redirects')).toBe(1);
  expect(requests).toHaveLength(1);
});

test('that are not followed may lead anywhere', async () => {
  const { url } = await serve(text('', { Location: 'app://callback' }, 302));
  const outcome = await probe(url, { follow_redirects: false, valid_status_codes: [302] });

  expect(outcome.success).toBe(true);
  expect(await probe(url)).toMatchObject({ success: false, reason: 'redirect' });
});

test('that are not followed have a body that is read where it is matched alone', async () => {
  const { url } = await serve(text('moved', { Location: '/next' }, 301));
  const options = { follow_redirects: false, valid_status_codes: [301] };
  const matched = await probe(url, { ...options, fail_if_body_not_matches_regexp: ['moved'] });

  expect(value(await probe(url, options), 'probe_http_uncompressed_body_length')).toBe(0);
  expect(matched.success).toBe(true);
  expect(value(matched, 'probe_http_uncompressed_body_length')).toBe(5);
});

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
