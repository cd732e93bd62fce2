/** What the host that runs the tests may lack, so that names are missing which another host has. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

function anyIn(folder: string, pattern = /./): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => pattern.test(name));
}

function says(file: string, words: string): boolean {
  return existsSync(file) && readFileSync(file, 'utf8').includes(words);
}

/** Families that a host may have no samples of. */
export interface Lack {
  readonly names: RegExp;
  readonly without: string;
  /** Whether this host has it, and so must have samples. */
  has(): boolean;
}

/** What a host may lack, and how to see that it does: a name is excused only there. The recorded hosts show these too. */
export const lacking: readonly Lack[] = [
  { names: /^node_bonding_/, without: 'bonded devices', has: () => existsSync('/sys/class/net/bonding_masters') },
  { names: /^node_cooling_/, without: 'cooling devices', has: () => anyIn('/sys/class/thermal', /^cooling/) },
  {
    names: /^node_cpu_scaling_/,
    without: 'frequency scaling',
    has: () => anyIn('/sys/devices/system/cpu/cpu0/cpufreq'),
  },
  { names: /^node_edac_/, without: 'error counts of memory', has: () => anyIn('/sys/devices/system/edac/mc', /^mc\d/) },
  { names: /^node_hwmon_/, without: 'sensors', has: () => anyIn('/sys/class/hwmon') },
  { names: /^node_md_/, without: 'software RAID', has: () => says('/proc/mdstat', 'active') },
  { names: /^node_power_supply_/, without: 'power supplies', has: () => anyIn('/sys/class/power_supply') },
  { names: /^node_schedstat_/, without: 'schedstat', has: () => existsSync('/proc/schedstat') },
  {
    names: /^node_nf_conntrack_/,
    without: 'conntrack',
    has: () => anyIn('/proc/sys/net/netfilter', /^nf_conntrack_max/),
  },
  { names: /^node_pressure_/, without: 'pressure stall information', has: () => anyIn('/proc/pressure') },
  { names: /^node_pressure_irq_/, without: 'pressure of interrupts', has: () => anyIn('/proc/pressure', /^irq$/) },
  // Off here: it needs systemd, and tests of its own show it on a real one.
  { names: /^node_systemd_/, without: 'systemd', has: () => false },
  ...['HardwareCorrupted', 'DirectMap1G', 'NFS_Unstable', 'Zswap', 'Zswapped', 'AnonHugePages', 'Percpu'].map(
    (line) => ({
      names: new RegExp(`^node_memory_${line}_bytes$`),
      without: `${line} in meminfo`,
      has: () => says('/proc/meminfo', `${line}:`),
    }),
  ),
  {
    names: /^node_memory_Shmem(?:Huge|Pmd)/,
    without: 'huge pages',
    has: () => says('/proc/meminfo', 'ShmemHugePages:'),
  },
  { names: /^node_zfs_/, without: 'ZFS', has: () => anyIn('/proc/spl/kstat/zfs') },
  { names: /^node_btrfs_device_/, without: 'btrfs', has: () => says('/proc/mounts', ' btrfs ') },
  { names: /^node_drbd_/, without: 'DRBD', has: () => existsSync('/proc/drbd') },
  { names: /^node_dmmultipath_/, without: 'multipath', has: () => anyIn('/dev/mapper', /^mpath/) },
  { names: /^node_rapl_/, without: 'energy counters', has: () => anyIn('/sys/class/powercap', /^intel-rapl/) },
  { names: /^node_thermal_zone_/, without: 'thermal zones', has: () => anyIn('/sys/class/thermal', /^thermal_zone/) },
  {
    names: /^node_cpu_(?:core|package)_throttles_/,
    without: 'throttle counters',
    has: () => existsSync('/sys/devices/system/cpu/cpu0/thermal_throttle'),
  },
  {
    names: /^node_os_support_end_/,
    without: 'an end of support',
    has: () => says('/etc/os-release', 'SUPPORT_END'),
  },
  // It takes smartctl and a real disk.
  { names: /^vitald_disk_smart_/, without: 'disks with SMART', has: () => false },
  { names: /UdpLite|UDPLITE/, without: 'UDP-Lite', has: () => says('/proc/net/snmp', 'UdpLite:') },
];
