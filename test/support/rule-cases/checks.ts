/** Cases for `checks.rules.yml`. */
import { growing, type RuleCase, type Series, steady } from './rule-case.ts';

const shop = { check: 'shop' };

/** How a check counts, and how many of its probes fail for one reason in a minute. */
function failing(reason: string, { perMinute = 1, up = 0 } = {}): Series {
  return {
    'vitald_check_up{check="shop"}': steady(up),
    [`vitald_check_failures_total{check="shop",reason="${reason}"}`]: growing(perMinute),
    'vitald_check_failures_total{check="shop",reason="timeout"}': steady(0),
  };
}

function slow(seconds: number, up = 1): Series {
  return {
    'probe_duration_seconds{address="192.0.2.1",check="shop"}': steady(seconds),
    'probe_duration_seconds{address="192.0.2.2",check="shop"}': steady(0.1),
    'probe_timeout_seconds{check="shop"}': steady(5),
    'vitald_check_up{check="shop"}': steady(up),
  };
}

/** A shop behind a proxy behind a router. */
function chain(
  up: { shop: number; proxy: number; router: number },
  suppressed: { shop: number; proxy: number },
): Series {
  return {
    'vitald_check_depends_on_info{check="shop",depends_on="proxy"}': steady(1),
    'vitald_check_suppressed{check="shop"}': steady(suppressed.shop),
    'vitald_check_suppressed{check="proxy"}': steady(suppressed.proxy),
    'vitald_check_up{check="shop"}': steady(up.shop),
    'vitald_check_up{check="proxy"}': steady(up.proxy),
    'vitald_check_up{check="router"}': steady(up.router),
  };
}

const info = '{check="shop",module="http_2xx",prober="http",target="https://shop.example/"}';

