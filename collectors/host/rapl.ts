/**
 * Energy that processor packages, cores and memory used, as the processor counts it (RAPL).
 *
 * Source  /sys/class/powercap/ZONE/{name,energy_uj} (Documentation/power/powercap/powercap.rst); energy_uj is for root
 *         only since 5.10, as its timing gives keys away.
 * Units   microjoules in the kernel, served as joules; the counter wraps at max_energy_range_uj.
 * Labels  index: the number at the end of a zone's name, as in "package-1", else a count of the zones of that name;
 *         path: the folder of the zone.
 */
import {
  CollectError,
  counter,
  defineCollector,
  familiesByKey,
  NoDataError,
  type Sample,
} from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { unsigned } from '../../src/system/numbers.ts';
import { metricNamePart } from './metric-name.ts';

const head = (zone: string) => ({
  name: `node_rapl_${metricNamePart(zone)}_joules_total`,
  help: `Current RAPL ${zone} value in joules`,
});
const labelled = counter('node_rapl_joules_total', 'Current RAPL value in joules', ['index', 'path', 'rapl_zone']);

export const rapl = defineCollector({
  name: 'rapl',
  summary: 'Energy that processor packages, cores and memory used, as the processor counts it.',
  source: '/sys/class/powercap',
  differences: ['A zone that cannot be read loses that zone; node_exporter loses the rest as well.'],
  enabled: true,
  schedule: '15s',
  families: [
    counter('node_rapl_<zone>_joules_total', 'Current RAPL <zone> value in joules', ['index', 'path']),
    labelled,
  ],
  config: z.strictObject({
    enable_zone_label: z
      .boolean()
      .default(false)
      .describe('Serve one family, node_rapl_joules_total, with the zone as the label rapl_zone.'),
  }),
  create(config, { system: { sys } }) {
    const families = familiesByKey('counter', head, ['index', 'path']);
    return {
      collect() {
        const entries = sys.listIfPresent('class/powercap');
        if (entries === undefined) throw new NoDataError('this processor offers no energy counters');
        const samples: Sample[] = [];
        const nextIndex = new Map<string, number>();
        let forbidden = false;
        for (const entry of entries) {
          const folder = `class/powercap/${entry}`;
          const name = sys.attribute(`${folder}/name`);
          if (name === undefined) continue;
          const { zone, index = nextIndex.get(name) ?? 0 } = splitZoneName(name);
          nextIndex.set(zone, index + 1);
          let text: string;
          try {
            text = sys.text(`${folder}/energy_uj`);
          } catch (error) {
            forbidden ||= error instanceof CollectError && error.code === 'SOURCE_FORBIDDEN';
            continue;
          }
          const microjoules = unsigned(text.trim());
          if (microjoules === undefined) continue;
          const joules = microjoules / 1_000_000;
          const labels = { index: String(index), path: sys.path(folder) };
          samples.push(
            config.enable_zone_label
              ? labelled.sample(joules, { ...labels, rapl_zone: zone })
              : families(zone).sample(joules, labels),
          );
        }
        if (samples.length === 0 && forbidden) throw new NoDataError('the energy counters are for root only');
        return samples;
      },
    };
  },
});

/** The name of a zone without the number at its end: "package-1" is zone "package", index 1. */
export function splitZoneName(name: string): { zone: string; index?: number } {
  const [, zone, digits] = /^([^-]*)-(\d+)$/.exec(name) ?? [];
  const index = unsigned(digits);
  return zone === undefined || index === undefined ? { zone: name } : { zone, index };
}
