/** The processors: what they are, how many, and their caches. */
import { gauge, type Family, type FamilyHead, type Sample } from '../../../src/collector.ts';
import { fact, known } from './facts.ts';
import type { Inquiry } from './inquiry.ts';

const info = gauge('vitald_cpu_info', 'The processor, as it describes itself.', [
  'manufacturer',
  'brand',
  'vendor',
  'family',
  'model',
  'stepping',
  'revision',
  'socket',
]);
const processors = gauge('vitald_cpu_processors', 'Processors, each a package in a socket.');
const physicalCores = gauge('vitald_cpu_physical_cores', 'Cores, each counted once however many threads it runs.');
const logicalCores = gauge('vitald_cpu_logical_cores', 'Cores as the operating system counts them, threads included.');
const coresOfKind = gauge('vitald_cpu_cores_of_kind', 'Physical cores by kind, where a processor has several kinds.', [
  'kind',
]);
const speedMax = gauge('vitald_cpu_speed_max_hertz', 'The highest clock rate of the processor.');
const cache = gauge('vitald_cpu_cache_bytes', 'Size of a cache of the processor, as the system states it.', ['cache']);

/** What this file serves. */
export const processorFamilies: readonly FamilyHead[] = [
  info,
  processors,
  physicalCores,
  logicalCores,
  coresOfKind,
  speedMax,
  cache,
];

/** The processors. */
export async function processor({ ask }: Inquiry): Promise<Sample[]> {
  const cpu = await ask('cpu');
  const samples = [
    info.sample(1, {
      manufacturer: fact(cpu.manufacturer),
      brand: fact(cpu.brand),
      vendor: fact(cpu.vendor),
      family: fact(cpu.family),
      model: fact(cpu.model),
      stepping: fact(cpu.stepping),
      revision: fact(cpu.revision),
      socket: fact(cpu.socket),
    }),
  ];
  const add = (family: Family, value: number | undefined): void => {
    if (value !== undefined) samples.push(family.sample(value));
  };
  add(processors, known(cpu.processors));
  add(physicalCores, known(cpu.physicalCores));
  add(logicalCores, known(cpu.cores));
  // Gigahertz; the maximum is a fact, the current speed is not.
  const gigahertz = known(cpu.speedMax);
  add(speedMax, gigahertz === undefined ? undefined : Math.round(gigahertz * 1e9));

  const performance = known(cpu.performanceCores);
  const efficiency = known(cpu.efficiencyCores);
  if (performance !== undefined && efficiency !== undefined) {
    samples.push(
      coresOfKind.sample(performance, { kind: 'performance' }),
      coresOfKind.sample(efficiency, { kind: 'efficiency' }),
    );
  }
  for (const level of ['l1d', 'l1i', 'l2', 'l3'] as const) {
    const bytes = known(cpu.cache?.[level]);
    if (bytes !== undefined) samples.push(cache.sample(bytes, { cache: level }));
  }
  return samples;
}
