import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { grpc } from '../../collectors/probe/grpc.ts';
import { http } from '../../collectors/probe/http.ts';
import { tcp } from '../../collectors/probe/tcp.ts';
import { websocket } from '../../collectors/probe/websocket.ts';
import { defineCollector } from '../../src/collector.ts';
import { durationText } from '../../src/config/shown.ts';
import { duration, pattern, secret, z } from '../../src/config/schema.ts';
import { startTestedDaemon } from '../support/daemons.ts';

const collector = defineCollector({
  name: 'sample',
  summary: 'Reads.',
  source: 'nothing',
  enabled: true,
  families: [],
  config: z.strictObject({
    wait: duration('1m30s'),
    devices: pattern().optional(),
    login: z.strictObject({ token: secret(), api_key: z.string() }).optional(),
  }),
  create: () => ({ collect: () => [] }),
});

const config = `
web: { max_connections: 50 }
collectors: { sample: { devices: "^sd", login: { token: hunter0, api_key: hunter1 } } }
scheduling: { timezone: Europe/Vienna }
modules:
  auth:
    prober: http
    http:
      headers: { X-Plain: hunter2 }
      http_headers: { X-A: { values: [hunter3], secrets: [hunter4] } }
      basic_auth: { username: shown, password: hunter5 }
      proxy_url: http://u:hunter6@proxy.example:3128
      body: hunter7
      fail_if_body_matches_regexp: ["^a+$"]
  token:
    prober: http
    http:
      oauth2:
        client_id: shown
        client_secret: hunter8
        token_url: https://u:hunter9@auth.example/token?key=hunter10
        endpoint_params: { audience: hunter11 }
  login: { prober: tcp, tcp: { query_response: [{ expect: "^220", send: "PASS hunter12" }], tls: false } }
  meta: { prober: grpc, grpc: { metadata: { x-token: hunter13 } } }
checks:
  - name: shop
    target: https://u:hunter14@shop.example/health?token=hunter15#hunter16
    module: auth
    schedule: "*/30 * * * * *"
    labels: { team: web }
    failing_after: 3
    depends_on: [net]
    maintenance: [{ schedule: "0 3 * * 0", duration: 90m }]
    http: { headers: { X-Own: hunter17 }, method: HEAD, body: "" }
  - { name: net, target: 127.0.0.1 }
`;

test('/config shows the config in force with its defaults, as it would be written, and nothing secret', async () => {
  const tested = await startTestedDaemon(config, { collectors: [collector], probers: [http, tcp, grpc, websocket] });

  const { status, type, text } = await tested.get('/config');

  expect(status).toBe(200);
  expect(type).toMatch(/^application\/yaml/);
  expect(text).not.toContain('hunter');
  const shown = parse(text) as Record<string, Record<string, unknown>>;
  expect(shown['web']).toMatchObject({ telemetry_path: '/metrics', max_connections: 50, enable_lifecycle: false });
  expect(shown['defaults']).toEqual({ schedule: '5s', timeout: '4s' });
  expect(shown['collectors']).toEqual({
    disable_defaults: true,
    sample: {
      schedule: '5s',
      timeout: '4s',
      stale_after: '19s',
      wait: '1m30s',
      devices: '^sd',
      login: { token: '<secret>', api_key: '<secret>' },
    },
  });
  // It says no timeout.
  expect(shown['modules']!['auth']).not.toHaveProperty('timeout');
  expect(shown['modules']!['auth']).toMatchObject({
    prober: 'http',
    http: {
      headers: { 'X-Plain': '<secret>' },
      basic_auth: { username: 'shown', password: '<secret>' },
      proxy_url: '<secret>',
      body: '<secret>',
      fail_if_body_matches_regexp: ['^a+$'],
    },
  });
  expect(shown['modules']!['token']).toMatchObject({
    http: { oauth2: { client_id: 'shown', client_secret: '<secret>', token_url: 'https://auth.example/token' } },
  });
  expect((shown['checks'] as unknown as unknown[])[0]).toEqual({
    name: 'shop',
    target: 'https://shop.example/health',
    module: 'auth',
    schedule: '*/30 * * * * *',
    timeout: '5s',
    stale_after: '1m35s',
    labels: { team: 'web' },
    failing_after: 3,
    depends_on: ['net'],
    maintenance: [{ schedule: '0 3 * * 0', duration: '1h30m', timezone: 'Europe/Vienna' }],
    http: { method: 'HEAD', headers: { 'X-Own': '<secret>' }, body: '' },
  });
});

test('/config shows what a reload put in force', async () => {
  const tested = await startTestedDaemon('web: { max_connections: 50 }');
  expect((await tested.get('/config')).text).toContain('max_connections: 50\n');

  tested.folder.write('vitald.yml', 'web: { max_connections: 60 }');
  await tested.daemon.reload('test');
  expect((await tested.get('/config')).text).toContain('max_connections: 60\n');

  tested.folder.write('vitald.yml', 'web: { max_connections: 0 }');
  await tested.daemon.reload('test');
  expect((await tested.get('/config')).text).toContain('max_connections: 60\n');
});

test('a length of time is written as an option has it', () => {
  expect([0, 1, 500, 1500, 90_000, 5_400_000, 86_400_000].map(durationText)).toEqual([
    '0s',
    '1ms',
    '500ms',
    '1s500ms',
    '1m30s',
    '1h30m',
    '1d',
  ]);
});
