import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cpu } from '../../../collectors/host/cpu.ts';
import { expose, failing, start, systemOf, text, tornSystemOf } from '../../support/expose.ts';
import { handClock } from '../../support/hand-clock.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

/** A host of which only /proc/stat is known. */
const hostWith = (...lines: readonly string[]): string => sceneOf(`== proc/stat\n${lines.join('\n')}`);

function setTimes(host: string, ...lines: readonly string[]): void {
  writeFileSync(join(host, 'proc/stat'), `${lines.join('\n')}\n`);
}

/** The series whose name and labels match, without the heads. */
function series(scrape: string, wanted: RegExp): string[] {
  return scrape.split('\n').filter((line) => !line.startsWith('#') && wanted.test(line));
}

test('reports times, throttling, isolation and which CPUs are online', async () => {
  const scrape = await expose(cpu, sceneFolder('rich-server', ['cpu', 'stat']));

  expect(scrape).toBe(text`
    # HELP node_cpu_core_throttles_total Number of times this CPU core has been throttled.
    # TYPE node_cpu_core_throttles_total counter
    node_cpu_core_throttles_total{core="0",package="0"} 0
    node_cpu_core_throttles_total{core="1",package="0"} 17
    node_cpu_core_throttles_total{core="0",package="1"} 4
    node_cpu_core_throttles_total{core="1",package="1"} 9007199254740992
    # HELP node_cpu_guest_seconds_total Seconds the CPUs spent in guests (VMs) for each mode.
    # TYPE node_cpu_guest_seconds_total counter
    node_cpu_guest_seconds_total{cpu="0",mode="user"} 12003.44
    node_cpu_guest_seconds_total{cpu="0",mode="nice"} 33.21
    node_cpu_guest_seconds_total{cpu="1",mode="user"} 12001.01
    node_cpu_guest_seconds_total{cpu="1",mode="nice"} 33.22
    node_cpu_guest_seconds_total{cpu="2",mode="user"} 12004.12
    node_cpu_guest_seconds_total{cpu="2",mode="nice"} 33.2
    node_cpu_guest_seconds_total{cpu="3",mode="user"} 12005.19
    node_cpu_guest_seconds_total{cpu="3",mode="nice"} 33.21
    # HELP node_cpu_isolated Whether each core is isolated, information from /sys/devices/system/cpu/isolated.
    # TYPE node_cpu_isolated gauge
    node_cpu_isolated{cpu="3"} 1
    # HELP node_cpu_online CPUs that are online and being scheduled.
    # TYPE node_cpu_online gauge
    node_cpu_online{cpu="0"} 1
    node_cpu_online{cpu="1"} 1
    node_cpu_online{cpu="2"} 1
    node_cpu_online{cpu="3"} 1
    # HELP node_cpu_package_throttles_total Number of times this CPU package has been throttled.
    # TYPE node_cpu_package_throttles_total counter
    node_cpu_package_throttles_total{package="0"} 31
    node_cpu_package_throttles_total{package="1"} 8
    # HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.
    # TYPE node_cpu_seconds_total counter
    node_cpu_seconds_total{cpu="0",mode="user"} 501203.44
    node_cpu_seconds_total{cpu="0",mode="nice"} 812.33
    node_cpu_seconds_total{cpu="0",mode="system"} 182301.21
    node_cpu_seconds_total{cpu="0",mode="idle"} 9022334.12
    node_cpu_seconds_total{cpu="0",mode="iowait"} 12033.44
    node_cpu_seconds_total{cpu="0",mode="irq"} 0
    node_cpu_seconds_total{cpu="0",mode="softirq"} 4022.11
    node_cpu_seconds_total{cpu="0",mode="steal"} 0
    node_cpu_seconds_total{cpu="1",mode="user"} 492300.12
    node_cpu_seconds_total{cpu="1",mode="nice"} 1120.07
    node_cpu_seconds_total{cpu="1",mode="system"} 181044.22
    node_cpu_seconds_total{cpu="1",mode="idle"} 9018700.77
    node_cpu_seconds_total{cpu="1",mode="iowait"} 13030.07
    node_cpu_seconds_total{cpu="1",mode="irq"} 0
    node_cpu_seconds_total{cpu="1",mode="softirq"} 4011.17
    node_cpu_seconds_total{cpu="1",mode="steal"} 0
    node_cpu_seconds_total{cpu="2",mode="user"} 496148.32
    node_cpu_seconds_total{cpu="2",mode="nice"} 1203.45
    node_cpu_seconds_total{cpu="2",mode="system"} 183942.1
    node_cpu_seconds_total{cpu="2",mode="idle"} 9019061.11
    node_cpu_seconds_total{cpu="2",mode="iowait"} 11044.1
    node_cpu_seconds_total{cpu="2",mode="irq"} 0
    node_cpu_seconds_total{cpu="2",mode="softirq"} 4029.16
    node_cpu_seconds_total{cpu="2",mode="steal"} 0
    node_cpu_seconds_total{cpu="3",mode="user"} 498002.44
    node_cpu_seconds_total{cpu="3",mode="nice"} 1176.22
    node_cpu_seconds_total{cpu="3",mode="system"} 182017.58
    node_cpu_seconds_total{cpu="3",mode="idle"} 9021026.33
    node_cpu_seconds_total{cpu="3",mode="iowait"} 12026.16
    node_cpu_seconds_total{cpu="3",mode="irq"} 0
    node_cpu_seconds_total{cpu="3",mode="softirq"} 4026
    node_cpu_seconds_total{cpu="3",mode="steal"} 0.07
  `);
});

