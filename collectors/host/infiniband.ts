/**
 * State, speed, traffic and errors of each InfiniBand and RoCE port.
 *
 * Source  /sys/class/infiniband/DEVICE/ports/PORT (Documentation/ABI/stable/sysfs-class-infiniband): `counters`, the
 *         64-bit `counters_ext` of kernels before 4.5, and `hw_counters` of the adapter's own.
 * Units   bytes: the kernel counts data in words of four octets; bytes per second, made of the kernel's Gb/sec.
 * Labels  device, port; the info family has board, firmware and type.
 * Quirks  A counter may read `N/A (no PMA)`. The families are in infiniband/families.ts.
 */
import { defineCollector, NoDataError, type Sample } from '../../src/collector.ts';
import { includeExclude, nameFilter, z } from '../../src/config/schema.ts';
import { decimal, unsigned } from '../../src/system/numbers.ts';
import { counters, info, lifespan, physicalState, rate, state } from './infiniband/families.ts';

export const infiniband = defineCollector({
  name: 'infiniband',
  summary: 'State, speed, traffic and errors of each InfiniBand and RoCE port.',
  source: '/sys/class/infiniband',
  differences: [
    'What cannot be read or understood is left out alone, where node_exporter fails as a whole.',
    'The counters of the adapter are read whatever its driver is called; the lifespan keeps its milliseconds.',
  ],
  enabled: true,
  schedule: '15s',
  families: [info, state, physicalState, rate, lifespan, ...counters.map(({ family }) => family)],
  combinable: ['device'],
  config: z.strictObject({ ...includeExclude('device', 'InfiniBand devices') }),
  create(config, { system }) {
    const { sys } = system;
    const wanted = nameFilter(config.device_include, config.device_exclude);

    function portSamples(device: string, port: string): Sample[] {
      const folder = `class/infiniband/${device}/ports/${port}`;
      const labels = { device, port };
      const samples: Sample[] = [];
      const stateValue = parseState(sys.attribute(`${folder}/state`));
      const physicalValue = parseState(sys.attribute(`${folder}/phys_state`));
      const rateValue = parseRate(sys.attribute(`${folder}/rate`));
      const lifespanMs = unsigned(sys.attribute(`${folder}/hw_counters/lifespan`));
      if (stateValue !== undefined) samples.push(state.sample(stateValue, labels));
      if (physicalValue !== undefined) samples.push(physicalState.sample(physicalValue, labels));
      if (rateValue !== undefined) samples.push(rate.sample(rateValue, labels));
      if (lifespanMs !== undefined) samples.push(lifespan.sample(lifespanMs / 1000, labels));
      for (const { file, factor, family } of counters) {
        const value = unsigned(sys.attribute(`${folder}/${file}`));
        if (value !== undefined) samples.push(family.sample(value * factor, labels));
      }
      return samples;
    }

    return {
      collect() {
        const devices = sys.listIfPresent('class/infiniband');
        if (devices === undefined) throw new NoDataError('this host has no /sys/class/infiniband');
        return devices.filter(wanted).flatMap((device) => {
          const text = (file: string): string => sys.attribute(`class/infiniband/${device}/${file}`) ?? '';
          const labels = {
            device,
            board_id: text('board_id'),
            firmware_version: text('fw_ver'),
            hca_type: text('hca_type'),
          };
          const ports = sys.list(`class/infiniband/${device}/ports`);
          return [info.sample(1, labels)].concat(ports.flatMap((port) => portSamples(device, port)));
        });
      },
    };
  },
});

/** The number of a state such as `4: ACTIVE`. */
export function parseState(text: string | undefined): number | undefined {
  return unsigned(/^(\d+):/.exec(text ?? '')?.[1]);
}

/** Bytes per second of a rate such as `100 Gb/sec (4X EDR)`. */
export function parseRate(text: string | undefined): number | undefined {
  const gigabits = decimal(/^(\S+) Gb\/sec/.exec(text ?? '')?.[1]);
  return gigabits === undefined ? undefined : Math.trunc(gigabits * 125_000_000);
}
