/**
 * Reads and writes of all disks together, where there is no /proc/diskstats.
 *
 * Source  systeminformation `disksIO` and `fsStats`: `ioreg` on macOS, block statistics on Linux; nothing on Windows.
 * Units   operations and bytes since boot.
 * Quirks  The source tells only sums, so the families are ours: node_exporter's have a device, and a sum under that name
 *         would be counted again by every query that adds devices up. A sum falls when a disk leaves. Bytes are served
 *         on macOS only, as on Linux they are those of mounted devices, not of all disks.
 */
import { counter, defineCollector, NoDataError, type CollectorDefinition, type Sample } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';
import { hostSysinfo, type Sysinfo } from '../../src/system/sysinfo.ts';

const reads = counter('vitald_disks_reads_completed_total', 'Reads completed, all disks together.');
const writes = counter('vitald_disks_writes_completed_total', 'Writes completed, all disks together.');
const readBytes = counter('vitald_disks_read_bytes_total', 'Bytes read, all disks together.');
const writtenBytes = counter('vitald_disks_written_bytes_total', 'Bytes written, all disks together.');

const options = z.strictObject({});

/** Counters that are both there; the library gives zeros for both where it could not read them. */
function pair(
  first: number | undefined,
  second: number | undefined,
  make: (a: number, b: number) => Sample[],
): Sample[] {
  if (first === undefined || second === undefined) return [];
  return Number.isFinite(first) && Number.isFinite(second) && first + second > 0 ? make(first, second) : [];
}

/** The collector on a source. */
export function diskstatsOf(sysinfo: Sysinfo): CollectorDefinition<typeof options> {
  return defineCollector({
    name: 'diskstats',
    summary: 'Reads and writes of all disks together.',
    source: 'systeminformation disksIO, fsStats',
    differences: ['Sums over all disks under names of our own, as the source does not tell devices apart.'],
    enabled: true,
    schedule: '30s',
    timeout: '20s',
    families: [reads, writes, readBytes, writtenBytes],
    config: options,
    create() {
      return {
        async collect(signal) {
          const operations = await sysinfo.ask('disksIO', signal);
          const bytes = sysinfo.platform === 'darwin' ? await sysinfo.ask('fsStats', signal) : null;
          const samples = [
            ...pair(operations?.rIO, operations?.wIO, (read, written) => [reads.sample(read), writes.sample(written)]),
            ...pair(bytes?.rx, bytes?.wx, (read, written) => [readBytes.sample(read), writtenBytes.sample(written)]),
          ];
          if (samples.length === 0) throw new NoDataError(`disk counters are not known on ${sysinfo.platform}`);
          return samples;
        },
      };
    },
  });
}

/** Disks of the host that this process runs on. */
export const diskstats = diskstatsOf(hostSysinfo);
