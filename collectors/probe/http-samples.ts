/**
 * The families of the http prober, with blackbox_exporter's names and help, and what a probe found as their samples.
 */
import { gauge, type Sample } from '../../src/collector.ts';
import { addressFamilies, addressSamples } from './address.ts';
import type { HttpPhase, Progress } from './http-connect.ts';
import { secondsOfHttpDate } from './http-date.ts';
import { headerValues, type ExchangeResponse } from './http-message.ts';
import { tlsCipherFamily, tlsFamilies, tlsSamples } from './tls.ts';

const duration = gauge('probe_http_duration_seconds', 'Duration of http request by phase, summed over all redirects', [
  'phase',
]);
const contentLength = gauge('probe_http_content_length', 'Length of http content response');
const bodyLength = gauge('probe_http_uncompressed_body_length', 'Length of uncompressed response body');
const redirects = gauge('probe_http_redirects', 'The number of redirects');
const ssl = gauge('probe_http_ssl', 'Indicates if SSL was used for the final redirect');
const statusCode = gauge('probe_http_status_code', 'Response HTTP status code');
const version = gauge('probe_http_version', 'Returns the version of HTTP of the probe response');
const failedRegex = gauge('probe_failed_due_to_regex', 'Indicates if probe failed due to regex');
const failedCel = gauge('probe_failed_due_to_cel', 'Indicates if probe failed due to CEL expression not matching');
const lastModified = gauge(
  'probe_http_last_modified_timestamp_seconds',
  'Returns the Last-Modified HTTP response header in unixtime',
);
const hopCertExpiry = gauge(
  'vitald_probe_hop_cert_expiry_timestamp_seconds',
  'Earliest expiry of the certificates of each hop of a redirected probe, the target itself being hop 0.',
  ['hop'],
);

/** Every family of the prober. */
export const httpFamilies = [
  ...addressFamilies,
  duration,
  contentLength,
  bodyLength,
  redirects,
  ssl,
  statusCode,
  version,
  failedRegex,
  failedCel,
  lastModified,
  ...tlsFamilies,
  tlsCipherFamily,
  hopCertExpiry,
] as const;

/** The phases in order. */
export const httpPhases = ['resolve', 'connect', 'tls', 'processing', 'transfer'] as const satisfies HttpPhase[];

/** What a probe found; zeros until it found something. */
export interface HttpFindings extends Progress {
  status: number;
  contentLength: number;
  bodyLength: number;
  redirects: number;
  secure: boolean;
  version: number;
  failedRegex: boolean;
  /** Undefined where the module has no CEL expression. */
  failedCel: boolean | undefined;
  /** In seconds since 1970. */
  lastModified: number | undefined;
  /** Expiry by number of the hop, for hops over TLS. */
  readonly hopExpiries: [hop: number, expiry: number][];
}

/** Nothing found yet. */
export function noFindings(onCel: boolean): HttpFindings {
  return {
    phase: 'resolve',
    seconds: { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 },
    resolved: undefined,
    lookupSeconds: undefined,
    facts: undefined,
    status: 0,
    contentLength: 0,
    bodyLength: 0,
    redirects: 0,
    secure: false,
    version: 0,
    failedRegex: false,
    failedCel: onCel ? false : undefined,
    lastModified: undefined,
    hopExpiries: [],
  };
}

/** Notes what the head of the final response says. */
export function noteHead(found: HttpFindings, response: ExchangeResponse, secure: boolean): void {
  found.status = response.status;
  found.secure = secure;
  found.version = Number(response.protocol.slice('HTTP/'.length));
  found.contentLength = response.contentLength;
  const [modified] = headerValues(response.headers, 'last-modified');
  found.lastModified = modified === undefined ? undefined : secondsOfHttpDate(modified);
}

// The same five label sets at every probe.
const phaseLabels = httpPhases.map((phase) => ({ phase }));

/** The samples of a probe. */
export function httpSamples(found: HttpFindings): Sample[] {
  const { lookupSeconds, resolved, seconds, facts } = found;
  const samples = lookupSeconds === undefined ? [] : addressSamples(resolved, lookupSeconds);
  // Where the lookup failed, blackbox_exporter has the one phase that there was.
  const phases = lookupSeconds !== undefined && resolved === undefined ? phaseLabels.slice(0, 1) : phaseLabels;
  for (const labels of phases) samples.push(duration.sample(seconds[labels.phase], labels));
  samples.push(
    contentLength.sample(found.contentLength),
    bodyLength.sample(found.bodyLength),
    redirects.sample(found.redirects),
    ssl.sample(found.secure ? 1 : 0),
    statusCode.sample(found.status),
    version.sample(found.version),
    failedRegex.sample(found.failedRegex ? 1 : 0),
  );
  if (found.failedCel !== undefined) samples.push(failedCel.sample(found.failedCel ? 1 : 0));
  if (found.lastModified !== undefined) samples.push(lastModified.sample(found.lastModified));
  if (facts !== undefined) samples.push(...tlsSamples(facts, true));
  if (found.redirects > 0) {
    for (const [hop, expiry] of found.hopExpiries) samples.push(hopCertExpiry.sample(expiry, { hop: `${hop}` }));
  }
  return samples;
}
