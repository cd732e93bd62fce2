import { renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { http } from '../../collectors/probe/http.ts';
import { type AnyCollector, counter, defineCollector, gauge } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { httpServer, startTestedDaemon } from '../support/daemons.ts';
import { until } from '../support/program.ts';

/** A collector that counts its runs, is made and closed before our eyes, and can be told to fail at its making. */
function counting(name: string) {
  const events: string[] = [];
  const runs = counter(`test_${name}_runs_total`, 'Runs.');
  const setting = gauge(`test_${name}_setting`, 'What it was given.');
  const definition: AnyCollector = defineCollector({
    name,
    summary: 'Counts its runs.',
    source: 'nothing',
    enabled: false,
    schedule: '1h',
    families: [runs, setting],
    config: z.strictObject({ setting: z.number().default(1), refuse: z.boolean().default(false) }),
    create({ setting: value, refuse }) {
      if (refuse) throw new Error(`${name} cannot be made`);
      events.push(`made with ${value}`);
      let count = 0;
      return {
        collect() {
          count += 1;
          return [runs.sample(count), setting.sample(value)];
        },
        close: () => void events.push(`closed with ${value}`),
      };
    },
  });
  return { definition, events };
}

const failed = 'vitald_config_last_reload_successful 0';

describe('a reload', () => {
  test('leaves a collector alone that did not change, makes one anew that did, and ends one that is gone', async () => {
    const [kept, changed, gone, came] = ['kept', 'changed', 'gone', 'came'].map(counting) as [
      ReturnType<typeof counting>,
      ReturnType<typeof counting>,
      ReturnType<typeof counting>,
      ReturnType<typeof counting>,
    ];
    const collectors = [kept, changed, gone, came].map(({ definition }) => definition);
    const tested = await startTestedDaemon('collectors: { kept: {}, changed: {}, gone: {} }', { collectors });
    const before = tested.daemon.slots.find(({ name }) => name === 'kept');

    tested.folder.write('vitald.yml', '# moved\ncollectors: { came: {}, changed: { setting: 2 }, kept: {} }');
    expect(await tested.daemon.reload('test')).toEqual({ ok: true });

    expect(tested.daemon.slots.find(({ name }) => name === 'kept')).toBe(before);
    expect(kept.events).toEqual(['made with 1']);
    expect(changed.events).toEqual(['made with 1', 'made with 2', 'closed with 1']);
    expect(gone.events).toEqual(['made with 1', 'closed with 1']);
    expect((await tested.lines()).filter((line) => line.startsWith('test_')).toSorted()).toEqual([
      'test_came_runs_total 1',
      'test_came_setting 1',
      'test_changed_runs_total 1',
      'test_changed_setting 2',
      'test_kept_runs_total 1',
      'test_kept_setting 1',
    ]);
    const ofGone = (await tested.lines()).filter((line) => line.includes('collector="gone"'));
    expect(ofGone).toEqual([]);
  });

  test('that fails leaves everything as it was and says why in the log, the metric and its answer', async () => {
    const { definition, events } = counting('one');
    const tested = await startTestedDaemon('collectors: { one: {} }', { collectors: [definition] });
    const slots = tested.daemon.slots;

    tested.folder.write('vitald.yml', 'collectors: { one: { seting: 2 } }');
    const result = await tested.daemon.reload('test');

    expect(result).toEqual({ ok: false, reason: expect.stringContaining('vitald.yml:1:22') as string });
    expect((result as { reason: string }).reason).toContain('did you mean "setting"?');
    expect(tested.daemon.slots).toBe(slots);
    expect(events).toEqual(['made with 1']);
    expect(tested.log.lines.some((line) => line.startsWith('error') && line.includes('vitald.yml:1:22'))).toBe(true);
    await tested.eventually('vitald_config_last_reload_successful', 0);
    const stamp = await tested.value('vitald_config_last_reload_success_timestamp_seconds');
    expect(stamp).toBeGreaterThan(1_700_000_000);

    tested.folder.write('vitald.yml', 'collectors: { one: { setting: 2 } }');
    expect(await tested.daemon.reload('test')).toEqual({ ok: true });
    await tested.eventually('vitald_config_last_reload_successful', 1);
    expect(await tested.value('vitald_config_last_reload_success_timestamp_seconds')).toBeGreaterThanOrEqual(stamp!);
  });

  test('in which one collector cannot be made closes those made before it, and keeps the old ones', async () => {
    const first = counting('first');
    const second = counting('second');
    const collectors = [first.definition, second.definition];
    const tested = await startTestedDaemon('collectors: { first: {}, second: {} }', { collectors });

    tested.folder.write('vitald.yml', 'collectors: { first: { setting: 2 }, second: { refuse: true } }');
    const result = await tested.daemon.reload('test');

    expect(result).toEqual({ ok: false, reason: 'second cannot be made' });
    expect(first.events).toEqual(['made with 1', 'made with 2', 'closed with 2']);
    expect(second.events).toEqual(['made with 1']);
    expect(await tested.value('test_first_setting')).toBe(1);
  });

  test('does not close a listener whose address did not change, and takes a connection over', async () => {
    const { definition } = counting('one');
    const tested = await startTestedDaemon('collectors: { one: {} }', { collectors: [definition] });
    const { hostname, port } = new URL(tested.url);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    // Half a request before the reload, the other half after it.
    socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n');
    await until(() => socket.bytesWritten > 0);

    tested.folder.write('vitald.yml', 'collectors: { one: { setting: 7 } }\nweb: { telemetry_path: /m }');
    expect(await tested.daemon.reload('test')).toEqual({ ok: true });
    socket.write('Connection: close\r\n\r\n');
    await until(() => answer.includes('\r\n\r\n'));

    expect(answer).toMatch(/^HTTP\/1.1 404/);
    expect(tested.daemon.addresses).toEqual([tested.url]);
    expect((await tested.get('/m')).text).toContain('test_one_setting 7');
  });

  test('that names an address which cannot be had is refused as a whole', async () => {
    const { definition, events } = counting('one');
    const taken = await httpServer((_request, response) => response.end());
    const config = (addresses: string, setting: number) =>
      `web: { listen_addresses: ${addresses} }\ncollectors: { one: { setting: ${setting} } }`;
    const tested = await startTestedDaemon(config('["127.0.0.1:0"]', 1), { collectors: [definition], args: [] });

    tested.folder.write('vitald.yml', config(`["127.0.0.1:0", "127.0.0.1:${taken.port}"]`, 2));
    const refused = await tested.daemon.reload('test');

    expect(refused).toEqual({ ok: false, reason: expect.stringContaining('EADDRINUSE') as string });
    expect(tested.daemon.addresses).toEqual([tested.url]);
    expect(await tested.value('test_one_setting')).toBe(1);
    expect(events).toEqual(['made with 1', 'made with 2', 'closed with 2']);

    taken.server.close();
    await until(() => !taken.server.listening);
    expect(await tested.daemon.reload('test')).toEqual({ ok: true });
    expect(tested.daemon.addresses).toEqual([tested.url, `http://127.0.0.1:${taken.port}`]);
    expect(await tested.value('test_one_setting')).toBe(2);

    tested.folder.write('vitald.yml', config(`["127.0.0.1:${taken.port}"]`, 2));
    expect(await tested.daemon.reload('test')).toEqual({ ok: true });
    await expect(fetch(`${tested.url}/metrics`)).rejects.toThrow('fetch failed');
    expect((await fetch(`http://127.0.0.1:${taken.port}/metrics`)).status).toBe(200);
  });
});

describe('a reload of what all slots share', () => {
  test('makes every collector anew where the roots of the host moved, and none where the schedule did', async () => {
    const { definition, events } = counting('one');
    const tested = await startTestedDaemon('collectors: { one: { schedule: 1s } }', { collectors: [definition] });

    tested.folder.write(
      'vitald.yml',
      'collectors: { one: { schedule: 1s } }\nscheduling: { timezone: Asia/Tokyo, spread: false }',
    );
    expect(await tested.daemon.reload('test')).toEqual({ ok: true });
    expect(events).toEqual(['made with 1']);
    // The new schedule ticks.
    const runs = (await tested.value('test_one_runs_total'))!;
    await until(async () => (await tested.value('test_one_runs_total'))! > runs, undefined, 4_000);

    tested.folder.write('vitald.yml', `path: { procfs: ${tested.folder.path} }\ncollectors: { one: { schedule: 1s } }`);
    expect(await tested.daemon.reload('test')).toEqual({ ok: true });
    expect(events).toEqual(['made with 1', 'made with 1', 'closed with 1']);
  });

  test('lets more probes go at once where the limit was raised, and those in line go at once', async () => {
    let open = 0;
    const { url } = await httpServer(() => void (open += 1));
    const config = (limit: number) => `
collectors: { disable_defaults: true }
scheduling: { probe_concurrency: ${limit} }
checks: [{ name: slow, schedule: 1h, timeout: 30s, targets: ["${url}a", "${url}b", "${url}c"] }]
`;
    const tested = await startTestedDaemon(config(1));
    await until(() => open === 1);

    tested.folder.write('vitald.yml', config(3));
    await tested.daemon.reload('test');

    await until(() => open >= 3);
    expect(open).toBe(3);
  });

  test('says which options wait for the next start', async () => {
    const tested = await startTestedDaemon('log: { level: info }');
    tested.folder.write('vitald.yml', 'log: { level: debug }');

    expect(await tested.daemon.reload('test')).toEqual({ ok: true });

    expect(tested.log.lines).toContainEqual('warn some options take effect at the next start only {"options":["log"]}');
  });
});

describe('a check over a reload', () => {
  const checks =
    (extra = '') =>
    (url: string) =>
      `
collectors: { disable_defaults: true }
modules: { other: { prober: http, timeout: 2s } }
checks:
  - { name: kept, target: "${url}", schedule: 1h, labels: { team: web } }
${extra}`;

  test('keeps its counters and its samples where nothing of it changed', async () => {
    let requests = 0;
    const { url } = await httpServer((_request, response) => {
      requests += 1;
      response.end('ok');
    });
    const tested = await startTestedDaemon(checks()(url), { probers: [http] });
    await tested.eventually('vitald_check_probes_total{check="kept",team="web"}', 1);
    const before = (await tested.lines()).filter((line) => line.includes('check="kept"'));

    tested.folder.write('vitald.yml', checks(`  - { name: new, target: "${url}", schedule: 1h }\n`)(url));
    await tested.daemon.reload('test');
    await tested.eventually('probe_success{check="new"}', 1);

    expect((await tested.lines()).filter((line) => line.includes('check="kept"'))).toEqual(before);
    expect(requests).toBe(2);
  });

  test('is made anew where its labels, its options or its module changed, without a gap in its series', async () => {
    let hold: (() => void) | undefined;
    const { url } = await httpServer((_request, response) => {
      if (hold === undefined) response.end('ok');
      else hold = () => response.end('ok');
    });
    const tested = await startTestedDaemon(checks()(url), { probers: [http] });
    await tested.eventually('probe_success{check="kept",team="web"}', 1);

    hold = () => {};
    const untouched = hold;
    tested.folder.write('vitald.yml', checks()(url).replace('team: web', 'team: shop').replace('1h', '30m'));
    await tested.daemon.reload('test');
    // The first probe of the new one is under way: what the old one found is still there.
    expect(await tested.value('probe_success{check="kept",team="web"}')).toBe(1);
    await until(() => hold !== untouched);
    hold();

    await tested.eventually('probe_success{check="kept",team="shop"}', 1);
    expect(await tested.value('probe_success{check="kept",team="web"}')).toBeUndefined();
  });

  test('that is gone ends with its series, also while its probe is under way', async () => {
    const held: { end(): void }[] = [];
    const { url } = await httpServer((_request, response) => void held.push(response));
    const tested = await startTestedDaemon(checks()(url), { probers: [http] });
    await until(() => held.length === 1);

    tested.folder.write('vitald.yml', 'collectors: { disable_defaults: true }');
    await tested.daemon.reload('test');

    expect((await tested.lines()).filter((line) => line.includes('kept'))).toEqual([]);
    held[0]!.end();
    expect((await tested.lines()).filter((line) => line.includes('kept'))).toEqual([]);
  });
});

describe('POST /-/reload', () => {
  test('is refused unless the config allows it, and anything but a POST is too', async () => {
    const tested = await startTestedDaemon('collectors: { disable_defaults: true }');

    expect(await tested.get('/-/reload')).toMatchObject({ status: 405 });
    const refused = await tested.get('/-/reload', { method: 'POST' });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('web.enable_lifecycle');
    expect(tested.log.lines.filter((line) => line.includes('anew'))).toEqual([]);
  });

  test('answers 200 and nothing, or 500 and every mistake with its place', async () => {
    const tested = await startTestedDaemon('web: { enable_lifecycle: true }');
    const post = { method: 'POST', body: new URLSearchParams({ some: 'form' }) };

    expect(await tested.get('/-/reload', post)).toMatchObject({ status: 200, text: '' });

    tested.folder.write('vitald.yml', 'web: { enable_lifecycle: true }\nwatchh: 1\nlog: { level: loud }');
    const { status, text, type } = await tested.get('/-/reload', post);
    expect(status).toBe(500);
    expect(type).toMatch(/^text\/plain/);
    expect(text).toContain('vitald.yml:2:1: watchh: unknown option; did you mean "watch"?');
    expect(text).toContain('vitald.yml:3:15: log.level');
    await tested.eventually(failed.split(' ')[0]!, 0);
  });

  test('that comes many times at once loads at least once after the last of them', async () => {
    const { definition } = counting('one');
    const tested = await startTestedDaemon('web: { enable_lifecycle: true }\ncollectors: { one: {} }', {
      collectors: [definition],
    });
    tested.folder.write('vitald.yml', 'web: { enable_lifecycle: true }\ncollectors: { one: { setting: 5 } }');

    const answers = await Promise.all(Array.from({ length: 20 }, () => tested.get('/-/reload', { method: 'POST' })));

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(await tested.value('test_one_setting')).toBe(5);
    const loads = tested.log.lines.filter((line) => line.includes('loaded anew')).length;
    expect(loads).toBeLessThanOrEqual(20);
  });
});

describe('a file that changes', () => {
  const withSetting = (setting: number, watch = true) =>
    `watch: ${watch}\ncollectors: { disable_defaults: true, one: { setting: ${setting} } }`;

  test('is loaded where the config says so: edited, replaced, broken and mended', async () => {
    const { definition } = counting('one');
    const tested = await startTestedDaemon(withSetting(1), { collectors: [definition] });

    tested.folder.write('vitald.yml', withSetting(22));
    await tested.eventually('test_one_setting', 22);

    tested.folder.write('next.yml', withSetting(333));
    renameSync(join(tested.folder.path, 'next.yml'), join(tested.folder.path, 'vitald.yml'));
    await tested.eventually('test_one_setting', 333);

    tested.folder.write('vitald.yml', 'collectors: [');
    await tested.eventually('vitald_config_last_reload_successful', 0);
    expect(await tested.value('test_one_setting')).toBe(333);

    tested.folder.write('vitald.yml', withSetting(4));
    await tested.eventually('test_one_setting', 4);
    expect(await tested.value('vitald_config_last_reload_successful')).toBe(1);
  });

  test('is loaded when the link by which it is reached leads elsewhere', async () => {
    const { definition } = counting('one');
    // As Kubernetes mounts a config map: the file links into ..data, which links to a folder and is swapped.
    const tested = await startTestedDaemon('collectors: { disable_defaults: true }', {
      collectors: [definition],
      files: { 'v1/vitald.yml': withSetting(1), 'v2/vitald.yml': withSetting(2) },
    });
    const at = (name: string) => join(tested.folder.path, name);
    symlinkSync('v1', at('..data'));
    unlinkSync(at('vitald.yml'));
    symlinkSync('..data/vitald.yml', at('vitald.yml'));
    expect(await tested.daemon.reload('test')).toEqual({ ok: true });
    expect(await tested.value('test_one_setting')).toBe(1);

    symlinkSync('v2', at('..new'));
    renameSync(at('..new'), at('..data'));

    await tested.eventually('test_one_setting', 2);
  });

  test('is left alone where the config does not say so', async () => {
    const { definition } = counting('one');
    const tested = await startTestedDaemon(withSetting(1, false), { collectors: [definition] });
    const watched = await startTestedDaemon(withSetting(1), { collectors: [definition] });

    tested.folder.write('vitald.yml', withSetting(2, false));
    watched.folder.write('vitald.yml', withSetting(2));
    await watched.eventually('test_one_setting', 2);

    expect(await tested.value('test_one_setting')).toBe(1);
  });
});
