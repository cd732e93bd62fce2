import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Chart } from '../../src/history/chart.ts';
import { fetchAs, openEvents, parseAs } from '../support/api-client.ts';
import {
  fetchText,
  freePort,
  programPath,
  startDaemon,
  startProgram,
  temporaryFolder,
  until,
} from '../support/program.ts';

/** A server that answers at once, or with 500 while `broken`. */
async function target(): Promise<{ url: string; state: { broken: boolean } }> {
  const state = { broken: false };
  const server = createServer((_request, response) => {
    response.statusCode = state.broken ? 500 : 200;
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, state };
}

describe('a daemon that is killed', () => {
  test('has its history up to a minute before when it starts again, and its file is whole', async () => {
    const { url, state } = await target();
    const directory = join(temporaryFolder(), 'state');
    const config = `
history: { directory: ${directory} }
defaults: { schedule: 1s }
checks:
  - { name: shop, target: "${url}", schedule: 1s }
`;
    const first = await startDaemon(config);
    await until(
      async () => (await fetchAs('CheckAnswer', `${first.url}/api/v1/check?name=shop`)).runs.strip.length > 2,
    );
    state.broken = true;
    await until(async () => (await fetchAs('CheckAnswer', `${first.url}/api/v1/check?name=shop`)).changes.length === 1);
    const file = join(directory, 'history.bin');
    await until(() => existsSync(file), first.output, 90_000);
    const before = await fetchAs('CheckAnswer', `${first.url}/api/v1/check?name=shop`);
    const chart = (await fetchAs('HostAnswer', `${first.url}/api/v1/host`)).charts.find(({ id }) => id === 'cpu')!;
    const writtenAt = statSync(file).mtimeMs;
    await first.end('SIGKILL');

    const second = await startDaemon(config);
    expect(second.output()).toContain('the history of the daemon before is in place');
    const after = await fetchAs('CheckAnswer', `${second.url}/api/v1/check?name=shop`);
    // All runs that had ended when the file was written, of those that the API told of.
    const kept = before.runs.endedAt.filter((at) => at < writtenAt - 2_000);
    expect(kept.length).toBeGreaterThan(40);
    expect(after.runs.endedAt).toEqual(expect.arrayContaining(kept.slice(-50)));
    expect(after.changes[0]).toEqual(before.changes[0]);
    const status = await fetchAs('StatusAnswer', `${second.url}/api/v1/status`);
    expect(status.history.directory).toBe(directory);
    const again = (await fetchAs('HostAnswer', `${second.url}/api/v1/host`)).charts.find(({ id }) => id === 'cpu')!;
    expect(again.times.slice(0, 8)).toEqual(chart.times.slice(0, 8));
    expect(again.series[0]!.values.slice(0, 8)).toEqual(chart.series[0]!.values.slice(0, 8));
    // It was down all the time, as far as anybody knows.
    await until(async () => {
      const { check } = await fetchAs('CheckAnswer', `${second.url}/api/v1/check?name=shop`);
      return check.state[0] === 'down' && check.sinceAt[0] === before.check.sinceAt[0];
    });
  });

  test('says so when the file is damaged, sets it aside, and serves', async () => {
    const directory = temporaryFolder();
    writeFileSync(join(directory, 'history.bin'), Buffer.from('vitald\0hgarbage that goes on for a while'));
    const daemon = await startDaemon(`history: { directory: ${directory} }`);
    expect(daemon.output()).toContain('the history cannot be used; it is set aside');
    expect(existsSync(join(directory, 'history.bin.damaged'))).toBe(true);
    expect((await fetchAs('StatusAnswer', `${daemon.url}/api/v1/status`)).history.directory).toBe(directory);
    const { status, ms } = await daemon.end();
    expect(status).toBe(0);
    expect(ms).toBeLessThan(5_000);
    expect(existsSync(join(directory, 'history.bin'))).toBe(true);
  });
});

/** Seconds of CPU that a process has used. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

describe('with 5,000 checks', () => {
  const checks = 5_000;

  test('ten open pages cost little, and all of them are told everything', async () => {
    const { url } = await target();
    const targets = Array.from({ length: checks }, (_, index) => `      - ${url}service/${index}`).join('\n');
    const daemon = await startDaemon(`
scheduling: { probe_concurrency: 64 }
checks:
  - name: service
    schedule: 30s
    targets:
${targets}
`);
    const pid = daemon.process.pid!;
    await until(
      async () => (await fetchAs('StatusAnswer', `${daemon.url}/api/v1/status`)).checks.waiting === 0,
      daemon.output,
      120_000,
    );
    const plain = await fetch(`${daemon.url}/api/v1/checks`, { headers: { 'accept-encoding': 'identity' } });
    const text = await plain.text();
    expect(text.length).toBeLessThan(2_000_000);
    expect((await parseAs('ChecksAnswer', text)).checks.name).toHaveLength(checks);

    const periodMs = 30_000;
    // After the first run of all, nothing is due before the next tick.
    await sleep(periodMs - (Date.now() % periodMs));
    /** Over a period, in which each check runs once. */
    const share = async (): Promise<number> => {
      const [cpu, at] = [cpuSeconds(pid), performance.now()];
      await sleep(periodMs);
      return ((cpuSeconds(pid) - cpu) * 1000) / (performance.now() - at);
    };
    const alone = await share();
    const streams = await Promise.all(Array.from({ length: 10 }, () => openEvents(`${daemon.url}/api/v1/events`)));
    await streams[0]!.waitFor(({ event }) => event === 'update');
    const watched = await share();
    process.stdout.write(
      `ten pages: ${((watched - alone) * 100).toFixed(1)} % of a core over ${(alone * 100).toFixed(1)} %\n`,
    );
    // Five per cent is what is to be held; the rest is for what else the machine does.
    expect(watched - alone).toBeLessThan(0.1);

    const seen = streams.map(({ events }) => {
      const updates = events.filter(({ event }) => event === 'update');
      return { ids: updates.map(({ id }) => id), bytes: updates.reduce((sum, { data }) => sum + data.length, 0) };
    });
    const common = seen[0]!.ids.slice(1, -1);
    expect(common.length).toBeGreaterThan(10);
    expect(common.length).toBeLessThan(40);
    for (const { ids } of seen) expect(ids).toEqual(expect.arrayContaining(common));
    // No more than what changed: some 170 checks a second, at a hundred bytes and a bit.
    expect((seen[0]!.bytes * 1000) / periodMs).toBeLessThan(100_000);
    const updates = await Promise.all(
      streams[0]!.events.filter(({ event }) => event === 'update').map(({ data }) => parseAs('UpdateEvent', data)),
    );
    const told = new Set(updates.flatMap(({ checks: deltas }) => deltas?.index ?? []));
    expect(told.size).toBeGreaterThan(checks / 3);
  });
});

