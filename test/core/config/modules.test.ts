/** Modules as a file of blackbox_exporter has them, which Go's YAML decoder reads. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { builtIn } from '../../../collectors/index.ts';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { Secret } from '../../../src/config/secret.ts';

function load(text: string, environment: NodeJS.ProcessEnv = {}): Promise<Config> {
  const folder = mkdtempSync(join(tmpdir(), 'vitald-modules-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'blackbox.yml');
  writeFileSync(file, text);
  return loadConfig({ file, environment }, builtIn);
}

/** Options with their secrets revealed and their patterns as text. */
function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  if ('test' in value) return (value as unknown as { source: string }).source;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revealed(each)]));
}

/** The options of a module `m` with these lines below its prober. */
async function optionsOf(prober: string, lines: string, environment: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const indented = lines.replaceAll('\n', '\n      ');
  const { modules } = await load(
    `modules:\n  m:\n    prober: ${prober}\n    ${prober}:\n      ${indented}\n`,
    environment,
  );
  return revealed(modules.get('m')!.options);
}

/** The timeout of a module, in milliseconds. */
async function timeoutOf(written: string): Promise<number | undefined> {
  const { modules } = await load(`modules: { m: { prober: http, timeout: ${written} } }`);
  return modules.get('m')!.timeoutMs;
}

describe('a text of a module', () => {
  test('may look like a number or a switch', async () => {
    expect(await optionsOf('http', 'body: 123\nbasic_auth: { username: 0012, password: 9_99 }')).toMatchObject({
      body: '123',
      basic_auth: { username: '0012', password: '9_99' },
    });
    expect(await optionsOf('http', 'headers: { X-Num: 1, DNT: true, X-Version: 1.10, 010: 0x1F, X-Yes: yes }')).toEqual(
      expect.objectContaining({
        headers: { 'X-Num': '1', DNT: 'true', 'X-Version': '1.10', '010': '0x1F', 'X-Yes': 'yes' },
      }),
    );
    expect(await optionsOf('tcp', 'query_response: [{ expect: 220, send: 1 }]')).toMatchObject({
      query_response: [{ expect: '220', send: '1' }],
    });
    expect(await optionsOf('websocket', 'headers: { Sec-WebSocket-Version: 13, X: [1, b] }')).toMatchObject({
      headers: { 'Sec-WebSocket-Version': '13', X: ['1', 'b'] },
    });
    expect(await optionsOf('grpc', 'metadata: { a: 1, b: [2, no] }')).toMatchObject({
      metadata: { a: '1', b: ['2', 'no'] },
    });
  });

  test('is looked at behind an alias, wherever its anchor is', async () => {
    const { modules, checks } = await load(`
modules:
  a: { prober: http, http: { headers: &headers { X: 1.10 }, valid_status_codes: &codes [200] } }
  b: { prober: http, http: { headers: *headers, valid_status_codes: *codes } }
checks:
  - { name: c, target: "http://a", failing_after: 2, http: { valid_status_codes: *codes } }
`);

    expect(revealed(modules.get('b')!.options)).toMatchObject({ headers: { X: '1.10' }, valid_status_codes: [200] });
    expect(checks[0]).toMatchObject({ failingAfter: 2, module: { options: { valid_status_codes: [200] } } });
  });

  test('is below a check that lays options over the module', async () => {
    const { checks } = await load(`
modules: { a: { prober: http, http: { body: 1.10, fail_if_ssl: yes, basic_auth: } } }
checks: [{ name: c, target: "http://a", module: a, http: { method: POST } }]
`);

    expect(checks[0]?.module.options).toMatchObject({ body: '1.10', fail_if_ssl: true, method: 'POST' });
  });

  test('cannot be a list or a map', async () => {
    await expect(optionsOf('http', 'body: [1]')).rejects.toThrow('modules.m.http.body: expected text, found a list');
  });
});

describe('a switch of a module', () => {
  test('may be a word of YAML 1.1', async () => {
    expect(await optionsOf('http', 'fail_if_ssl: yes\nfollow_redirects: off\nenable_http2: "no"')).toMatchObject({
      fail_if_ssl: true,
      follow_redirects: false,
      enable_http2: false,
    });
  });

  test('may come from the environment', async () => {
    const options = await optionsOf('tcp', 'tls: ${TLS}', { TLS: 'true' });

    expect(options).toMatchObject({ tls: true });
  });

  test('is refused where it is no such word', async () => {
    await expect(optionsOf('http', 'fail_if_ssl: maybe')).rejects.toThrow('expected true or false, found "maybe"');
    await expect(optionsOf('http', 'fail_if_ssl: 1')).rejects.toThrow('expected true or false, found 1');
  });
});

