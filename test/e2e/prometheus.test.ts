import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { fetchText, programPath, startDaemon, until } from '../support/program.ts';
import { startPrometheus } from '../support/prometheus.ts';

test('a real Prometheus scrapes it, and PromQL gives rates and the health of endpoints', async () => {
  const daemon = await startDaemon(`
defaults: { schedule: 1s }
collectors: { cpu: { schedule: 1s } }
checks:
  - { name: refused, target: "http://127.0.0.1:1/", schedule: 1s }
`);
  const { query, output } = await startPrometheus({ target: daemon.url });

  // All modes of all CPUs add up to one second a second for each CPU.
  const share = 'sum(rate(node_cpu_seconds_total[10s])) / count(count by (cpu) (node_cpu_seconds_total))';
  const rate = await until(
    async () => {
      const [first] = await query(share);
      return Number(first?.value[1]) > 0.7 ? first : undefined;
    },
    output,
    30_000,
  );
  expect(Number(rate.value[1])).toBeLessThan(1.3);
  const success = await query('probe_success{check="refused"}');
  expect(success[0]?.value[1]).toBe('0');
  const failures = await query('vitald_check_failures_total{check="refused",reason="connect"}');
  expect(Number(failures[0]?.value[1])).toBeGreaterThan(0);
  expect((await query('scrape_samples_scraped > 300')).length).toBe(1);
});

test('promtool finds nothing to say about the families that are vitald’s own', async () => {
  const daemon = await startDaemon('checks: [ { name: refused, target: "http://127.0.0.1:1/", schedule: 1s } ]');
  const text = await until(async () => {
    const scraped = await fetchText(`${daemon.url}/metrics`);
    return scraped.includes('probe_success') ? scraped : undefined;
  }, daemon.output);

  let findings = '';
  try {
    execFileSync(programPath('promtool'), ['check', 'metrics'], { input: text, encoding: 'utf8' });
  } catch (error) {
    findings = String((error as { stderr?: string }).stderr) + String((error as { stdout?: string }).stdout);
  }

  const ours = findings.split('\n').filter((line) => /^(?:vitald_|nodejs_|process_|error)/.test(line));
  expect(ours).toEqual([]);
});