test('leaves out guest time on request', async () => {
  const scrape = await expose(cpu, hostWith('cpu0 1 2 3 4 5 6 7 8 9 10'), { guest: false });

  expect(scrape).toBe(text`
    # HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.
    # TYPE node_cpu_seconds_total counter
    node_cpu_seconds_total{cpu="0",mode="user"} 0.01
    node_cpu_seconds_total{cpu="0",mode="nice"} 0.02
    node_cpu_seconds_total{cpu="0",mode="system"} 0.03
    node_cpu_seconds_total{cpu="0",mode="idle"} 0.04
    node_cpu_seconds_total{cpu="0",mode="iowait"} 0.05
    node_cpu_seconds_total{cpu="0",mode="irq"} 0.06
    node_cpu_seconds_total{cpu="0",mode="softirq"} 0.07
    node_cpu_seconds_total{cpu="0",mode="steal"} 0.08
  `);
});

test('reports only the modes that the kernel counts', async () => {
  const scrape = await expose(cpu, hostWith('cpu0 100 0 50 900'));

  expect(series(scrape, /./)).toEqual([
    'node_cpu_seconds_total{cpu="0",mode="user"} 1',
    'node_cpu_seconds_total{cpu="0",mode="nice"} 0',
    'node_cpu_seconds_total{cpu="0",mode="system"} 0.5',
    'node_cpu_seconds_total{cpu="0",mode="idle"} 9',
  ]);
});

