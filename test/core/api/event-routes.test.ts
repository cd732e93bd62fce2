import { connect as connectHttp2 } from 'node:http2';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { UpdateEvent } from '../../../src/api/types.ts';
import { config, modules, started } from '../../support/api-daemon.ts';
import { fetchAs, openEvents, parseAs } from '../../support/api-client.ts';
import { testCertificates } from '../../support/certificates.ts';
import { until } from '../../support/program.ts';

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
