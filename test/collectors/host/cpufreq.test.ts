import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cpufreq } from '../../../collectors/host/cpufreq.ts';
import { contextOf, expose, failing, start, systemOf, text } from '../../support/expose.ts';
import { handClock } from '../../support/hand-clock.ts';
import { sceneFolder, sceneOf, unpackTree } from '../../support/scene.ts';

test('reports frequencies, limits and governors', async () => {
  const scrape = await expose(cpufreq, sceneFolder('rich-server', ['cpufreq']));

  expect(scrape).toBe(text`
    # HELP node_cpu_frequency_avg_hertz Average CPU thread frequency in hertz.
    # TYPE node_cpu_frequency_avg_hertz gauge
    node_cpu_frequency_avg_hertz{cpu="0"} 2899000000
    node_cpu_frequency_avg_hertz{cpu="1"} 3100117000
    node_cpu_frequency_avg_hertz{cpu="2"} 2899998000
    node_cpu_frequency_avg_hertz{cpu="3"} 1200000000
    # HELP node_cpu_frequency_max_hertz Maximum CPU thread frequency in hertz.
    # TYPE node_cpu_frequency_max_hertz gauge
    node_cpu_frequency_max_hertz{cpu="0"} 3500000000
    node_cpu_frequency_max_hertz{cpu="1"} 3500000000
    node_cpu_frequency_max_hertz{cpu="2"} 3500000000
    node_cpu_frequency_max_hertz{cpu="3"} 3500000000
    # HELP node_cpu_frequency_min_hertz Minimum CPU thread frequency in hertz.
    # TYPE node_cpu_frequency_min_hertz gauge
    node_cpu_frequency_min_hertz{cpu="0"} 800000000
    node_cpu_frequency_min_hertz{cpu="1"} 800000000
    node_cpu_frequency_min_hertz{cpu="2"} 800000000
    node_cpu_frequency_min_hertz{cpu="3"} 800000000
    # HELP node_cpu_scaling_frequency_hertz Current scaled CPU thread frequency in hertz.
    # TYPE node_cpu_scaling_frequency_hertz gauge
    node_cpu_scaling_frequency_hertz{cpu="0"} 2900000000
    node_cpu_scaling_frequency_hertz{cpu="1"} 3100117000
    node_cpu_scaling_frequency_hertz{cpu="2"} 2899998000
    node_cpu_scaling_frequency_hertz{cpu="3"} 1200000000
    # HELP node_cpu_scaling_frequency_max_hertz Maximum scaled CPU thread frequency in hertz.
    # TYPE node_cpu_scaling_frequency_max_hertz gauge
    node_cpu_scaling_frequency_max_hertz{cpu="0"} 3500000000
    node_cpu_scaling_frequency_max_hertz{cpu="1"} 3500000000
    node_cpu_scaling_frequency_max_hertz{cpu="2"} 3500000000
    node_cpu_scaling_frequency_max_hertz{cpu="3"} 3500000000
    # HELP node_cpu_scaling_frequency_min_hertz Minimum scaled CPU thread frequency in hertz.
    # TYPE node_cpu_scaling_frequency_min_hertz gauge
    node_cpu_scaling_frequency_min_hertz{cpu="0"} 800000000
    node_cpu_scaling_frequency_min_hertz{cpu="1"} 800000000
    node_cpu_scaling_frequency_min_hertz{cpu="2"} 800000000
    node_cpu_scaling_frequency_min_hertz{cpu="3"} 1200000000
    # HELP node_cpu_scaling_governor Current enabled CPU frequency governor.
    # TYPE node_cpu_scaling_governor gauge
    node_cpu_scaling_governor{cpu="0",governor="performance"} 1
    node_cpu_scaling_governor{cpu="0",governor="powersave"} 0
    node_cpu_scaling_governor{cpu="1",governor="performance"} 1
    node_cpu_scaling_governor{cpu="1",governor="powersave"} 0
    node_cpu_scaling_governor{cpu="2",governor="performance"} 1
    node_cpu_scaling_governor{cpu="2",governor="powersave"} 0
    node_cpu_scaling_governor{cpu="3",governor="performance"} 0
    node_cpu_scaling_governor{cpu="3",governor="powersave"} 1
  `);
});