export const checkCases: readonly RuleCase[] = [
  {
    alert: 'CheckDown',
    fires: failing('connect'),
    quiet: [failing('connect', { up: 1 })],
    labels: shop,
    summary: 'shop is down, mostly for the reason connect',
  },
  {
    alert: 'CheckDown',
    // Whatever its labels, and where nothing was counted in the last hour.
    fires: { 'vitald_check_up{check="a \\"b\\"",team="web"}': steady(0) },
    quiet: [{ 'vitald_check_up{check="a \\"b\\"",team="web"}': '0 1x60' }],
    labels: { check: 'a "b"', team: 'web' },
    summary: 'a "b" is down',
  },
  {
    alert: 'CheckAnswersWrong',
    fires: failing('status'),
    quiet: [failing('status', { up: 1 }), failing('connect')],
    labels: shop,
    summary: 'shop answers, but not as it should',
  },
  {
    alert: 'CheckMisconfigured',
    fires: failing('config'),
    quiet: [failing('dns')],
    labels: shop,
    summary: 'shop cannot be probed as it is configured',
  },
  {
    alert: 'CheckFlapping',
    fires: { 'vitald_check_up{check="shop"}': '1 0 1 0 1 0 1 0x60' },
    quiet: [{ 'vitald_check_up{check="shop"}': '1 0 1 0 1x60' }],
    labels: shop,
    summary: 'shop went up and down 7 times in an hour',
  },
  {
    alert: 'CheckSlow',
    fires: slow(4.5),
    // What is down is said to be down, not slow.
    quiet: [slow(3), slow(4.5, 0)],
    labels: shop,
    summary: 'shop takes 4.5s, close to its timeout',
  },
  {
    alert: 'CheckSlowerThanUsual',
    at: '345m',
    interval: '5m',
    fires: { 'probe_duration_seconds{check="shop"}': '0.2x60 1.5x24' },
    quiet: [
      { 'probe_duration_seconds{check="shop"}': '0.2x60 0.6x24' },
      // Ten times nothing.
      { 'probe_duration_seconds{check="shop"}': '0.01x60 0.1x24' },
    ],
    labels: shop,
    summary: 'shop takes 1.5s, three times as long as in the last day',
  },
  {
    alert: 'CheckAvailabilityLow',
    fires: {
      'vitald_check_failures_total{check="shop",reason="timeout"}': growing(1),
      'vitald_check_failures_total{check="shop",reason="status"}': growing(1),
      'vitald_check_probes_total{check="shop"}': growing(10),
    },
    quiet: [
      {
        'vitald_check_failures_total{check="shop",reason="timeout"}': growing(0.05),
        'vitald_check_failures_total{check="shop",reason="status"}': growing(0),
        'vitald_check_probes_total{check="shop"}': growing(10),
      },
    ],
    labels: shop,
    summary: '20% of the probes of shop failed in the last day',
  },
  {
    alert: 'CheckPacketLoss',
    fires: {
      'vitald_probe_icmp_loss_ratio{check="shop"}': steady(0.25),
      'vitald_check_up{check="shop"}': steady(1),
    },
    quiet: [
      { 'vitald_probe_icmp_loss_ratio{check="shop"}': steady(0.05), 'vitald_check_up{check="shop"}': steady(1) },
      { 'vitald_probe_icmp_loss_ratio{check="shop"}': steady(1), 'vitald_check_up{check="shop"}': steady(0) },
    ],
    labels: shop,
    summary: 'shop loses 25% of the echo requests',
  },
  {
    alert: 'CheckWithoutResult',
    fires: {
      'vitald_check_up{check="shop"}': steady(1),
      'vitald_check_last_probe_timestamp_seconds{check="shop"}': '100x10 _x60',
    },
    quiet: [
      {
        'vitald_check_up{check="shop"}': steady(0),
        'vitald_check_last_probe_timestamp_seconds{check="shop"}': steady(100),
      },
    ],
    labels: shop,
    summary: 'shop was not probed for three of its periods',
  },
  {
    alert: 'CheckRemoved',
    at: '80m',
    fires: { [`probe_info${info}`]: '1x30 _x90', 'vitald_check_up{check="shop"}': '1x30 _x90', up: steady(1) },
    quiet: [
      { [`probe_info${info}`]: steady(1), 'vitald_check_up{check="shop"}': steady(1), up: steady(1) },
      // Not removed but gone with its host, or not probed.
      { [`probe_info${info}`]: '1x30 _x90', 'vitald_check_up{check="shop"}': '1x30 _x90', up: '1x30 0x90' },
      { [`probe_info${info}`]: '1x30 _x90', 'vitald_check_up{check="shop"}': steady(1), up: steady(1) },
    ],
    labels: { check: 'shop', module: 'http_2xx', prober: 'http', target: 'https://shop.example/' },
    summary: 'shop of https://shop.example/ was there an hour ago and is no longer checked',
  },
  {
    alert: 'TlsHandshakeFails',
    fires: failing('tls'),
    quiet: [{ ...failing('tls'), 'probe_ssl_earliest_cert_expiry{check="shop"}': steady(1e9) }, failing('dns')],
    labels: shop,
    summary: 'shop: the TLS handshake fails before a certificate is seen',
  },
  {
    alert: 'CheckInMaintenance',
    fires: { 'vitald_check_maintenance{check="shop"}': steady(1) },
    quiet: [{ 'vitald_check_maintenance{check="shop"}': steady(0) }],
    labels: shop,
    summary: 'shop is in maintenance',
  },
  {
    alert: 'CheckDependencyDown',
    fires: chain({ shop: 0, proxy: 0, router: 1 }, { shop: 1, proxy: 0 }),
    quiet: [
      chain({ shop: 0, proxy: 1, router: 1 }, { shop: 0, proxy: 0 }),
      // In maintenance itself; what it depends on is well.
      chain({ shop: 0, proxy: 1, router: 1 }, { shop: 1, proxy: 0 }),
    ],
    labels: { check: 'shop', depends_on: 'proxy' },
    summary: 'shop cannot be up because proxy is down',
  },
  {
    alert: 'CheckDependencyDown',
    // By way of another, which still counts as up.
    fires: chain({ shop: 0, proxy: 1, router: 0 }, { shop: 1, proxy: 1 }),
    quiet: [chain({ shop: 0, proxy: 1, router: 0 }, { shop: 0, proxy: 0 })],
    labels: { check: 'shop', depends_on: 'proxy' },
    summary: 'shop cannot be up because proxy is down',
  },
];
