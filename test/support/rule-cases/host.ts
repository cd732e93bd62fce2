/** Cases for `host.rules.yml`. */
import { growing, type RuleCase, steady } from './rule-case.ts';

const fan = '{chip="nct6775",sensor="fan1"}';
const core = '{chip="coretemp",sensor="temp1"}';
const unit = '{name="nginx.service",state="failed",type="forking"}';

export const hostCases: readonly RuleCase[] = [
  {
    alert: 'HostDown',
    fires: { up: steady(0) },
    quiet: [{ up: steady(1) }, { up: '0 0 1x60' }],
    summary: 'web-1:9100 does not answer scrapes',
  },
  {
    alert: 'HostRebooted',
    at: '5m',
    fires: { node_time_seconds: '1000+60x60', node_boot_time_seconds: steady(900) },
    quiet: [{ node_time_seconds: '1000+60x60', node_boot_time_seconds: steady(600) }],
    summary: 'web-1:9100 booted 6m 40s ago',
  },
  {
    alert: 'HostCpuSaturated',
    fires: {
      'node_cpu_seconds_total{cpu="0",mode="idle"}': growing(3),
      'node_cpu_seconds_total{cpu="0",mode="iowait"}': growing(0),
    },
    quiet: [
      // Time in which the CPU waits for a disk is time in which it could work.
      {
        'node_cpu_seconds_total{cpu="0",mode="idle"}': growing(3),
        'node_cpu_seconds_total{cpu="0",mode="iowait"}': growing(6),
      },
    ],
    summary: 'web-1:9100: the CPUs are 95% busy',
  },
  {
    alert: 'HostLoadHigh',
    fires: {
      node_load5: steady(9),
      'node_cpu_seconds_total{cpu="0",mode="idle"}': growing(3),
      'node_cpu_seconds_total{cpu="1",mode="idle"}': growing(3),
    },
    quiet: [
      {
        node_load5: steady(7),
        'node_cpu_seconds_total{cpu="0",mode="idle"}': growing(3),
        'node_cpu_seconds_total{cpu="1",mode="idle"}': growing(3),
      },
    ],
    summary: 'web-1:9100: 4.5 tasks run or wait for each CPU',
  },
  {
    alert: 'HostCpuPressure',
    fires: { node_pressure_cpu_waiting_seconds_total: growing(36) },
    quiet: [{ node_pressure_cpu_waiting_seconds_total: growing(24) }],
    summary: 'web-1:9100: tasks wait for a CPU 60% of the time',
  },
  {
    alert: 'HostCpuSteal',
    fires: { 'node_cpu_seconds_total{cpu="0",mode="steal"}': growing(12) },
    quiet: [{ 'node_cpu_seconds_total{cpu="0",mode="steal"}': growing(3) }],
    labels: { mode: 'steal' },
    summary: 'web-1:9100: the hypervisor gives 20% of the CPU time to others',
  },
  {
    alert: 'HostCpuThrottled',
    fires: { 'node_cpu_package_throttles_total{package="0"}': growing(1) },
    quiet: [{ 'node_cpu_package_throttles_total{package="0"}': steady(5) }],
    labels: { package: '0' },
    summary: 'web-1:9100: CPU package 0 slows down because it is hot',
  },
  {
    alert: 'HostMemoryLow',
    fires: { node_memory_MemAvailable_bytes: steady(8), node_memory_MemTotal_bytes: steady(100) },
    quiet: [{ node_memory_MemAvailable_bytes: steady(12), node_memory_MemTotal_bytes: steady(100) }],
    summary: 'web-1:9100: 8% of the memory is available',
  },
  {
    alert: 'HostMemoryExhausted',
    fires: { node_memory_MemAvailable_bytes: steady(2), node_memory_MemTotal_bytes: steady(100) },
    quiet: [{ node_memory_MemAvailable_bytes: steady(4), node_memory_MemTotal_bytes: steady(100) }],
    summary: 'web-1:9100: only 2% of the memory is available',
  },
  {
    alert: 'HostMemoryPressure',
    fires: { node_pressure_memory_stalled_seconds_total: growing(12) },
    quiet: [{ node_pressure_memory_stalled_seconds_total: growing(3) }],
    summary: 'web-1:9100: every task waits for memory 20% of the time',
  },
  {
    alert: 'HostSwapping',
    fires: { node_vmstat_pswpin: growing(60_000), node_vmstat_pswpout: growing(60_000) },
    // What is only written out is not missed.
    quiet: [{ node_vmstat_pswpin: growing(60), node_vmstat_pswpout: growing(60_000) }],
    summary: 'web-1:9100 reads 1000 pages a second back from swap',
  },
  {
    alert: 'HostOomKill',
    at: '10m',
    fires: { node_vmstat_oom_kill: '0x5 1x60' },
    quiet: [{ node_vmstat_oom_kill: steady(1) }],
    summary: 'web-1:9100: the kernel killed 1 processes for want of memory',
  },
  {
    alert: 'HostMemoryErrors',
    at: '10m',
    fires: { 'node_edac_uncorrectable_errors_total{controller="0"}': '0x5 1x60' },
    quiet: [{ 'node_edac_uncorrectable_errors_total{controller="0"}': steady(1) }],
    labels: { controller: '0' },
    summary: 'web-1:9100: memory controller 0 found errors that ECC could not correct',
  },
  {
    alert: 'HostMemoryErrorsCorrected',
    fires: { 'node_edac_correctable_errors_total{controller="0"}': growing(1) },
    quiet: [{ 'node_edac_correctable_errors_total{controller="0"}': '0+1x5 5x60' }],
    labels: { controller: '0' },
    summary: 'web-1:9100: ECC corrected 40 memory errors in a day',
  },
  {
    alert: 'HostTasksHung',
    at: '10m',
    fires: { node_kernel_hung_tasks_total: '0x5 2x60' },
    quiet: [{ node_kernel_hung_tasks_total: steady(2) }],
    summary: 'web-1:9100: the kernel found tasks that hang',
  },
  {
    alert: 'HostFileDescriptorsLow',
    fires: { node_filefd_allocated: steady(90), node_filefd_maximum: steady(100) },
    quiet: [{ node_filefd_allocated: steady(70), node_filefd_maximum: steady(100) }],
    summary: 'web-1:9100: 90% of the open files of the host are used',
  },
  {
    alert: 'HostProcessesNearLimit',
    fires: { node_processes_pids: steady(90), node_processes_max_processes: steady(100) },
    quiet: [{ node_processes_pids: steady(70), node_processes_max_processes: steady(100) }],
    summary: 'web-1:9100: 90% of the process numbers are used',
  },
  {
    alert: 'HostEndOfSupport',
    at: '10m',
    fires: { node_os_support_end_timestamp_seconds: steady(600 + 30 * 86_400) },
    quiet: [{ node_os_support_end_timestamp_seconds: steady(600 + 61 * 86_400) }],
    summary: 'web-1:9100: the support of its operating system ends in 30d 0h 0m 0s',
  },
  {
    alert: 'HostClockNotSynchronised',
    fires: { node_timex_sync_status: steady(0), node_timex_maxerror_seconds: steady(16) },
    quiet: [{ node_timex_sync_status: steady(0), node_timex_maxerror_seconds: steady(0.5) }],
    summary: 'web-1:9100: nothing synchronises the clock',
  },
  {
    alert: 'HostClockOff',
    fires: { node_timex_offset_seconds: steady(0.1) },
    // It comes nearer.
    quiet: [{ node_timex_offset_seconds: '0.2-0.001x60' }, { node_timex_offset_seconds: '-0.2+0.001x60' }],
    summary: 'web-1:9100: the clock is off by 100ms and does not come nearer',
  },
  {
    alert: 'HostClockOff',
    fires: { node_timex_offset_seconds: '-0.1-0.001x60' },
    quiet: [{ node_timex_offset_seconds: steady(-0.01) }],
    summary: 'web-1:9100: the clock is off by -140ms and does not come nearer',
  },
  {
    alert: 'HostClockDiffers',
    fires: { node_time_seconds: '100+60x60' },
    quiet: [{ node_time_seconds: '30+60x60' }],
    summary: 'web-1:9100: the clock differs from that of Prometheus by 1m 40s',
  },
  {
    alert: 'HostUnitFailed',
    fires: { [`node_systemd_unit_state${unit}`]: steady(1) },
    quiet: [{ [`node_systemd_unit_state${unit}`]: steady(0) }],
    labels: { name: 'nginx.service', state: 'failed', type: 'forking' },
    summary: 'web-1:9100: the unit nginx.service has failed',
  },
  {
    alert: 'HostUnitRestarting',
    fires: { 'node_systemd_service_restart_total{name="nginx.service"}': growing(1) },
    quiet: [{ 'node_systemd_service_restart_total{name="nginx.service"}': '0x35 2x60' }],
    labels: { name: 'nginx.service' },
    summary: 'web-1:9100: nginx.service was restarted 15 times in 15 minutes',
  },
  {
    alert: 'HostTextfileUnreadable',
    fires: { node_textfile_scrape_error: steady(1) },
    quiet: [{ node_textfile_scrape_error: steady(0) }],
    summary: 'web-1:9100: a file in the textfile directory cannot be read',
  },
  {
    alert: 'HostTextfileStale',
    fires: { vitald_textfile_stale_files: steady(2) },
    quiet: [{ vitald_textfile_stale_files: steady(0) }],
    summary: 'web-1:9100: 2 files in the textfile directory are no longer written',
  },
  {
    alert: 'HostTemperatureHigh',
    fires: { [`node_hwmon_temp_celsius${core}`]: steady(85), [`node_hwmon_temp_max_celsius${core}`]: steady(80) },
    quiet: [
      { [`node_hwmon_temp_celsius${core}`]: steady(75), [`node_hwmon_temp_max_celsius${core}`]: steady(80) },
      // A chip without a limit says 0.
      { [`node_hwmon_temp_celsius${core}`]: steady(75), [`node_hwmon_temp_max_celsius${core}`]: steady(0) },
    ],
    labels: { chip: 'coretemp', sensor: 'temp1' },
    summary: 'web-1:9100: coretemp temp1 is at 85 °C, its upper limit',
  },
  {
    alert: 'HostTemperatureCritical',
    fires: { [`node_hwmon_temp_celsius${core}`]: steady(101), [`node_hwmon_temp_crit_celsius${core}`]: steady(100) },
    quiet: [{ [`node_hwmon_temp_celsius${core}`]: steady(99), [`node_hwmon_temp_crit_celsius${core}`]: steady(100) }],
    labels: { chip: 'coretemp', sensor: 'temp1' },
    summary: 'web-1:9100: coretemp temp1 is at 101 °C, which is critical',
  },
  {
    alert: 'HostFanStopped',
    fires: { [`node_hwmon_fan_rpm${fan}`]: steady(0), [`node_hwmon_fan_min_rpm${fan}`]: steady(500) },
    quiet: [{ [`node_hwmon_fan_rpm${fan}`]: steady(600), [`node_hwmon_fan_min_rpm${fan}`]: steady(500) }],
    labels: { chip: 'nct6775', sensor: 'fan1' },
    summary: 'web-1:9100: nct6775 fan1 turns at 0 rpm, below its minimum',
  },
  {
    alert: 'HostPowerSupplyOffline',
    fires: { 'node_power_supply_online{power_supply="AC"}': steady(0) },
    quiet: [{ 'node_power_supply_online{power_supply="AC"}': steady(1) }],
    labels: { power_supply: 'AC' },
    summary: 'web-1:9100: the power supply AC has no power',
  },
];
