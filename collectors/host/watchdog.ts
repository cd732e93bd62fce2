/**
 * Hardware watchdogs: their time-outs, the time left, and what they are.
 *
 * Source  /sys/class/watchdog/NAME/ (Documentation/ABI/testing/sysfs-class-watchdog).
 * Labels  name: the kernel's, such as "watchdog0".
 * Quirks  A driver offers only some attributes; timeleft fails with EINVAL or EOPNOTSUPP while a watchdog is inactive.
 */
import { defineCollector, gauge, NoDataError, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import type { Tree } from '../../src/system/index.ts';
import { integer } from '../../src/system/numbers.ts';

/** A family and the file that it is read from. */
function measure(file: string, name = file) {
  return {
    file,
    family: gauge(`node_watchdog_${name}`, `Value of /sys/class/watchdog/<watchdog>/${file}`, ['name']),
  };
}

const measures = [
  measure('bootstatus'),
  measure('fw_version'),
  measure('nowayout'),
  measure('timeleft', 'timeleft_seconds'),
  measure('timeout', 'timeout_seconds'),
  measure('pretimeout', 'pretimeout_seconds'),
  measure('access_cs0'),
];

const info = gauge('node_watchdog_info', 'Info of /sys/class/watchdog/<watchdog>', [
  'name',
  'options',
  'identity',
  'state',
  'status',
  'pretimeout_governor',
]);

export const watchdog = defineCollector({
  name: 'watchdog',
  summary: 'Hardware watchdogs: their time-outs, the time left, and what they are.',
  source: '/sys/class/watchdog',
  differences: ['An attribute that cannot be read loses that attribute; node_exporter loses every watchdog.'],
  enabled: true,
  schedule: '15s',
  families: [...measures.map(({ family }) => family), info],
  config: z.strictObject({}),
  create(_config, { system: { sys } }) {
    return {
      collect() {
        const names = sys.listIfPresent('class/watchdog');
        if (names === undefined) throw new NoDataError('this host has no watchdog class');
        return names.flatMap((name) => samplesOf(sys, name));
      },
    };
  },
});

function samplesOf(sys: Tree, name: string): Sample[] {
  const read = (file: string): string | undefined => sys.attribute(`class/watchdog/${name}/${file}`);
  const samples: Sample[] = [];
  for (const { file, family } of measures) {
    const value = integer(read(file));
    if (value !== undefined) samples.push(family.sample(value, { name }));
  }
  samples.push(
    info.sample(1, {
      name,
      options: read('options') ?? '',
      identity: read('identity') ?? '',
      state: read('state') ?? '',
      status: read('status') ?? '',
      pretimeout_governor: read('pretimeout_governor') ?? '',
    }),
  );
  return samples;
}
