/** The dashboard of the checks. */
import type { Column, Dashboard, Row } from './dashboard.ts';
import { at, graph, grownInRange, noOrYes, noneIsGood, rate, stat, upOrDown } from './words.ts';

const chosen = 'check=~"$check"';
const perCheck = (expr: string): string => `max by (instance, check) (${expr})`;

/** Of a number of days that should not become small. */
const daysLeft = ['red', [7, 'yellow'], [21, 'green']] as const;

const succeeded = `1 - sum by (instance, check) (${grownInRange('vitald_check_failures_total', chosen)}) / sum by (instance, check) (${grownInRange('vitald_check_probes_total', chosen)} > 0)`;

const certificateDays = `(min by (instance, check) (${at('probe_ssl_earliest_cert_expiry', chosen)} or ${at('vitald_probe_hop_cert_expiry_timestamp_seconds', chosen)}) - time()) / 86400`;

// The probers name their families after themselves.
const phases = at('', `${chosen},__name__=~"probe_(http|dns|icmp|grpc|websocket)_duration_seconds"`);

const columns: readonly Column[] = [
  {
    name: 'Check',
    label: 'check',
    link: {
      title: 'Show this check',
      url: '/d/vitald-checks?var-check=${__value.raw}&${__url_time_range}&${job:queryparam}&${instance:queryparam}',
    },
  },
  { name: 'Checked by', label: 'instance' },
  { name: 'State', unit: 'none', mapping: upOrDown, expr: perCheck(at('vitald_check_up', chosen)) },
  {
    name: 'Available',
    unit: 'percentunit',
    decimals: 2,
    thresholds: ['red', [0.99, 'yellow'], [0.999, 'green']],
    expr: succeeded,
  },
  { name: 'Takes', unit: 's', expr: perCheck(`avg_over_time(${at('probe_duration_seconds', chosen)}[$__range])`) },
  {
    name: 'Of its timeout',
    unit: 'percentunit',
    decimals: 0,
    thresholds: ['green', [0.5, 'yellow'], [0.8, 'red']],
    expr: `${perCheck(at('probe_duration_seconds', chosen))} / ${perCheck(at('probe_timeout_seconds', chosen))}`,
  },
  { name: 'Certificate', unit: 'd', decimals: 0, thresholds: daysLeft, expr: certificateDays },
  { name: 'Suppressed', unit: 'none', mapping: noOrYes, expr: perCheck(at('vitald_check_suppressed', chosen)) },
  { name: 'Maintenance', unit: 'none', mapping: noOrYes, expr: perCheck(at('vitald_check_maintenance', chosen)) },
  {
    name: 'Last probe',
    unit: 'dateTimeFromNow',
    expr: `${perCheck(at('vitald_check_last_probe_timestamp_seconds', chosen))} * 1000`,
  },
];

const overview: Row = {
  title: 'Overview',
  panels: [
    stat('Checks', 'All that have been probed often enough to count.', 'none', `count(${at('vitald_check_up')})`),
    stat('Up', 'How many are up.', 'none', `sum(${at('vitald_check_up')})`, { thresholds: ['green'] }),
    stat(
      'Down',
      'How many are down, whatever the reason.',
      'none',
      `count(${at('vitald_check_up')} == 0) or vector(0)`,
      {
        thresholds: noneIsGood,
      },
    ),
    stat(
      'Down, and not explained',
      'How many are down, are not in maintenance, and depend on nothing that is down: where to look first.',
      'none',
      `count(${at('vitald_check_up')} == 0 unless on (job, instance, check) ${at('vitald_check_suppressed')} == 1) or vector(0)`,
      { thresholds: noneIsGood },
    ),
    stat(
      'In maintenance',
      'How many have a maintenance window open.',
      'none',
      `sum(${at('vitald_check_maintenance')}) or vector(0)`,
      {
        thresholds: ['text', [1, 'blue']],
      },
    ),
    stat(
      'Next certificate',
      'Days until the first certificate expires, those of redirects included.',
      'd',
      `min((${at('probe_ssl_earliest_cert_expiry')} or ${at('vitald_probe_hop_cert_expiry_timestamp_seconds')}) - time()) / 86400`,
      { thresholds: daysLeft, decimals: 0 },
    ),
    {
      kind: 'table',
      title: 'Checks',
      description: 'The chosen checks. Availability is over the time that is shown. Choose one by its name.',
      width: 24,
      height: 12,
      columns,
    },
    {
      kind: 'timeline',
      title: 'States',
      description: 'When each check was up or down, by its own thresholds (failing_after, passing_after).',
      unit: 'none',
      mapping: upOrDown,
      width: 24,
      queries: [['{{check}}', at('vitald_check_up', chosen)]],
    },
  ],
};

