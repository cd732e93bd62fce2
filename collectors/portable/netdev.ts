/**
 * Traffic of each network interface, where there is no /proc/net/dev.
 *
 * Source  systeminformation `networkStats`: `netstat` on macOS, Get-NetAdapterStatistics on Windows, sysfs on Linux.
 * Units   bytes and packets since the interface was created.
 * Labels  device: the system's name for it, such as "en0" or "Ethernet 2".
 * Quirks  An interface that could not be read has zeros throughout and an unknown state; it is left out, as a counter
 *         must not fall to zero. macOS has one figure for drops, those of the send queue, which the library gives for
 *         both directions, so neither is served there.
 */
import { counter, defineCollector, type CollectorDefinition, type Family } from '../../src/collector.ts';
import { includeExclude, nameFilter, z } from '../../src/config/schema.ts';
import { hostSysinfo, type Sysinfo, type SysinfoAnswers } from '../../src/system/sysinfo.ts';

type Stats = SysinfoAnswers['networkStats'][number];

const statistic = (name: string): Family<'device'> =>
  counter(`node_network_${name}_total`, `Network device statistic ${name}.`, ['device']);

const traffic = [
  [statistic('receive_bytes'), (stats: Stats) => stats.rx_bytes],
  [statistic('receive_errs'), (stats: Stats) => stats.rx_errors],
  [statistic('transmit_bytes'), (stats: Stats) => stats.tx_bytes],
  [statistic('transmit_errs'), (stats: Stats) => stats.tx_errors],
] as const;

const drops = [
  [statistic('receive_drop'), (stats: Stats) => stats.rx_dropped],
  [statistic('transmit_drop'), (stats: Stats) => stats.tx_dropped],
] as const;

const options = z.strictObject(includeExclude('device', 'network devices'));

function unread(stats: Stats): boolean {
  return stats.operstate === 'unknown' && [...traffic, ...drops].every(([, value]) => !value(stats));
}

/** The collector on a source. */
export function netdevOf(sysinfo: Sysinfo): CollectorDefinition<typeof options> {
  return defineCollector({
    name: 'netdev',
    summary: 'Traffic of each network interface.',
    source: 'systeminformation networkStats',
    differences: ['Packets, multicast and what only Linux counts are absent.'],
    enabled: true,
    schedule: '30s',
    timeout: '20s',
    families: [...traffic, ...drops].map(([family]) => family),
    config: options,
    create(config) {
      const wanted = nameFilter(config.device_include, config.device_exclude);
      const statistics = sysinfo.platform === 'darwin' ? traffic : [...traffic, ...drops];
      return {
        async collect(signal) {
          // On Windows an interface may be listed twice, under its name and as the adapter behind it.
          const byName = new Map<string, Stats>();
          for (const stats of await sysinfo.ask('networkStats', signal)) {
            if (!unread(stats) && wanted(stats.iface)) byName.set(stats.iface, stats);
          }
          return [...byName.values()].flatMap((stats) =>
            statistics.flatMap(([family, value]) => {
              const count = value(stats);
              return Number.isFinite(count) ? [family.sample(count, { device: stats.iface })] : [];
            }),
          );
        },
      };
    },
  });
}

/** Network interfaces of the host that this process runs on. */
export const netdev = netdevOf(hostSysinfo);
