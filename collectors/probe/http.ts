/**
 * The http prober: a request over HTTP/1.1 or HTTP/2, plain or over TLS, with its redirects, each over a fresh
 * connection, and the conditions that the final response has to meet.
 */
import { readFileSync } from 'node:fs';
import { defineProber, type ProbeOutcome, type Prober, type ProbeRequest } from '../../src/prober.ts';
import { everyAddressOf, hostOfUrl } from './each-address.ts';
import { causeOf, ProbeFailure } from './failure.ts';
import { readBody } from './http-body.ts';
import { HttpConditions } from './http-conditions.ts';
import { connectTo, type Connection, type Connector } from './http-connect.ts';
import { CookieJar } from './http-cookies.ts';
import { authorizationValue, basicValue, configuredHeaders } from './http-credentials.ts';
import { exchange } from './http-exchange.ts';
import { headerValues, withoutNames, type ExchangeResponse } from './http-message.ts';
import { TokenSource } from './http-oauth2.ts';
import { httpOptions, type HttpConfig } from './http-options.ts';
import { ProxyChooser } from './http-proxy.ts';
import { keepsCredentials, maxRedirects, redirectOf, shownUrl } from './http-redirects.ts';
import { httpFamilies, httpPhases, httpSamples, noFindings, noteHead, type HttpFindings } from './http-samples.ts';
import { systemResolver, type Resolver } from './resolve.ts';
import { TlsClient } from './tls.ts';

const mebibyte = 1_048_576;
const userAgent = 'vitald';

/** Probes a URL; a target without a scheme is taken for `http://`. */
export const http = defineProber({
  name: 'http',
  summary: 'Sends an HTTP request and checks the response.',
  families: httpFamilies,
  phases: httpPhases,
  config: httpOptions,
  everyAddress: (target, config, signal) => everyAddressOf(hostOfUrl(target), config, signal),
  create: (config) => new HttpProber(config),
});

/** One hop of a probe: what is asked of which URL. */
interface Hop {
  readonly number: number;
  readonly url: URL;
  readonly method: string;
  readonly body: Buffer | undefined;
  /** Whether credentials and configured headers may be sent there. */
  readonly trusted: boolean;
  /** Whether it is the target's own host and port. */
  readonly ownHost: boolean;
}

/** The prober of one module. */
export class HttpProber implements Prober {
  readonly #config: HttpConfig;
  readonly #conditions: HttpConditions;
  readonly #connector: Connector;
  readonly #tokens: TokenSource | undefined;
  readonly #headers: readonly string[];
  readonly #hostHeader: string | undefined;
  readonly #hasAuthorization: boolean;
  /** What every request has whose headers hang on nothing but the module; undefined where some are read from files. */
  readonly #fixedHeaders: readonly string[] | undefined;
  readonly #follow: boolean;
  readonly #limits: { readonly wireLimit: number; readonly limit: number };

