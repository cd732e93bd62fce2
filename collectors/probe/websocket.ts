/**
 * The websocket prober: upgrades a connection, and exchanges the messages that the module scripts.
 *
 * Options and families are those of blackbox_exporter's prober of this name. Differences: all of `http_config` counts,
 * OAuth 2.0, proxies and `http_headers` included; the deadline holds for each message; certificate families are served
 * for a refused certificate too.
 */
import type { Secret } from '../../src/config/secret.ts';
import { gauge, type Sample } from '../../src/collector.ts';
import { secret, z } from '../../src/config/schema.ts';
import { defineProber, type ProbeRequest } from '../../src/prober.ts';
import { addressFamilies, addressSamples } from './address.ts';
import { everyAddressOf, hostOfUrl } from './each-address.ts';
import { failedOutcome, ProbeFailure } from './failure.ts';
import { httpClientOptions, isHeaderName, isHeaderValue, refineHttpClient } from './http-client-options.ts';
import { connectTo, type Connector, type Progress } from './http-connect.ts';
import { authorizationValue, configuredHeaders, proxyHeaders, secretText } from './http-credentials.ts';
import { utf8Bytes } from './http-message.ts';
import { TokenSource } from './http-oauth2.ts';
import { ProxyChooser } from './http-proxy.ts';
import { openTunnel } from './http-tunnel.ts';
import { compileMatcher, expectSendOptions, type Matcher } from './query-response.ts';
import { expand } from './query-response-template.ts';
import { addressChoiceOptions, systemResolver } from './resolve.ts';
import { CertificateRefused, TlsClient, tlsFamilies, tlsSamples } from './tls.ts';
import { WebSocketSession } from './websocket-session.ts';

const statusCode = gauge('probe_websocket_status_code', 'Response HTTP status code');
const upgraded = gauge(
  'probe_websocket_connection_upgraded',
  'Indicates if the websocket connection was successfully upgraded',
);
const failedDueToRegex = gauge('probe_websocket_failed_due_to_regex', 'Indicates if probe failed due to regex');
const duration = gauge('probe_websocket_duration_seconds', 'Duration of websocket request by phase', ['phase']);

const phases = ['resolve', 'connect', 'tls', 'processing', 'transfer'] as const;

const header = z.strictObject({
  values: z.array(z.string()).default([]).describe('Values of the header.'),
  secrets: z.array(secret()).default([]).describe('Values of the header that are not shown.'),
  files: z.array(z.string()).default([]).describe('Files that each hold a value of the header.'),
});

const headerValues = z.union([secret(), z.array(secret()), header]);

const config = z
  .strictObject({
    ...addressChoiceOptions,
    http_config: z.strictObject(httpClientOptions).prefault({}).describe('HTTP client of the upgrade.'),
    headers: z.record(z.string(), headerValues).default({}).describe('Headers of the upgrade.'),
    query_response: z
      .array(z.strictObject(expectSendOptions))
      .default([])
      .describe('Messages to expect and to send, one by one.'),
  })
  .superRefine((options, context) => {
    const refuse = (path: readonly (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path: [...path], message });
    refineHttpClient(options.http_config, (path, message) => refuse(['http_config', ...path], message));
    for (const [name, values] of Object.entries(options.headers)) {
      if (!isHeaderName(name)) refuse(['headers', name], `${JSON.stringify(name)} is not a header name`);
      const texts = givenValues(values).map((value) => (typeof value === 'string' ? value : value.reveal()));
      if (!texts.every(isHeaderValue)) refuse(['headers', name], 'not a value that a header can have');
    }
  });

type HeaderValues = z.output<typeof headerValues>;

function isSecret(values: HeaderValues): values is Secret {
  return 'reveal' in values;
}

/** The values of a header, but for those that are in files. */
function givenValues(values: HeaderValues): readonly (string | Secret)[] {
  if (isSecret(values)) return [values];
  return Array.isArray(values) ? values : [...values.values, ...values.secrets];
}

function headerTexts(values: HeaderValues): string[] {
  const texts = givenValues(values).map((value) => (typeof value === 'string' ? value : value.reveal()));
  const files = isSecret(values) || Array.isArray(values) ? [] : values.files;
  return [...texts, ...files.map((file) => secretText(undefined, file))].map(utf8Bytes);
}

/** What one probe has found out so far. */
class Findings implements Progress {
  phase: (typeof phases)[number] = 'resolve';
  readonly seconds = { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 };
  resolved: Progress['resolved'];
  lookupSeconds: Progress['lookupSeconds'];
  facts: Progress['facts'];
  status = 0;
  upgraded = false;
  regexFailed = false;

  samples(): Sample[] {
    const { seconds, lookupSeconds, resolved, facts } = this;
    const samples = [
      statusCode.sample(this.status),
      upgraded.sample(this.upgraded ? 1 : 0),
      failedDueToRegex.sample(this.regexFailed ? 1 : 0),
      duration.sample(seconds.resolve, { phase: 'resolve' }),
      duration.sample(seconds.connect + seconds.tls, { phase: 'connect' }),
      duration.sample(seconds.processing, { phase: 'processing' }),
      duration.sample(seconds.transfer, { phase: 'transfer' }),
    ];
    if (lookupSeconds !== undefined) samples.push(...addressSamples(resolved, lookupSeconds));
    if (facts !== undefined) samples.push(...tlsSamples(facts));
    return samples;
  }
}

