import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { parseExposition } from '../../src/exposition/parse.ts';
import { fetchText, runCommand, startDaemon, type TestDaemon, until } from '../support/program.ts';

const packagedConfig = new URL('../../config/vitald.yml', import.meta.url).pathname;
let config: string;

beforeAll(() => {
  config = readFileSync(packagedConfig, 'utf8');
});

/** The packaged config; its one check finds whoever listens on the usual port, which does not matter here. */
function startDefault(): Promise<TestDaemon> {
  return startDaemon(config);
}

test('serves cpu, memory, disks, network and a complete text at the first scrape', async () => {
  const daemon = await startDefault();

  const families = new Map(parseExposition(await fetchText(`${daemon.url}/metrics`)).map((f) => [f.family.name, f]));

  for (const name of [
    'node_cpu_seconds_total',
    'node_memory_MemTotal_bytes',
    'node_filesystem_size_bytes',
    'node_network_receive_bytes_total',
    'node_load1',
    'node_boot_time_seconds',
    'node_uname_info',
    'node_vmstat_pgfault',
    'node_time_seconds',
    'node_scrape_collector_success',
    'node_exporter_build_info',
    'process_cpu_seconds_total',
    'nodejs_eventloop_lag_seconds',
    'vitald_build_info',
    'vitald_collector_runs_total',
    'vitald_config_last_reload_successful',
  ]) {
    expect(families.get(name)?.samples.length, name).toBeGreaterThan(0);
  }
});

test('answers node_exporter’s filters, and refuses what it refuses in its words', async () => {
  const daemon = await startDefault();
  const names = async (query: string): Promise<Set<string>> =>
    new Set(parseExposition(await fetchText(`${daemon.url}/metrics?${query}`)).map((f) => f.family.name));

  const some = await names('collect[]=loadavg&collect[]=uname');
  expect([...some].filter((name) => name.startsWith('node_')).toSorted()).toEqual([
    'node_exporter_build_info',
    'node_load1',
    'node_load15',
    'node_load5',
    'node_scrape_collector_duration_seconds',
    'node_scrape_collector_success',
    'node_uname_info',
  ]);
  const others = await names('exclude[]=loadavg');
  expect(others).toContain('node_uname_info');
  expect(others).not.toContain('node_load1');

  const refusal = async (query: string): Promise<string> => {
    const response = await fetch(`${daemon.url}/metrics?${query}`);
    return `${response.status} ${await response.text()}`;
  };
  expect(await refusal('collect[]=nope')).toBe(
    "400 Couldn't create filtered metrics handler: couldn't create collector: missing collector: nope",
  );
  expect(await refusal('collect[]=slabinfo')).toBe(
    "400 Couldn't create filtered metrics handler: couldn't create collector: disabled collector: slabinfo",
  );
  expect(await refusal('collect[]=cpu&exclude[]=cpu')).toBe(
    '400 Combined collect and exclude queries are not allowed.\n',
  );
});

test('compresses when asked, and the stream holds the same families', async () => {
  const daemon = await startDefault();
  const { get } = await import('node:http');
  const raw = await new Promise<{ coding: string | undefined; body: Buffer }>((resolve, reject) => {
    get(`${daemon.url}/metrics`, { headers: { 'accept-encoding': 'gzip' } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ coding: response.headers['content-encoding'], body: Buffer.concat(chunks) }));
    }).on('error', reject);
  });

  expect(raw.coding).toBe('gzip');
  const plain = gunzipSync(raw.body).toString();
  expect(parseExposition(plain).length).toBeGreaterThan(200);
  expect(raw.body.length).toBeLessThan(plain.length / 4);
});

test('is ready once everything has run, and ends within a second on SIGTERM and SIGINT', async () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const daemon = await startDefault();
    await until(async () => (await fetch(`${daemon.url}/-/ready`)).status === 200, daemon.output);
    expect(await fetchText(`${daemon.url}/-/healthy`)).toBe('vitald is healthy.\n');

    const { status, ms } = await daemon.end(signal);

    expect(status).toBe(0);
    expect(ms).toBeLessThan(1000);
  }
});

test('runs collectors once, tells its plan, its collectors and its schema', async () => {
  const collected = await runCommand(['collect', 'loadavg', '--config.file=/dev/null']);
  expect(collected.status).toBe(0);
  expect(collected.output).toContain('node_load1 ');

  const plan = await runCommand(['plan']);
  expect(plan.output).toMatch(/^collector:cpu +5s +\*\/5 \* \* \* \* \* +\+\d+ ms +4000 ms +19000 ms +20\d\d-/m);
  expect((await runCommand(['collectors'])).output).toMatch(/^slabinfo +off/m);
  const schema = JSON.parse((await runCommand(['schema'])).output) as { properties: Record<string, unknown> };
  expect(Object.keys(schema.properties)).toContain('collectors');
  expect((await runCommand(['--help'])).output).toContain('check-config');
  expect((await runCommand(['run', '--help'])).output).toContain('--collector.filesystem.mount-points-exclude');
});