  constructor(config: HttpConfig, resolver: Resolver = systemResolver) {
    this.#config = config;
    this.#conditions = new HttpConditions(config);
    this.#tokens = config.oauth2 === undefined ? undefined : new TokenSource(config.oauth2, resolver);
    this.#connector = {
      choice: config,
      resolver,
      proxies: new ProxyChooser(config),
      proxyHeaders: () =>
        Object.entries(config.proxy_connect_header).flatMap(([name, values]) =>
          values.flatMap((value) => [name, value.reveal()]),
        ),
      tls: new TlsClient(config.tls_config),
      alpn: config.enable_http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
      h2c: config.enable_h2c,
      inlets: true,
      skipResolve: config.skip_resolve_phase_with_proxy && Boolean(config.proxy_url?.reveal()),
    };
    const headers = Object.entries(config.headers).map(([name, value]) => [name, value.reveal()] as const);
    const has = (wanted: string) => headers.some(([name]) => name.toLowerCase() === wanted);
    this.#hostHeader = headers.find(([name]) => name.toLowerCase() === 'host')?.[1];
    this.#headers = headers.flatMap(([name, value]) => (name.toLowerCase() === 'host' ? [] : [name, value]));
    this.#hasAuthorization = has('authorization');
    this.#fixedHeaders =
      Object.keys(config.http_headers).length === 0 ? this.#withDefaults([...this.#headers]) : undefined;
    this.#follow = config.no_follow_redirects === undefined ? config.follow_redirects : !config.no_follow_redirects;
    const most = this.#conditions.onBody ? mebibyte : 10 * mebibyte;
    this.#limits = {
      limit: config.body_size_limit || most,
      wireLimit: Math.max(config.body_size_limit, 10 * mebibyte),
    };
  }

  async probe(request: ProbeRequest): Promise<ProbeOutcome> {
    const found = noFindings(this.#conditions.onCel);
    try {
      await this.#run(request, found);
      return { success: true, samples: httpSamples(found) };
    } catch (error) {
      if (!(error instanceof ProbeFailure)) throw error;
      // Whatever broke because the deadline ended it was ended by the deadline.
      const reason = request.signal.aborted ? 'timeout' : error.reason;
      const { phase } = found;
      request.trace?.('failed', { reason, phase, detail: error.message });
      return { success: false, reason, phase, detail: error.message, samples: httpSamples(found) };
    }
  }

  async #run(request: ProbeRequest, found: HttpFindings): Promise<void> {
    // Before the clock of any phase runs, as engines may have to be loaded.
    if (this.#conditions.needPreparing) await this.#conditions.prepare();
    let hop = this.#firstHop(request);
    const { url: target } = hop;
    const cookies = new CookieJar();
    for (;;) {
      const response = await this.#send(hop, request, cookies, found);
      try {
        const next = this.#nextHop(hop, target, response, found);
        if (next === undefined) {
          await this.#judge(hop, response, found);
          return;
        }
        cookies.store(hop.url, headerValues(response.headers, 'set-cookie'));
        request.trace?.('redirected', { status: response.status, location: shownUrl(next.url) });
        hop = next;
      } finally {
        response.close();
      }
    }
  }

  #firstHop({ target }: ProbeRequest): Hop {
    const text = /^https?:\/\//iu.test(target) ? target : `http://${target}`;
    const { method, body, body_file } = this.#config;
    return {
      number: 0,
      url: urlOf(text),
      method: method === '' ? 'GET' : method,
      body: body_file === '' ? (body === '' ? undefined : Buffer.from(body)) : bodyOf(body_file),
      trusted: true,
      ownHost: true,
    };
  }

  /** The next hop; undefined where this response is the final one. */
  #nextHop(hop: Hop, target: URL, response: ExchangeResponse, found: HttpFindings): Hop | undefined {
    const redirect = redirectOf(response.status, response.headers, hop.url);
    if (redirect === undefined) return undefined;
    found.redirects = hop.number + 1;
    if (!this.#follow) return undefined;
    const { url, keepsBody } = redirect;
    if (hop.number >= maxRedirects) {
      noteHead(found, response, hop.url.protocol === 'https:');
      throw new ProbeFailure('redirect', `more than ${maxRedirects} redirects`);
    }
    // Once dropped, credentials stay dropped, also where a redirect leads back.
    const trusted = hop.trusted && keepsCredentials(hop.url, url);
    if (keepsBody && hop.body !== undefined && !trusted) {
      throw new ProbeFailure('redirect', 'the redirect would send the body to another origin');
    }
    return {
      number: hop.number + 1,
      url,
      method: keepsBody || hop.method === 'HEAD' ? hop.method : 'GET',
      body: keepsBody ? hop.body : undefined,
      trusted,
      ownHost: url.host === target.host,
    };
  }

  async #send(hop: Hop, request: ProbeRequest, cookies: CookieJar, found: HttpFindings): Promise<ExchangeResponse> {
    const { url, trusted, ownHost } = hop;
    const { signal } = request;
    const secure = url.protocol === 'https:';
    const hostname = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
    const namedHost = ownHost && trusted ? (request.hostname ?? this.#hostHeader) : undefined;
    found.facts = undefined;
    const headers = await this.#headersFor(hop, cookies, signal);
    const destination = {
      secure,
      host: hostname,
      port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
      serverName: namedHost?.replace(/:\d+$/u, '') ?? hostname,
      ownHost,
    };
    let connection: Connection;
    try {
      connection = await connectTo(destination, this.#connector, request, found);
    } finally {
      // Of a refused certificate, too.
      noteExpiry(found, hop);
    }
    found.phase = 'processing';
    const path = url.pathname + url.search;
    const response = await exchange(
      connection,
      {
        method: hop.method,
        scheme: secure ? 'https' : 'http',
        authority: namedHost ?? url.host,
        path: connection.proxied === undefined ? path : `http://${namedHost ?? url.host}${path}`,
        headers,
        body: hop.body,
      },
      signal,
    );
    found.seconds.processing += response.processingSeconds;
    request.trace?.('response', { url: shownUrl(url), status: response.status, protocol: response.protocol });
    return response;
  }

  async #headersFor(hop: Hop, cookies: CookieJar, signal: AbortSignal): Promise<readonly string[]> {
    const headers: string[] = [];
    const cookie = hop.number === 0 ? undefined : cookies.header(hop.url);
    if (hop.trusted) {
      const authorization = this.#hasAuthorization ? undefined : await this.#authorization(hop, signal);
      if (this.#fixedHeaders !== undefined && authorization === undefined && cookie === undefined) {
        return this.#fixedHeaders;
      }
      const fromClient = configuredHeaders(this.#config);
      headers.push(...withoutNames(this.#headers, fromClient), ...fromClient);
      if (authorization !== undefined) headers.push('Authorization', authorization);
    }
    this.#withDefaults(headers);
    if (cookie !== undefined) headers.push('Cookie', cookie);
    return headers;
  }

  /** Adds the headers that every request has unless it has them already. */
  #withDefaults(headers: string[]): string[] {
    if (headerValues(headers, 'user-agent').length === 0) headers.push('User-Agent', userAgent);
    const { compression } = this.#config;
    if (compression !== '' && headerValues(headers, 'accept-encoding').length === 0) {
      headers.push('Accept-Encoding', compression);
    }
    return headers;
  }

  async #authorization({ number, url }: Hop, signal: AbortSignal): Promise<string | undefined> {
    if (number === 0 && url.username !== '') {
      return basicValue(decodeURIComponent(url.username), decodeURIComponent(url.password));
    }
    return this.#tokens === undefined ? authorizationValue(this.#config) : this.#tokens.authorization(signal);
  }

  /** Reads the final response and throws the first thing that is wrong with it. */
  async #judge(hop: Hop, response: ExchangeResponse, found: HttpFindings): Promise<void> {
    const conditions = this.#conditions;
    noteHead(found, response, hop.url.protocol === 'https:');
    if (response.status === 401) this.#tokens?.forget();
    let failure = conditions.status(response.status);
    if (failure === undefined) {
      failure = conditions.onHeaders ? await conditions.headers(response.headers) : undefined;
      found.failedRegex = failure !== undefined;
    }
    found.phase = 'transfer';
    const keep = failure === undefined && conditions.onBody;
    const compression = hop.method === 'HEAD' ? '' : this.#config.compression;
    const body = await readBody(response.body, { compression, keep, ...this.#limits });
    found.seconds.transfer += (body.endedAt - response.firstByteAt) / 1000;
    found.bodyLength = body.length;
    // What the head of the response gave away was found before the body came.
    if (failure !== undefined) found.phase = 'processing';
    failure ??= body.failure;
    if (failure === undefined && body.bytes !== undefined) {
      failure = await conditions.bodyRegexps(body.bytes);
      found.failedRegex = failure !== undefined;
      if (failure === undefined && conditions.onCel) {
        failure = await conditions.bodyCel(body.bytes);
        found.failedCel = failure !== undefined;
      }
    }
    failure ??= conditions.version(response.protocol) ?? this.#tlsFailure(hop);
    if (failure !== undefined) throw failure;
  }

  #tlsFailure({ url }: Hop): ProbeFailure | undefined {
    const secure = url.protocol === 'https:';
    if (secure && this.#config.fail_if_ssl) return new ProbeFailure('tls', 'the response came over TLS');
    if (!secure && this.#config.fail_if_not_ssl) return new ProbeFailure('tls', 'the response did not come over TLS');
    return undefined;
  }
}

function urlOf(text: string): URL {
  try {
    return new URL(text);
  } catch {
    // The error of the parser would repeat the input.
    throw new ProbeFailure('config', 'the target is not a URL');
  }
}

function noteExpiry({ facts, hopExpiries }: HttpFindings, { number }: Hop): void {
  if (facts !== undefined) hopExpiries.push([number, facts.earliestExpiry]);
}

function bodyOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ProbeFailure('config', `cannot read the body_file: ${causeOf(error)}`, { cause: error });
  }
}
