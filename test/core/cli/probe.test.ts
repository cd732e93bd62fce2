import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { http } from '../../../collectors/probe/http.ts';
import { probeOnce } from '../../../src/cli/probe.ts';
import { testCertificates } from '../../support/certificates.ts';
import { configFolder } from '../../support/daemons.ts';

/** A target with this certificate, which answers or leads elsewhere. */
async function target(certificate: { cert: string; key: string }, location?: string): Promise<string> {
  const server = createServer({ cert: certificate.cert, key: certificate.key }, (_request, response) => {
    response.writeHead(location === undefined ? 200 : 302, location === undefined ? {} : { location }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function probed(url: string, format: string): Promise<{ status: number; text: string }> {
  const { root } = testCertificates();
  const tls = `tls_config: { ca_file: ${root.certFile} }`;
  const folder = configFolder({
    'vitald.yml': `modules: { m: { prober: http, http: { preferred_ip_protocol: ip4, ${tls} } } }`,
  });
  let text = '';
  const status = await probeOnce(
    {
      registry: { collectors: [], portable: [], probers: [http] },
      input: { file: `${folder.path}/vitald.yml`, args: [] },
      out: (more) => (text += more),
      err: (more) => (text += more),
      coloured: false,
    },
    url,
    { module: 'm', format },
  );
  return { status, text };
}

test('a person sees the certificates of every hop and why the last is refused', async () => {
  const { chained, expired } = testCertificates();
  const last = await target(expired);
  const first = await target(chained, last);
  const { status, text } = await probed(first.replace('://', '://user:hunter2@'), 'text');

  expect(status).toBe(1);
  expect(text).toContain(`${first} is down in tls: expired: certificate refused: CERT_HAS_EXPIRED\n`);
  expect(text).not.toContain('hunter2');
  const [, ...hops] = text.split('\nhop ');
  expect(hops).toHaveLength(2);
  expect(hops[0]).toContain(`0: ${first} at 127.0.0.1: 302 HTTP/1.1, to ${last}\n`);
  expect(hops[0]).toContain('1. CN=localhost,OU=Web,O=Acme\\, Inc.,C=CH\n       issuer  CN=Test Intermediate,O=Test\n');
  expect(hops[0]).toMatch(
    /2\. CN=Test Intermediate,O=Test\n.*\n +valid +2020-01-01 to 2040-01-01, \d+ days left\n {2}verified\n$/,
  );
  expect(hops[1]).toContain(`1: ${last} at 127.0.0.1: no answer\n`);
  expect(hops[1]).toMatch(
    /2020-01-01 to 2021-01-01, expired \d+ days ago\n {2}refused: a certificate of the chain has expired/,
  );
});

test('a program gets the samples and nothing drawn', async () => {
  const url = await target(testCertificates().good);

  const json = await probed(url, 'json');
  expect(json.status).toBe(0);
  expect(Object.keys(JSON.parse(json.text) as object)).toEqual(['target', 'module', 'success', 'samples']);
  const prometheus = await probed(url, 'prometheus');
  expect(prometheus.text).toMatch(/^# HELP/);
  expect(prometheus.text).not.toContain('certificates for');
});
