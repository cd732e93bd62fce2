/**
 * Pressure stall information: time lost while tasks waited for CPU, memory, I/O or interrupt handling.
 *
 * Source  /proc/pressure/{cpu,io,memory,irq} (Documentation/accounting/psi.rst), since Linux 4.20, irq since 6.1. `some`:
 *         at least one task waited. `full`: all did; for the CPU of the whole host that is always 0, so it is not served.
 *         irq has `full` only.
 * Units   microseconds in the file, seconds as served.
 */
import {
  CollectError,
  counter,
  defineCollector,
  type Family,
  malformed,
  NoDataError,
  type Sample,
} from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';

const cpuWaiting = counter(
  'node_pressure_cpu_waiting_seconds_total',
  'Total time in seconds that processes have waited for CPU time',
);
const ioWaiting = counter(
  'node_pressure_io_waiting_seconds_total',
  'Total time in seconds that processes have waited due to IO congestion',
);
const ioStalled = counter(
  'node_pressure_io_stalled_seconds_total',
  'Total time in seconds no process could make progress due to IO congestion',
);
const memoryWaiting = counter(
  'node_pressure_memory_waiting_seconds_total',
  'Total time in seconds that processes have waited for memory',
);
const memoryStalled = counter(
  'node_pressure_memory_stalled_seconds_total',
  'Total time in seconds no process could make progress due to memory congestion',
);
const irqStalled = counter(
  'node_pressure_irq_stalled_seconds_total',
  'Total time in seconds no process could make progress due to IRQ congestion',
);

const resources: readonly { name: string; some?: Family; full?: Family }[] = [
  { name: 'cpu', some: cpuWaiting },
  { name: 'io', some: ioWaiting, full: ioStalled },
  { name: 'memory', some: memoryWaiting, full: memoryStalled },
  { name: 'irq', full: irqStalled },
];

export const pressure = defineCollector({
  name: 'pressure',
  summary: 'Pressure stall information: time lost while tasks waited for CPU, memory, I/O or interrupts.',
  source: '/proc/pressure',
  differences: [
    'What a kernel does not tell of one resource costs that alone; node_exporter then leaves out the resources after it.',
  ],
  enabled: true,
  families: [cpuWaiting, ioWaiting, ioStalled, memoryWaiting, memoryStalled, irqStalled],
  config: z.strictObject({}),
  create(_config, { system }) {
    function read(resource: string): string | undefined {
      try {
        return system.proc.readIfPresent(`pressure/${resource}`)?.toString('utf8');
      } catch (error) {
        if (isDisabled(error)) throw new NoDataError('pressure information is off; boot with psi=1 to turn it on');
        throw error;
      }
    }
    return {
      collect() {
        const samples: Sample[] = [];
        let found = false;
        for (const resource of resources) {
          const text = read(resource.name);
          if (text === undefined) continue;
          found = true;
          for (const kind of ['some', 'full'] as const) {
            const family = resource[kind];
            const total = totalOf(text, kind);
            if (family !== undefined && total !== undefined) samples.push(family.sample(total / 1000 / 1000));
          }
        }
        if (!found) throw new NoDataError('no pressure information: needs Linux 4.20 with CONFIG_PSI');
        if (samples.length === 0) throw malformed('pressure', 'no total');
        return samples;
      },
    };
  },
});

/** With psi=0 the files exist, but reading them fails so. */
function isDisabled(error: unknown): boolean {
  const cause = error instanceof CollectError ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOTSUP' || cause.code === 'EOPNOTSUPP');
}

/** The microseconds of a line such as `some avg10=0.00 avg60=0.31 avg300=0.35 total=12215957`. */
function totalOf(text: string, kind: 'some' | 'full'): number | undefined {
  const total = (kind === 'some' ? /^some .*\btotal=(\d+)\n/m : /^full .*\btotal=(\d+)\n/m).exec(text)?.[1];
  return total === undefined ? undefined : Number(total);
}
