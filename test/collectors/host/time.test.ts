import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { time } from '../../../collectors/host/time.ts';
import { expose, failing, fixedClock, start, systemOf, text } from '../../support/expose.ts';
import { sceneFolder, sceneOf } from '../../support/scene.ts';

const clock = fixedClock(1_700_000_000_123);

/** A table of one type and no transitions. */
function emptyTable(): Buffer {
  const header = Buffer.alloc(44);
  header.write('TZif2');
  header.writeUInt32BE(1, 36); // types
  header.writeUInt32BE(4, 40); // characters of names
  return Buffer.concat([header, Buffer.alloc(6), Buffer.from('LMT\0')]);
}

/** A zone file of version 2 of which only the rule at its end says anything. */
function zoneFile(rule: string): Buffer {
  return Buffer.concat([emptyTable(), emptyTable(), Buffer.from(`\n${rule}\n`)]);
}

/** The series of the zone, without the heads. */
async function zoneOf(host: string): Promise<string[]> {
  const scrape = await expose(time, systemOf(host, { clock }));
  return scrape.split('\n').filter((line) => line.startsWith('node_time_zone'));
}

test('reports the time, the zone and the clocksources', async () => {
  const scrape = await expose(time, systemOf(sceneFolder('rich-server', ['time']), { clock }));

  expect(scrape).toBe(text`
    # HELP node_time_clocksource_available_info Available clocksources read from '/sys/devices/system/clocksource'.
    # TYPE node_time_clocksource_available_info gauge
    node_time_clocksource_available_info{clocksource="tsc",device="0"} 1
    node_time_clocksource_available_info{clocksource="hpet",device="0"} 1
    node_time_clocksource_available_info{clocksource="acpi_pm",device="0"} 1
    # HELP node_time_clocksource_current_info Current clocksource read from '/sys/devices/system/clocksource'.
    # TYPE node_time_clocksource_current_info gauge
    node_time_clocksource_current_info{clocksource="tsc",device="0"} 1
    # HELP node_time_seconds System time in seconds since epoch (1970).
    # TYPE node_time_seconds gauge
    node_time_seconds 1700000000.123
    # HELP node_time_zone_offset_seconds System time zone offset in seconds.
    # TYPE node_time_zone_offset_seconds gauge
    node_time_zone_offset_seconds{time_zone="UTC"} 0
  `);
});

test('reports the abbreviation of the zone and its offset', async () => {
  const host = sceneOf('=/ etc');
  writeFileSync(join(host, 'etc/localtime'), zoneFile('CET-1CEST,M3.5.0,M10.5.0/3'));

  expect(await zoneOf(host)).toEqual(['node_time_zone_offset_seconds{time_zone="CET"} 3600']);
});

test('follows an absolute link below the root of the host, not below its own', async () => {
  const host = sceneOf('=/ etc');
  mkdirSync(join(host, 'usr/share/zones'), { recursive: true });
  symlinkSync('/usr/share/zones/Somewhere', join(host, 'etc/localtime'));
  writeFileSync(join(host, 'usr/share/zones/Somewhere'), zoneFile('<-03>3'));

  expect(await zoneOf(host)).toEqual(['node_time_zone_offset_seconds{time_zone="-03"} -10800']);
});

test('takes a link to a missing UTC for UTC, and reports no zone for any other', async () => {
  expect(await zoneOf(sceneOf('=> etc/localtime -> /usr/share/zoneinfo/Etc/UTC'))).toEqual([
    'node_time_zone_offset_seconds{time_zone="UTC"} 0',
  ]);
  expect(await zoneOf(sceneOf('=> etc/localtime -> /usr/share/zoneinfo/Europe/Berlin'))).toEqual([]);
});

test('reports no zone where its file says none', async () => {
  expect(await zoneOf(sceneOf('== etc/localtime\ngarbage'))).toEqual([]);
  expect(await zoneOf(sceneOf('=/ etc/localtime'))).toEqual([]);
});

test('loses one unreadable attribute only', async () => {
  const system = systemOf(sceneFolder('rich-server', ['time']), { clock });
  const sys = failing(system.sys, { 'devices/system/clocksource/clocksource0/available_clocksource': 'EIO' });

  const scrape = await expose(time, { ...system, sys });

  expect(scrape).not.toContain('available');
  expect(scrape).toContain('node_time_clocksource_current_info{clocksource="tsc",device="0"} 1\n');
});

test('reads the zone and the clocksources once a minute, and the time at each run', async () => {
  const moving = fixedClock(1_700_000_000_123);
  const folder = sceneOf(`
== sys/devices/system/clocksource/clocksource0/current_clocksource
tsc
`);
  const exposed = start(time, systemOf(folder, { clock: moving }));
  const told = async () => {
    const scrape = await exposed.scrape();
    return [/^node_time_seconds (.*)$/m.exec(scrape)![1], /current_info{clocksource="(\w+)"/.exec(scrape)![1]];
  };
  const first = await told();
  writeFileSync(join(folder, 'sys/devices/system/clocksource/clocksource0/current_clocksource'), 'hpet\n');
  moving.advance(59_000);
  const soon = await told();
  moving.advance(1000);

  expect([first, soon, await told()]).toEqual([
    ['1700000000.123', 'tsc'],
    ['1700000059.123', 'tsc'],
    ['1700000060.123', 'hpet'],
  ]);
});
