import { expect, test } from 'vitest';
import { CollectError } from '../../../src/collector.ts';
import { rapl, splitZoneName } from '../../../collectors/host/rapl.ts';
import { expose, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';
import type { System } from '../../../src/system/index.ts';

const server = sceneFolder('rich-server', ['rapl']);

/** A scrape with paths as on the host itself. */
async function scrape(host: string | System, options = {}): Promise<string> {
  return (await expose(rapl, host, options)).replaceAll(`${server}/sys`, '/sys');
}

/** The server, where reading the energy of some zones fails. */
function refusing(code: 'SOURCE_FORBIDDEN' | 'SOURCE_UNREADABLE', zones: RegExp): System {
  const host = systemOf(server);
  const sys = {
    ...host.sys,
    text(path: string) {
      if (path.endsWith('energy_uj') && zones.test(path)) throw new CollectError(code, path);
      return host.sys.text(path);
    },
  };
  return { ...host, sys };
}

test('reports joules by zone, and counts zones of one name', async () => {
  expect(await scrape(server)).toBe(text`
    # HELP node_rapl_dram_joules_total Current RAPL dram value in joules
    # TYPE node_rapl_dram_joules_total counter
    node_rapl_dram_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0:0"} 118821.284256
    node_rapl_dram_joules_total{index="1",path="/sys/class/powercap/intel-rapl:1:0"} 9007199254.740992
    # HELP node_rapl_package_joules_total Current RAPL package value in joules
    # TYPE node_rapl_package_joules_total counter
    node_rapl_package_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0"} 240422.366267
    node_rapl_package_joules_total{index="1",path="/sys/class/powercap/intel-rapl:1"} 262143.328849
  `);
});

test('serves one family with a label for the zone where that is asked for', async () => {
  expect(await scrape(server, { enable_zone_label: true })).toBe(text`
    # HELP node_rapl_joules_total Current RAPL value in joules
    # TYPE node_rapl_joules_total counter
    node_rapl_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0",rapl_zone="package"} 240422.366267
    node_rapl_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0:0",rapl_zone="dram"} 118821.284256
    node_rapl_joules_total{index="1",path="/sys/class/powercap/intel-rapl:1",rapl_zone="package"} 262143.328849
    node_rapl_joules_total{index="1",path="/sys/class/powercap/intel-rapl:1:0",rapl_zone="dram"} 9007199254.740992
  `);
});

test('loses only the zone that cannot be read', async () => {
  const lines = (await scrape(refusing('SOURCE_UNREADABLE', /intel-rapl:0\//))).split('\n');

  expect(lines.filter((line) => line.startsWith('node_rapl_package'))).toEqual([
    'node_rapl_package_joules_total{index="1",path="/sys/class/powercap/intel-rapl:1"} 262143.328849',
  ]);
});

test('has no data where the counters are for root only', async () => {
  await expect(scrape(refusing('SOURCE_FORBIDDEN', /./))).rejects.toThrow('for root only');
});

test('has no data on a processor without the counters', async () => {
  await expect(scrape(sceneOf(''))).rejects.toThrow('no energy counters');
});

test('takes a torn counter for an absent one', async () => {
  const torn = sceneOf('== sys/class/powercap/a/name\npsys\n== sys/class/powercap/a/energy_uj\n12x\n');

  expect(await scrape(torn)).toBe('');
});

test.each([
  ['package-1', { zone: 'package', index: 1 }],
  ['dram', { zone: 'dram' }],
  ['package-0-die-1', { zone: 'package-0-die-1' }],
  ['intel-tcc', { zone: 'intel-tcc' }],
])('splits the name %s', (name, parts) => {
  expect(splitZoneName(name)).toEqual(parts);
});
