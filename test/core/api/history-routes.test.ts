import { join } from 'node:path';
import { expect, test } from 'vitest';
import { config, modules, started } from '../../support/api-daemon.ts';
import { fetchAs } from '../../support/api-client.ts';
import { until } from '../../support/program.ts';

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