test('gives CPUs that share a policy its values, and leaves out those that are offline', async () => {
  const scrape = await expose(cpufreq, sceneFolder('arm-board', ['cpufreq']));

  expect(scrape).toContain(text`
    # TYPE node_cpu_frequency_hertz gauge
    node_cpu_frequency_hertz{cpu="0"} 1800000000
    node_cpu_frequency_hertz{cpu="1"} 1800000000
    node_cpu_frequency_hertz{cpu="2"} 1800000000
  `);
  expect(scrape).toContain('\nnode_cpu_scaling_governor{cpu="2",governor="ondemand"} 1\n');
  expect(scrape).toContain('\nnode_cpu_scaling_governor{cpu="2",governor="schedutil"} 0\n');
  expect(scrape).not.toContain('cpu="3"');
});

test('reads a policy once, however many CPUs share it', async () => {
  const system = systemOf(sceneFolder('arm-board', ['cpufreq']));
  const read: string[] = [];
  const sys = {
    ...system.sys,
    attribute(path: string) {
      read.push(path);
      return system.sys.attribute(path);
    },
  };

  await expose(cpufreq, { ...system, sys });

  expect(read.filter((path) => path.endsWith('scaling_cur_freq'))).toHaveLength(1);
});

test('loses one unreadable attribute only', async () => {
  const system = systemOf(sceneFolder('rich-server', ['cpufreq']));
  const sys = failing(system.sys, {
    'devices/system/cpu/cpu1/cpufreq/scaling_cur_freq': 'EBUSY',
    'devices/system/cpu/cpu1/cpufreq/scaling_available_governors': 'EBUSY',
  });

  const scrape = await expose(cpufreq, { ...system, sys });

  expect(scrape.match(/^node_cpu_scaling_frequency_hertz/gm)).toHaveLength(3);
  expect(scrape.match(/^node_cpu_scaling_governor{cpu="1".*/gm)).toEqual([
    'node_cpu_scaling_governor{cpu="1",governor="performance"} 1',
  ]);
});

test('takes no number from text that is none', async () => {
  const scrape = await expose(
    cpufreq,
    sceneOf(`
== sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_cur_freq
<unknown>
== sys/devices/system/cpu/cpu0/cpufreq/scaling_min_freq

== sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq
1000
`),
  );

  expect(scrape).toBe(text`
    # HELP node_cpu_scaling_frequency_max_hertz Maximum scaled CPU thread frequency in hertz.
    # TYPE node_cpu_scaling_frequency_max_hertz gauge
    node_cpu_scaling_frequency_max_hertz{cpu="0"} 1000000
  `);
});

test('reports nothing on a host whose CPUs have one frequency', async () => {
  expect(await expose(cpufreq, sceneOf('=/ sys/devices/system/cpu/cpu0'))).toBe('');
});

test('stops at the deadline', async () => {
  const system = systemOf(sceneFolder('rich-server', ['cpufreq']));
  const collector = cpufreq.create({}, contextOf(system));

  await expect(collector.collect(AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
});

test('finds a CPU that was plugged in between runs', async () => {
  const host = sceneOf('== sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq\n5');
  const exposed = start(cpufreq, host);
  const before = await exposed.scrape();
  unpackTree('== sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq\n6', host);
  const after = await exposed.scrape();
  exposed.close();

  expect(before.match(/^node_/gm)).toHaveLength(1);
  expect(after.match(/^node_/gm)).toHaveLength(2);
});

test('reads frequencies at each run, and limits and governors once a minute', async () => {
  const clock = handClock();
  const folder = sceneOf(`
== sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq
5
== sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq
7
`);
  const write = (file: string, text: string) =>
    writeFileSync(join(folder, 'sys/devices/system/cpu/cpu0/cpufreq', file), text);
  const exposed = start(cpufreq, systemOf(folder, { clock }));
  const values = async () => (await exposed.scrape()).match(/(?<=} )\d+$/gm);
  const first = await values();
  write('scaling_cur_freq', '6');
  write('scaling_max_freq', '8');
  write('cpuinfo_max_freq', '9');
  const soon = await values();
  clock.advance(60_000);
  const later = await values();

  expect(first).toEqual(['5000', '7000']);
  expect(soon).toEqual(['6000', '7000']);
  expect(later).toEqual(['9000', '6000', '8000']);
});