describe('what says nothing in a module', () => {
  test.each([
    ['http', 'headers:\nbody: ~\nvalid_status_codes:\nfail_if_body_matches_regexp:\nfollow_redirects:'],
    ['http', 'tls_config:\nbasic_auth:\nauthorization: null\noauth2:\nproxy_url:\nbody_size_limit:\nhttp_headers:'],
    ['http', 'tls_config: { ca_file: , insecure_skip_verify: , min_version: }'],
    ['tcp', 'query_response:\ntls:\ntls_config:\nsource_ip_address:'],
    ['icmp', 'ttl:\npayload_size:\ndont_fragment:\ninterval:'],
    ['websocket', 'query_response:\nhttp_config:\nheaders:'],
    ['grpc', 'service:\nmetadata:\ntls_config:'],
  ])('leaves the defaults of the %s prober: %j', async (prober, lines) => {
    expect(await optionsOf(prober, lines)).toEqual(await optionsOf(prober, ''));
  });

  test('leaves those of dns, and the module its own', async () => {
    const dns = 'query_name: x\nvalid_rcodes:\nvalidate_answer_rrs: { fail_if_matches_regexp: }\nquery_type:';
    const { modules } = await load('modules: { m: { prober: http, timeout: , http: } }');

    expect(await optionsOf('dns', dns)).toEqual(await optionsOf('dns', 'query_name: x'));
    expect(modules.get('m')?.timeoutMs).toBeUndefined();
    expect(modules.get('m')?.options).toEqual(modules.get('http_2xx')?.options);
  });

  test('is no item of a list, and an empty text of a header', async () => {
    expect(await optionsOf('http', 'valid_status_codes: [~, 200, ]\nheaders: { X: }')).toMatchObject({
      valid_status_codes: [200],
      headers: { X: '' },
    });
  });

  test('does not move the place of a mistake behind it', async () => {
    await expect(optionsOf('http', 'valid_status_codes: [~, 200, 2xx]')).rejects.toThrow(
      /blackbox\.yml:5:36: modules\.m\.http\.valid_status_codes\.1: expected a number, found "2xx"/,
    );
  });

  test('is an unknown option all the same where nobody knows the key', async () => {
    await expect(optionsOf('http', 'bod:')).rejects.toThrow('unknown option; did you mean "body"?');
  });
});

describe('a map that is merged into a module', () => {
  const text = `
modules:
  base: &base
    prober: http
    timeout: 2s
    http: &http
      headers: { X: 1 }
      method: POST
  own: { <<: *base, timeout: 3s }
  below:
    prober: http
    http: { method: HEAD, <<: [*http, { body: 5 }] }
`;

  test('gives what the module does not say itself', async () => {
    const { modules } = await load(text);

    expect(modules.get('own')).toMatchObject({ timeoutMs: 3_000, options: { method: 'POST' } });
    expect(revealed(modules.get('below')!.options)).toMatchObject({ method: 'HEAD', headers: { X: '1' }, body: '5' });
  });

  test('gives what the rest of a config does not say, too', async () => {
    const { checks } = await load(
      'checks: [&a { name: a, target: "http://a", labels: { team: x } }, { <<: *a, name: b }]',
    );

    expect(checks.map(({ name, target, labels }) => [name, target, labels])).toEqual([
      ['a', 'http://a', { team: 'x' }],
      ['b', 'http://a', { team: 'x' }],
    ]);
  });

  test('gives away no secret, whether it fits or not', async () => {
    const merged = 'modules: { a: { prober: http, http: { <<: &h { headers: { X: "hunter2" } }, methd: x } } }';
    const outside = 'modules: { a: { prober: http, bogus: 1, http: { headers: { X: hunter2, Y: 31337 } } } }';
    const aliased = 'modules: { a: { prober: http, http: { headers: &h { X: [hunter2] } } } }';
    const choices = 'modules: { a: { prober: grpc, grpc: { metadata: { x: hunter2, y: [31337] }, servce: x } } }';

    for (const each of [merged, outside, aliased, choices]) {
      const error: unknown = await load(each).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).message).not.toMatch(/hunter2|31337/);
    }
  });
});

describe('the timeout of a module', () => {
  test.each([
    ['1.5s', 1_500],
    ['0.5m', 30_000],
    ['1m30s', 90_000],
    ['1m0.5s', 60_500],
    ['250ms', 250],
    ['1d', 86_400_000],
    // No timer is finer.
    ['500us', 1],
    ['1ns', 1],
  ])('may be %s', async (written, ms) => {
    expect(await timeoutOf(written)).toBe(ms);
  });

  test.each(['0s', '0', '"0"', '0ms', '~', ''])('is none where it is %j', async (written) => {
    expect(await timeoutOf(written)).toBeUndefined();
  });

  test.each(['5', '"5"', '5 s', '1,5s', '1e3s', 'soon'])('cannot be %s', async (written) => {
    await expect(timeoutOf(written)).rejects.toThrow('is not a duration; write it like "30s"');
  });
});

describe('an IP protocol', () => {
  test.each([
    ['ip4', 'ip4'],
    ['ipv4', 'ip4'],
    ['IPv4', 'ip4'],
    ['ip6', 'ip6'],
    ['""', ''],
  ])('may be written %s', async (written, protocol) => {
    const options = await optionsOf('tcp', `preferred_ip_protocol: ${written}`);

    expect(options).toMatchObject({ preferred_ip_protocol: protocol });
  });

  // blackbox_exporter takes these for IPv4.
  test.each(['ipv6', 'IPv6', 'IP6', '6'])('cannot be written %s', async (written) => {
    await expect(optionsOf('tcp', `preferred_ip_protocol: ${written}`)).rejects.toThrow('expected one of "ip4", "ip6"');
  });
});
