/** The parts of the inventory: which questions each asks, and what it makes of the answers. */
import type { FamilyHead, Sample } from '../../../src/collector.ts';
import { batteries, batteryFamilies } from './battery.ts';
import { processor, processorFamilies } from './processor.ts';
import type { Inquiry } from './inquiry.ts';
import { disks, graphics, memoryModules, storageFamilies } from './devices.ts';
import { machine, machineFamilies, operatingSystem } from './machine.ts';

/** One part, taken by itself. */
export interface Part {
  readonly name: string;
  take(inquiry: Inquiry): Promise<Sample[]>;
}

/** All parts, in the order in which they are asked. */
export const parts: readonly Part[] = [
  { name: 'os', take: operatingSystem },
  { name: 'system', take: machine },
  { name: 'cpu', take: processor },
  { name: 'memory', take: memoryModules },
  { name: 'disk', take: disks },
  { name: 'gpu', take: graphics },
  { name: 'battery', take: batteries },
];

/** Every family of every part. */
export const familiesOfParts: readonly FamilyHead[] = [
  ...machineFamilies,
  ...processorFamilies,
  ...storageFamilies,
  ...batteryFamilies,
];
