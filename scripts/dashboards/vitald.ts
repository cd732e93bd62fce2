/** The dashboard of the daemon itself. */
import type { Dashboard, Row } from './dashboard.ts';
import { bad, delay, runs, schedule } from './vitald-runs.ts';
import { at, graph, grownInRange, noneIsGood, ofVitald, rate, stat } from './words.ts';

const glance: Row = {
  title: 'At a glance',
  panels: [
    stat(
      'Running',
      'How many of the chosen daemons answer scrapes.',
      'none',
      `sum(${at('up')} and on (job, instance) last_over_time(vitald_build_info[$__range]))`,
    ),
    stat(
      'Configuration',
      'Whether the last load of the configuration succeeded, everywhere.',
      'none',
      `min(${at('vitald_config_last_reload_successful')})`,
      {
        mapping: { 0: ['old: the new one is wrong', 'red'], 1: ['loaded', 'green'] },
      },
    ),
    stat(
      'Failed runs',
      'Runs of collectors that failed in the time that is shown.',
      'none',
      `sum(${grownInRange('vitald_collector_runs_total', bad)})`,
      {
        thresholds: noneIsGood,
        decimals: 0,
      },
    ),
    stat(
      'Skipped runs',
      'Runs that were due while the one before had not ended.',
      'none',
      `sum(${grownInRange('vitald_collector_skipped_runs_total')}) + sum(${grownInRange('vitald_check_skipped_runs_total')})`,
      {
        thresholds: noneIsGood,
        decimals: 0,
      },
    ),
    stat('Late starts (p99)', 'How late runs start after they are due.', 's', `max(${delay(0.99)})`, {
      thresholds: ['green', [0.1, 'yellow'], [0.25, 'red']],
    }),
    stat('Series', 'Samples in the last scrape.', 'short', `sum(${ofVitald('scrape_samples_scraped')})`),
    {
      kind: 'table',
      title: 'Daemons',
      description: 'Every vitald of the chosen job.',
      width: 24,
      height: 6,
      columns: [
        { name: 'Instance', label: 'instance' },
        { name: 'Version', label: 'version' },
        { name: 'Node.js', label: 'node_version' },
        {
          name: 'Runs since',
          unit: 's',
          expr: `max by (instance, version, node_version) (${at('vitald_build_info')} * on (job, instance) group_left () (time() - ${at('process_start_time_seconds')}))`,
        },
        {
          name: 'Memory',
          unit: 'bytes',
          expr: `max by (instance, version, node_version) (${at('vitald_build_info')} * on (job, instance) group_left () ${at('process_resident_memory_bytes')})`,
        },
        {
          name: 'CPU',
          unit: 'percentunit',
          expr: `max by (instance, version, node_version) (${at('vitald_build_info')} * on (job, instance) group_left () ${rate('process_cpu_seconds_total')})`,
        },
      ],
    },
  ],
};

const resources: Row = {
  title: 'Resources',
  panels: [
    graph(
      'CPU',
      'Of one core.',
      'percentunit',
      [
        ['user', `${rate('process_cpu_user_seconds_total')} and on (job, instance) vitald_build_info`],
        ['system', `${rate('process_cpu_system_seconds_total')} and on (job, instance) vitald_build_info`],
      ],
      { stacked: true, min: 0 },
    ),
    graph(
      'Memory',
      'Resident memory, and what the heap of JavaScript holds and has.',
      'bytes',
      [
        ['resident', ofVitald('process_resident_memory_bytes')],
        ['heap used', ofVitald('nodejs_heap_size_used_bytes')],
        ['heap size', ofVitald('nodejs_heap_size_total_bytes')],
        ['outside the heap', ofVitald('nodejs_external_memory_bytes')],
      ],
      { min: 0 },
    ),
    graph(
      'Garbage collection',
      'Share of time spent on it, by kind.',
      'percentunit',
      [
        [
          '{{kind}}',
          `sum by (kind) (${rate('nodejs_gc_duration_seconds_sum')} and on (job, instance) vitald_build_info)`,
        ],
      ],
      { stacked: true, min: 0 },
    ),
    graph(
      'File descriptors',
      'Open ones; a probe takes one while it is under way.',
      'short',
      [
        ['open', ofVitald('process_open_fds')],
        ['limit', ofVitald('process_max_fds')],
      ],
      { min: 0 },
    ),
  ],
};

const scrapes: Row = {
  title: 'Scrapes',
  panels: [
    graph(
      'Duration',
      'How long Prometheus takes for a scrape. vitald answers from memory, so this is the network and the encoding.',
      's',
      [['{{instance}}', ofVitald('scrape_duration_seconds')]],
      { min: 0 },
    ),
    graph(
      'Series',
      'What a scrape has, what Prometheus keeps of it, and what is new.',
      'short',
      [
        ['{{instance}} scraped', ofVitald('scrape_samples_scraped')],
        ['{{instance}} kept', ofVitald('scrape_samples_post_metric_relabeling')],
        ['{{instance}} new', ofVitald('scrape_series_added')],
      ],
      { min: 0 },
    ),
    graph(
      'Families left out',
      'Because two sources give one name different types; the log says which.',
      'none',
      [['{{instance}}', at('vitald_exposition_conflicts_total')]],
      { min: 0, thresholds: noneIsGood },
    ),
    graph(
      'Textfile directory',
      'Files that cannot be read, or are no longer written.',
      'none',
      [
        ['{{instance}} error', at('node_textfile_scrape_error')],
        ['{{instance}} stale files', at('vitald_textfile_stale_files')],
      ],
      { min: 0, thresholds: noneIsGood },
    ),
  ],
};

export const vitaldDashboard: Dashboard = {
  uid: 'vitald-daemon',
  title: 'vitald / Daemon',
  description: 'vitald itself: runs, delays, event loop, memory, scrapes.',
  variables: [
    { name: 'job', label: 'Job', series: 'vitald_build_info' },
    { name: 'instance', label: 'Instance', series: 'vitald_build_info{job=~"$job"}' },
    { name: 'collector', label: 'Collector', series: at('vitald_collector_runs_total') },
  ],
  rows: [glance, runs, schedule, resources, scrapes],
};