/** Adds the time that a step took, however it ended. */
async function timed<T>(found: Findings, phase: 'processing' | 'transfer', step: () => Promise<T>): Promise<T> {
  found.phase = phase;
  const started = performance.now();
  try {
    return await step();
  } finally {
    found.seconds[phase] += (performance.now() - started) / 1000;
  }
}

function parseTarget(target: string): URL {
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url === undefined || !/^(?:ws|http)s?:$/.test(url.protocol)) {
    throw new ProbeFailure('config', 'the target is not a URL that begins with ws:// or wss://');
  }
  // Credentials belong in http_config; those of the URL would end up in logs.
  url.username = '';
  url.password = '';
  url.hash = '';
  return url;
}

/** Opens a WebSocket and exchanges messages. */
export const websocket = defineProber({
  name: 'websocket',
  summary: 'Opens a WebSocket and exchanges scripted messages.',
  families: [...addressFamilies, statusCode, upgraded, failedDueToRegex, duration, ...tlsFamilies],
  phases,
  config,
  everyAddress: (target, options, signal) => everyAddressOf(hostOfUrl(target), options, signal),
  create(options) {
    const client = options.http_config;
    const tokens = client.oauth2 === undefined ? undefined : new TokenSource(client.oauth2, systemResolver);
    const connector: Connector = {
      choice: options,
      resolver: systemResolver,
      proxies: new ProxyChooser(client),
      proxyHeaders: () => proxyHeaders(client),
      tls: new TlsClient(client.tls_config),
      alpn: ['http/1.1'],
      skipResolve: false,
    };
    // Compiled at the first probe, as the engine is loaded then.
    let matchers: Promise<readonly (Matcher | undefined)[]> | undefined;

    async function headersOf(url: URL, { hostname, signal }: ProbeRequest): Promise<[string, string][]> {
      const headers: [string, string][] = [];
      if (hostname) headers.push(['Host', url.port === '' ? hostname : `${hostname}:${url.port}`]);
      const authorization = (await tokens?.authorization(signal)) ?? authorizationValue(client);
      if (authorization !== undefined) headers.push(['Authorization', authorization]);
      const configured = configuredHeaders(client);
      for (let at = 0; at < configured.length; at += 2) headers.push([configured[at]!, configured[at + 1]!]);
      for (const [name, values] of Object.entries(options.headers)) {
        for (const text of headerTexts(values)) headers.push([name, text]);
      }
      return headers;
    }

    async function talk(session: WebSocketSession, found: Findings): Promise<void> {
      matchers ??= Promise.all(
        options.query_response.map(async ({ expect }) => (expect?.source ? compileMatcher(expect.source) : undefined)),
      );
      const compiled = await matchers;
      for (const [index, { send }] of options.query_response.entries()) {
        let text = send;
        const matcher = compiled[index];
        if (matcher !== undefined) {
          const message = await session.receive();
          const captures = message === undefined ? undefined : matcher(message);
          if (captures === undefined) {
            found.regexFailed = true;
            const what = message === undefined ? 'the peer closed before a message came' : 'a message does not match';
            throw new ProbeFailure('body', what);
          }
          text = expand(text, captures);
        }
        if (text !== '') await session.send(text);
      }
    }

    async function run(request: ProbeRequest, found: Findings): Promise<void> {
      const url = parseTarget(request.target);
      const { signal, hostname } = request;
      const secure = url.protocol === 'wss:' || url.protocol === 'https:';
      const host = url.hostname.replaceAll(/[[\]]/g, '');
      const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
      const headers = await headersOf(url, request);
      const destination = { secure, host, port, serverName: hostname || host, ownHost: true };
      const { socket, proxied } = await connectTo(destination, connector, request, found);
      // An HTTP proxy passes an upgrade on only inside a tunnel.
      const proxy =
        proxied === undefined
          ? undefined
          : connector.proxies.choose({ secure, host, port, address: found.resolved?.address });
      if (proxy !== undefined) {
        await openTunnel(socket, {
          host: found.resolved?.address ?? host,
          port,
          proxy,
          headers: connector.proxyHeaders(),
          signal,
        });
      }
      const onStatus = (status: number) => {
        found.status = status;
      };
      const session = await timed(found, 'processing', () =>
        WebSocketSession.open(socket, { url, headers }, signal, onStatus),
      );
      found.upgraded = true;
      try {
        if (options.query_response.length > 0) await timed(found, 'transfer', () => talk(session, found));
      } finally {
        session.close();
      }
    }

    return {
      async probe(request) {
        const found = new Findings();
        try {
          await run(request, found);
          return { success: true, samples: found.samples() };
        } catch (error) {
          if (error instanceof CertificateRefused) found.facts = error.facts;
          return failedOutcome(error, found.phase, found.samples());
        }
      },
    };
  },
});
