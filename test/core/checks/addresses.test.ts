import { expect, test } from 'vitest';
import { grpc } from '../../../collectors/probe/grpc.ts';
import { http } from '../../../collectors/probe/http.ts';
import { icmp } from '../../../collectors/probe/icmp.ts';
import { tcp } from '../../../collectors/probe/tcp.ts';
import { websocket } from '../../../collectors/probe/websocket.ts';
import { dns } from '../../../collectors/probe/dns.ts';
import type { AnyProber } from '../../../src/prober.ts';
import { httpServer, startTestedDaemon } from '../../support/daemons.ts';

const head = 'collectors: { disable_defaults: true }\nchecks:\n';

/** The http prober, with a name that has two addresses. */
const twoAddresses: AnyProber = {
  ...http,
  everyAddress: () => Promise.resolve({ addresses: ['127.0.0.1', '127.0.0.2'] }),
};

test('every address of a name is probed by itself, with its own series, and one that is down is a failure', async () => {
  const hosts: (string | undefined)[] = [];
  const { port } = await httpServer((request, response) => {
    hosts.push(request.headers.host);
    response.end('ok');
  });
  const tested = await startTestedDaemon(
    `${head}  - { name: web, target: "http://localhost:${port}/x", schedule: 1h, addresses: all, labels: { team: web } }`,
    { probers: [twoAddresses] },
  );
  // The server is at the first address only.
  const labels = (address: string) => `{address="${address}",check="web",team="web"}`;

  await tested.eventually(`probe_success${labels('127.0.0.1')}`, 1);

  expect(await tested.value(`probe_success${labels('127.0.0.2')}`)).toBe(0);
  expect(await tested.value(`probe_http_status_code${labels('127.0.0.1')}`)).toBe(200);
  expect(await tested.value(`probe_http_status_code${labels('127.0.0.2')}`)).toBe(0);
  expect(await tested.value(`probe_ip_protocol${labels('127.0.0.2')}`)).toBe(4);
  expect(await tested.value(`probe_duration_seconds${labels('127.0.0.1')}`)).toBeGreaterThan(0);
  // Of the check as a whole there is one verdict and one count.
  expect(await tested.value('probe_success{check="web",team="web"}')).toBeUndefined();
  expect(await tested.value('vitald_check_up{check="web",team="web"}')).toBe(0);
  expect(await tested.value('vitald_check_probes_total{check="web",team="web"}')).toBe(1);
  expect(await tested.value('vitald_check_failures_total{check="web",reason="connect",team="web"}')).toBe(1);
  // The name is what is asked for, not the address.
  expect(hosts).toEqual([`localhost:${port}`]);
  expect((await tested.get('/api/v1/check?name=web')).text).toMatch(/"detail":\["127\.0\.0\.2: /);
});

test('a name that cannot be resolved is one failure without an address', async () => {
  const tested = await startTestedDaemon(
    `${head}  - { name: gone, target: "http://name.invalid./", schedule: 1h, timeout: 300ms, addresses: all }`,
  );

  await tested.eventually('probe_success{check="gone"}', 0);

  expect(await tested.value('vitald_check_up{check="gone"}')).toBe(0);
});

test('a redirect to the own host stays at the address, with its credentials', async () => {
  const seen: string[] = [];
  const { port } = await httpServer((request, response) => {
    seen.push(`${request.url} ${request.headers.authorization ?? 'without'}`);
    if (request.url === '/') response.writeHead(302, { location: `http://localhost:${port}/in` });
    response.end('ok');
  });
  const options = 'http: { basic_auth: { username: u, password: p } }';
  const tested = await startTestedDaemon(
    `${head}  - { name: web, target: "http://localhost:${port}/", schedule: 1h, addresses: all, ${options} }`,
    { probers: [twoAddresses] },
  );

  await tested.eventually('probe_http_redirects{address="127.0.0.1",check="web"}', 1);

  expect(seen).toEqual(['/ Basic dTpw', '/in Basic dTpw']);
});

test('every prober whose targets have an address finds all of them', async () => {
  const { signal } = new AbortController();
  const targets = [
    [http, 'https://localhost/x'],
    [http, 'localhost:80'],
    [tcp, 'localhost:80'],
    [grpc, 'localhost:80'],
    [dns, 'localhost'],
    [icmp, 'localhost'],
    [websocket, 'wss://localhost/'],
  ] as const;
  for (const [prober, target] of targets) {
    const options = { preferred_ip_protocol: 'ip4', ip_protocol_fallback: true };
    const found = await prober.everyAddress!(target, options as never, signal);
    expect(found, `${prober.name} ${target}`).toMatchObject({ addresses: expect.arrayContaining(['127.0.0.1']) as [] });
  }
  expect(await tcp.everyAddress!('[::1]:80', { ip_protocol_fallback: true } as never, signal)).toEqual({
    addresses: ['::1'],
  });
  expect(await tcp.everyAddress!('http://x y/', {} as never, signal)).toMatchObject({ reason: 'config' });
});
