import { readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { http } from '../../../collectors/probe/http.ts';
import { type AnyCollector, counter, defineCollector, gauge } from '../../../src/collector.ts';
import { z } from '../../../src/config/schema.ts';
import { defineProber, type ProbeOutcome } from '../../../src/prober.ts';
import type { UpdateEvent } from '../../../src/api/types.ts';
import { fetchAs, openEvents, parseAs } from '../../support/api-client.ts';
import { testCertificates } from '../../support/certificates.ts';
import { startTestedDaemon, type TestedDaemon } from '../../support/daemons.ts';
import { until } from '../../support/program.ts';

const hashOfSesame = '$2b$04$YMUEuagLXxBgO7hBKeL7Xuh1Y0tHsvyAWfM2Xvr5sP9xRCEOFUQZC';
const sesame = `Basic ${Buffer.from('alice:open sesame').toString('base64')}`;

const load = gauge('node_load1', 'Load.');
const received = counter('node_network_receive_bytes_total', 'Received.', ['device']);
const phase = gauge('probe_fake_duration_seconds', 'Phases.', ['phase']);
const expiry = gauge('probe_ssl_earliest_cert_expiry', 'Expiry.');

function collector(name: string, collect: () => unknown): AnyCollector {
  return defineCollector({
    name,
    summary: 'A collector of a test.',
    source: 'nothing',
    enabled: true,
    families: [load, received],
    config: z.strictObject({}),
    create: () => ({ collect: collect as () => [] }),
  });
}

/** What a target of the fake prober is found to be: `up`, or down with what stands behind `down:`. */
const fake = defineProber({
  name: 'fake',
  summary: 'A prober of a test.',
  families: [phase, expiry],
  phases: ['connect', 'transfer'],
  config: z.strictObject({}),
  create: () => ({
    probe: ({ target }): Promise<ProbeOutcome> => {
      const detail = target.includes('/down') ? `no answer from ${target} sorry` : /down:(.*)/s.exec(target)?.[1];
      const samples = [phase.sample(0.01, { phase: 'connect' }), expiry.sample(1_900_000_000)];
      return Promise.resolve(
        detail === undefined
          ? { success: true, samples }
          : { success: false, reason: 'connect', phase: 'connect', detail, samples: [] },
      );
    },
  }),
});

const modules = 'modules: { fake: { prober: fake } }\n';
const hostile = `<script>alert("x")</script> & 'y' \u0007 \u2028 ]]> 😀`;

const config = `${modules}
checks:
  - { name: up, target: up, module: fake, schedule: 1s, labels: { group: core, team: '<b>web</b>' } }
  - { name: down, target: "https://alice:hunter2@host/down?token=hunter2#hunter2", module: fake, schedule: 1s }
  - { name: waits, target: up, module: fake, failing_after: 2, passing_after: 5, schedule: 1h }
  - { name: behind, target: "down:behind", module: fake, depends_on: down, schedule: 1s }
  - { name: mended, target: "down:mended", module: fake, maintenance: [{ schedule: "* * * * *", duration: 2m }], schedule: 1s }
  - { name: ${JSON.stringify(hostile)}, target: ${JSON.stringify(`https://u:hunter2@h/?hunter2 ${hostile}`)}, module: fake, labels: { what: ${JSON.stringify(hostile)} } }
`;

const collectors = [
  collector('loadavg', () => [load.sample(0.5)]),
  collector('netdev', () => [received.sample(performance.now(), { device: 'eth0' })]),
  collector('broken', () => {
    throw new Error('cannot read https://alice:hunter2@host/?a=hunter2');
  }),
];

async function started(text = config, files: Record<string, string> = {}): Promise<TestedDaemon> {
  const daemon = await startTestedDaemon(text, { collectors, probers: [http, fake], files });
  await until(
    () => daemon.daemon.slots.every(({ last }) => last !== undefined),
    () => 'not everything has run',
    10_000,
  );
  return daemon;
}

describe('the answers', () => {
  test('are what their schemas say', async () => {
    const { url } = await started();
    const status = await fetchAs('StatusAnswer', `${url}/api/v1/status`);
    expect(status.state).toBe('trouble');
    expect(status.checks).toEqual({ total: 6, up: 2, down: 1, waiting: 1, suppressed: 1, maintenance: 1 });
    expect(status.collectors).toEqual({ total: 3, failing: 1, waiting: 0 });
    expect(status.config).toMatchObject({ generation: 1, lastLoadOk: true, lastLoadError: null });
    expect(status.history).toMatchObject({
      budgetBytes: 8 * 2 ** 20,
      runsPerCheck: 60,
      latencyStepSeconds: 60,
      note: null,
    });

    const { collectors: list } = await fetchAs('CollectorsAnswer', `${url}/api/v1/collectors`);
    expect(list.map(({ name, result, failing }) => [name, result, failing])).toEqual([
      ['broken', 'error', true],
      ['loadavg', 'success', false],
      ['netdev', 'success', false],
    ]);

    const { checks, total, runCodes } = await fetchAs('ChecksAnswer', `${url}/api/v1/checks`);
    expect(total).toBe(6);
    expect(checks.name).toEqual(['up', 'down', 'waits', 'behind', 'mended', hostile]);
    expect(checks.state).toEqual(['up', 'down', 'waiting', 'suppressed', 'maintenance', 'up']);
    expect(checks.group).toEqual(['core', null, null, null, null, null]);
    expect(checks.labels[0]).toEqual({ group: 'core', team: '<b>web</b>' });
    expect(checks.reason).toEqual([null, 'connect', null, 'connect', 'connect', null]);
    expect(checks.certificateExpiresAt[0]).toBe(1_900_000_000_000);
    expect(checks.availabilityHour).toEqual([1, 0, 1, 0, null, 1]);
    expect(runCodes[checks.strip[1]!.at(-1)!]).toBe('connect');
    expect(checks.strip[4]).toMatch(/^C+$/);
    for (const column of Object.values(checks)) expect(column).toHaveLength(6);

    const one = await fetchAs('CheckAnswer', `${url}/api/v1/check?name=behind`);
    expect(one).toMatchObject({ index: 3, dependsOn: ['down'], dependents: [], phase: 'connect' });
    expect(one.check.detail).toEqual(['behind']);
    expect(one.runs.strip).toMatch(/^c+$/);
    expect((await fetchAs('CheckAnswer', `${url}/api/v1/check?name=down`)).dependents).toEqual(['behind']);
    expect((await fetchAs('CheckAnswer', `${url}/api/v1/check?name=mended`)).maintenance).toMatchObject([
      { durationSeconds: 120, open: true },
    ]);
    const up = await fetchAs('CheckAnswer', `${url}/api/v1/check?name=up`);
    expect(up.latency.phases.map(({ phase: name, seconds }) => [name, seconds.at(-1) ?? seconds.at(-2)])).toEqual([
      ['total', expect.any(Number)],
      ['connect', 0.01],
    ]);

    const host = await fetchAs('HostAnswer', `${url}/api/v1/host`);
    expect(host.charts.map(({ id, series }) => [id, series.map(({ name }) => name)])).toEqual([
      ['network', []],
      ['load', ['load1']],
    ]);
  });

  test('tell when each slot runs next', async () => {
    const { url } = await started();
    const { at, checks } = await fetchAs('ChecksAnswer', `${url}/api/v1/checks`);
    expect(checks.nextRunAt[0]! - at).toBeLessThanOrEqual(2_000);
    expect(checks.nextRunAt[0]! - at).toBeGreaterThan(-1_000);
    expect(checks.nextRunAt[2]! - at).toBeLessThanOrEqual(2 * 3_600_000);
    const { collectors: list } = await fetchAs('CollectorsAnswer', `${url}/api/v1/collectors`);
    for (const { nextRunAt } of list) expect(nextRunAt! - at).toBeLessThanOrEqual(10_000);
  });

  test('hold no secret of a target, a detail or an error', async () => {
    const { url, get } = await started();
    const texts: string[] = [];
    for (const path of ['status', 'collectors', 'checks', 'check?name=down', 'host']) {
      texts.push((await get(`/api/v1/${path}`)).text);
    }
    const stream = await openEvents(`${url}/api/v1/events`);
    await stream.waitFor(({ event, data }) => event === 'update' && data.includes('no answer from'));
    texts.push(...stream.events.map(({ data }) => data));
    expect(texts.join()).toContain('no answer from https://host/down sorry');
    expect(texts.join()).not.toContain('hunter2');
  });

  test('come in pages', async () => {
    const many = Array.from({ length: 25 }, (_, index) => `  - { name: c${index}, target: up, module: fake }`);
    const { url } = await started(`${modules}checks:\n${many.join('\n')}\n`);
    const names: string[] = [];
    for (let offset = 0; ;) {
      const page = await fetchAs('ChecksAnswer', `${url}/api/v1/checks?offset=${offset}&limit=10`);
      expect(page).toMatchObject({ total: 25, offset });
      names.push(...page.checks.name);
      offset += page.checks.name.length;
      if (offset >= page.total || page.checks.name.length === 0) break;
    }
    expect(names).toEqual(Array.from({ length: 25 }, (_, index) => `c${index}`));
    expect((await fetchAs('ChecksAnswer', `${url}/api/v1/checks?offset=99`)).checks.name).toEqual([]);
  });

  test.each([
    ['checks?limit=many', 400],
    ['checks?limit=5001', 400],
    ['checks?offset=-1', 400],
    ['checks?offset=1.5', 400],
    ['host?since=yesterday', 400],
    ['check?name=nobody', 404],
    ['check', 404],
    ['check?name=__proto__', 404],
  ])('to %s is %d with a sentence', async (path, status) => {
    const { url, get } = await started();
    expect((await get(`/api/v1/${path}`)).status).toBe(status);
    await fetchAs('ErrorAnswer', `${url}/api/v1/${path}`);
  });

  test('are compressed for those who take it', async () => {
    const many = Array.from({ length: 50 }, (_, index) => `  - { name: c${index}, target: up, module: fake }`);
    const { url } = await started(`${modules}checks:\n${many.join('\n')}\n`);
    const plain = await fetch(`${url}/api/v1/checks`, { headers: { 'accept-encoding': 'identity' } });
    const small = await fetch(`${url}/api/v1/checks`, { headers: { 'accept-encoding': 'gzip' } });
    expect([plain.headers.get('content-encoding'), small.headers.get('content-encoding')]).toEqual([null, 'gzip']);
    expect(small.headers.get('vary')).toBe('Accept-Encoding');
    expect(((await small.json()) as { total: number }).total).toBe(50);
  });

  test('are none where the API is off, and a reload turns it on', async () => {
    const { get, folder, daemon } = await started(`web: { api: false }\n${config}`);
    for (const path of ['status', 'events', 'openapi.json']) expect((await get(`/api/v1/${path}`)).status).toBe(404);
    folder.write('vitald.yml', config);
    await daemon.reload('the test');
    expect((await get('/api/v1/status')).status).toBe(200);
  });

  test('include their own description', async () => {
    const { get } = await started();
    const { text } = await get('/api/v1/openapi.json');
    expect(text).toBe(readFileSync(new URL('../../../config/openapi.json', import.meta.url), 'utf8'));
    expect(Object.keys((JSON.parse(text) as { paths: object }).paths)).toContain('/api/v1/events');
  });

  test('take no other method', async () => {
    const { get } = await started();
    expect((await get('/api/v1/status', { method: 'POST', body: '{}' })).status).toBe(404);
    expect((await get('/api/v1/events', { method: 'HEAD' })).text).toBe('');
  });
});

describe('groups', () => {
  test('are the label, else the name of the entry or the file that a check comes from', async () => {
    const { url } = await started(
      `${modules}
check_files:
  - { files: shops.yml, module: fake }
  - { files: banks.json, name: Banken, module: fake }
checks: [{ name: plain, target: up, module: fake }]
`,
      {
        'shops.yml': '- { name: a, target: up }\n- { name: b, target: up, labels: { group: other } }\n',
        'banks.json': '[{ "targets": ["up"], "labels": { "team": "x" } }]',
      },
    );
    const { checks } = await fetchAs('ChecksAnswer', `${url}/api/v1/checks`);
    expect(Object.fromEntries(checks.name.map((name, index) => [name, checks.group[index]]))).toEqual({
      plain: null,
      a: 'shops',
      b: 'other',
      'Banken/up': 'Banken',
    });
  });
});

describe('events', () => {
  test('begin with what came after an answer, and let it be kept up to date', async () => {
    const { url } = await started();
    const answer = await fetchAs('ChecksAnswer', `${url}/api/v1/checks`);
    const stream = await openEvents(`${url}/api/v1/events?since=${answer.event}`);
    let strip = answer.checks.strip[0]!;
    let count = answer.checks.runCount[0]!;
    await until(
      () => stream.events.filter(({ data }) => data.includes('"checks":{"index":[')).length >= 4,
      () => 'no updates came',
      15_000,
    );
    for (const { event, data } of stream.events) {
      expect(event).toBe('update');
      const { checks } = await parseAs('UpdateEvent', data);
      const at = checks?.index.indexOf(0) ?? -1;
      if (checks === undefined || at === -1) continue;
      const grown = checks.runCount[at]! - count;
      if (grown > 0) strip += checks.runs[at]!.slice(-grown);
      count = checks.runCount[at]!;
    }
    stream.close();
    // What the page has put together is what the daemon knows.
    const { checks } = await fetchAs('ChecksAnswer', `${url}/api/v1/checks`);
    expect(count).toBeGreaterThan(answer.checks.runCount[0]!);
    expect(strip).toBe('u'.repeat(count));
    expect(checks.strip[0]!.startsWith(strip)).toBe(true);
  });

  test('tell of collectors, charts and the whole as well', async () => {
    const { url } = await started();
    const stream = await openEvents(`${url}/api/v1/events`);
    const updates = async (): Promise<UpdateEvent[]> =>
      Promise.all(
        stream.events.filter(({ event }) => event === 'update').map(({ data }) => parseAs('UpdateEvent', data)),
      );
    expect(stream.events[0]?.event ?? 'reset').toBe('reset');
    await stream.waitFor(({ data }) => data.includes('"host":['));
    const all = await updates();
    expect(all.flatMap(({ collectors: list = [] }) => list.map(({ name }) => name))).toContain('loadavg');
    expect(all.some(({ status }) => status !== undefined)).toBe(true);
  });

  test('tell everybody to begin anew after a reload, as the places of checks are others', async () => {
    const { url, folder, daemon } = await started();
    const stream = await openEvents(`${url}/api/v1/events`);
    await stream.waitFor(({ event }) => event === 'update');
    folder.write('vitald.yml', `${modules}checks: [{ name: new, target: up, module: fake, schedule: 1s }]`);
    await daemon.reload('the test');
    const reset = await stream.waitFor(({ data }) => data.includes('"generation":2'));
    expect(reset.event).toBe('reset');
    await parseAs('ResetEvent', reset.data);
    const update = await stream.waitFor(
      ({ event, data }) => event === 'update' && data.includes('"generation":2') && data.includes('"checks":{"index"'),
    );
    expect((await parseAs('UpdateEvent', update.data)).checks!.index).toEqual([0]);
  });

  test('a check that fails for a load that failed is told of, with the reason', async () => {
    const { url, folder, daemon } = await started();
    const stream = await openEvents(`${url}/api/v1/events`);
    folder.write('vitald.yml', 'nonsense: true');
    await daemon.reload('the test');
    await stream.waitFor(({ data }) => data.includes('"lastLoadOk":false'));
    const { config: state } = await fetchAs('StatusAnswer', `${url}/api/v1/status`);
    expect(state).toMatchObject({ generation: 1, lastLoadOk: false });
    expect(state.lastLoadError).toContain('nonsense: unknown option');
  });

  test('go on where a connection broke off, by Last-Event-ID', async () => {
    const { url } = await started();
    const first = await openEvents(`${url}/api/v1/events`);
    const { id } = await first.waitFor(({ event }) => event === 'update');
    first.close();
    const second = await openEvents(`${url}/api/v1/events`, { 'last-event-id': id });
    const next = await second.waitFor(() => true);
    expect(next.event).toBe('update');
    expect(Number(next.id.split('-')[1])).toBe(Number(id.split('-')[1]) + 1);
  });

  test('end at once when the daemon stops', async () => {
    const { url, daemon } = await started();
    const stream = await openEvents(`${url}/api/v1/events`);
    await stream.waitFor(() => true);
    const before = performance.now();
    await daemon.stop();
    expect(performance.now() - before).toBeLessThan(2_000);
    await until(stream.closed, () => 'the stream is still open', 2_000);
  });

  test('come over HTTP/2 as well', async () => {
    const { good } = testCertificates();
    const { daemon, url } = await started(`web: { config_file: web.yml }\n${config}`, {
      'web.yml': `tls_server_config: { cert_file: ${good.certFile}, key_file: ${good.keyFile} }\n`,
    });
    expect(daemon.addresses[0]).toMatch(/^https:/);
    const session = connectHttp2(url, { rejectUnauthorized: false });
    onTestFinished(() => session.destroy());
    const stream = session.request({ ':path': '/api/v1/events' });
    let text = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => void (text += chunk));
    await until(
      () => text.includes('event: update'),
      () => `only came: ${text}`,
      10_000,
    );
    expect(text).toMatch(/^id: .+\nevent: reset\n/);
  });
});

describe('with users in the web config', () => {
  test('every route but those for probes of health asks for one', async () => {
    const { get, url } = await started(
      `web: { config_file: web.yml, badges: true, enable_lifecycle: true }\n${config}`,
      {
        'web.yml': `basic_auth_users: { alice: ${hashOfSesame} }\n`,
      },
    );
    const api = ['status', 'collectors', 'checks', 'check?name=up', 'host', 'events', 'openapi.json'];
    const badges = ['/badge/up/state.svg', '/badge/up/availability.svg'];
    const strange = ['/nowhere', '/api', '/api/v1/', '/-/healthy/', '//-/healthy', '/-/healthy/../api/v1/status'];
    const others = ['/', '/metrics', '/config', '/probe', '/-/reload'];
    const paths = [...others, ...api.map((path) => `/api/v1/${path}`), ...badges, ...strange];
    for (const path of paths) expect([path, (await get(path)).status]).toEqual([path, 401]);
    for (const path of ['/-/healthy', '/-/ready']) expect((await get(path)).status).toBe(200);
    for (const path of ['/', '/metrics', '/api/v1/status', '/badge/up/state.svg']) {
      expect((await get(path, { headers: { authorization: sesame } })).status).toBe(200);
    }
    await expect(openEvents(`${url}/api/v1/events`)).rejects.toThrow('answered 401');
    const stream = await openEvents(`${url}/api/v1/events`, { authorization: sesame });
    await stream.waitFor(() => true);
  });
});

describe('badges', () => {
  test('are off unless the config turns them on', async () => {
    const { get } = await started();
    expect((await get('/badge/up/state.svg')).status).toBe(404);
  });

  test('show state, latency and availability, and nothing that a browser would run or fetch', async () => {
    const { get, url } = await started(`web: { badges: true }\n${config}`);
    const message = async (path: string): Promise<string> => {
      const { status, type, text } = await get(`/badge/${path}`);
      expect([status, type]).toEqual([200, 'image/svg+xml; charset=utf-8']);
      return /<title>(.*)<\/title>/s.exec(text)![1]!;
    };
    expect(await message('up/state.svg')).toBe('up: up');
    expect(await message('down/state.svg')).toBe('down: down');
    expect(await message('up/latency.svg')).toMatch(/^up: [\d.]+ ms$/);
    expect(await message('up/availability.svg')).toBe('up: 100 %');
    expect(await message('down/availability.svg?window=week')).toBe('down: 0.00 %');
    expect(await message(`${encodeURIComponent(hostile)}/state.svg`)).toContain('&lt;script&gt;');
    const { headers } = await fetch(`${url}/badge/up/state.svg`);
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('there are none for anything else', async () => {
    const { get } = await started(`web: { badges: true }\n${config}`);
    for (const path of ['nobody/state.svg', 'up/other.svg', 'up', '', 'up/state.svg/']) {
      expect([path, (await get(`/badge/${path}`)).status]).toEqual([path, 404]);
    }
    expect((await get('/badge/up/availability.svg?window=year')).status).toBe(400);
  });

  test('of a check whose name has a slash are found', async () => {
    const { get } = await started(
      `web: { badges: true }\n${modules}checks: [{ name: shops, targets: ["https://a.example/x"], module: fake }]`,
    );
    expect((await get('/badge/shops/https://a.example/x/state.svg')).status).toBe(200);
    expect((await get(`/badge/${encodeURIComponent('shops/https://a.example/x')}/state.svg`)).status).toBe(200);
  });
});

test('the history of checks that a reload does not change goes on, and that of others begins', async () => {
  const { url, folder, daemon } = await started();
  await until(
    async () => (await fetchAs('ChecksAnswer', `${url}/api/v1/checks`)).checks.runCount[0]! >= 3,
    () => 'it does not run',
    10_000,
  );
  const before = await fetchAs('ChecksAnswer', `${url}/api/v1/checks`);
  folder.write(
    'vitald.yml',
    `${modules}checks:
  - { name: other, target: up, module: fake, schedule: 1h }
  - { name: up, target: up, module: fake, schedule: 1h, labels: { team: changed } }
`,
  );
  await daemon.reload('the test');
  const { checks, generation } = await fetchAs('ChecksAnswer', `${url}/api/v1/checks`);
  expect(generation).toBe(2);
  expect(checks.strip[1]!.startsWith(before.checks.strip[0]!)).toBe(true);
  expect(checks.strip[0]!.length).toBeLessThanOrEqual(1);
  expect(checks.sinceAt[1] ?? before.checks.sinceAt[0]).toBe(before.checks.sinceAt[0]);
});

test('the history outlives a daemon that stops, in the folder that the config names', async () => {
  const first = await started(`history: { directory: state }\n${config}`);
  const { checks: before } = await fetchAs('ChecksAnswer', `${first.url}/api/v1/checks`);
  const { history } = await fetchAs('StatusAnswer', `${first.url}/api/v1/status`);
  expect(history.directory).toBe(join(first.folder.path, 'state'));
  await first.daemon.stop();
  const second = await started(`history: { directory: ${JSON.stringify(history.directory)} }\n${config}`);
  const { checks } = await fetchAs('ChecksAnswer', `${second.url}/api/v1/checks`);
  expect(checks.strip[1]!.startsWith(before.strip[1]!)).toBe(true);
  expect(checks.runCount[1]!).toBeGreaterThan(before.runCount[1]!);
  expect(checks.sinceAt.slice(0, 2)).toEqual(before.sinceAt.slice(0, 2));
  const charts = (await fetchAs('HostAnswer', `${second.url}/api/v1/host`)).charts;
  expect(charts.find(({ id }) => id === 'load')!.times.length).toBeGreaterThanOrEqual(1);
});
