/** Cases for `certificates.rules.yml`. Time begins at 0, and they are looked at after two hours. */
import { growing, type RuleCase, type Series, steady } from './rule-case.ts';

const shop = { check: 'shop' };
const at = '2h';
const now = 7200;
const day = 86_400;

function expiring(inDays: number, ofTheHop = inDays): Series {
  return {
    'probe_ssl_earliest_cert_expiry{check="shop"}': steady(now + inDays * day),
    'vitald_probe_hop_cert_expiry_timestamp_seconds{check="shop",hop="1"}': steady(now + ofTheHop * day),
  };
}

function untrusted({ inDays = 90, up = 0, reason = 'tls' } = {}): Series {
  return {
    ...expiring(inDays),
    'vitald_check_up{check="shop"}': steady(up),
    [`vitald_check_failures_total{check="shop",reason="${reason}"}`]: growing(1),
  };
}

export const certificateCases: readonly RuleCase[] = [
  {
    alert: 'CertificateExpiresSoon',
    at,
    fires: expiring(14),
    quiet: [expiring(22), expiring(-1)],
    labels: shop,
    summary: 'a certificate of shop expires in 14 days',
  },
  {
    alert: 'CertificateExpiresSoon',
    at,
    // Of a hop of a redirect, not of the last one.
    fires: expiring(90, 14),
    quiet: [expiring(90, 22)],
    labels: shop,
    summary: 'a certificate of shop expires in 14 days',
  },
  {
    alert: 'CertificateExpiresInDays',
    at,
    fires: expiring(3),
    quiet: [expiring(8), expiring(-1)],
    labels: shop,
    summary: 'a certificate of shop expires in 3.0 days',
  },
  {
    alert: 'CertificateExpired',
    at,
    fires: expiring(-1),
    quiet: [expiring(0.1)],
    labels: shop,
    summary: 'a certificate of shop expired 1.0 days ago',
  },
  {
    alert: 'CertificateNotTrusted',
    at,
    fires: untrusted(),
    // Expired is another matter.
    quiet: [untrusted({ up: 1 }), untrusted({ inDays: -1 }), untrusted({ reason: 'connect' })],
    labels: shop,
    summary: 'shop shows a certificate that cannot be verified',
  },
];
