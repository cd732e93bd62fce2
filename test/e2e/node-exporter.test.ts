import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { compareExpositions, type Comparison } from '../../scripts/compare-expositions.ts';
import { nodeExporterExceptions } from '../../scripts/node-exporter-exceptions.ts';
import { parseExposition } from '../../src/exposition/parse.ts';
import { fetchText, freePort, programPath, startDaemon, startProgram, until } from '../support/program.ts';

// Debian's build has other defaults than the program it is made from: these are the originals'.
const originalDefaults = [
  '--collector.filesystem.mount-points-exclude=^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)',
  '--collector.diskstats.device-exclude=^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$',
  '--collector.netdev.device-exclude=',
  '--no-collector.systemd',
];

// What both have beside what is on by default in both.
const alsoOn = [
  'buddyinfo',
  'cgroups',
  'drbd',
  'interrupts',
  'ksmd',
  'lnstat',
  'meminfo_numa',
  'mountstats',
  'processes',
  'slabinfo',
  'tcpstat',
  'zoneinfo',
];

/** Both programs side by side on the same trees, every collector of vitald once a second. */
async function compareSideBySide(collectors: readonly string[], shared: readonly string[]): Promise<Comparison> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/metrics`;
  const names = collectors.map((name) => `--collector.${name}`);
  const exporter = startProgram(programPath('prometheus-node-exporter'), [
    `--web.listen-address=127.0.0.1:${port}`,
    ...shared,
    ...names,
  ]);
  const scrape = async (from: string) => parseExposition(await fetchText(from));
  const served = await until(() => scrape(url).catch(() => undefined), exporter.output);
  // Every collector that the other tells of, at the same pace.
  const all = served
    .flatMap(({ samples }) => samples)
    .flatMap(({ labels, family }) => (family.name === 'node_scrape_collector_success' ? [labels['collector']!] : []))
    .filter((name) => name !== 'rapl' && name !== 'systemd');
  const daemon = await startDaemon(
    `collectors: { disable_defaults: true, ${all.map((name) => `${name}: { schedule: 1s }`).join(', ')} }`,
    shared.filter((flag) => flag !== '--no-collector.systemd'),
  );
  const scrapes = [await scrape(url)];
  for (let round = 0; round < 4; round += 1) {
    await sleep(1000);
    scrapes.push(await scrape(url));
  }
  const other = await scrape(`${daemon.url}/metrics`);
  scrapes.push(await scrape(url));
  return compareExpositions(scrapes, other, nodeExporterExceptions);
}

test('serves every family of node_exporter on this host with its type, help, labels and series', async () => {
  const { compared, series, values, differences } = await compareSideBySide(alsoOn, originalDefaults);

  process.stdout.write(`beside node_exporter: ${compared} families, ${series} series, ${values} standing values\n`);
  expect(differences).toEqual([]);
  expect(compared).toBeGreaterThan(250);
  expect(values).toBeGreaterThan(200);
});
