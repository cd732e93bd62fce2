/**
 * The clock of the host: its time, its time zone, and the hardware that it is kept by.
 *
 * Source  the clock; etc/localtime below the root file system, a compiled time zone (RFC 9636), where its absence means
 *         UTC; /sys/devices/system/clocksource (Documentation/ABI/testing/sysfs-devices-system-clocksource).
 * Labels  time_zone: the abbreviation that holds now, such as "CET" or "-03". device: number of the clocksource device.
 */
import { defineCollector, gauge, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { words } from '../../src/system/numbers.ts';
import type { Tree } from '../../src/system/tree.ts';
import { zoneTimeAt, type ZoneTime } from './time-zone.ts';

const now = gauge('node_time_seconds', 'System time in seconds since epoch (1970).');
const zoneOffset = gauge('node_time_zone_offset_seconds', 'System time zone offset in seconds.', ['time_zone']);
const available = gauge(
  'node_time_clocksource_available_info',
  "Available clocksources read from '/sys/devices/system/clocksource'.",
  ['device', 'clocksource'],
);
const current = gauge(
  'node_time_clocksource_current_info',
  "Current clocksource read from '/sys/devices/system/clocksource'.",
  ['device', 'clocksource'],
);

const folder = 'devices/system/clocksource';

export const time = defineCollector({
  name: 'time',
  summary: 'The time of the host, its time zone and its clocksources.',
  source: '/etc/localtime, /sys/devices/system/clocksource',
  differences: [
    "The time zone is the host's /etc/localtime, not the TZ variable of the daemon or its container's zone.",
  ],
  enabled: true,
  families: [now, zoneOffset, available, current],
  config: z.strictObject({}),
  create(_config, { system }) {
    return {
      collect() {
        const seconds = system.clock.now() / 1000;
        const samples: Sample[] = [now.sample(seconds)];
        const zone = zoneOfHost(system.rootfs, seconds);
        if (zone !== undefined) samples.push(zoneOffset.sample(zone.offsetSeconds, { time_zone: zone.abbreviation }));
        for (const name of system.sys.list(folder)) {
          const device = /^clocksource(\d+)$/.exec(name)?.[1];
          if (device !== undefined) samples.push(...clocksources(system.sys, device));
        }
        return samples;
      },
    };
  },
});

function* clocksources(sys: Tree, device: string): Generator<Sample> {
  const path = `${folder}/clocksource${device}`;
  for (const clocksource of new Set(words(sys.attribute(`${path}/available_clocksource`) ?? ''))) {
    yield available.sample(1, { device, clocksource });
  }
  const clocksource = sys.attribute(`${path}/current_clocksource`);
  if (clocksource !== undefined) yield current.sample(1, { device, clocksource });
}

const utc: ZoneTime = { abbreviation: 'UTC', offsetSeconds: 0 };

/** What /etc/localtime says for a moment; undefined where it cannot be read. */
function zoneOfHost(rootfs: Tree, seconds: number): ZoneTime | undefined {
  // The link is absolute on many hosts; followed by the kernel it would leave a root that is mounted elsewhere.
  const target = rootfs.link('etc/localtime');
  const path = target?.startsWith('/') === true ? target.slice(1) : 'etc/localtime';
  // Slim images link to a UTC that they do not have; any other zone that is missing is unknown.
  if (!rootfs.exists(path)) return target === undefined || target.endsWith('/UTC') ? utc : undefined;
  try {
    return zoneTimeAt(rootfs.read(path), seconds);
  } catch {
    // The zone is one fact of several; without it the others are still served.
    return undefined;
  }
}
