import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fetchText, freePort, startProgram, temporaryFolder, until } from '../support/program.ts';

const checkCount = 500;
const reloadCount = 200;
const warmUp = 50;
const scrapesPerSecond = 50;
const clients = 10;

/** A server that answers at once. */
async function fastServer(): Promise<{ url: string; served: () => number }> {
  let served = 0;
  const server = createServer((_request, response) => {
    served += 1;
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, served: () => served };
}

/** The lines of one family, found without reading the rest of a large text. */
function series(text: string, family: string): Map<string, number> {
  const from = text.indexOf(`# TYPE ${family} `);
  if (from === -1) return new Map();
  const start = text.indexOf('\n', from) + 1;
  const end = text.indexOf('\n#', start);
  return new Map(
    text
      .slice(start, end === -1 ? undefined : end)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

function resources(pid: number): { descriptors: number; megabytes: number } {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { descriptors: readdirSync(`/proc/${pid}/fd`).length, megabytes: Number(kilobytes) / 1024 };
}

test('200 reloads, half of them broken, under 50 scrapes a second and 500 checks lose nothing', async () => {
  const target = await fastServer();
  const folder = temporaryFolder();
  const file = join(folder, 'vitald.yml');
  const targets = Array.from({ length: checkCount }, (_, index) => `      - ${target.url}${index}`).join('\n');
  // What each good config has and the next one has not: a check, a collector's option, a schedule.
  const good = (turn: number) => `
web: { enable_lifecycle: true }
collectors:
  disable_defaults: true
  loadavg: { schedule: 1s }
  stat: { schedule: ${turn % 2 === 0 ? '1s' : '2s'} }
checks:
  - name: steady
    schedule: 5s
    targets:
${targets}
  - { name: turn-${turn}, target: "${target.url}turn", schedule: 1h, labels: { turn: "${turn}" } }
  - { name: moving, target: "${target.url}moving", schedule: ${turn % 4 === 0 ? '10s' : '15s'} }
`;
  const broken = [
    (turn: number) => good(turn).replace('schedule: 5s', 'shedule: 5s'),
    (turn: number) => `${good(turn)}\n  - [`,
    (turn: number) => good(turn).replace('schedule: 1h,', 'schedule: 1h, module: none,'),
    (turn: number) => good(turn).replace('schedule: 1h,', `schedule: 1h, depends_on: [turn-${turn}],`),
  ];
  writeFileSync(file, good(0));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const daemon = startProgram(process.execPath, [
    // As the unit starts it; without these garbage makes memory look larger than it is.
    '--max-semi-space-size=1',
    '--optimize-for-size',
    new URL('../../dist/vitald.js', import.meta.url).pathname,
    'run',
    `--config.file=${file}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  await until(() => daemon.output().includes('vitald is serving'), daemon.output);
  const steady = (text: string, family: string) =>
    [...series(text, family)].filter(([name]) => name.includes('check="steady/'));
  await until(async () => {
    const found = steady(await fetchText(`${url}/metrics`), 'probe_success');
    return found.length === checkCount && found.every(([, value]) => value === 1);
  }, daemon.output);

  const faults: string[] = [];
  const times: number[] = [];
  const scraping = new AbortController();
  const check = (text: string, status: number, last: Map<string, number>): void => {
    const fault = (what: string): void => void (faults.length < 10 && faults.push(`scrape ${times.length}: ${what}`));
    if (status !== 200 || text === '') fault(`status ${status}, ${text.length} bytes`);
    if (steady(text, 'probe_success').length !== checkCount) fault('a series of probe_success is missing');
    if (!text.includes('\nnode_load1 ') || !text.includes('\nnode_boot_time_seconds ')) fault('a collector is missing');
    if (!text.includes('\nprobe_success{check="moving"} ')) fault('the check that moves between schedules is missing');
    const counters = [
      ...steady(text, 'vitald_check_probes_total'),
      ...[...series(text, 'vitald_collector_runs_total')].filter(([name]) => name.includes('loadavg')),
    ];
    if (counters.length !== checkCount + 6) fault(`${counters.length} counters`);
    for (const [name, value] of counters) {
      if (value < (last.get(name) ?? 0)) fault(`${name} fell from ${last.get(name)} to ${value}`);
      last.set(name, value);
    }
  };
  // Each client asks one thing after the other, so that what it sees is in order; together they keep the beat.
  const client = async (number: number): Promise<void> => {
    const last = new Map<string, number>();
    const beat = (1000 * clients) / scrapesPerSecond;
    for (let due = performance.now() + (beat * number) / clients; !scraping.signal.aborted; due += beat) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      const from = performance.now();
      try {
        const response = await fetch(`${url}/metrics`);
        const text = await response.text();
        times.push(performance.now() - from);
        check(text, response.status, last);
      } catch (error) {
        faults.push(`a scrape failed: ${String(error)}`);
      }
    }
  };
  const scrapers = Array.from({ length: clients }, (_, number) => client(number));

  const began = performance.now();
  let refused = 0;
  let before = { descriptors: 0, megabytes: 0 };
  for (let turn = 1; turn <= reloadCount; turn += 1) {
    const isBroken = turn % 2 === 1;
    writeFileSync(file, isBroken ? broken[Math.floor(turn / 2) % broken.length]!(turn) : good(turn));
    const response = await fetch(`${url}/-/reload`, { method: 'POST' });
    const text = await response.text();
    if (response.status !== (isBroken ? 500 : 200)) faults.push(`reload ${turn}: ${response.status} ${text}`);
    refused += response.status === 500 ? 1 : 0;
    if (turn === warmUp) before = resources(daemon.process.pid!);
    await new Promise((resolve) => setTimeout(resolve, 80));
  }
  scraping.abort();
  await Promise.all(scrapers);
  const seconds = (performance.now() - began) / 1000;
  const after = resources(daemon.process.pid!);

  times.sort((a, b) => a - b);
  const at = (part: number): string => times[Math.floor(times.length * part)]!.toFixed(0);
  process.stdout.write(
    `${reloadCount} reloads (${refused} refused) in ${seconds.toFixed(1)} s, ${times.length} scrapes ` +
      `(p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${times.at(-1)!.toFixed(0)} ms), ${target.served()} probes; ` +
      `descriptors ${before.descriptors} to ${after.descriptors}, ` +
      `memory ${before.megabytes.toFixed(0)} to ${after.megabytes.toFixed(0)} MB\n`,
  );
  expect(faults).toEqual([]);
  expect(refused).toBe(reloadCount / 2);
  // A busy machine may not keep the beat; what is lost of it was not asked.
  expect(times.length).toBeGreaterThan(seconds * scrapesPerSecond * 0.4);
  // Connections of scrapes and probes under way come and go.
  expect(after.descriptors).toBeLessThan(before.descriptors + 40);
  expect(after.megabytes).toBeLessThan(before.megabytes + 25);
  const text = await fetchText(`${url}/metrics`);
  const turns = [...series(text, 'probe_success').keys()].filter((name) => name.includes('turn-'));
  expect(turns).toEqual([`probe_success{check="turn-${reloadCount}",turn="${reloadCount}"}`]);
  expect(series(text, 'vitald_config_last_reload_successful').get('vitald_config_last_reload_successful')).toBe(1);
});

test('SIGHUP loads the configuration anew, and a bad one changes nothing', async () => {
  const file = join(temporaryFolder(), 'vitald.yml');
  writeFileSync(file, 'collectors: { disable_defaults: true, loadavg: true }');
  const port = await freePort();
  const daemon = startProgram(process.execPath, [
    new URL('../../dist/vitald.js', import.meta.url).pathname,
    'run',
    `--config.file=${file}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  await until(() => daemon.output().includes('vitald is serving'), daemon.output);
  const scrape = () => fetchText(`http://127.0.0.1:${port}/metrics`);

  writeFileSync(file, 'collectors: { disable_defaults: true, loadavg: true, stat: true }');
  daemon.process.kill('SIGHUP');
  await until(async () => (await scrape()).includes('node_boot_time_seconds'), daemon.output);

  writeFileSync(file, 'collectors: { disable_defaults: true, loadavgg: true }');
  daemon.process.kill('SIGHUP');
  await until(async () => (await scrape()).includes('vitald_config_last_reload_successful 0'), daemon.output);

  expect(await scrape()).toContain('node_boot_time_seconds');
  expect(daemon.output()).toContain('did you mean');
  expect((await daemon.end('SIGTERM')).status).toBe(0);
});
