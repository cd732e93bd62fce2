/** Cases for `vitald.rules.yml`. */
import { growing, type RuleCase, type Series, steady } from './rule-case.ts';

const build = { 'vitald_build_info{node_version="20.20.2",version="0.1.0"}': steady(1) };
const disks = { collector: 'diskstats' };

function runs(result: string, perMinute = 1): Series {
  return { [`vitald_collector_runs_total{collector="diskstats",result="${result}"}`]: growing(perMinute) };
}

/** Runs of checks that started within a quarter of a second, and within a second. */
function delays(inTime: number, late: number): Series {
  const family = 'vitald_run_start_delay_seconds_bucket';
  return {
    [`${family}{kind="check",le="0.25"}`]: growing(inTime),
    [`${family}{kind="check",le="1"}`]: growing(inTime + late),
    [`${family}{kind="check",le="+Inf"}`]: growing(inTime + late),
  };
}

function lastSuccess(at: string, result: Series): Series {
  return {
    'vitald_collector_last_success_timestamp_seconds{collector="diskstats"}': at,
    'vitald_collector_skipped_runs_total{collector="diskstats"}': steady(0),
    ...result,
  };
}

export const vitaldCases: readonly RuleCase[] = [
  {
    alert: 'VitaldAbsent',
    bare: true,
    fires: {},
    quiet: [build],
    summary: 'Prometheus scrapes no vitald at all',
  },
  {
    alert: 'VitaldRestarting',
    fires: { ...build, process_start_time_seconds: '1x20 2x5 3x5 4x30' },
    quiet: [
      { ...build, process_start_time_seconds: '1x20 2x60' },
      // Another program that has such a metric.
      { 'process_start_time_seconds{job="other"}': '1x20 2x5 3x5 4x30', ...build },
    ],
    summary: 'web-1:9100: vitald was started 3 times in half an hour',
  },
  {
    alert: 'VitaldReloadFailed',
    fires: { vitald_config_last_reload_successful: steady(0) },
    quiet: [{ vitald_config_last_reload_successful: steady(1) }],
    summary: 'web-1:9100: vitald runs on an old configuration, as the new one is wrong',
  },
  {
    alert: 'VitaldScrapeSlow',
    fires: { ...build, scrape_duration_seconds: steady(2) },
    quiet: [{ ...build, scrape_duration_seconds: steady(0.5) }],
    summary: 'web-1:9100: a scrape takes 2s',
  },
  {
    alert: 'VitaldCollectorFailing',
    fires: runs('error'),
    quiet: [runs('no_data'), runs('error', 0)],
    labels: disks,
    summary: 'web-1:9100: the collector diskstats fails',
  },
  {
    alert: 'VitaldCollectorTimesOut',
    fires: runs('timeout'),
    quiet: [runs('success')],
    labels: disks,
    summary: 'web-1:9100: the collector diskstats does not end before its deadline',
  },
  {
    alert: 'VitaldCollectorStale',
    at: '2h',
    fires: lastSuccess(steady(0), runs('no_data')),
    quiet: [
      lastSuccess('0x60 6900x60', runs('success')),
      // It is simply not due more often.
      lastSuccess(steady(0), runs('success', 0)),
    ],
    labels: disks,
    summary: 'web-1:9100: the collector diskstats gave samples once, and none for 2h 0m 0s',
  },
  {
    alert: 'VitaldRunsSkipped',
    fires: { 'vitald_collector_skipped_runs_total{collector="diskstats"}': growing(1) },
    quiet: [{ 'vitald_collector_skipped_runs_total{collector="diskstats"}': steady(3) }],
    labels: disks,
    summary: 'web-1:9100: the collector diskstats is due again before it has ended',
  },
  {
    alert: 'VitaldCheckRunsFailing',
    fires: { 'vitald_check_runs_total{result="timeout"}': growing(1) },
    quiet: [{ 'vitald_check_runs_total{result="success"}': growing(1) }],
    summary: 'web-1:9100: probes end without an answer, up or down',
  },
  {
    alert: 'VitaldCheckRunsSkipped',
    fires: { vitald_check_skipped_runs_total: growing(1) },
    quiet: [{ vitald_check_skipped_runs_total: steady(3) }],
    summary: 'web-1:9100: checks are due again before they have ended',
  },
  {
    alert: 'VitaldRunsLate',
    fires: delays(0, 60),
    quiet: [delays(60, 0)],
    labels: { kind: 'check' },
    summary: 'web-1:9100: runs of the kind check start 992.5ms late (p99)',
  },
  {
    alert: 'VitaldClockJumps',
    at: '1h',
    fires: { vitald_schedule_clock_jumps_total: '0x50 5x60' },
    quiet: [{ vitald_schedule_clock_jumps_total: '0x50 2x60' }],
    summary: 'web-1:9100: the wall clock jumped 5 times in an hour',
  },
  {
    alert: 'VitaldSeriesLeftOut',
    fires: { 'vitald_collector_dropped_series_total{collector="diskstats"}': growing(12) },
    quiet: [{ 'vitald_collector_dropped_series_total{collector="diskstats"}': steady(12) }],
    labels: disks,
    summary: 'web-1:9100: the collector diskstats gives more series than its max_series',
  },
  {
    alert: 'VitaldCheckSeriesLeftOut',
    fires: { vitald_check_dropped_series_total: growing(12) },
    quiet: [{ vitald_check_dropped_series_total: steady(12) }],
    summary: 'web-1:9100: a check gives more series than its max_series',
  },
  {
    alert: 'VitaldCollectorBlocks',
    fires: { 'vitald_collector_blocked_seconds_total{collector="diskstats"}': growing(3) },
    // Once in a while, as when a large table is read for the first time.
    quiet: [{ 'vitald_collector_blocked_seconds_total{collector="diskstats"}': growing(0.6) }],
    labels: disks,
    summary: 'web-1:9100: the collector diskstats holds all others up 5% of the time',
  },
  {
    alert: 'VitaldEventLoopBlocked',
    fires: { ...build, nodejs_eventloop_lag_p99_seconds: steady(0.8) },
    quiet: [{ ...build, nodejs_eventloop_lag_p99_seconds: steady(0.2) }],
    summary: 'web-1:9100: the event loop of vitald is blocked for 800ms (p99)',
  },
  {
    alert: 'VitaldTicksMissed',
    fires: { vitald_schedule_missed_ticks_total: growing(1) },
    quiet: [{ vitald_schedule_missed_ticks_total: steady(4) }],
    summary: 'web-1:9100: moments of a schedule pass while vitald is blocked',
  },
  {
    alert: 'VitaldMemoryHigh',
    fires: { ...build, process_resident_memory_bytes: steady(500e6) },
    quiet: [{ ...build, process_resident_memory_bytes: steady(100e6) }],
    summary: 'web-1:9100: vitald uses 476.8MiB of memory',
  },
  {
    alert: 'VitaldFileDescriptorsLow',
    fires: { ...build, process_open_fds: steady(90), process_max_fds: steady(100) },
    quiet: [{ ...build, process_open_fds: steady(50), process_max_fds: steady(100) }],
    summary: 'web-1:9100: vitald uses 90% of its file descriptors',
  },
  {
    alert: 'VitaldFamilyConflict',
    fires: { vitald_exposition_conflicts_total: steady(1) },
    quiet: [{ vitald_exposition_conflicts_total: steady(0) }],
    summary: 'web-1:9100: a metric is left out because two sources give it different types',
  },
  {
    alert: 'VitaldSamplesDropped',
    fires: { ...build, scrape_samples_post_metric_relabeling: steady(100), scrape_samples_scraped: steady(1000) },
    quiet: [{ ...build, scrape_samples_post_metric_relabeling: steady(900), scrape_samples_scraped: steady(1000) }],
    summary: 'web-1:9100: Prometheus keeps 100 series of vitald, less than half of what it scrapes',
  },
];
