/**
 * Memory, where there is no /proc/meminfo.
 *
 * Source  systeminformation `mem`: `vm_stat` and `sysctl` on macOS, page files by WMI on Windows, and node:os.
 * Units   bytes.
 * Quirks  The names are those of node_exporter on the platform, as what is called free differs: on macOS it leaves out
 *         what can be reclaimed, on Windows it is what Linux calls available. `active` of the library is a sum of other
 *         things than the kernel's, so it is not served. On macOS swap is known to 10 KiB, on Windows to 1 MiB.
 */
import { defineCollector, gauge, NoDataError, type CollectorDefinition, type Family } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { hostSysinfo, type Sysinfo, type SysinfoAnswers } from '../../src/system/sysinfo.ts';

type Memory = SysinfoAnswers['mem'];

const field = (name: string): Family => gauge(`node_memory_${name}`, `Memory information field ${name}.`);

interface Row {
  readonly family: Family;
  /** The value; undefined where the answer does not hold it. */
  readonly value: (memory: Memory) => number | null | undefined;
}

// The library gives 0 for what it could not read. These are never 0 on a machine that runs.
const known = (value: number): number | undefined => (value > 0 ? value : undefined);

const linux: readonly Row[] = [
  { family: field('MemTotal_bytes'), value: ({ total }) => known(total) },
  { family: field('MemFree_bytes'), value: ({ free }) => known(free) },
  { family: field('MemAvailable_bytes'), value: ({ available }) => known(available) },
  { family: field('Buffers_bytes'), value: ({ buffers }) => buffers },
  { family: field('Cached_bytes'), value: ({ cached }) => known(cached) },
  { family: field('SwapTotal_bytes'), value: ({ swaptotal }) => swaptotal },
  { family: field('SwapFree_bytes'), value: ({ swapfree }) => swapfree },
  { family: field('Slab_bytes'), value: ({ slab }) => known(slab) },
  { family: field('SReclaimable_bytes'), value: ({ reclaimable }) => known(reclaimable) },
  { family: field('Dirty_bytes'), value: ({ dirty }) => dirty },
  { family: field('Writeback_bytes'), value: ({ writeback }) => writeback },
];

const macos: readonly Row[] = [
  { family: field('total_bytes'), value: ({ total }) => known(total) },
  { family: field('free_bytes'), value: ({ free }) => known(free) },
  { family: field('inactive_bytes'), value: ({ reclaimable }) => known(reclaimable) },
  { family: field('swap_total_bytes'), value: ({ swaptotal }) => swaptotal },
  { family: field('swap_used_bytes'), value: ({ swapused }) => swapused },
];

const windows: readonly Row[] = [
  { family: linux[0]!.family, value: ({ total }) => known(total) },
  { family: linux[2]!.family, value: ({ free }) => known(free) },
  { family: linux[5]!.family, value: ({ swaptotal }) => known(swaptotal) },
  { family: linux[6]!.family, value: ({ swaptotal, swapfree }) => (swaptotal > 0 ? swapfree : undefined) },
];

const rowsOf: Partial<Record<NodeJS.Platform, readonly Row[]>> = { linux, darwin: macos, win32: windows };

const options = z.strictObject({});

/** The collector on a source. */
export function meminfoOf(sysinfo: Sysinfo): CollectorDefinition<typeof options> {
  return defineCollector({
    name: 'meminfo',
    summary: 'Memory and swap.',
    source: 'systeminformation mem',
    differences: ['Fields that only the kernel knows are absent.'],
    enabled: true,
    schedule: '15s',
    timeout: '10s',
    families: [...linux, ...macos].map(({ family }) => family),
    config: options,
    create() {
      return {
        async collect(signal) {
          const rows = rowsOf[sysinfo.platform];
          if (rows === undefined) throw new NoDataError(`memory is not known on ${sysinfo.platform}`);
          const memory = await sysinfo.ask('mem', signal);
          return rows.flatMap(({ family, value }) => {
            const bytes = value(memory);
            return typeof bytes === 'number' && Number.isFinite(bytes) ? [family.sample(bytes)] : [];
          });
        },
      };
    },
  });
}

/** Memory of the host that this process runs on. */
export const meminfo = meminfoOf(hostSysinfo);
