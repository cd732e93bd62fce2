/** Rows of the daemon's dashboard: its runs and its schedule. */
import type { Row } from './dashboard.ts';
import { at, graph, ofVitald, rate } from './words.ts';

const collector = 'collector=~"$collector"';
/** Of the runs that failed. */
export const bad = 'result!~"success|no_data"';

/** A quantile of the delays with which runs started. */
export const delay = (quantile: number): string =>
  `histogram_quantile(${quantile}, sum by (kind, le) (${rate('vitald_run_start_delay_seconds_bucket')}))`;

/** What became of the runs. */
export const runs: Row = {
  title: 'Runs',
  panels: [
    graph(
      'Runs of collectors by result',
      'no_data is a host without the thing; timeout, error, malformed and duplicate are failures.',
      'ops',
      [['{{result}}', `sum by (result) (${rate('vitald_collector_runs_total', collector)})`]],
      { stacked: true, min: 0 },
    ),
    graph(
      'Failed runs by collector',
      'Empty is good.',
      'ops',
      [
        [
          '{{collector}} {{result}}',
          `sum by (collector, result) (${rate('vitald_collector_runs_total', `${collector},${bad}`)}) > 0`,
        ],
      ],
      { min: 0 },
    ),
    graph(
      'Duration by collector',
      'How long the last run took. Kernel files are read one after the other, so these add up.',
      's',
      [['{{collector}}', `topk(15, ${at('node_scrape_collector_duration_seconds', collector)})`]],
      { min: 0 },
    ),
    graph(
      'Age of the newest samples',
      'Since a collector last gave samples. A line that climbs is a source that is gone.',
      's',
      [['{{collector}}', `topk(15, time() - ${at('vitald_collector_last_success_timestamp_seconds', collector)})`]],
      { min: 0 },
    ),
    graph(
      'Runs of checks by result',
      'A target found down is a success; anything else is a prober that hangs or has a bug.',
      'ops',
      [['{{result}}', `sum by (result) (${rate('vitald_check_runs_total')})`]],
      { stacked: true, min: 0 },
    ),
    graph(
      'Skipped runs',
      'Due while the one before had not ended.',
      'ops',
      [
        ['collectors', `sum(${rate('vitald_collector_skipped_runs_total', collector)})`],
        ['checks', `sum(${rate('vitald_check_skipped_runs_total')})`],
      ],
      { min: 0 },
    ),
    graph(
      'Event loop held by collector',
      'Share of time for which a collector lets nothing else run, where that is more than 0.1 s at once.',
      'percentunit',
      [['{{collector}}', `topk(15, ${rate('vitald_collector_blocked_seconds_total', collector)})`]],
      { min: 0 },
    ),
    graph(
      'Series left out',
      'Series beyond max_series, summed over the runs.',
      'ops',
      [
        ['collectors', `sum(${rate('vitald_collector_dropped_series_total', collector)})`],
        ['checks', `sum(${rate('vitald_check_dropped_series_total')})`],
      ],
      { min: 0 },
    ),
  ],
};

/** Whether runs start when they are due. */
export const schedule: Row = {
  title: 'Schedule',
  panels: [
    graph(
      'Start delay',
      'How late runs start after they are due.',
      's',
      [
        ['{{kind}} p50', delay(0.5)],
        ['{{kind}} p99', delay(0.99)],
      ],
      { min: 0 },
    ),
    graph(
      'Event loop',
      'How long the process was busy with one thing and could do no other.',
      's',
      [
        ['mean', ofVitald('nodejs_eventloop_lag_mean_seconds')],
        ['p99', ofVitald('nodejs_eventloop_lag_p99_seconds')],
        ['max', ofVitald('nodejs_eventloop_lag_max_seconds')],
      ],
      { min: 0 },
    ),
    graph(
      'Missed ticks and clock jumps',
      'Moments of a schedule that passed unused, and times that the wall clock was set.',
      'short',
      [
        ['missed ticks', `increase(${at('vitald_schedule_missed_ticks_total')}[$__rate_interval])`],
        ['clock jumps', `increase(${at('vitald_schedule_clock_jumps_total')}[$__rate_interval])`],
      ],
      { min: 0 },
    ),
    graph(
      'Last load of the configuration',
      'How long ago the configuration was loaded with success.',
      's',
      [['{{instance}}', `time() - ${at('vitald_config_last_reload_success_timestamp_seconds')}`]],
      { min: 0 },
    ),
  ],
};
