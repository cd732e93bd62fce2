/**
 * Time that each CPU spent in each mode, where there is no /proc/stat.
 *
 * Source  uv_cpu_info by way of `os.cpus()`: milliseconds since boot.
 * Labels  cpu: its number; mode: as the platform tells them apart. macOS counts no interrupts. Windows counts none as
 *         nice, and its interrupt time is part of the system time, so it is left there.
 */
import { cpus, type CpuInfo } from 'node:os';
import { counter, defineCollector, NoDataError, type CollectorDefinition } from '../../src/collector.ts';
import { z } from '../../src/config/schema.ts';

const seconds = counter('node_cpu_seconds_total', 'Seconds the CPUs spent in each mode.', ['cpu', 'mode']);

type Times = CpuInfo['times'];

const user = ['user', 'user'] as const;
const nice = ['nice', 'nice'] as const;
const system = ['system', 'sys'] as const;
const idle = ['idle', 'idle'] as const;
const irq = ['irq', 'irq'] as const;

function modesOf(platform: NodeJS.Platform): readonly (readonly [mode: string, key: keyof Times])[] {
  if (platform === 'win32') return [user, system, idle];
  if (platform === 'darwin') return [user, nice, system, idle];
  return [user, nice, system, idle, irq];
}

const options = z.strictObject({});

/** The collector on a platform, reading CPU times as given. */
export function cpuOf(
  platform: NodeJS.Platform,
  read: () => readonly { readonly times: Times }[],
): CollectorDefinition<typeof options> {
  return defineCollector({
    name: 'cpu',
    summary: 'Seconds that the CPUs spent in each mode.',
    source: 'os.cpus()',
    differences: ['Modes and details that only Linux tells apart are absent.'],
    enabled: true,
    families: [seconds],
    config: options,
    create() {
      const modes = modesOf(platform);
      return {
        collect() {
          const all = read();
          if (all.length === 0) throw new NoDataError('the operating system names no CPU');
          return all.flatMap(({ times }, index) =>
            modes.map(([mode, key]) => seconds.sample(times[key] / 1000, { cpu: String(index), mode })),
          );
        },
      };
    },
  });
}

/** CPU times of the host that this process runs on. */
export const cpu = cpuOf(process.platform, cpus);
