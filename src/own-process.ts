/**
 * What the kernel knows of this process, under the names that prom-client gives it.
 *
 * prom-client lists every open descriptor to count them and takes the whole of /proc/self/status apart: a twentieth of what
 * a round of all collectors costs.
 */
import { gauge, type KeptSample, type Sample } from './collector.ts';
import { labelled } from './system/numbers.ts';
import { openTree, type Tree } from './system/tree.ts';

const memory = [
  ['VmRSS:', gauge('process_resident_memory_bytes', 'Resident memory size in bytes.')],
  ['VmSize:', gauge('process_virtual_memory_bytes', 'Virtual memory size in bytes.')],
  ['VmData:', gauge('process_heap_bytes', 'Process heap size in bytes.')],
] as const;
const openFiles = gauge('process_open_fds', 'Number of open file descriptors.');

/** The families that are told here. */
export const ownProcessFamilies: ReadonlySet<string> = new Set(
  [openFiles, ...memory.map(([, family]) => family)].map(({ name }) => name),
);

/** This process, until it is closed; of another tree in tests. */
export class OwnProcess {
  readonly #proc: Tree;
  readonly #openFiles: KeptSample = openFiles.kept();
  readonly #memory = memory.map(([label, family]) => ({ label, sample: family.kept() }));

  constructor(proc: Tree = openTree('/proc')) {
    this.#proc = proc;
  }

  /** The same objects each time, with the values they have now; without what cannot be read. */
  samples(): readonly Sample[] {
    const samples: Sample[] = [];
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