test('reports the model, the frequency, and the flags and bugs that match', async () => {
  const scrape = await expose(cpu, sceneFolder('rich-server', ['cpu', 'stat']), {
    info_flags_include: '^(aes|avx.?)$',
    info_bugs_include: 'spectre',
  });

  expect(series(scrape, /_(info|hertz)\{/)).toEqual([
    'node_cpu_bug_info{bug="spectre_v1"} 1',
    'node_cpu_bug_info{bug="spectre_v2"} 1',
    'node_cpu_flag_info{flag="aes"} 1',
    'node_cpu_flag_info{flag="avx"} 1',
    'node_cpu_flag_info{flag="avx2"} 1',
    'node_cpu_frequency_hertz{core="0",cpu="0",package="0"} 2900000000',
    'node_cpu_frequency_hertz{core="1",cpu="1",package="0"} 3100117000',
    'node_cpu_frequency_hertz{core="0",cpu="2",package="1"} 2899998000',
    'node_cpu_frequency_hertz{core="1",cpu="3",package="1"} 1200000000',
    ...[
      ['0', '0', '0'],
      ['0', '1', '1'],
      ['1', '0', '2'],
      ['1', '1', '3'],
    ].map(
      ([packageId, core, number]) =>
        `node_cpu_info{cachesize="24576 KB",core="${core}",cpu="${number}",family="6",microcode="0xd0003b9",model="106",` +
        `model_name="Intel(R) Xeon(R) Gold 6326 CPU @ 2.90GHz",package="${packageId}",stepping="6",vendor="GenuineIntel"} 1`,
    ),
  ]);
});

test('reports no flags or bugs where none were asked for', async () => {
  const scrape = await expose(cpu, sceneFolder('rich-server', ['cpu', 'stat']), {
    info: true,
    info_flags_include: '',
    info_bugs_include: '',
  });

  expect(series(scrape, /^node_cpu_info/)).toHaveLength(4);
  expect(scrape).not.toMatch(/flag_info|bug_info/);
});

test('serves an empty label for what an ARM board does not tell, and no frequency of 0', async () => {
  const scrape = await expose(cpu, sceneFolder('arm-board', ['cpu']), { info: true });

  expect(series(scrape, /_(info|hertz|online|throttles_total|isolated)\b/)).toEqual([
    'node_cpu_info{cachesize="",core="",cpu="0",family="",microcode="",model="",model_name="",package="",stepping="",vendor=""} 1',
    'node_cpu_info{cachesize="",core="",cpu="1",family="",microcode="",model="",model_name="",package="",stepping="",vendor=""} 1',
    'node_cpu_online{cpu="0"} 1',
    'node_cpu_online{cpu="1"} 1',
  ]);
});

test('keeps the highest value of a counter that falls a little', async () => {
  const host = hostWith('cpu0 100 0 0 5000 700 0 0 0 0 0');
  const exposed = start(cpu, host);
  await exposed.scrape();

  setTimes(host, 'cpu0 101 0 0 4701 650 0 0 0 0 0');
  const fallen = await exposed.scrape();
  setTimes(host, 'cpu0 102 0 0 5001 701 0 0 0 0 0');
  const risen = await exposed.scrape();
  exposed.close();

  expect(series(fallen, /user"|idle|iowait/)).toEqual([
    'node_cpu_guest_seconds_total{cpu="0",mode="user"} 0',
    'node_cpu_seconds_total{cpu="0",mode="user"} 1.01',
    'node_cpu_seconds_total{cpu="0",mode="idle"} 50',
    'node_cpu_seconds_total{cpu="0",mode="iowait"} 7',
  ]);
  expect(series(risen, /idle|iowait/)).toEqual([
    'node_cpu_seconds_total{cpu="0",mode="idle"} 50.01',
    'node_cpu_seconds_total{cpu="0",mode="iowait"} 7.01',
  ]);
});

test('starts a CPU anew whose idle time falls by 3 seconds, and leaves the others alone', async () => {
  const host = hostWith('cpu0 100 0 0 5000 700 0 0 0 0 0', 'cpu1 100 0 0 5000 700 0 0 0 0 0');
  const exposed = start(cpu, host);
  await exposed.scrape();

  setTimes(host, 'cpu0 1 0 0 4700 2 0 0 0 0 0', 'cpu1 99 0 0 5001 699 0 0 0 0 0');
  const scrape = await exposed.scrape();
  exposed.close();

  expect(series(scrape, /seconds_total\{cpu=".",mode="(idle|iowait)"/)).toEqual([
    'node_cpu_seconds_total{cpu="0",mode="idle"} 47',
    'node_cpu_seconds_total{cpu="0",mode="iowait"} 0.02',
    'node_cpu_seconds_total{cpu="1",mode="idle"} 50.01',
    'node_cpu_seconds_total{cpu="1",mode="iowait"} 7',
  ]);
});

test('forgets a CPU that goes offline, and its counts with it', async () => {
  const both = ['cpu0 1 0 0 100 0 0 0 0 0 0', 'cpu1 900 0 0 100 0 0 0 0 0 0'] as const;
  const host = hostWith(...both);
  const exposed = start(cpu, host);
  await exposed.scrape();

  setTimes(host, both[0]);
  const without = await exposed.scrape();
  setTimes(host, both[0], 'cpu1 5 0 0 99 0 0 0 0 0 0');
  const back = await exposed.scrape();
  exposed.close();

  expect(without).not.toContain('cpu="1"');
  expect(series(back, /node_cpu_seconds_total\{cpu="1",mode="user"/)).toEqual([
    'node_cpu_seconds_total{cpu="1",mode="user"} 0.05',
  ]);
});

test('tells which CPU is offline, and notices when it comes back', async () => {
  const host = sceneOf(`
== proc/stat
cpu0 1 0 0 1
== sys/devices/system/cpu/online
0,2-3
== sys/devices/system/cpu/present
0-3
=/ sys/devices/system/cpu/cpu0
=/ sys/devices/system/cpu/cpu1
=/ sys/devices/system/cpu/cpu2
=/ sys/devices/system/cpu/cpu10
=/ sys/devices/system/cpu/cpufreq
`);
  const exposed = start(cpu, host);
  const before = await exposed.scrape();
  writeFileSync(join(host, 'sys/devices/system/cpu/online'), '0-3,10\n');
  const after = await exposed.scrape();
  exposed.close();

  expect(series(before, /online/)).toEqual([
    'node_cpu_online{cpu="0"} 1',
    'node_cpu_online{cpu="1"} 0',
    'node_cpu_online{cpu="2"} 1',
    'node_cpu_online{cpu="10"} 0',
  ]);
  expect(series(after, /online/).map((line) => line.slice(-1))).toEqual(['1', '1', '1', '1']);
});

test('counts throttling once for each core and package, from the first CPU that has the count', async () => {
  const host = sceneOf('== proc/stat\ncpu0 1 0 0 1');
  for (const number of [0, 1, 2]) {
    const folder = join(host, `sys/devices/system/cpu/cpu${number}`);
    mkdirSync(join(folder, 'topology'), { recursive: true });
    mkdirSync(join(folder, 'thermal_throttle'));
    writeFileSync(join(folder, 'topology/physical_package_id'), '0\n');
    writeFileSync(join(folder, 'topology/core_id'), number === 2 ? '4\n' : '0\n');
    writeFileSync(join(folder, 'thermal_throttle/core_throttle_count'), `${10 + number}\n`);
  }
  rmSync(join(host, 'sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count'));

  const scrape = await expose(cpu, host);

  expect(series(scrape, /throttles/)).toEqual([
    'node_cpu_core_throttles_total{core="0",package="0"} 11',
    'node_cpu_core_throttles_total{core="4",package="0"} 12',
  ]);
});

test('asks the CPU that comes first in the alphabet of names, and the next one where that tells nothing', async () => {
  const host = sceneOf('== proc/stat\ncpu0 1 0 0 1');
  for (const [number, count] of Object.entries({ 0: '', 2: '2\n', 10: '10\n' })) {
    const folder = join(host, `sys/devices/system/cpu/cpu${number}`);
    mkdirSync(join(folder, 'topology'), { recursive: true });
    mkdirSync(join(folder, 'thermal_throttle'));
    writeFileSync(join(folder, 'topology/physical_package_id'), '0\n');
    writeFileSync(join(folder, 'topology/core_id'), '1\n');
    writeFileSync(join(folder, 'thermal_throttle/core_throttle_count'), count);
  }

  expect(series(await expose(cpu, host), /throttles/)).toEqual([
    'node_cpu_core_throttles_total{core="1",package="0"} 10',
  ]);
});

test('asks each CPU whether it is online where no list tells', async () => {
  const host = sceneOf(`== proc/stat
cpu0 1 0 0 1
== sys/devices/system/cpu/cpu1/online
1
== sys/devices/system/cpu/cpu2/online
0
=/ sys/devices/system/cpu/cpu0`);

  expect(series(await expose(cpu, host), /_online/)).toEqual([
    'node_cpu_online{cpu="1"} 1',
    'node_cpu_online{cpu="2"} 0',
  ]);
});

test('loses one unreadable attribute only', async () => {
  const system = systemOf(sceneFolder('rich-server', ['cpu', 'stat']));
  const sys = failing(system.sys, { 'devices/system/cpu/cpu1/thermal_throttle/core_throttle_count': 'EIO' });

  const scrape = await expose(cpu, { ...system, sys });

  expect(series(scrape, /core_throttles/)).toHaveLength(3);
  expect(series(scrape, /node_cpu_seconds_total/)).toHaveLength(32);
});

test('says which file is missing', async () => {
  await expect(expose(cpu, sceneOf(''))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
});

test.each([
  ['no CPU', 'intr 5\n'],
  ['only the sum', 'cpu  1 2 3 4\n'],
  ['too few fields', 'cpu0 1 2 3\n'],
  ['a field that is no number', 'cpu0 1 2 x 4\n'],
  ['a negative number', 'cpu0 1 2 -3 4\n'],
  ['a name that is no number', 'cpux 1 2 3 4\n'],
])('refuses a file with %s', async (_what, content) => {
  const host = sceneOf('=/ proc');
  writeFileSync(join(host, 'proc/stat'), content);

  await expect(expose(cpu, host)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
});

test('leaves out the CPU of a last line that is cut short', async () => {
  const host = sceneOf('=/ proc');
  writeFileSync(join(host, 'proc/stat'), 'cpu0 1 2 3 4\ncpu1 1 2 3 4');

  const scrape = await expose(cpu, tornSystemOf(host));

  expect(scrape).toContain('node_cpu_seconds_total{cpu="0",mode="idle"} 0.04');
  expect(scrape).not.toContain('cpu="1"');
});

test('reads every 15 seconds how often CPUs were throttled, and at once when CPUs come or go', async () => {
  const clock = handClock();
  const cpu0 = 'sys/devices/system/cpu/cpu0';
  const folder = sceneOf(`
== proc/stat
cpu0 1 2 3 4
== sys/devices/system/cpu/online
0
== ${cpu0}/topology/physical_package_id
0
== ${cpu0}/topology/core_id
0
== ${cpu0}/thermal_throttle/core_throttle_count
1
`);
  const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
  const exposed = start(cpu, systemOf(folder, { clock }));
  const count = async () => /core_throttles_total{.*} (\d+)/.exec(await exposed.scrape())?.[1];
  const first = await count();
  write(`${cpu0}/thermal_throttle/core_throttle_count`, '2\n');
  clock.advance(14_999);
  const soon = await count();
  clock.advance(1);
  const later = await count();
  write(`${cpu0}/thermal_throttle/core_throttle_count`, '3\n');
  write('sys/devices/system/cpu/online', '0-1\n');

  expect([first, soon, later, await count()]).toEqual(['1', '1', '2', '3']);
});
