/** HTTP servers that keep what they are asked, and probes of them by the http prober. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createSecureServer, createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { HttpProber } from '../../collectors/probe/http.ts';
import { loadCelEngine } from '../../collectors/probe/http-cel.ts';
import { httpOptions } from '../../collectors/probe/http-options.ts';
import { loadPatternEngine } from '../../src/config/pattern.ts';
import type { ProbeOutcome, ProbeRequest } from '../../src/prober.ts';
import { testCertificates } from './certificates.ts';

// As the config loader does where an option needs one.
await Promise.all([loadPatternEngine(), loadCelEngine()]);

const { root, good } = testCertificates();

/** A server, and the requests that came to it. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly requests: { method: string; url: string; headers: IncomingHttpHeaders; body: string }[];
}

/** A server on a free port of 127.0.0.1 that ends with the test. */
export async function serve(
  answer: RequestListener,
  kind: 'http' | 'https' | 'h2' | 'h2c' = 'http',
  options: object = {},
): Promise<TestServer> {
  const requests: TestServer['requests'] = [];
  const listener: RequestListener = (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      requests.push({ method: request.method!, url: request.url!, headers: request.headers, body });
      answer(request, response);
    });
  };
  const pair = { cert: good.cert, key: good.key, ...options };
  const server =
    kind === 'http'
      ? createServer(listener)
      : kind === 'https'
        ? createHttpsServer(pair, listener)
        : kind === 'h2c'
          ? createHttp2Server({}, listener as never)
          : createSecureServer({ ...pair, allowHTTP1: true }, listener as never);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const scheme = kind === 'http' || kind === 'h2c' ? 'http' : 'https';
  return { url: `${scheme}://127.0.0.1:${port}`, port, requests };
}

/** Answers each request with this body. */
export const text =
  (body: string | Buffer, headers: Record<string, string | string[]> = {}, status = 200): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'Content-Length': `${Buffer.byteLength(body)}`, ...headers }).end(body);
  };

/** Probes a target once, with the options of a module as a user would write them. */
export function probe(target: string, options: object = {}, more: Partial<ProbeRequest> = {}): Promise<ProbeOutcome> {
  const parsed = httpOptions.parse({
    preferred_ip_protocol: 'ip4',
    tls_config: { ca_file: root.certFile },
    ...options,
  });
  return new HttpProber(parsed).probe({ target, signal: AbortSignal.timeout(5000), timeoutMs: 5000, ...more });
}

/** The value of a family, of the series that has this value of a label where one is given. */
export function value({ samples }: ProbeOutcome, name: string, label?: string): number | undefined {
  return samples.find(
    ({ family, labels }) =>
      family.name === name && (label === undefined || Object.values(labels ?? {}).includes(label)),
  )?.value;
}
