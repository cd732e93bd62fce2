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
import { authorizationValue, basicValue, proxyHeaders } from './http-credentials.ts';
import { exchange } from './http-exchange.ts';
import { headerValues, type ExchangeResponse } from './http-message.ts';
import { TokenSource } from './http-oauth2.ts';
import { httpOptions, type HttpConfig } from './http-options.ts';
import { ProxyChooser } from './http-proxy.ts';
import { followed, keepsBody, keepsCredentials, maxRedirects, redirectLocation } from './http-redirects.ts';
import { RequestHeaders } from './http-request-headers.ts';
import { httpFamilies, httpPhases, httpSamples, noFindings, noteHead, type HttpFindings } from './http-samples.ts';
import { shownUrl, targetUrl, userOf, type HttpUrl } from './http-url.ts';
import { systemResolver, type Resolver } from './resolve.ts';
import { TlsClient } from './tls.ts';

const mebibyte = 1_048_576;

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
  readonly url: HttpUrl;
  /** Who asks, where the target says so. */
  readonly user: { readonly username: string; readonly password: string } | undefined;
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
  readonly #headers: RequestHeaders;
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
      proxyHeaders: () => proxyHeaders(config),
      tls: new TlsClient(config.tls_config),
      alpn: config.enable_http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
      h2c: config.enable_h2c,
      inlets: true,
      skipResolve: config.skip_resolve_phase_with_proxy && Boolean(config.proxy_url?.reveal()),
    };
    this.#headers = new RequestHeaders(config);
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
    const url = targetUrl(/^https?:\/\//iu.test(target) ? target : `http://${target}`);
    if (url === undefined) throw new ProbeFailure('config', 'the target is not a URL');
    const user = userOf(url.site);
    if (user === undefined) throw new ProbeFailure('config', 'the user or password of the target has a bad escape');
    const { method, body, body_file } = this.#config;
    return {
      number: 0,
      url,
      user: user.username === '' ? undefined : user,
      method: method === '' ? 'GET' : method,
      body: body_file === '' ? (body === '' ? undefined : Buffer.from(body)) : bodyOf(body_file),
      trusted: true,
      ownHost: true,
    };
  }

  /** The next hop; undefined where this response is the final one. */
  #nextHop(hop: Hop, target: HttpUrl, response: ExchangeResponse, found: HttpFindings): Hop | undefined {
    const location = redirectLocation(response.status, response.headers);
    if (location === undefined) return undefined;
    found.redirects = hop.number + 1;
    if (!this.#follow) return undefined;
    const url = followed(location, hop.url);
    // Once dropped, credentials stay dropped, also where a redirect leads back.
    const trusted = hop.trusted && keepsCredentials(hop.url.site, url.site);
    const same = keepsBody(response.status);
    const problem =
      hop.number >= maxRedirects
        ? `more than ${maxRedirects} redirects`
        : same && hop.body !== undefined && !trusted
          ? 'the redirect would send the body to another origin'
          : undefined;
    if (problem !== undefined) {
      noteHead(found, response, isSecure(hop));
      throw new ProbeFailure('redirect', problem);
    }
    return {
      number: hop.number + 1,
      url,
      // As of any URL that another is relative to, its user goes along.
      user: url.site === hop.url.site ? hop.user : undefined,
      method: same || hop.method === 'HEAD' ? hop.method : 'GET',
      body: same ? hop.body : undefined,
      trusted,
      ownHost: url.site.host === target.site.host,
    };
  }

  async #send(hop: Hop, request: ProbeRequest, cookies: CookieJar, found: HttpFindings): Promise<ExchangeResponse> {
    const { url, trusted, ownHost } = hop;
    const { site } = url;
    const { signal } = request;
    const secure = isSecure(hop);
    const hostname = site.hostname.startsWith('[') ? site.hostname.slice(1, -1) : site.hostname;
    const namedHost = ownHost && trusted ? (request.hostname ?? this.#headers.host) : undefined;
    found.facts = undefined;
    const headers = await this.#headersFor(hop, cookies, signal);
    const destination = {
      secure,
      host: hostname,
      port: site.port === '' ? (secure ? 443 : 80) : Number(site.port),
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
    const path = url.path + url.query;
    const authority = namedHost ?? site.host;
    const response = await exchange(
      connection,
      {
        method: hop.method,
        scheme: secure ? 'https' : 'http',
        authority,
        path: connection.proxied === undefined ? path : `http://${authority}${path}`,
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
    const cookie = hop.number === 0 ? undefined : cookies.header(hop.url);
    if (!hop.trusted) return this.#headers.foreign(cookie);
    const authorization = this.#headers.hasAuthorization ? undefined : await this.#authorization(hop, signal);
    return this.#headers.trusted(authorization, cookie);
  }

  async #authorization({ user }: Hop, signal: AbortSignal): Promise<string | undefined> {
    if (user !== undefined) return basicValue(user.username, user.password);
    return this.#tokens === undefined ? authorizationValue(this.#config) : this.#tokens.authorization(signal);
  }

  /** Reads the final response and throws the first thing that is wrong with it. */
  async #judge(hop: Hop, response: ExchangeResponse, found: HttpFindings): Promise<void> {
    const conditions = this.#conditions;
    noteHead(found, response, isSecure(hop));
    if (response.status === 401) this.#tokens?.forget();
    let failure = conditions.status(response.status);
    if (failure === undefined) {
      failure = conditions.onHeaders ? await conditions.headers(response.headers) : undefined;
      found.failedRegex = failure !== undefined;
    }
    const matches = failure === undefined && conditions.onBody;
    // The body of a redirect that is not followed is of no use but to a match.
    if (matches || found.redirects === hop.number) {
      found.phase = 'transfer';
      const body = await this.#bodyFailure(hop, response, matches, found);
      // What the head of the response gave away was found before the body came.
      if (failure !== undefined) found.phase = 'processing';
      failure ??= body;
    }
    failure ??= conditions.version(response.protocol) ?? this.#tlsFailure(hop);
    if (failure !== undefined) throw failure;
  }

  /** Reads the body, and matches on it where it is to be matched. */
  async #bodyFailure(
    hop: Hop,
    response: ExchangeResponse,
    matches: boolean,
    found: HttpFindings,
  ): Promise<ProbeFailure | undefined> {
    const conditions = this.#conditions;
    const compression = hop.method === 'HEAD' ? '' : this.#config.compression;
    const body = await readBody(response.body, { compression, keep: matches, ...this.#limits });
    found.seconds.transfer += (body.endedAt - response.firstByteAt) / 1000;
    found.bodyLength = body.length;
    if (!matches) return body.failure;
    let failure: ProbeFailure | undefined;
    if (conditions.onBodyRegexp) {
      // A body that cannot be read has not passed either.
      failure = body.failure ?? (await conditions.bodyRegexps(body.bytes!));
      found.failedRegex = failure !== undefined;
    }
    if (failure === undefined && conditions.onCel) {
      failure = body.failure ?? (await conditions.bodyCel(body.bytes!));
      found.failedCel = failure !== undefined;
    }
    return failure;
  }

  #tlsFailure(hop: Hop): ProbeFailure | undefined {
    const secure = isSecure(hop);
    if (secure && this.#config.fail_if_ssl) return new ProbeFailure('tls', 'the response came over TLS');
    if (!secure && this.#config.fail_if_not_ssl) return new ProbeFailure('tls', 'the response did not come over TLS');
    return undefined;
  }
}

function isSecure({ url }: Hop): boolean {
  return url.site.protocol === 'https:';
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
