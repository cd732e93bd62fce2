/**
 * What the kernel knows of this process, under the names that prom-client gives it.
 *
 * prom-client lists every open descriptor to count them and takes the whole of /proc/self/status apart: a twentieth of what
 * a round of all collectors costs. The CPU time that it tells begins where it was loaded, and not where the process did.
 */
import { counter, gauge, type KeptSample, type Sample } from './collector.ts';
import { labelled } from './system/numbers.ts';
import { openTree, type Tree } from './system/tree.ts';

const memory = [
  ['VmRSS:', gauge('process_resident_memory_bytes', 'Resident memory size in bytes.')],
  ['VmSize:', gauge('process_virtual_memory_bytes', 'Virtual memory size in bytes.')],
  ['VmData:', gauge('process_heap_bytes', 'Process heap size in bytes.')],
] as const;
const cpu = [
  ['process_cpu_user_seconds_total', 'Total user CPU time spent in seconds.', ({ user }) => user],
  ['process_cpu_system_seconds_total', 'Total system CPU time spent in seconds.', ({ system }) => system],
  [
    'process_cpu_seconds_total',
    'Total user and system CPU time spent in seconds.',
    ({ user, system }) => user + system,
  ],
] as const satisfies readonly (readonly [string, string, (usage: NodeJS.CpuUsage) => number])[];
const openFiles = gauge('process_open_fds', 'Number of open file descriptors.');

/** The families that are told here. */
export const ownProcessFamilies: ReadonlySet<string> = new Set([
  ...cpu.map(([name]) => name),
  openFiles.name,
  ...memory.map(([, { name }]) => name),
]);

/** This process, until it is closed; of another tree in tests. */
export class OwnProcess {
  readonly #proc: Tree;
  readonly #cpuUsage: () => NodeJS.CpuUsage;
  readonly #cpu = cpu.map(([name, help, micros]) => ({ micros, sample: counter(name, help).kept() }));
  readonly #openFiles: KeptSample = openFiles.kept();
  readonly #memory = memory.map(([label, family]) => ({ label, sample: family.kept() }));

  constructor(proc: Tree = openTree('/proc'), cpuUsage: () => NodeJS.CpuUsage = () => process.cpuUsage()) {
    this.#proc = proc;
    this.#cpuUsage = cpuUsage;
  }

  /** The same objects each time, with the values they have now; without what cannot be read. */
  samples(): readonly Sample[] {
    const samples: Sample[] = [];
    const usage = this.#cpuUsage();
    for (const { micros, sample } of this.#cpu) {
      sample.value = micros(usage) / 1e6;
      samples.push(sample);
    }
    const open = this.#proc.count('self/fd');
    if (open !== undefined) {
      this.#openFiles.value = open;
      samples.push(this.#openFiles);
    }
    const status = this.#proc.textIfAny('self/status') ?? '';
    for (const { label, sample } of this.#memory) {
      const kibibytes = labelled(status, label);
      if (kibibytes === undefined) continue;
      sample.value = kibibytes * 1024;
      samples.push(sample);
    }
    return samples;
  }

  close(): void {
    this.#proc.close();
  }
}
