import { afterEach, expect, test } from 'vitest';
import { HttpProber } from '../../../collectors/probe/http.ts';
import { httpOptions } from '../../../collectors/probe/http-options.ts';
import type { ProbeOutcome } from '../../../src/prober.ts';
import { certificateEnds, testCertificates } from '../../support/certificates.ts';
import { value } from '../../support/http-probes.ts';
import { zoo, type Beast } from '../../support/zoo.ts';
import { httpCases } from '../../support/zoo-http.ts';

const deadlineMs = 400;
const beasts: Beast[] = [];

afterEach(async () => {
  await Promise.all(beasts.splice(0).map((beast) => beast.close()));
});

async function meet(name: keyof typeof zoo, options: object = {}): Promise<ProbeOutcome> {
  const beast = await zoo[name]();
  beasts.push(beast);
  const prober = new HttpProber(
    httpOptions.parse({
      preferred_ip_protocol: 'ip4',
      tls_config: { ca_file: testCertificates().root.certFile },
      ...options,
    }),
  );
  const start = performance.now();
  const outcome = await prober.probe({
    target: beast.url,
    signal: AbortSignal.timeout(deadlineMs),
    timeoutMs: deadlineMs,
  });
  expect(performance.now() - start).toBeLessThan(deadlineMs + 100);
  // Nothing is left open: the server sees every connection end.
  await beast.left();
  return outcome;
}

test.each(httpCases)(
  '%s ends with the reason %s in the phase %s within its deadline',
  async (name, reason, phase, options) => {
    const outcome = await meet(name, options);

    expect(outcome).toMatchObject({ success: false, reason, phase });
  },
);

test('a reset right after the accept fails the probe at once', async () => {
  const outcome = await meet('resetsAfterAccept');

  // Whether the kernel tells of the connection or of the reset first is a race.
  expect(outcome).toMatchObject({ success: false, reason: expect.stringMatching(/^(?:connect|protocol)$/u) });
});

test('a certificate that is refused still tells when it ends', async () => {
  const outcome = await meet('expired');

  expect(value(outcome, 'probe_ssl_earliest_cert_expiry')).toBe(certificateEnds.expired);
  expect(value(outcome, 'probe_ssl_last_chain_expiry_timestamp_seconds')).toBeUndefined();
  expect(value(outcome, 'probe_http_ssl')).toBe(0);
});

test('a redirect loop ends after ten redirects with the last status', async () => {
  const outcome = await meet('redirectsToItself');

  expect(value(outcome, 'probe_http_redirects')).toBe(11);
  expect(value(outcome, 'probe_http_status_code')).toBe(302);
});

test('chunks beside a length count, as nothing can follow them', async () => {
  const outcome = await meet('lengthAndChunks');

  expect(outcome.success).toBe(true);
  expect(value(outcome, 'probe_http_content_length')).toBe(-1);
  expect(value(outcome, 'probe_http_uncompressed_body_length')).toBe(4);
});

test('a body without end is read up to 10 MiB', async () => {
  const outcome = await meet('infiniteBody');

  expect(value(outcome, 'probe_http_uncompressed_body_length')).toBe(10 * 1_048_576);
});

test('a bomb of half a gigabyte costs less than 20 MB of memory', async () => {
  await meet('gzipBomb', { compression: 'gzip' });
  const before = process.memoryUsage.rss();
  await meet('gzipBomb', { compression: 'gzip' });

  expect(process.memoryUsage.rss() - before).toBeLessThan(20_000_000);
});

test('a probe whose signal aborted before it began ends at once', async () => {
  const beast = await zoo.neverAnswers();
  beasts.push(beast);
  const outcome = await new HttpProber(httpOptions.parse({})).probe({
    target: beast.url,
    signal: AbortSignal.abort(),
    timeoutMs: 0,
  });

  expect(outcome).toMatchObject({ success: false, reason: 'timeout' });
  expect(beast.accepted).toBe(0);
});
