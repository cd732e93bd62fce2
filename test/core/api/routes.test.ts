import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { config, hostile, modules, started } from '../../support/api-daemon.ts';
import { fetchAs, openEvents } from '../../support/api-client.ts';

const hashOfSesame = '$2b$04$YMUEuagLXxBgO7hBKeL7Xuh1Y0tHsvyAWfM2Xvr5sP9xRCEOFUQZC';
const sesame = `Basic ${Buffer.from('alice:open sesame').toString('base64')}`;

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
