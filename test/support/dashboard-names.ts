/**
 * The metric names that dashboards and rules of wide use ask for, by the collector that has them: those of the dashboard
 * "Node Exporter Full", of the node mixin (alerts, recording rules, dashboards) and of the common alert rules for hosts.
 */

function named(prefix: string, rests: string): string[] {
  return rests.split(/\s+/).map((rest) => prefix + rest);
}

/** Names by collector; `process` and `daemon` are what the daemon says of itself. */
export const dashboardNames: Readonly<Record<string, readonly string[]>> = {
  daemon: named('node_', 'exporter_build_info scrape_collector_duration_seconds scrape_collector_success'),
  process: named('process_', 'cpu_seconds_total max_fds open_fds virtual_memory_bytes virtual_memory_max_bytes'),
  arp: ['node_arp_entries'],
  bonding: named('node_bonding_', 'active slaves'),
  conntrack: named('node_nf_conntrack_', 'entries entries_limit'),
  cpu: named('node_cpu_', 'guest_seconds_total seconds_total'),
  cpufreq: named('node_cpu_scaling_frequency_', 'hertz max_hertz min_hertz'),
  diskstats: named(
    'node_disk_',
    `discard_time_seconds_total discarded_sectors_total discards_completed_total discards_merged_total
     flush_requests_time_seconds_total flush_requests_total io_now io_time_seconds_total
     io_time_weighted_seconds_total read_bytes_total read_time_seconds_total reads_completed_total
     reads_merged_total write_time_seconds_total writes_completed_total writes_merged_total written_bytes_total`,
  ),
  edac: named('node_edac_', 'correctable_errors_total uncorrectable_errors_total'),
  entropy: named('node_entropy_', 'available_bits pool_size_bits'),
  filefd: named('node_filefd_', 'allocated maximum'),
  filesystem: named('node_filesystem_', 'avail_bytes device_error files files_free free_bytes readonly size_bytes'),
  hwmon: named(
    'node_hwmon_',
    `chip_names fan_min_rpm fan_rpm temp_alarm temp_celsius temp_crit_alarm_celsius temp_crit_celsius
     temp_crit_hyst_celsius temp_max_celsius`,
  ),
  interrupts: ['node_interrupts_total'],
  kernel_hung: ['node_kernel_hung_tasks'],
  loadavg: named('node_', 'load1 load15 load5'),
  mdadm: named('node_md_', 'disks disks_required'),
  meminfo: named(
    'node_memory_',
    `Active_anon_bytes Active_bytes Active_file_bytes AnonHugePages_bytes AnonPages_bytes Buffers_bytes
     Cached_bytes CommitLimit_bytes Committed_AS_bytes DirectMap1G_bytes DirectMap2M_bytes DirectMap4k_bytes
     Dirty_bytes HardwareCorrupted_bytes HugePages_Free HugePages_Rsvd HugePages_Surp HugePages_Total
     Hugepagesize_bytes Inactive_anon_bytes Inactive_bytes Inactive_file_bytes KernelStack_bytes Mapped_bytes
     MemAvailable_bytes MemFree_bytes MemTotal_bytes Mlocked_bytes NFS_Unstable_bytes PageTables_bytes Percpu_bytes
     SReclaimable_bytes SUnreclaim_bytes ShmemHugePages_bytes ShmemPmdMapped_bytes Shmem_bytes Slab_bytes
     SwapCached_bytes SwapFree_bytes SwapTotal_bytes Unevictable_bytes VmallocChunk_bytes VmallocTotal_bytes
     VmallocUsed_bytes WritebackTmp_bytes Writeback_bytes Zswap_bytes Zswapped_bytes`,
  ),
  netclass: named('node_network_', 'carrier mtu_bytes speed_bytes up'),
  netdev: named(
    'node_network_',
    `receive_bytes_total receive_compressed_total receive_drop_total receive_errs_total receive_fifo_total
     receive_frame_total receive_multicast_total receive_nohandler_total receive_packets_total transmit_bytes_total
     transmit_carrier_total transmit_colls_total transmit_compressed_total transmit_drop_total transmit_errs_total
     transmit_fifo_total transmit_packets_total`,
  ),
  netstat: named(
    'node_netstat_',
    `Icmp_InErrors Icmp_InMsgs Icmp_OutMsgs IpExt_InOctets IpExt_OutOctets TcpExt_ListenDrops
     TcpExt_ListenOverflows TcpExt_SyncookiesFailed TcpExt_SyncookiesRecv TcpExt_SyncookiesSent TcpExt_TCPOFOQueue
     TcpExt_TCPRcvQDrop TcpExt_TCPSynRetrans TcpExt_TCPTimeouts Tcp_ActiveOpens Tcp_CurrEstab Tcp_InErrs Tcp_InSegs
     Tcp_MaxConn Tcp_OutRsts Tcp_OutSegs Tcp_PassiveOpens Tcp_RetransSegs UdpLite_InErrors Udp_InDatagrams
     Udp_InErrors Udp_NoPorts Udp_OutDatagrams Udp_RcvbufErrors Udp_SndbufErrors`,
  ),
  powersupplyclass: ['node_power_supply_online'],
  pressure: named(
    'node_pressure_',
    `cpu_waiting_seconds_total io_stalled_seconds_total io_waiting_seconds_total irq_stalled_seconds_total
     memory_stalled_seconds_total memory_waiting_seconds_total`,
  ),
  processes: named('node_processes_', 'max_processes max_threads pids state threads'),
  schedstat: named('node_schedstat_', 'running_seconds_total timeslices_total waiting_seconds_total'),
  sockstat: named(
    'node_sockstat_',
    `FRAG_inuse FRAG_memory RAW_inuse TCP_alloc TCP_inuse TCP_mem TCP_mem_bytes TCP_orphan TCP_tw UDPLITE_inuse
     UDP_inuse UDP_mem UDP_mem_bytes sockets_used`,
  ),
  softnet: named(
    'node_softnet_',
    'dropped_total flow_limit_count_total processed_total received_rps_total times_squeezed_total',
  ),
  stat: named('node_', 'boot_time_seconds context_switches_total forks_total intr_total procs_blocked procs_running'),
  systemd: named(
    'node_systemd_',
    `service_restart_total socket_accepted_connections_total socket_current_connections
     socket_refused_connections_total unit_state units`,
  ),
  tcpstat: ['node_tcp_connection_states'],
  textfile: ['node_textfile_scrape_error'],
  thermal_zone: named('node_cooling_device_', 'cur_state max_state'),
  time: ['node_time_seconds'],
  timex: named(
    'node_timex_',
    `estimated_error_seconds frequency_adjustment_ratio loop_time_constant maxerror_seconds offset_seconds
     pps_calibration_total pps_error_total pps_frequency_hertz pps_jitter_seconds pps_jitter_total
     pps_shift_seconds pps_stability_exceeded_total pps_stability_hertz sync_status tai_offset_seconds tick_seconds`,
  ),
  udp_queues: ['node_udp_queues'],
  uname: ['node_uname_info'],
  vmstat: named('node_vmstat_', 'oom_kill pgfault pgmajfault pgpgin pgpgout pswpin pswpout'),
};

/** Names that no program can have, with the reason. */
export const impossibleNames: Readonly<Record<string, string>> = {
  node_kernel_hung_tasks: 'a slip of the dashboard: node_exporter has node_kernel_hung_tasks_total',
};
