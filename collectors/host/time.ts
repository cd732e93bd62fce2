/**
 * The clock of the host: its time, its time zone, and the hardware that it is kept by.
 *
 * Source  the clock; etc/localtime below the root file system, a compiled time zone (RFC 9636), where its absence means
 *         UTC; /sys/devices/system/clocksource (Documentation/ABI/testing/sysfs-devices-system-clocksource).
 * Labels  time_zone: the abbreviation that holds now, such as "CET" or "-03". device: number of the clocksource device.
 */
import { defineCollector, gauge, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { Derived } from '../../src/system/derived.ts';
import { Held } from '../../src/system/held.ts';
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

const settingsHoldMs = 60_000;

export const time = defineCollector({
  name: 'time',
  summary: 'The time of the host, its time zone and its clocksources.',
  source: '/etc/localtime, /sys/devices/system/clocksource',
  differences: [
    "The time zone is the host's /etc/localtime, not the TZ variable of the daemon or its container's zone.",
    'The time zone and the clocksources are read once a minute.',
  ],
  enabled: true,
  families: [now, zoneOffset, available, current],
  config: z.strictObject({}),
  create(_config, { system }) {
    const { clock, rootfs, sys } = system;
    const settings = new Held<Settings>(clock);

    function readSettings(): Settings {
      const devices = sys.list(folder).flatMap((name) => /^clocksource(\d+)$/.exec(name)?.slice(1) ?? []);
      return {
        zone: readZone(rootfs),
        zoneTime: new Derived(),
        clocksources: devices.flatMap((device) => [...clocksources(sys, device)]),
      };
    }

    return {
      collect() {
        const held = settings.value ?? settings.keep(readSettings(), settingsHoldMs);
        const seconds = clock.now() / 1000;
        const samples: Sample[] = [now.sample(seconds)];
        // Summer time begins and ends with a minute.
        const zone = held.zoneTime.of(Math.floor(seconds / 60), () => zoneAt(held.zone, seconds));
        if (zone !== undefined) samples.push(zoneOffset.sample(zone.offsetSeconds, { time_zone: zone.abbreviation }));
        for (const sample of held.clocksources) samples.push(sample);
        return samples;
      },
    };
  },
});

/** What an operator sets, or the kernel once it finds a clock to be bad. */
interface Settings {
  readonly zone: ZoneFile;
  /** What the zone says of a minute since 1970. */
  readonly zoneTime: Derived<number, ZoneTime | undefined>;
  readonly clocksources: readonly Sample[];
}

function* clocksources(sys: Tree, device: string): Generator<Sample> {
  const path = `${folder}/clocksource${device}`;
  for (const clocksource of new Set(words(sys.attribute(`${path}/available_clocksource`) ?? ''))) {
    yield available.sample(1, { device, clocksource });
  }
  const clocksource = sys.attribute(`${path}/current_clocksource`);
  if (clocksource !== undefined) yield current.sample(1, { device, clocksource });
}

const utc: ZoneTime = { abbreviation: 'UTC', offsetSeconds: 0 };

/** What the file of a time zone holds; undefined where it cannot be read. */
type ZoneFile = Buffer | 'UTC' | undefined;

/** What /etc/localtime is. */
function readZone(rootfs: Tree): ZoneFile {
  // The link is absolute on many hosts; followed by the kernel it would leave a root that is mounted elsewhere.
  const target = rootfs.link('etc/localtime');
  const path = target?.startsWith('/') === true ? target.slice(1) : 'etc/localtime';
  // Slim images link to a UTC that they do not have; any other zone that is missing is unknown.
  if (!rootfs.exists(path)) return target === undefined || target.endsWith('/UTC') ? 'UTC' : undefined;
  try {
    // A copy, as it outlives the next read.
    return Buffer.from(rootfs.read(path));
  } catch {
    // The zone is one fact of several; without it the others are still served.
    return undefined;
  }
}

/** What it says for a moment; summer time begins and ends within one file. */
function zoneAt(file: ZoneFile, seconds: number): ZoneTime | undefined {
  if (file === undefined) return undefined;
  if (file === 'UTC') return utc;
  try {
    return zoneTimeAt(file, seconds);
  } catch {
    // As above.
    return undefined;
  }
}