test('the rates of a chart are what irate of a real Prometheus gives over the same samples', async () => {
  const folder = temporaryFolder();
  const start = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
  // Irregular times, two counters, resets of one or both, and a gap of more than five minutes.
  const samples: { at: number; values: [number, number] }[] = [];
  let at = start;
  let values: [number, number] = [1e6, 5e9];
  for (let index = 0; index < 60; index += 1) {
    at += index === 30 ? 400_000 : 5_000 + ((index * 7919) % 3_000);
    values = [
      index % 13 === 12 ? 17 : values[0] + ((index * 104_729) % 1_000),
      index % 20 === 19 ? 0 : values[1] + index * 1e5,
    ];
    samples.push({ at, values });
  }
  const chart = new Chart();
  for (const sample of samples) {
    chart.begin(sample.at);
    for (const [index, value] of sample.values.entries()) {
      chart.add({ name: 'read', device: `d${index}`, member: undefined, rate: true, value });
    }
    chart.end();
  }

  const lines = [0, 1].flatMap((device) =>
    samples.map((sample) => `test_read_total{device="d${device}"} ${sample.values[device]} ${sample.at / 1000}`),
  );
  const file = join(folder, 'samples.om');
  writeFileSync(file, `# TYPE test_read counter\n${lines.join('\n')}\n# EOF\n`);
  const data = join(folder, 'data');
  execFileSync(programPath('promtool'), ['tsdb', 'create-blocks-from', 'openmetrics', file, data]);
  writeFileSync(join(folder, 'prometheus.yml'), '');
  const port = await freePort();
  const prometheus = startProgram(programPath('prometheus'), [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${data}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  const api = `http://127.0.0.1:${port}/api/v1/query`;
  await until(
    async () => (await fetchText(`http://127.0.0.1:${port}/-/ready`).catch(String)).includes('Ready'),
    prometheus.output,
    30_000,
  );
  const theirs = new Map<string, (number | null)[]>([
    ['d0', []],
    ['d1', []],
  ]);
  for (const sample of samples) {
    const query = `${api}?query=${encodeURIComponent('irate(test_read_total[5m])')}&time=${sample.at / 1000}`;
    const { data: answer } = JSON.parse(await fetchText(query)) as {
      data: { result: { metric: { device: string }; value: [number, string] }[] };
    };
    for (const [device, column] of theirs) {
      const found = answer.result.find(({ metric }) => metric.device === device)?.value[1];
      column.push(found === undefined ? null : Number(Number(found).toPrecision(6)));
    }
  }
  for (const { device, values: ours } of chart.since(-Infinity).series) {
    const rates = Array.from(ours, (value) => (Number.isNaN(value) ? null : Number(value.toPrecision(6))));
    expect(rates).toEqual(theirs.get(device!));
    // The first sample has no rate, nor has the one after the gap.
    expect(rates.filter((rate) => rate === null)).toHaveLength(2);
  }
});
