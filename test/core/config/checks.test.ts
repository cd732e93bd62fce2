import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { CheckConfig } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { smallRegistry } from '../../support/registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'vitald-checks-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The checks of a config, by name. */
async function checksOf(text: string): Promise<Map<string, CheckConfig>> {
  const file = join(folder, 'vitald.yml');
  writeFileSync(file, text);
  const { checks } = await loadConfig({ file, environment: {}, platform: 'linux' }, smallRegistry);
  return new Map(checks.map((check) => [check.name, check]));
}

const module = `
modules:
  shop:
    prober: http
    timeout: 7s
    http:
      method: HEAD
      valid_status_codes: [200]
      headers: { Accept: text/html }
`;

describe('a check', () => {
  test('is probed with http_2xx at the default schedule, and goes stale after three periods and a timeout', async () => {
    const checks = await checksOf('defaults: { schedule: 30s }\nchecks: [{ name: a, target: https://a.example }]\n');

    expect(checks.get('a')).toMatchObject({
      target: 'https://a.example',
      module: { name: 'http_2xx', prober: { name: 'http' }, options: { method: 'GET' } },
      schedule: { expression: '*/30 * * * * *' },
      timeoutMs: 5_000,
      staleAfterMs: 95_000,
      labels: {},
    });
  });

  test('takes the timeout of its module unless it has its own', async () => {
    const checks = await checksOf(`${module}
checks:
  - { name: a, target: a.example, module: shop }
  - { name: b, target: b.example, module: shop, timeout: 1s, schedule: 1m, stale_after: 10m, labels: { team: web } }
`);

    expect(checks.get('a')).toMatchObject({ timeoutMs: 7_000 });
    expect(checks.get('b')).toMatchObject({
      timeoutMs: 1_000,
      schedule: { expression: '0 */1 * * * *' },
      staleAfterMs: 600_000,
      labels: { team: 'web' },
    });
  });

  test('has five seconds where its module says nothing, or nothing but zero', async () => {
    const checks = await checksOf(`
modules: { silent: { prober: http }, zero: { prober: http, timeout: 0s } }
checks:
  - { name: a, target: a.example, module: silent }
  - { name: b, target: b.example, module: zero }
`);

    expect([...checks.values()].map(({ timeoutMs }) => timeoutMs)).toEqual([5_000, 5_000]);
  });

  test('keeps its place in the order of the file', async () => {
    const checks = await checksOf(
      'checks: [{ name: z, target: z }, { name: a, targets: [m, b] }, { name: k, target: k }]\n',
    );

    expect([...checks.keys()]).toEqual(['z', 'a/m', 'a/b', 'k']);
  });
});

describe('a list of targets', () => {
  test('makes a check of each, named after it without user, password and query', async () => {
    const checks = await checksOf(`
checks:
  - name: shops
    labels: { team: web }
    targets: ["https://u:hunter2@a.example/x?token=hunter2#y", "b.example:25"]
`);

    expect([...checks].map(([name, { target, labels }]) => [name, target, labels])).toEqual([
      ['shops/https://a.example/x', 'https://u:hunter2@a.example/x?token=hunter2#y', { team: 'web' }],
      ['shops/b.example:25', 'b.example:25', { team: 'web' }],
    ]);
  });
});

describe('options that are laid over the module', () => {
  test('replace those that they name, for this check only', async () => {
    const checks = await checksOf(`${module}
checks:
  - { name: a, target: a.example, module: shop, http: { method: POST, headers: { X-Trace: vitald } } }
  - { name: b, target: b.example, module: shop }
`);

    expect(checks.get('a')?.module).toMatchObject({
      name: 'shop',
      options: { method: 'POST', valid_status_codes: [200], headers: { 'X-Trace': 'vitald' } },
    });
    expect(checks.get('b')?.module.options).toMatchObject({ method: 'HEAD', headers: { Accept: 'text/html' } });
  });

  test('may stand over the module that is there without being named', async () => {
    const checks = await checksOf('checks: [{ name: a, target: a.example, http: { method: HEAD } }]\n');

    expect(checks.get('a')?.module.options).toMatchObject({ method: 'HEAD', valid_status_codes: [] });
  });

  test('make a module of its own; checks without them share theirs', async () => {
    const checks = await checksOf(`${module}
checks:
  - { name: a, target: a.example, module: shop }
  - { name: b, target: b.example, module: shop }
  - { name: c, target: c.example, module: shop, http: {} }
`);

    expect(checks.get('a')?.module).toBe(checks.get('b')?.module);
    expect(checks.get('c')?.module).not.toBe(checks.get('a')?.module);
  });
});
