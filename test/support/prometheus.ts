/** A real Prometheus that scrapes daemons under test every second. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ruleFiles } from '../../scripts/prometheus-rules.ts';
import { fetchText, freePort, programPath, startProgram, temporaryFolder, until } from './program.ts';

/** A sample of an answer: its labels, and its time and value. */
export interface Answer {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** A Prometheus that runs. */
export interface TestedPrometheus {
  /** What an instant query gives; fails where Prometheus does not understand it. */
  query(expression: string): Promise<readonly Answer[]>;
  /** What a path below `/api/v1/` answers. */
  ask<T>(path: string): Promise<T>;
  output(): string;
}

/** Copies of the rules that are evaluated every second, and whose alerts fire at once. */
export function hurriedRules(): string[] {
  const folder = temporaryFolder();
  return ruleFiles().map(({ name, path }) => {
    const copy = join(folder, name);
    writeFileSync(copy, readFileSync(path, 'utf8').replaceAll(/^ +(?:for|interval): .*\n/gm, ''));
    return copy;
  });
}

/** Starts one and waits until it has scraped. */
export async function startPrometheus({
  job = 'vitald',
  target,
  rules = [],
  alertmanager,
}: {
  job?: string;
  /** The URL of the daemon. */
  target: string;
  rules?: readonly string[];
  /** The address of an Alertmanager. */
  alertmanager?: string;
}): Promise<TestedPrometheus> {
  const folder = temporaryFolder();
  const port = await freePort();
  const file = join(folder, 'prometheus.yml');
  const alerting = { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] };
  writeFileSync(
    file,
    stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: rules,
      scrape_configs: [{ job_name: job, static_configs: [{ targets: [new URL(target).host] }] }],
      ...(alertmanager === undefined ? {} : { alerting }),
    }),
  );
  const { output } = startProgram(programPath('prometheus'), [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  const ask = async <T>(path: string): Promise<T> => {
    const text = await fetchText(`http://127.0.0.1:${port}/api/v1/${path}`);
    const { data, error } = JSON.parse(text) as { data: T; error?: string };
    if (error !== undefined) throw new Error(`${error}: ${decodeURIComponent(path)}`);
    return data;
  };
  const waiting = { last: '' };
  await until(
    async () => {
      waiting.last = await fetchText(`http://127.0.0.1:${port}/api/v1/targets`).catch(String);
      return waiting.last.includes('"health":"up"');
    },
    () => `${waiting.last}\n${output()}`,
    30_000,
  );
  return {
    ask,
    output,
    async query(expression) {
      const { result } = await ask<{ result: Answer[] }>(`query?query=${encodeURIComponent(expression)}`);
      return result;
    },
  };
}
