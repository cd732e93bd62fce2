/**
 * The flags of node_exporter 1.12 for Linux: name, kind of value and default. Left out are those of its collectors that
 * vitald does not have (ntp, perf, runit, supervisord), and the switch of each collector, which `collectorsOn` gives.
 */

/** What a flag takes; `strings` may be given several times. */
export type FlagKind = 'bool' | 'string' | 'strings' | 'int' | 'duration';

/** Name, kind and default, the default as one would write it. */
export const nodeExporterFlags: readonly (readonly [name: string, kind: FlagKind, fallback: string])[] = [
  ['collector.arp.device-exclude', 'string', ''],
  ['collector.arp.device-include', 'string', ''],
  ['collector.arp.netlink', 'bool', 'true'],
  ['collector.bcache.priorityStats', 'bool', 'false'],
  ['collector.cpu.guest', 'bool', 'true'],
  ['collector.cpu.info', 'bool', 'false'],
  ['collector.cpu.info.bugs-include', 'string', ''],
  ['collector.cpu.info.flags-include', 'string', ''],
  ['collector.disable-defaults', 'bool', 'false'],
  ['collector.diskstats.device-exclude', 'string', String.raw`^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$`],
  ['collector.diskstats.device-include', 'string', ''],
  ['collector.diskstats.ignored-devices', 'string', ''],
  ['collector.ethtool.device-exclude', 'string', ''],
  ['collector.ethtool.device-include', 'string', ''],
  ['collector.ethtool.metrics-include', 'string', '.*'],
  [
    'collector.filesystem.fs-types-exclude',
    'string',
    '^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$',
  ],
  ['collector.filesystem.fs-types-include', 'string', ''],
  ['collector.filesystem.ignored-fs-types', 'string', ''],
  ['collector.filesystem.ignored-mount-points', 'string', ''],
  [
    'collector.filesystem.mount-points-exclude',
    'string',
    '^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)',
  ],
  ['collector.filesystem.mount-points-include', 'string', ''],
  ['collector.filesystem.mount-timeout', 'duration', '5s'],
  ['collector.filesystem.stat-workers', 'int', '4'],
  ['collector.hwmon.chip-exclude', 'string', ''],
  ['collector.hwmon.chip-include', 'string', ''],
  ['collector.hwmon.sensor-exclude', 'string', ''],
  ['collector.hwmon.sensor-include', 'string', ''],
  ['collector.infiniband.device-exclude', 'string', ''],
  ['collector.infiniband.device-include', 'string', ''],
  ['collector.interrupts.include-zeros', 'bool', 'true'],
  ['collector.interrupts.name-exclude', 'string', ''],
  ['collector.interrupts.name-include', 'string', ''],
  ['collector.ipvs.backend-labels', 'string', 'local_address,local_port,remote_address,remote_port,proto,local_mark'],
  ['collector.netclass.ignore-invalid-speed', 'bool', 'false'],
  ['collector.netclass.ignored-devices', 'string', '^$'],
  ['collector.netclass.netlink', 'bool', 'false'],
  ['collector.netclass_rtnl.with-stats', 'bool', 'false'],
  ['collector.netdev.address-info', 'bool', 'false'],
  ['collector.netdev.device-blacklist', 'string', ''],
  ['collector.netdev.device-exclude', 'string', ''],
  ['collector.netdev.device-include', 'string', ''],
  ['collector.netdev.device-whitelist', 'string', ''],
  ['collector.netdev.enable-detailed-metrics', 'bool', 'false'],
  ['collector.netdev.label-ifalias', 'bool', 'false'],
  ['collector.netdev.netlink', 'bool', 'true'],
  [
    'collector.netstat.fields',
    'string',
    '^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$',
  ],
  ['collector.pcidevice.idsfile', 'string', ''],
  ['collector.pcidevice.names', 'bool', 'false'],
  ['collector.powersupply.ignored-supplies', 'string', '^$'],
  ['collector.qdisc.device-exclude', 'string', ''],
  ['collector.qdisc.device-include', 'string', ''],
  ['collector.qdisc.fixtures', 'string', ''],
  ['collector.qdisk.device-exclude', 'string', ''],
  ['collector.qdisk.device-include', 'string', ''],
  ['collector.rapl.enable-zone-label', 'bool', 'false'],
  ['collector.slabinfo.slabs-exclude', 'string', ''],
  ['collector.slabinfo.slabs-include', 'string', '.*'],
  ['collector.stat.softirq', 'bool', 'false'],
  ['collector.sysctl.include', 'strings', ''],
  ['collector.sysctl.include-info', 'strings', ''],
  ['collector.systemd.enable-restarts-metrics', 'bool', 'false'],
  ['collector.systemd.enable-start-time-metrics', 'bool', 'false'],
  ['collector.systemd.enable-task-metrics', 'bool', 'false'],
  ['collector.systemd.private', 'bool', 'false'],
  ['collector.systemd.unit-blacklist', 'string', ''],
  ['collector.systemd.unit-exclude', 'string', String.raw`.+\.(automount|device|mount|scope|slice)`],
  ['collector.systemd.unit-include', 'string', '.+'],
  ['collector.systemd.unit-whitelist', 'string', ''],
  ['collector.tapestats.ignored-devices', 'string', '^$'],
  ['collector.textfile.directory', 'strings', ''],
  ['collector.vmstat.fields', 'string', '^(oom_kill|pgpg|pswp|pg.*fault).*'],
  ['collector.wifi.fixtures', 'string', ''],
  ['path.procfs', 'string', '/proc'],
  ['path.rootfs', 'string', '/'],
  ['path.sysfs', 'string', '/sys'],
  ['path.udev.data', 'string', '/run/udev/data'],
  ['web.disable-exporter-metrics', 'bool', 'false'],
  ['web.max-requests', 'int', '40'],
  ['web.telemetry-path', 'string', '/metrics'],
];

/** Its collectors that are on by default. */
export const collectorsOn: readonly string[] =
  `arp bcache bcachefs bonding btrfs conntrack cpu cpufreq diskstats dmi dmmultipath edac entropy fibrechannel
   filefd filesystem hwmon infiniband ipvs kernel_hung loadavg mdadm meminfo netclass netdev netstat nfs nfsd
   nvme os powersupplyclass pressure rapl schedstat selinux sockstat softnet stat tapestats textfile thermal_zone
   time timex udp_queues uname vmstat watchdog xfs zfs`.split(/\s+/);

/** Its collectors that are off by default. */
export const collectorsOff: readonly string[] =
  `buddyinfo cgroups cpu_vulnerabilities drbd drm ethtool interrupts ksmd lnstat logind meminfo_numa mountstats
   network_route nvmesubsystem pcidevice processes qdisc slabinfo softirqs swap sysctl systemd tcpstat wifi xfrm
   zoneinfo`.split(/\s+/);