const latency: Row = {
  title: 'Latency',
  panels: [
    graph(
      'Duration',
      'How long the last probe took, all addresses of a target apart.',
      's',
      [['{{check}} {{address}}', at('probe_duration_seconds', chosen)]],
      { min: 0 },
    ),
    graph(
      'Duration by phase',
      'Where the time goes: mean of the chosen checks. Choose one check to see it alone.',
      's',
      [['{{phase}}', `avg by (phase) (${phases})`]],
      { stacked: true, min: 0 },
    ),
    graph(
      'Name resolution',
      'How long the lookup of the name took.',
      's',
      [['{{check}}', at('probe_dns_lookup_time_seconds', chosen)]],
      { min: 0 },
    ),
    graph(
      'Packets lost',
      'Share of the echo requests without an answer; checks of the prober icmp.',
      'percentunit',
      [['{{check}}', at('vitald_probe_icmp_loss_ratio', chosen)]],
      { min: 0, max: 1 },
    ),
  ],
};

const failures: Row = {
  title: 'Failures',
  panels: [
    graph(
      'Failures by reason',
      'dns, connect, tls and timeout: it cannot be reached. protocol, status, header, body, size, redirect: it answers wrong. expired: its certificate. config: the check itself is wrong.',
      'ops',
      [['{{reason}}', `sum by (reason) (${rate('vitald_check_failures_total', chosen)}) > 0`]],
      { stacked: true, min: 0 },
    ),
    graph(
      'Failures by check',
      'Failed probes a second.',
      'ops',
      [['{{check}} {{reason}}', `sum by (check, reason) (${rate('vitald_check_failures_total', chosen)}) > 0`]],
      { min: 0 },
    ),
    {
      kind: 'table',
      title: 'Failures in the time that is shown',
      description: 'Counted by check and reason.',
      width: 12,
      columns: [
        { name: 'Check', label: 'check' },
        { name: 'Reason', label: 'reason' },
        {
          name: 'Failures',
          unit: 'short',
          decimals: 0,
          expr: `sum by (check, reason) (${grownInRange('vitald_check_failures_total', chosen)}) > 0`,
        },
      ],
    },
    {
      kind: 'table',
      title: 'Dependencies',
      description: 'What cannot be up without what. A check is suppressed while something that it depends on is down.',
      width: 12,
      columns: [
        { name: 'Check', label: 'check' },
        { name: 'Depends on', label: 'depends_on' },
        {
          name: 'which is',
          unit: 'none',
          mapping: upOrDown,
          expr: `max by (check, depends_on) (${at('vitald_check_depends_on_info', chosen)} * on (job, instance, depends_on) group_left () label_replace(${at('vitald_check_up')}, "depends_on", "$1", "check", "(.+)"))`,
        },
      ],
    },
  ],
};

const targets: Row = {
  title: 'Targets and certificates',
  panels: [
    {
      kind: 'table',
      title: 'Targets',
      description: 'What each check probes, and how.',
      width: 12,
      columns: [
        { name: 'Check', label: 'check' },
        { name: 'Target', label: 'target' },
        { name: 'Module', label: 'module' },
        { name: 'Prober', label: 'prober' },
        {
          name: 'Timeout',
          unit: 's',
          expr: `max by (check, target, module, prober) (${at('probe_info', chosen)} * on (job, instance, check) group_left () ${at('probe_timeout_seconds', chosen)})`,
        },
      ],
    },
    {
      kind: 'table',
      title: 'Certificates',
      description: 'Which certificate each check was shown, also where it could not be verified.',
      width: 12,
      columns: [
        { name: 'Check', label: 'check' },
        { name: 'Subject', label: 'subject' },
        { name: 'Issuer', label: 'issuer' },
        {
          name: 'Days left',
          unit: 'd',
          decimals: 0,
          thresholds: daysLeft,
          expr: `max by (check, subject, issuer) (${at('probe_ssl_last_chain_info', chosen)}) * on (check) group_left () (min by (check) (${at('probe_ssl_earliest_cert_expiry', chosen)}) - time()) / 86400`,
        },
      ],
    },
    graph('Days until certificates expire', 'The earliest of each chain.', 'd', [['{{check}}', certificateDays]], {
      thresholds: daysLeft,
      decimals: 0,
    }),
    graph(
      'HTTP status',
      'The status code of the last response; 0 where there was none.',
      'none',
      [['{{check}} {{address}}', at('probe_http_status_code', chosen)]],
      { min: 0 },
    ),
  ],
};

export const checksDashboard: Dashboard = {
  uid: 'vitald-checks',
  title: 'vitald / Checks',
  description:
    'The endpoints that vitald checks: state, availability, latency by phase, failures by reason, certificates.',
  variables: [
    { name: 'job', label: 'Job', series: 'vitald_check_probes_total' },
    { name: 'instance', label: 'Checked by', series: 'vitald_check_probes_total{job=~"$job"}' },
    { name: 'check', label: 'Check', series: at('vitald_check_probes_total') },
  ],
  rows: [overview, latency, failures, targets],
};
